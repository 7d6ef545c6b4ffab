package scenarios

import (
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/nodes/lock/resource"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Of the paused holder and of clocks that are wrong, one knob at a time makes the
// difference. What is declared to hold must, in every run.
func TestLockKnobs(t *testing.T) {
	for _, x := range []struct {
		scenario *Scenario
		set      []Value
		least    int // of 30 seeds
		most     int
	}{
		{lockPause(), nil, 20, 30},
		{lockFencing(), nil, 0, 0},
		{lockSkew(), []Value{{"ppm", "50000"}}, 0, 0},
		{lockSkew(), []Value{{"ppm", "300000"}}, 4, 20},
		{lockSkew(), []Value{{"ppm", "300000"}, {"bound", "300000"}}, 0, 0},
		{lockSkewStep(), []Value{{"step", "100ms"}}, 0, 0},
		{lockSkewStep(), []Value{{"step", "800ms"}}, 3, 20},
		{lockSkewStep(), []Value{{"step", "800ms"}, {"margin", "800ms"}}, 0, 0},
	} {
		if got := huntFor(t, x.scenario, 30, x.set...); got < x.least || got > x.most {
			t.Errorf("%s %v: violated in %d of 30 seeds, want %d to %d", x.scenario.Name, x.set, got, x.least, x.most)
		}
	}
}

// The resource is what makes the difference to a paused holder, and not that there is none:
// where tokens are checked, too, two are in the section, and the one that is late is refused.
func TestPausedHoldersAreRefused(t *testing.T) {
	two, refusals := 0, 0
	s := lockFencing()
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		b.World.AddInvariant(sim.ObserveSends(func(_ *sim.World, _, _ sim.NodeID, m sim.Message) {
			if w, ok := m.(*resource.Written); ok && !w.Accepted {
				refusals++
			}
		}))
	}
	for seed := uint64(1); seed <= 20; seed++ {
		for _, m := range mustRun(t, s, seeded(seed), Options{}).Report.Measures {
			if m.Name == twoHolders {
				two += int(m.Num)
			}
		}
	}
	if two < 15 || refusals < 15 {
		t.Errorf("two are in a section in %d of 20 runs, and %d writes are refused, want 15 of each", two, refusals)
	}
	t.Log(two, refusals)
}

// Mutants of the promise that some waiter is granted the lock (L5): no majority of the
// servers is well, or whoever has the lock works for ever.
func TestLocksStall(t *testing.T) {
	alone, endless := lockScenario(), lockScenario()
	alone.Name, endless.Name = "alone", "endless"
	declare := alone.Declare
	soon := func(v Values) Declaration {
		d := declare(v)
		d.Live.Bound = 20 * time.Second
		return d
	}
	alone.Declare = func(v Values) Declaration {
		d := soon(v)
		d.Live.Core[0].Well = lockServers / 2
		return d
	}
	endless.Declare = soon
	endless.Build = func(b *Build) {
		c := lockClient()
		c.Work, c.Pieces = sim.Fixed(20*time.Millisecond), 1_000_000
		(&lockWorld{cfg: lockConfig(b.Values), client: c, resource: &resource.Config{}}).build(b)
	}
	for _, s := range []*Scenario{alone, endless} {
		for seed := uint64(1); seed <= 5; seed++ {
			plan := seeded(seed)
			plan.Faults = []faults.Entry{}
			if r := mustRun(t, s, plan, Options{}).Report; r.Verdict != "stalled" {
				t.Errorf("%s, seed %d: %s, want stalled: %+v", s.Name, seed, r.Verdict, r.Liveness)
			}
		}
	}
}

// The bound on progress is derived for the worst; runs need a small part of it.
func TestLockProgressBound(t *testing.T) {
	worst := time.Duration(0)
	for seed := uint64(1); seed <= 50; seed++ {
		r := mustRun(t, lockScenario(), seeded(seed), Options{}).Report
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

// grants ends an operation with a token.
func (c *chronicle) grants(op int, token uint64) {
	c.ends(op, ops.Granted)
	c.ops[op].Output = ops.LockResult{Answer: ops.Granted, Token: token}
}

// gives is a lock given back under a token.
func (c *chronicle) gives(token uint64) {
	op := c.begins(ops.Release, "l1")
	c.ops[op].Input = ops.Lock{Kind: ops.Release, Name: "l1", Token: token}
	c.ends(op, ops.Released)
}

// Fairness and hand-over, as they are measured of locks with tokens.
func TestHandOversAndOvertakes(t *testing.T) {
	const ms = time.Millisecond
	for name, x := range map[string]struct {
		story     func(c *chronicle, first, second int)
		handOvers []time.Duration
		overtaken int64
	}{
		"first come, first served": {func(c *chronicle, first, second int) {
			c.gives(1)
			c.grants(first, 2)
			c.gives(2)
			c.grants(second, 3)
		}, []time.Duration{2 * ms, 2 * ms}, 0},
		"who came second is first": {func(c *chronicle, first, second int) {
			c.gives(1)
			c.grants(second, 2)
			c.gives(2)
			c.grants(first, 3)
		}, []time.Duration{2 * ms, 2 * ms}, 1},
		"answers may come in another order than grants": {func(c *chronicle, first, second int) {
			c.gives(1)
			c.grants(second, 3)
			c.grants(first, 2)
		}, []time.Duration{3 * ms}, 0},
		"nobody waits when it is given back": {func(c *chronicle, first, second int) {
			c.ends(first, ops.TimedOut)
			c.ends(second, ops.TimedOut)
			c.gives(1)
			c.grants(c.begins(ops.Try, "l1"), 2)
		}, nil, 0},
		"without tokens answers tell": {func(c *chronicle, first, second int) {
			c.ops[0].Output = ops.LockResult{Answer: ops.Granted}
			c.ends(second, ops.Granted)
			c.ends(first, ops.Granted)
		}, nil, 1},
		"another lock is another matter": {func(c *chronicle, _, second int) {
			c.gives(1)
			other := c.begins(ops.Acquire, "l2")
			c.grants(other, 2)
			c.grants(second, 3)
		}, []time.Duration{4 * ms}, 0},
	} {
		c := &chronicle{}
		c.grants(c.begins(ops.Acquire, "l1"), 1)
		x.story(c, c.begins(ops.Acquire, "l1"), c.begins(ops.Acquire, "l1"))
		var took []time.Duration
		handOvers(c.ops, func(d time.Duration) { took = append(took, d) })
		if !slices.Equal(took, x.handOvers) {
			t.Errorf("%s: hand-overs %v, want %v", name, took, x.handOvers)
		}
		if got, of := overtakes(c.ops); got != x.overtaken || of != int64(len(grantsOf(c.ops))) {
			t.Errorf("%s: overtaken %d/%d, want %d", name, got, of, x.overtaken)
		}
	}
}
