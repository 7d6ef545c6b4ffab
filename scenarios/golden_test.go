package scenarios

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"distsim/faults"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenSeeds = 3

// TestGoldenHashes pins the trace hash of a few seeds of every scenario. CI runs
// it under GOMAXPROCS 1 and 2, -race and GOAMD64 v1 and v3: a run is the same
// everywhere.
func TestGoldenHashes(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			golden(t, filepath.Join("..", "testdata", "hashes", s.Name+".txt"), hashes(t, s))
		})
	}
}

func hashes(t *testing.T, s *Scenario) string {
	var out strings.Builder
	for seed := uint64(1); seed <= goldenSeeds; seed++ {
		r := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{}).Report
		fmt.Fprintf(&out, "%d %s %s\n", seed, r.TraceHash, r.Verdict)
	}
	return out.String()
}

func mustRun(t *testing.T, s *Scenario, plan faults.Plan, opt Options) *Run {
	t.Helper()
	run, err := s.Run(plan, opt)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func golden(t *testing.T, path, got string) {
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
	if got != string(want) {
		t.Errorf("%s:\ngot\n%swant\n%s(rewrite with -update, and say in the commit which contract changed)", path, got, want)
	}
}

// The same plan in another process has the same hashes.
func TestHashesInAnotherProcess(t *testing.T) {
	const child = "DISTSIM_PRINT_HASHES"
	print := func() string {
		var out strings.Builder
		for _, s := range All() {
			out.WriteString(s.Name + "\n" + hashes(t, s))
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
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, theirs, _ := strings.Cut(string(out), "<<")
	theirs, _, _ = strings.Cut(theirs, ">>")
	if ours := print(); ours != theirs {
		t.Errorf("here\n%sin another process\n%s", ours, theirs)
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
