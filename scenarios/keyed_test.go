package scenarios

import (
	"os"
	"slices"
	"testing"

	"distsim/faults"
	"distsim/sim"
)

// Experiment 2: keyed identities make shrinking work. When a fault is removed,
// the decisions that are left must stay as they were, or the failure goes away
// for reasons that have nothing to do with the fault. The control build draws
// every decision from one shared stream: there, removing anything shifts
// everything after it.

// sharedStream is the control: a Chooser that ignores identities.
type sharedStream struct{ state uint64 }

// Choose draws the next value of one stream (SplitMix64, Steele et al. 2014).
func (s *sharedStream) Choose(_ sim.Identity, o sim.Outcomes, _ int64) int64 {
	s.state += 0x9e3779b97f4a7c15
	x := s.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	switch o.Kind {
	case sim.Chance:
		if x>>44*1_000_000>>20 < uint64(o.PPM) {
			return 1
		}
		return 0
	case sim.Pick:
		return int64(x>>1) % o.N
	default:
		return int64(o.Dist.Sample(x))
	}
}

// withSharedStream is the scenario in the control build.
func withSharedStream(s *Scenario) *Scenario {
	control := *s
	control.Config = func(v Values) sim.Config {
		cfg := s.Config(v)
		cfg.Chooser = &sharedStream{}
		return cfg
	}
	// The stream starts from the seed, as the keys do.
	build := s.Build
	control.Build = func(b *Build) {
		b.World.Chooser().(*sharedStream).state = b.World.Seed()
		build(b)
	}
	return &control
}

// failing finds plans with drawn faults that violate linearizability and names
// every target they hit.
func failing(t *testing.T, s *Scenario, want, atLeast int) []faults.Plan {
	t.Helper()
	var plans []faults.Plan
	for seed := uint64(1); len(plans) < want; seed++ {
		if seed > 20_000 {
			t.Fatalf("only %d failing plans in 20,000 seeds", len(plans))
		}
		run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{})
		if len(run.Plan.Faults) >= atLeast && violates(run, linearizable) {
			plans = append(plans, run.Plan)
		}
	}
	return plans
}

func violates(r *Run, property string) bool {
	for _, p := range r.Report.Properties {
		if p.Name == property {
			return p.IsViolated()
		}
	}
	return false
}

// reduce removes faults one at a time while the violation stays, until no
// single one can go.
func reduce(t *testing.T, s *Scenario, plan faults.Plan) (left, runs int) {
	t.Helper()
	for again := true; again; {
		again = false
		for i := 0; i < len(plan.Faults); i++ {
			smaller := plan
			smaller.Faults = append(append([]faults.Entry{}, plan.Faults[:i]...), plan.Faults[i+1:]...)
			runs++
			if violates(mustRun(t, s, smaller, Options{}), linearizable) {
				plan, again = smaller, true
				i--
			}
		}
	}
	return len(plan.Faults), runs
}

// symbolic forgets whom the targets meant, so that they are resolved again.
func symbolic(p faults.Plan) faults.Plan {
	p.Faults = slices.Clone(p.Faults)
	for i := range p.Faults {
		p.Faults[i].Fault = faults.Forget(p.Faults[i].Fault)
	}
	return p
}

func TestSweepKeyedIdentitiesMakeShrinkingWork(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("thousands of runs: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	const plans, atLeast = 20, 8
	s := evenCluster()
	control := withSharedStream(s)
	total := func(s *Scenario, plans []faults.Plan) (faultsBefore, left, runs int) {
		for _, p := range plans {
			l, r := reduce(t, s, p)
			faultsBefore, left, runs = faultsBefore+len(p.Faults), left+l, runs+r
		}
		return faultsBefore, left, runs
	}
	keyed := failing(t, s, plans, atLeast)
	var again []faults.Plan
	for _, p := range keyed {
		if p = symbolic(p); violates(mustRun(t, s, p, Options{}), linearizable) {
			again = append(again, p)
		}
	}
	before, left, runs := total(s, keyed)
	t.Logf("keyed, targets as they were:  %d plans, %d faults -> %d, %d re-runs", len(keyed), before, left, runs)
	sBefore, sLeft, sRuns := total(s, again)
	t.Logf("keyed, targets symbolic:      %d plans, %d faults -> %d, %d re-runs", len(again), sBefore, sLeft, sRuns)
	cBefore, cLeft, cRuns := total(control, failing(t, control, plans, atLeast))
	t.Logf("one shared stream (control):  %d plans, %d faults -> %d, %d re-runs", plans, cBefore, cLeft, cRuns)
	if 2*left*cBefore > cLeft*before {
		t.Errorf("keyed plans end at %d of %d faults, the control's at %d of %d: want half or less", left, before, cLeft, cBefore)
	}
}
