package scenarios

import (
	"context"
	"testing"
	"time"

	"distsim/faults"
)

// What the scripts draw is sound and inside the fault model, for every size.
func TestRedlockScriptsAreSound(t *testing.T) {
	for _, s := range []*Scenario{redlockScenario(), redlockClock(), redlockAmnesia()} {
		for _, nodes := range []string{"3", "4", "5", "9"} {
			v := valuesOf(t, s, Value{"nodes", nodes})
			for seed := uint64(1); seed <= 300; seed++ {
				plan := s.Script(v, seed)
				if err := s.Declare(v).Model.Check(plan); err != nil {
					t.Fatalf("%s, %s nodes, seed %d: %v", s.Name, nodes, seed, err)
				}
				for _, e := range plan {
					if err := e.Check(); err != nil {
						t.Fatalf("%s, %s nodes, seed %d: %v", s.Name, nodes, seed, err)
					}
				}
			}
		}
	}
}

// huntFor counts the seeds with a declared violation, and complains about others.
func huntFor(t *testing.T, s *Scenario, seeds uint64, set ...Value) int {
	t.Helper()
	h := Hunt{Scenario: s, Params: set, From: 1, To: seeds, Workers: 2, Keep: true}
	r, err := h.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failures {
		t.Errorf("%s %v, seed %d: %s: %s", s.Name, set, f.Seed, f.Property, f.Detail)
	}
	return int(r.Declared)
}

// Nothing but what a scenario is about makes the difference, and one knob mends it.
func TestRedlockKnobs(t *testing.T) {
	for _, x := range []struct {
		scenario    *Scenario
		set         []Value
		least, most int // of 100 seeds
	}{
		{redlockClock(), nil, 50, 95},
		{redlockClock(), []Value{{"step", "10ms"}}, 0, 10},
		{redlockAmnesia(), nil, 50, 95},
		{redlockAmnesia(), []Value{{"restart", "1s"}}, 0, 0},
		{redlockScenario(), nil, 0, 0},
		{redlockScenario(), []Value{{"restart", "0s"}}, 25, 75},
		{redlockScenario(), []Value{{"drift", "50000"}}, 10, 60},
	} {
		if got := huntFor(t, x.scenario, 100, x.set...); got < x.least || got > x.most {
			t.Errorf("%s %v: violated in %d of 100 seeds, want %d to %d", x.scenario.Name, x.set, got, x.least, x.most)
		}
	}
}

// Who only draws from the declared fault models finds it too.
func TestRedlockRandomHunts(t *testing.T) {
	for _, s := range []*Scenario{redlockClock(), redlockAmnesia()} {
		s.Script = nil
		got := huntFor(t, s, 400)
		t.Logf("%s: violated in %d of 400 drawn plans", s.Name, got)
		if got == 0 {
			t.Errorf("%s: no drawn plan of 400 violates it", s.Name)
		}
	}
}

// The bound on progress is derived for the worst; runs need a small part of it.
func TestRedlockProgressBound(t *testing.T) {
	s, worst := redlockScenario(), time.Duration(0)
	for seed := uint64(1); seed <= 150; seed++ {
		r := mustRun(t, s, seeded(seed), Options{}).Report
		if r.Liveness == nil || r.Liveness.AnsweredNS == nil {
			t.Fatalf("seed %d: no answer: %+v", seed, r.Liveness)
		}
		worst = max(worst, time.Duration(*r.Liveness.AnsweredNS))
		if bound := time.Duration(r.Liveness.BoundNS); worst > bound/10 {
			t.Errorf("seed %d: the lock was granted after %v, more than a tenth of %v", seed, worst, bound)
		}
	}
	t.Logf("within %v", worst)
}

// A mutant of the promise: no majority of the nodes is well, and nobody gets the lock.
func TestRedlockStallsWithoutAMajority(t *testing.T) {
	s := redlockScenario()
	declare := s.Declare
	s.Declare = func(v Values) Declaration {
		d := declare(v)
		d.Live.Core, d.Live.Bound = faults.AnyOf(v.Int("nodes")/2), 20*time.Second
		return d
	}
	for seed := uint64(1); seed <= 5; seed++ {
		if r := mustRun(t, s, seeded(seed), Options{}).Report; r.Verdict != "stalled" {
			t.Errorf("seed %d: %s, want stalled", seed, r.Verdict)
		}
	}
}
