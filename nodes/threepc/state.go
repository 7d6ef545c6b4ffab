package threepc

import (
	"slices"

	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// State is how far a machine has come with a transaction.
type State = invariant.State

// A coordinator goes from Waiting to PreCommitted, noting each yes as invariant.Voted; a
// participant by way of Prepared, which is Skeen's wait state.
const (
	Waiting      = invariant.Waiting      // asked, and not voted yet
	Prepared     = invariant.Prepared     // voted yes
	PreCommitted = invariant.PreCommitted // knows that all have voted yes
	Committed    = invariant.Committed
	Aborted      = invariant.Aborted
)

// decided reports whether a state is final.
func decided(s State) bool { return s == Committed || s == Aborted }

// Terminate is the rule by which a backup coordinator decides, from its own state and
// those of all others that are alive: Committed, Aborted, or PreCommitted, which is to
// bring everybody there first and then commit.
//
// It is right because a coordinator commits only when everybody alive is precommitted:
// where all are prepared, nobody can have committed, dead or alive. And nobody can have
// aborted where one is precommitted, because all have voted yes. It needs to know the
// states of all who are alive; who cannot be reached is taken for dead.
func Terminate(states []State) State {
	switch {
	case slices.Contains(states, Committed):
		return Committed
	case slices.Contains(states, Aborted), !slices.Contains(states, PreCommitted):
		return Aborted
	default:
		return PreCommitted
	}
}

// Change is a step of a transaction on one machine.
type Change = invariant.Change

// diary is what became of transactions in one incarnation. A step that a crash strikes
// in its middle notes all of it: what it notes afterwards is void, like its effects.
type diary struct{ changes []Change }

func (d *diary) note(c Change) { d.changes = append(d.changes, c) }

// Changes lists what became of transactions in this incarnation, in order. It is only
// ever appended to.
func (d *diary) Changes() []Change { return d.changes }

// view shows the latest change of this machine's own.
func (d *diary) view(v *sim.View) {
	latest := "-"
	for i := len(d.changes) - 1; i >= 0; i-- {
		if c := &d.changes[i]; c.State != invariant.Voted {
			latest = c.Tx.String() + " " + c.State.String()
			break
		}
	}
	v.Text("transactions", latest)
}
