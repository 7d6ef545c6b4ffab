package zoo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asSimctl makes the test's own executable a simctl that fails as it is told.
const asSimctl = "ZOO_TEST_SIMCTL"

func TestMain(m *testing.M) {
	if os.Getenv(asSimctl) != "" {
		os.Exit(fake(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fake is a hunt of which the mode decides what comes of it.
func fake(args []string) int {
	var from, to uint64
	arg := func(flag string) string { return args[slices.Index(args, flag)+1] }
	fmt.Sscanf(arg("--seeds"), "%d-%d", &from, &to)
	mode := strings.TrimPrefix(arg("--set"), "mode=")
	doc := document{Ran: to - from + 1, Failures: []Failure{}}
	switch mode {
	case "stuck":
		for {
			burn(time.Second)
		}
	case "dies":
		panic("no such luck")
	case "missing":
		doc.Missing = 1
	case "busy": // a hundredth of a second for each seed
		for range doc.Ran {
			burn(10 * time.Millisecond)
		}
	default: // SEED:PROPERTY that fails, of those from each base
		var bad uint64
		var property string
		fmt.Sscanf(mode, "%d:%s", &bad, &property)
		if first := (from-1)/stride*stride + bad; from <= first && first <= to {
			doc.Ran = first - from + 1
			doc.Failures = append(doc.Failures, Failure{Seed: first, Property: property, Artifact: arg("--out") + "/plan.yaml"})
			os.WriteFile(arg("--out")+"/plan.yaml", []byte("version: 1\n"), 0o666)
		}
	}
	json.NewEncoder(os.Stdout).Encode(doc)
	return min(len(doc.Failures), 1)
}

// burn uses processor time.
func burn(d time.Duration) {
	for start := cpu(); cpu()-start < d; {
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// hunting is a search with the fake.
func hunting(t *testing.T, mode string, limit time.Duration) *search {
	t.Helper()
	t.Setenv(asSimctl, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := read(t, strings.Replace(header, "size=4", "mode="+mode, 1)+diff)
	return &search{simctl: self, patch: p, base: 1_000_001, most: stride, limit: limit, dir: t.TempDir()}
}

// A search ends at the first violation, whatever the slices.
func TestFound(t *testing.T) {
	for mode, seed := range map[string]uint64{"1:safe": 1, "16:sound": 16, "17:safe": 17, "9000:safe": 9000} {
		h, err := hunting(t, mode, time.Minute).run(t.Context())
		if err != nil || !h.Found || h.Seeds != seed || h.Failure.Seed != 1_000_000+seed || h.Problem != "" || h.CPUNS <= 0 {
			t.Errorf("%s: got %+v, %v", mode, h, err)
		}
		if string(h.plan) != "version: 1\n" {
			t.Errorf("%s: the plan is %q", mode, h.plan)
		}
	}
}

// What does not count as found says why.
func TestNotFound(t *testing.T) {
	for mode, want := range map[string]string{
		"40:odd":  "seed 1000040 breaks odd, which is not under Breaks",
		"dies":    "the hunt of seeds 1000001-1000016 died: panic: no such luck",
		"stuck":   "a run among the seeds 1000001-1000016 did not end in 300ms",
		"missing": "a violation that the scenario declares did not come",
		"busy":    "nothing in 50ms of processor time",
	} {
		s := hunting(t, mode, time.Minute)
		switch mode {
		case "stuck":
			s.patience = 300 * time.Millisecond
		case "busy":
			s.limit = 50 * time.Millisecond
		}
		if h, err := s.run(t.Context()); err != nil || h.Found || !strings.Contains(h.Problem, want) {
			t.Errorf("%s: got %+v, %v\nwant …%s", mode, h, err, want)
		}
	}
	s := hunting(t, "plain", 0)
	s.most = 20
	if h, err := s.run(t.Context()); err != nil || h.Found || h.Seeds != 20 || h.Problem != "nothing in 20 seeds" {
		t.Errorf("got %+v, %v", h, err)
	}
}

// A violation that came after its time does not count.
func TestTooLate(t *testing.T) {
	if h, err := hunting(t, "9000:safe", time.Nanosecond).run(t.Context()); err != nil || h.Found || h.Seeds != firstSlice {
		t.Errorf("got %+v, %v", h, err)
	}
	late := Hunt{Failure: &Failure{Seed: 3, Property: "safe"}, Problem: "nothing in 1ns of processor time"}
	if late.judge(&Patch{Breaks: []string{"safe"}}); late.Found {
		t.Error("it was found, and late")
	}
}

// Slices take a fraction of the limit, and no more than is left of it.
func TestSlices(t *testing.T) {
	s := &search{most: 10_000, limit: 60 * time.Second}
	for _, tt := range []struct {
		seeds uint64
		cpu   time.Duration
		want  uint64
	}{
		{0, 0, 16},
		{16, 160 * time.Millisecond, 750},
		{16, 16 * time.Second, 7},
		{16, time.Microsecond, 4096},
		{5500, 55 * time.Second, 500},
		{6, 59900 * time.Millisecond, 1},
		{9990, time.Second, 10},
	} {
		if got := s.size(&Hunt{Seeds: tt.seeds, CPUNS: int64(tt.cpu)}); got != tt.want {
			t.Errorf("after %d seeds in %v: a slice of %d, want %d", tt.seeds, tt.cpu, got, tt.want)
		}
	}
}

// A search that is stopped is no error, nor one that never began.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if h, err := hunting(t, "plain", time.Minute).run(ctx); err != nil || h.Seeds != 0 {
		t.Errorf("got %+v, %v", h, err)
	}
	s := hunting(t, "plain", time.Minute)
	s.simctl = "/nowhere/simctl"
	if _, err := s.run(t.Context()); err == nil {
		t.Error("a simctl that is not there ran")
	}
}

// A control that fails is told with its seed, and one that ends early is not clean.
func TestControl(t *testing.T) {
	c := Control{Clean: true}
	c.add(&Hunt{Seeds: 100}, 100)
	if !c.Clean || c.Seeds != 100 {
		t.Errorf("got %+v", c)
	}
	c.add(&Hunt{Seeds: 7, Failure: &Failure{Seed: 1_000_007, Property: "safe", Detail: "lost"}}, 100)
	if c.Clean || c.Problem != "without the bug, seed 1000007 breaks safe: lost" {
		t.Errorf("got %+v", c)
	}
	early := Control{Clean: true}
	if early.add(&Hunt{Seeds: 7, Problem: "the hunt died"}, 100); early.Clean {
		t.Error("a control that died is clean")
	}
}
