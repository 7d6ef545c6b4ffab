package scenarios

import (
	"context"
	"testing"
	"time"

	"distsim/checker"
	"distsim/nodes/twopc"
	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// leftover is a participant that ends with these changes and locks.
type leftover struct {
	changes []invariant.Change
	held    []bank.Lock
}

func (leftover) Step(*sim.Env, sim.NodeID, sim.Message) {}
func (l leftover) Changes() []invariant.Change          { return l.changes }
func (l leftover) Held() []bank.Lock                    { return l.held }

// Who is left must have decided, and locked nothing; who has died, or is booted again, may
// have left anything.
func TestSurvivorsMustBeSettled(t *testing.T) {
	tx := twopc.Tx{Process: 1, N: 1, Try: 1}
	prepared := invariant.Change{Tx: tx, State: invariant.Prepared}
	decided := leftover{changes: []invariant.Change{prepared, {Tx: tx, State: invariant.Aborted}}}
	doubtful := leftover{changes: []invariant.Change{prepared}}
	locked := leftover{decided.changes, []bank.Lock{{Account: "a1", Tx: tx}}}
	for _, c := range []struct {
		what   string
		last   leftover
		crash  bool
		boot   bool
		detail string // "": holds
	}{
		{"decided", decided, false, false, ""},
		{"in doubt", doubtful, false, false, "n2 ends with c1#1 prepared"},
		{"locked", locked, false, false, "n2 ends with a1 locked for c1#1"},
		{"dead in doubt", doubtful, true, false, ""},
		{"booted again in doubt", doubtful, true, true, ""},
	} {
		w := sim.New(sim.Config{})
		w.AddServer(func() sim.Node { return decided })
		w.AddServer(func() sim.Node { return c.last })
		w.RunUntil(0)
		if c.crash {
			w.Crash(sim.Server(2), sim.LoseAll)
		}
		if c.boot {
			w.Restart(sim.Server(2))
		}
		w.RunUntil(sim.Time(time.Second))
		r := judgeSurvivors(w)
		if r.Detail != c.detail || (r.Verdict == checker.Holds) != (c.detail == "") || anyDied(w) != c.crash {
			t.Errorf("%s: %v %q, died %t, want %q, %t", c.what, r.Verdict, r.Detail, anyDied(w), c.detail, c.crash)
		}
		w.Close()
	}
}

// Every case of three-phase commit settles its survivors, most of them after a death.
func TestCasesOfThreePhaseCommit(t *testing.T) {
	s, _ := Find(All(), "twopc-exhaustive")
	r, err := s.Explore(context.Background(), []Value{{"protocol", "3pc"}}, 1, 1, func(uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Families) != 2 {
		t.Fatalf("%d families, want those with two and three participants", len(r.Families))
	}
	for _, f := range r.Families {
		if !f.Complete || f.Holds != f.Cases || f.Cases < 30 || r.Exit() != 0 {
			t.Errorf("%s: %d of %d cases hold, complete %t, exit %d", f.Name(), f.Holds, f.Cases, f.Complete, r.Exit())
		}
	}
}
