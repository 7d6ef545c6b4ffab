package scenarios

import (
	"context"
	"testing"

	"distsim/faults"
)

// naiveLocks are the two, their knobs, and the least that they declare Always for.
var naiveLocks = []struct {
	make  func() *Scenario
	right Value
	least []Value
}{
	{lockNaivePut, Value{"take", "if-absent"}, []Value{{"clients", "2"}, {"ops", "10"}}},
	{lockNaiveDelete, Value{"unlock", "compare"}, []Value{{"clients", "3"}, {"ops", "90"}, {"ttl", "1s"}}},
}

// The mistake is all that is wrong: with the one call put right nothing is violated,
// though deletes are as late.
func TestNaiveLocksPutRight(t *testing.T) {
	for _, c := range naiveLocks {
		huntNaiveLock(t, c.make(), 80, c.right, Value{"ops", "60"})
	}
}

// Nor is anything when any message may be late. The naive delete shows then too.
func TestNaiveLocksPutRightUnderDelays(t *testing.T) {
	for _, c := range naiveLocks {
		s, declare := c.make(), c.make().Declare
		s.Script = nil
		s.Declare = func(v Values) Declaration {
			d := declare(v)
			d.Chaos, d.Model = seconds(10), faults.Model{Kinds: []faults.Kind{"delay"}, Delay: 2 * v.Duration("ttl")}
			return d
		}
		huntNaiveLock(t, s, 50, c.right)
		r, err := (&Hunt{Scenario: s, From: 1, To: 50, Workers: 2, Keep: true}).Run(context.Background())
		if err != nil || r.Declared < 3 {
			t.Errorf("%s: under delays %d of 50 runs show the mistake (%v)", s.Name, r.Declared, err)
		}
	}
}

// What they declare always comes in the smallest runs that they declare it for.
func TestSmallestNaiveLocks(t *testing.T) {
	for _, c := range naiveLocks {
		huntNaiveLock(t, c.make(), 80, c.least...)
		v, err := c.make().Resolve(c.least)
		if err != nil {
			t.Fatal(err)
		}
		if p := c.make().Declare(v).Promise("lock.one-holder"); p != Always {
			t.Errorf("%s: %v is declared, not always", c.make().Name, p)
		}
	}
}

func huntNaiveLock(t *testing.T, s *Scenario, seeds uint64, params ...Value) {
	t.Helper()
	r, err := (&Hunt{Scenario: s, Params: params, From: 1, To: seeds, Workers: 2}).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r.Exit() != 0 || r.Ran != seeds {
		t.Errorf("%s with %v: exit %d after %d runs: %+v", s.Name, params, r.Exit(), r.Ran, r.Failures)
	}
}
