package scenarios

import (
	"fmt"
	"slices"
	"time"

	"distsim/checker"
	"distsim/nodes/threepc"
	"distsim/nodes/twopc"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
	"distsim/sim/history"
)

// threephaseCases also has the bound for those in doubt, which nobody's death may exceed.
func (b *Build) threephaseCases() {
	n := b.Values.Int("participants")
	cfg := threepc.Config{Accounts: n, Initial: initialBalance, Bound: 2 * time.Millisecond}
	threepc.Add(b.World, cfg, n)
	watch := &invariant.InDoubt{CrashStop: true}
	b.World.AddInvariant(append(threepc.Invariants(), watch.Watch(), watch.Within(inDoubt, cfg.InDoubt(n)))...)
	b.World.AddClient(threepc.Client{Config: cfg, Workload: []threepc.Planned{
		{ID: history.ID{Client: 1, N: 1}, Op: oneEach(n)},
		{ID: history.ID{Client: 1, N: 2}, Op: twopc.Audit(n), At: time.Second},
	}}.Node)
}

// died reports whether a machine that crashes for good has: one that is booted again when
// all heals is as good as dead.
func died(w *sim.World, id sim.NodeID) bool { return !w.Up(id) || w.Incarnation(id) > 1 }

func anyDied(w *sim.World) bool {
	return slices.ContainsFunc(w.Servers(), func(id sim.NodeID) bool { return died(w, id) })
}

// judgeSurvivors looks whether any of them has not decided, or keeps a lock.
func judgeSurvivors(w *sim.World) checker.Result {
	for _, id := range w.Servers() {
		node, ok := w.Node(id).(invariant.Locker)
		if !ok || died(w, id) {
			continue
		}
		if what := unsettled(node); what != "" {
			return checker.Result{Property: settled, Verdict: checker.Stalled, Detail: fmt.Sprintf("%v ends with %s", id, what)}
		}
	}
	return checker.Result{Property: settled, Verdict: checker.Holds}
}

// unsettled says what a participant has left open, or nothing.
func unsettled(node invariant.Locker) string {
	for _, lock := range node.Held() {
		return fmt.Sprintf("%s locked for %v", lock.Account, lock.Tx)
	}
	last := map[twopc.Tx]invariant.State{}
	for _, c := range node.Changes() {
		last[c.Tx] = c.State
	}
	for _, c := range node.Changes() {
		if s := last[c.Tx]; s != invariant.Committed && s != invariant.Aborted {
			return fmt.Sprintf("%v %v", c.Tx, s)
		}
	}
	return ""
}
