package scenarios

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"distsim/faults"
	"distsim/sim"
)

var (
	update  = flag.Bool("update", false, "rewrite the golden files")
	records = flag.String("records", "", "write the records of the golden runs into this `directory`, to find where two builds part")
)

const goldenSeeds = 3

// TestGoldenHashes pins the trace hash of a few seeds of every scenario. CI runs
// it under GOMAXPROCS 1 and 2, -race and GOAMD64 v1 and v3, and with -short, which
// means the first seed only, on other processors: a run is the same everywhere.
// See docs/determinism.md.
func TestGoldenHashes(t *testing.T) {
	seeds := uint64(goldenSeeds)
	if testing.Short() && !*update {
		seeds = 1
	}
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			golden(t, filepath.Join("..", "testdata", "hashes", s.Name+".txt"), hashes(t, s, seeds), seeds < goldenSeeds)
		})
	}
}

// hashes runs the seeds from 1 on.
func hashes(t *testing.T, s *Scenario, seeds uint64) string {
	var out strings.Builder
	for seed := uint64(1); seed <= seeds; seed++ {
		run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{Records: *records != ""})
		fmt.Fprintf(&out, "%d %s %s\n", seed, run.Report.TraceHash, run.Report.Verdict)
		if *records != "" {
			writeRecords(t, fmt.Sprintf("%s-%d.txt", s.Name, seed), run.World.Trace())
		}
	}
	return out.String()
}

// writeRecords writes a trace for diff: a line for each record, with what the hash
// covers, and the hash after every 1,024.
func writeRecords(t *testing.T, name string, tr *sim.Trace) {
	t.Helper()
	var out strings.Builder
	for _, r := range tr.Records() {
		fmt.Fprintf(&out, "%d %s | incarnation %d due %d effect %d copy %d cause %d, clock %d\n",
			r.Seq, tr.Describe(&r), r.Inc, r.Due, r.Effect, r.Copy, r.Cause, r.Local)
		if n := int(r.Seq / 1024); r.Seq%1024 == 0 && n <= len(tr.Checkpoints) {
			fmt.Fprintf(&out, "hash %016x\n", tr.Checkpoints[n-1])
		}
	}
	fmt.Fprintf(&out, "hash %016x\n", tr.Hash)
	if err := os.WriteFile(filepath.Join(*records, name), []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustRun(t *testing.T, s *Scenario, plan faults.Plan, opt Options) *Run {
	t.Helper()
	run, err := s.Run(plan, opt)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// golden compares with a file, or with its beginning, or rewrites it.
func golden(t *testing.T, path, got string, partly bool) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) && !(partly && bytes.HasPrefix(want, []byte(got))) {
		t.Errorf("%s:\ngot\n%swant\n%s(rewrite with -update, and say in the commit which contract changed)", path, got, want)
	}
}

// The same plan in another process has the same hashes.
func TestHashesInAnotherProcess(t *testing.T) {
	const child = "DISTSIM_PRINT_HASHES"
	print := func() string {
		var out strings.Builder
		for _, s := range All() {
			out.WriteString(s.Name + "\n" + hashes(t, s, goldenSeeds))
		}
		return out.String()
	}
	if os.Getenv(child) != "" {
		fmt.Print("<<" + print() + ">>")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestHashesInAnotherProcess$")
	cmd.Env = append(os.Environ(), child+"=1", "GOMAXPROCS=1", "GOGC=50")
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skipf("this kernel cannot start a program for %s by itself", runtime.GOARCH)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, theirs, _ := strings.Cut(string(out), "<<")
	theirs, _, _ = strings.Cut(theirs, ">>")
	if ours := print(); ours != theirs {
		t.Errorf("here\n%sin another process\n%s", ours, theirs)
	}
}

// Written out as a plan, the faults that a seed drew make the same run: whom they
// meant, and when, included.
func TestRecordedPlansRepeatTheirRuns(t *testing.T) {
	s := raftScenario()
	for seed := uint64(1); seed <= 100; seed++ {
		first := mustRun(t, s, seeded(seed), Options{})
		again := mustRun(t, s, first.Plan, Options{})
		if d := sim.Diverge(first.World.Trace(), again.World.Trace()); !d.Same {
			t.Errorf("seed %d: the recorded plan makes another run: %s", seed, d.Message)
		}
	}
}

// What a run records beside the hash must not change it, and neither must
// writing its drawn faults out as a plan.
func TestModesAndPlansKeepTheHash(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			bare := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: 7}, Options{})
			modes := map[string]Options{
				"records":      {Records: true},
				"fingerprint":  {Fingerprint: true},
				"freeze check": {FreezeCheck: true},
			}
			for name, opt := range modes {
				if r := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: 7}, opt).Report; r.TraceHash != bare.Report.TraceHash {
					t.Errorf("with %s the hash is %s, without %s", name, r.TraceHash, bare.Report.TraceHash)
				}
			}
			if r := mustRun(t, s, bare.Plan, Options{}).Report; r.TraceHash != bare.Report.TraceHash {
				t.Errorf("the recorded plan runs to %s, the seed to %s", r.TraceHash, bare.Report.TraceHash)
			}
		})
	}
}
