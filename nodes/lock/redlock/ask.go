package redlock

import (
	"slices"
	"time"

	"distsim/sim"
)

// votes is what the nodes answered to one question; the others were silent or recovering.
type votes struct{ done, refused int }

// ask puts a question to all nodes at once and counts the answers, until all have
// answered or it is that late on the client's clock.
func (u *user) ask(until time.Duration, question func(Head) command) (v votes) {
	q := question(u.head())
	u.tell(q)
	var heard []sim.NodeID
	for len(heard) < len(u.nodes) {
		e, ok := u.RecvTimeout(until - u.Elapsed())
		if !ok {
			return v
		}
		// Late answers to earlier questions are in the mailbox too, and a message may
		// come twice.
		a, is := e.Message.(*Answer)
		if !is || a.Re != q.head().Re || slices.Contains(heard, e.From) {
			continue
		}
		heard = append(heard, e.From)
		v.count(a.Outcome)
	}
	return v
}

func (v *votes) count(o Outcome) {
	switch o {
	case Done:
		v.done++
	case Refused:
		v.refused++
	}
}

// tell sends a command to all nodes.
func (u *user) tell(m command) {
	for _, node := range u.nodes {
		u.Send(node, m)
	}
}

// head begins the next command about the current lease.
func (u *user) head() Head {
	u.asked++
	return Head{Re: uint64(u.Incarnation())<<32 | u.asked, Key: u.lease.lock, Value: u.lease.value}
}
