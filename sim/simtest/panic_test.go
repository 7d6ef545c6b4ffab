package simtest

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"distsim/checker"
	"distsim/sim"
	"distsim/sim/history"
)

// absent looks at a node that there is not.
func absent() func(w *sim.World) error {
	return Asserts(func(t T, w *sim.World) { View(t, w, sim.Server(9)).Want("role", "leader") })
}

// A panic of Check or Judge is told as one of a step is: with its stack, a plan and a
// replay, and the same at every replay.
func TestPanicsOfCheckAndJudge(t *testing.T) {
	for system, want := range map[string][]string{
		"panicking check": {"sim: there is no node n9; this world has n1, c1", "simtest.View("},
		"panicking judge": {"index out of range [0] with length 0", "simtest.firstResult("},
	} {
		m := newModule(t)
		first := m.fails(t, system, "", append(want, "child_test.go:", "panic violated at ", "    stack:\n",
			"records until then", "plan: testdata/sim/TestInChild/seed-1.yaml", "replay: SIM_PLAN=testdata/sim/TestInChild/seed-1.yaml")...)
		for _, tell := range []string{"goroutine ", "simtest.(*trial).guarded", "panic: "} {
			if strings.Contains(first, tell) {
				t.Errorf("%s tells more than the code under test: %q in\n%s", system, tell, first)
			}
		}
		m.fails(t, system, "SIM_PLAN=testdata/sim/TestInChild/seed-1.yaml", "panic violated at ", "the very run that was recorded")
	}
	newModule(t).fails(t, "panicking under any plan", "RAPID_SEED=1 RAPID_NOFAILFILE=true", "panic violated at ", "seed-0.yaml", "simtest.View(")
}

// firstResult takes a history apart that is empty.
func firstResult([]history.Op) ([]checker.Result, error) {
	var results []checker.Result
	return results, errors.New(results[0].Detail)
}

// What ends a test by itself, testing's or rapid's, is no panic.
func TestEndsThatAreNoPanics(t *testing.T) {
	output := newModule(t).fails(t, "check that ends the test", "SIM_SEED=1", "the check has had enough", "test violated at ")
	if strings.Contains(output, "panic violated") {
		t.Errorf("t.Fatal is told as a panic:\n%s", output)
	}
	setRapid(t, "nofailfile", "true")
	var notes recorder
	rapid.Check(&notes, func(rt *rapid.T) {
		cfg := calm()
		cfg.Check = func(*sim.World) error { rt.Fatalf("enough of rapid"); return nil }
		Try(cfg, 1, func(w *sim.World) { serve(durable)(nil, w) })
	})
	contains(t, notes.String(), "enough of rapid")
	if strings.Contains(notes.String(), "panic") {
		t.Errorf("rapid's own end is told as a panic:\n%v", &notes)
	}
}

// judging is calm with a Check or Judge.
func judging(check func(w *sim.World) error, judge Judge) Config {
	cfg := calm()
	cfg.Check, cfg.Judge = check, judge
	return cfg
}

// checkThatEnds fails the test that runs it.
func checkThatEnds() system {
	var current *testing.T
	return system{
		cfg: judging(func(*sim.World) error { current.Fatalf("the check has had enough"); return nil }, nil),
		build: func(t *testing.T, w *sim.World) {
			current = t
			serve(durable)(t, w)
		},
	}
}
