package shrink

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

// numbered is a plan of n faults that differ by their instant.
func numbered(n int) faults.Plan {
	p := faults.Plan{Version: faults.Version, Scenario: "test", Faults: []faults.Entry{}}
	for i := range n {
		p.Faults = append(p.Faults, faults.Entry{
			Fault: faults.Loss{PPM: 800_000}, At: sim.Time(i) * sim.Time(time.Second), For: 8 * time.Second,
		})
	}
	return p
}

// has reports which faults of a numbered plan are left.
func has(p faults.Plan) map[int]bool {
	out := map[int]bool{}
	for _, e := range p.Faults {
		out[int(e.At/sim.Time(time.Second))] = true
	}
	return out
}

func TestShrinkFindsTheFaultsThatMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "faults")
		needed := rapid.SliceOfNDistinct(rapid.IntRange(0, max(0, n-1)), 0, min(n, 4), rapid.ID[int]).Draw(t, "needed")
		fails := func(p faults.Plan) bool {
			left := has(p)
			return !slices.ContainsFunc(needed, func(i int) bool { return !left[i] })
		}
		r, err := Shrink(numbered(n), fails, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Plan.Faults) != len(needed) || !fails(r.Plan) || !r.Minimal {
			t.Errorf("%v left of %d (minimal: %v), want %v", r.Plan.Faults, n, r.Minimal, needed)
		}
		for _, e := range r.Plan.Faults {
			if e.For > time.Millisecond || e.Fault.(faults.Loss).PPM > 1 {
				t.Errorf("%v could be milder", e)
			}
		}
	})
}

// Whatever the failure depends on, the result fails and no single fault of it
// can go; and it is the same every time.
func TestTheResultIsMinimalAndTheSameEveryTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		salt := rapid.Uint64().Draw(t, "salt")
		start := numbered(rapid.IntRange(1, 12).Draw(t, "faults"))
		fails := func(p faults.Plan) bool { // as good as random, but a function of the plan
			set := uint64(0)
			for i := range has(p) {
				set |= 1 << i
			}
			return len(p.Faults) == len(start.Faults) || sim.Draw(salt, sim.Identity{K: set})%3 == 0
		}
		r, err := Shrink(start, fails, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !fails(r.Plan) {
			t.Error("the result does not fail")
		}
		for i := range r.Plan.Faults {
			smaller := r.Plan.Clone()
			smaller.Faults = slices.Delete(smaller.Faults, i, i+1)
			if fails(smaller) {
				t.Errorf("fault %d of %v can still go", i+1, r.Plan.Faults)
			}
		}
		if again, _ := Shrink(start, fails, Options{}); !reflect.DeepEqual(again, r) {
			t.Error("shrinking again gives another result")
		}
	})
}

// Without its last fault a plan has none: nil would have them drawn from the seed.
func TestAPlanWithoutItsLastFaultHasNone(t *testing.T) {
	for n := 1; n <= 3; n++ {
		fails := func(p faults.Plan) bool {
			if p.Faults == nil {
				t.Errorf("of %d faults: tried a plan whose faults are drawn from the seed", n)
			}
			return len(p.Faults) > 0
		}
		if r, err := Shrink(numbered(n), fails, Options{}); err != nil || len(r.Plan.Faults) != 1 {
			t.Errorf("of %d faults: %v left, %v; want one", n, r.Plan.Faults, err)
		}
	}
}

// What is milder may make another fault superfluous, so removing begins again.
func TestRemovingGoesOnAfterSoftening(t *testing.T) {
	fails := func(p faults.Plan) bool {
		left := has(p)
		return left[0] && (left[1] || p.Faults[0].Fault.(faults.Loss).PPM < 500_000)
	}
	r, err := Shrink(numbered(5), fails, Options{})
	if err != nil || len(r.Plan.Faults) != 1 {
		t.Errorf("left are %v (%v), want the first alone, weakened", r.Plan.Faults, err)
	}
}

func TestBudget(t *testing.T) {
	runs := 0
	fails := func(p faults.Plan) bool { runs++; return has(p)[0] && has(p)[39] }
	r, err := Shrink(numbered(40), fails, Options{MaxRuns: 9})
	if err != nil || runs != 9 || r.Runs != 9 || r.Minimal || len(r.Plan.Faults) >= 40 || len(r.Plan.Faults) <= 2 {
		t.Errorf("after %d runs (%d reported): %d faults, minimal %v, %v", runs, r.Runs, len(r.Plan.Faults), r.Minimal, err)
	}
}

