package threepc

import (
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// Invariants are the properties of atomic commitment that must hold, called threepc.*,
// while machines crash for good and every message arrives in time. Pass them to one
// world only.
func Invariants() []sim.Invariant {
	return invariant.All(invariant.System{Prefix: "threepc.", CrashStop: true})
}

// InDoubt is how long a participant is in doubt at most, from its yes until it decides
// or dies, in a transaction of so many participants.
//
// What the coordinator owes it is due after decisionDue, and after a PreCommit within
// nextDue. If that does not come, it waits for one backup after another, and each can
// die but the last: it asks that one to begin (roundTrip), hears its question, then its
// PreCommit (nextDue each), and dies or decides. Everybody alive gives the same dead up, so
// no two who are alive lead one transaction for long; the bound gives each backup its full
// time all the same.
func (c Config) InDoubt(participants int) time.Duration {
	c = c.withDefaults()
	backup := c.roundTrip() + 2*c.nextDue()
	return c.decisionDue() + c.nextDue() + time.Duration(participants)*backup
}

// Work is how many messages of a transaction's a message between servers stands for.
func Work(m sim.Message) int {
	switch m.(type) {
	case *CanCommit, *Vote, *PreCommit, *Ack, *DoCommit, *DoAbort, *Wound, *Elect, *StateRequest, *StateReply:
		return 1
	default:
		return 0
	}
}

// Says: a yes is a promise, a no is final.
func (m *Vote) Says(hear func(bank.Tx, State)) {
	if m.Yes {
		hear(m.Tx, Prepared)
	} else {
		hear(m.Tx, Aborted)
	}
}

// Says: all have promised.
func (m *PreCommit) Says(hear func(bank.Tx, State)) { hear(m.Tx, PreCommitted) }

// Says: the sender knows that.
func (m *Ack) Says(hear func(bank.Tx, State)) { hear(m.Tx, PreCommitted) }

// Says: a decision.
func (m *DoCommit) Says(hear func(bank.Tx, State)) { hear(m.Tx, Committed) }

// Says: a decision.
func (m *DoAbort) Says(hear func(bank.Tx, State)) { hear(m.Tx, Aborted) }

// Says: what a backup coordinator may build on.
func (m *StateReply) Says(hear func(bank.Tx, State)) { hear(m.Tx, m.State) }
