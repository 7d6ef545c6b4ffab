package simtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distsim/faults"
	"distsim/sim"
)

// The life of a property's failure: found, shrunk, kept, first next time, replayed,
// fixed.
func TestCheckLeavesTheSmallestPlan(t *testing.T) {
	m := newModule(t)
	first := m.fails(t, "forgetful under any plan", "RAPID_SEED=1",
		"--- FAIL: TestInChild/plans ", "[rapid] failed after ", "[rapid] draw plan: seed ",
		"child_test.go:", ": linearizable violated at ", " although c1#1 write(1) was acknowledged before",
		"faults:\n", "crash: {target: ", "records until then", "trace hash ",
		"shrunk from ", " faults to 1 by ", " runs: seed ",
		"plan: testdata/sim/TestInChild/seed-",
		"replay: SIM_PLAN=testdata/sim/TestInChild/seed-",
	)
	plan := strings.Join(m.plans(t), " ")
	if n := strings.Count(first, "was acknowledged before"); n != 1 {
		t.Errorf("the violation is told %d times, want once:\n%s", n, first)
	}
	again := m.fails(t, "forgetful under any plan", "", "the very run that was recorded: the trace hashes are equal")
	if got := subtests(again); got != plan {
		t.Errorf("next time it ran %q, want the plan alone", got)
	}
	if a, b := hashLine(first), hashLine(again); a == "" || a != b {
		t.Errorf("found with %q, run again with %q", a, b)
	}
	replay := m.fails(t, "forgetful under any plan", "SIM_PLAN=store/testdata/sim/TestInChild/"+plan, "the very run that was recorded")
	if got := subtests(replay); got != "replay" {
		t.Errorf("with SIM_PLAN it ran %q, want the replay alone", got)
	}
	fixed := m.passes(t, "durable under any plan", "RAPID_CHECKS=7", plan+" holds now", "[rapid] OK, passed 7 tests")
	if got := subtests(fixed); got != plan+" plans" {
		t.Errorf("after the fix it ran %q, want the plan first, then those of rapid", got)
	}
}

// The same seed of rapid finds the same plan, to the bit.
func TestCheckRepeatsItself(t *testing.T) {
	one := newModule(t).fails(t, "forgetful under any plan", "RAPID_SEED=5 RAPID_NOFAILFILE=true")
	two := newModule(t).fails(t, "forgetful under any plan", "RAPID_SEED=5 RAPID_NOFAILFILE=true")
	if a, b := hashLine(one), hashLine(two); a == "" || a != b {
		t.Errorf("one run ends with %q, the other with %q", a, b)
	}
}

func TestCheckRefusesWhatItCannotDo(t *testing.T) {
	for system, want := range map[string]string{
		"scripted under any plan": "simtest: Config.Script lists the faults of every run: nothing is left to draw",
		"dwindling":               "simtest: fault 1 (crash): there is no node n",
	} {
		newModule(t).fails(t, system, "RAPID_SEED=1 RAPID_NOFAILFILE=true", want)
	}
}

func TestShrunkInWords(t *testing.T) {
	for want, n := range map[string][3]int{
		"shrunk from 3 faults to 1 by 58 runs":               {3, 1, 58},
		"shrunk from 1 fault to 0 by 2 runs":                 {1, 0, 2},
		"found with 1 fault, and not with fewer, in 17 runs": {1, 1, 17},
		"found with no faults, in 1 run":                     {0, 0, 1},
	} {
		if got := shrunk(n[0], n[1], n[2]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A smaller plan that breaks something else is not what is looked for.
func TestShrinkingHoldsOnToTheProperty(t *testing.T) {
	cfg := storm
	cfg.Faults.Kinds = []faults.Kind{"isolate", "crash"}
	never := func(name string, when func(w *sim.World) bool) sim.Invariant {
		return sim.Assert(name, func(w *sim.World, _ sim.NodeID) error {
			if when(w) {
				return errors.New("so it is")
			}
			return nil
		})
	}
	build := func(w *sim.World) {
		w.AddServer(durable)
		w.AddServer(durable)
		w.AddClient(sim.Go(func(p *sim.Proc) {
			for range 150 {
				p.Sleep(time.Millisecond) // invariants are looked at after events
			}
		}))
		w.AddServer(durable)
		w.AddInvariant(never("started again", func(w *sim.World) bool { return w.Incarnation(sim.Server(1)) == 2 }))
		w.AddInvariant(never("all alone", func(w *sim.World) bool {
			n1, n2, n3 := sim.Server(1), sim.Server(2), sim.Server(3)
			return !w.Reachable(n1, n2) && !w.Reachable(n2, n3) && !w.Reachable(n1, n3)
		}))
	}
	setRapid(t, "nofailfile", "true")
	wanted := map[string]int{"started again violated": 1, "all alone violated": 2}
	met := map[string]bool{}
	for seed := 1; seed <= 40 && len(met) < len(wanted); seed++ {
		setRapid(t, "seed", fmt.Sprint(1000*seed))
		h := huntIn(t, cfg, build)
		rapid.Check(&recorder{}, h.property)
		if h.failing == nil {
			continue
		}
		met[h.broken] = true
		if got := len(h.failing.Faults); got != wanted[h.broken] {
			t.Errorf("%s: shrunk to %#v, want %d faults", h.broken, *h.failing, wanted[h.broken])
		}
	}
	if len(met) < len(wanted) {
		t.Errorf("met only %v", met)
	}
}

// huntIn is a hunt in the world that build makes.
func huntIn(t *testing.T, cfg Config, build func(w *sim.World)) *hunt {
	t.Helper()
	cfg, err := cfg.inWorld(build)
	if err != nil {
		t.Fatal(err)
	}
	return newHunt(cfg, build)
}
