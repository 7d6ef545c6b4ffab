package zoo_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"distsim/cmd/simctl/zoo"
	"distsim/faults"
	"distsim/scenarios"
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := zoo.Root(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func patches(t *testing.T) []*zoo.Patch {
	t.Helper()
	all, err := zoo.ReadDir(filepath.Join(root(t), zoo.Dir), scenarios.All())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every patch applies to the sources as they are, and compiles; what it breaks are
// properties of its scenario.
func TestPatches(t *testing.T) {
	for _, p := range patches(t) {
		t.Run(p.Name, func(t *testing.T) {
			if err := p.Check(t.Context(), root(t)); err != nil {
				t.Error(err)
			}
			if !strings.HasPrefix(p.Name, strconv.Itoa(p.Zoo)+"-") {
				t.Errorf("the name of zoo %d begins otherwise", p.Zoo)
			}
			known := properties(t, p)
			for _, name := range p.Breaks {
				if !slices.Contains(known, name) {
					t.Errorf("%s breaks %s, and %s has only %q", p.Name, name, p.Scenario, known)
				}
			}
		})
	}
}

// properties are those that a run of the patch's scenario is judged by.
func properties(t *testing.T, p *zoo.Patch) []string {
	t.Helper()
	s, _ := scenarios.Find(scenarios.All(), p.Scenario)
	plan := faults.Plan{Version: faults.Version, Scenario: s.Name, Seed: 1}
	for _, v := range p.Set {
		plan.Params = append(plan.Params, faults.Param{Name: v.Name, Value: v.Text})
	}
	run, err := s.Run(plan, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range run.Report.Properties {
		names = append(names, x.Name)
	}
	return names
}

// The page lists every patch, and no other.
func TestNamesOfTheDocs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "zoo.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed, want []string
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| ([a-z0-9-]+) \|`).FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, row[1]+"-"+row[2])
	}
	for _, p := range patches(t) {
		want = append(want, p.Name)
	}
	if !slices.Equal(listed, want) {
		t.Errorf("docs/zoo.md lists %q\nand the zoo has %q", listed, want)
	}
}

// Every bug is found from five base seeds, within a minute of processor time each, and
// nothing is found without it.
func TestSweepZoo(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("a build and thousands of runs: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	v := &zoo.Visit{Root: root(t), Main: "./cmd/simctl", Patches: patches(t), Bases: 5, CPU: time.Minute, Progress: t.Logf}
	rep, err := v.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range rep.Bugs {
		for _, h := range b.Hunts {
			t.Logf("%s from %d: %d seeds, %v of processor time", b.Name, h.Base, h.Seeds, time.Duration(h.CPUNS))
			if !h.Found {
				t.Errorf("%s from %d: %s", b.Name, h.Base, h.Problem)
			}
		}
		if b.Control == nil || !b.Control.Clean || b.Control.Seeds < 500 {
			t.Errorf("%s: the control is %+v", b.Name, b.Control)
		}
	}
	if len(rep.Bugs) != len(v.Patches) || rep.Exit() != 0 {
		t.Errorf("%d of %d bugs, exit code %d", len(rep.Bugs), len(v.Patches), rep.Exit())
	}
}
