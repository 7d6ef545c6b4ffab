package threepc

import (
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// State is how far a machine has come with a transaction.
type State uint8

const (
	Working      State = iota + 1 // asked, and not voted yet
	Prepared                      // voted yes: Skeen's wait state
	PreCommitted                  // knows that all have voted yes
	Committed
	Aborted
)

var stateNames = [...]string{"none", "working", "prepared", "precommitted", "committed", "aborted"}

// String names the state in lower case.
func (s State) String() string { return stateNames[s] }

// Decided reports whether the state is final.
func (s State) Decided() bool { return s >= Committed }

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
type Change struct {
	Tx    bank.Tx
	State State
}

// diary is what became of transactions in one incarnation.
type diary struct{ changes []Change }

func (d *diary) note(tx bank.Tx, s State) { d.changes = append(d.changes, Change{tx, s}) }

// Changes lists what became of transactions in this incarnation, in order. It is only
// ever appended to.
func (d *diary) Changes() []Change { return d.changes }

// view shows the latest change.
func (d *diary) view(v *sim.View) {
	tx, state := "-", "-"
	if n := len(d.changes); n > 0 {
		tx, state = d.changes[n-1].Tx.String(), d.changes[n-1].State.String()
	}
	v.Text("tx", tx)
	v.Text("state", state)
}