func TestOverridesAndOperationsGoToo(t *testing.T) {
	p := numbered(3)
	for k := range uint64(6) {
		p.Overrides = append(p.Overrides, faults.Override{
			ID:   sim.Identity{Subject: sim.OfMessage, Node: sim.Server(1), Peer: sim.Server(2), Name: "x", K: k + 1, Purpose: sim.ForLoss},
			Kind: sim.Chance, Value: 1,
		})
	}
	p.Workload = &faults.Workload{}
	for i := range 8 {
		p.Workload.Calls = append(p.Workload.Calls, faults.Call{ID: history.ID{Client: 1, N: i + 1}, Op: ops.Op{Kind: ops.Get, Key: "k"}})
	}
	p.Expect = &faults.Expect{Verdict: "violated", Hash: "0123456789abcdef"}
	before := p.Clone()
	fails := func(p faults.Plan) bool {
		return has(p)[1] &&
			slices.ContainsFunc(p.Overrides, func(o faults.Override) bool { return o.ID.K == 4 }) &&
			slices.ContainsFunc(p.Workload.Calls, func(c faults.Call) bool { return c.ID.N == 2 }) &&
			slices.ContainsFunc(p.Workload.Calls, func(c faults.Call) bool { return c.ID.N == 7 })
	}
	r, err := Shrink(p, fails, Options{})
	if err != nil || len(r.Plan.Faults) != 1 || len(r.Plan.Overrides) != 1 || len(r.Plan.Workload.Calls) != 2 {
		t.Errorf("left %v, %v and %v (%v)", r.Plan.Faults, r.Plan.Overrides, r.Plan.Workload, err)
	}
	if r.Plan.Expect.Hash != "" || r.Plan.Expect.Verdict != "violated" {
		t.Errorf("expected of the result is %+v: the verdict stays, the hash does not", r.Plan.Expect)
	}
	if !reflect.DeepEqual(p, before) {
		t.Error("the input was changed")
	}
}

func TestAPlanInsideItsModelStaysInside(t *testing.T) {
	m := &faults.Model{Kinds: []faults.Kind{"crash"}, MaxDown: 1} // lose-all only
	p := faults.Plan{Version: faults.Version, Scenario: "test", Faults: []faults.Entry{
		{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, For: time.Second},
	}}
	r, err := Shrink(p, func(p faults.Plan) bool { return len(p.Faults) == 1 }, Options{Model: m})
	if err != nil || m.Check(r.Plan.Faults) != nil {
		t.Errorf("shrunk to %v (%v), outside the model", r.Plan.Faults, err)
	}
	r, err = Shrink(p, func(p faults.Plan) bool { return len(p.Faults) == 1 }, Options{})
	if got := r.Plan.Faults[0].Fault.String(); err != nil || got != "crash: {target: n1, model: keep-all}" {
		t.Errorf("without a model it is shrunk to %s (%v), want the mildest crash", got, err)
	}
}

// Whom a holder was stays in force, and a model that aims at clients lets it.
func TestAHolderStaysWhoItWas(t *testing.T) {
	m := &faults.Model{Kinds: []faults.Kind{"pause", "crash"}, ClientKinds: []faults.Kind{"pause"}, Holders: true, MaxDown: 1}
	holder := faults.Target{Who: faults.Holder, Was: []sim.NodeID{sim.Client(1)}}
	p := faults.Plan{Version: faults.Version, Scenario: "test", Faults: []faults.Entry{
		{Fault: faults.Pause{Target: holder}, Moment: faults.Moment{Of: sim.Timeout}, For: 1600 * time.Millisecond},
		{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, For: time.Second},
	}}
	if err := m.Check(p.Faults); err != nil {
		t.Fatal(err)
	}
	fails := func(p faults.Plan) bool {
		return slices.ContainsFunc(p.Faults, func(e faults.Entry) bool {
			f, pauses := e.Fault.(faults.Pause)
			return pauses && slices.Equal(f.Target.Known(), holder.Was) && e.For >= 200*time.Millisecond
		})
	}
	r, err := Shrink(p, fails, Options{Model: m})
	if err != nil || len(r.Plan.Faults) != 1 || r.Plan.Faults[0].String() != "pause: {target: holder, was: c1} at 0s for 200ms" {
		t.Errorf("shrunk to %v (%v), want the holder's pause for 200ms", r.Plan.Faults, err)
	}
}

func TestWhatCannotBeShrunkIsSaid(t *testing.T) {
	if _, err := Shrink(faults.Plan{}, nil, Options{}); !errors.Is(err, ErrDrawn) {
		t.Errorf("a plan with drawn faults: %v", err)
	}
	if _, err := Shrink(numbered(2), func(faults.Plan) bool { return false }, Options{}); !errors.Is(err, ErrHolds) {
		t.Errorf("a plan that does not fail: %v", err)
	}
}
