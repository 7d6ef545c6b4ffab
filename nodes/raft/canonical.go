package raft

import (
	"fmt"

	"distsim/sim"
)

// Canonical shows all that this node's future depends on (sim.Canonical). Of the
// log it is how far it reaches and how often it was cut: while both stay, the
// entries do. The configuration never changes, and digests and scratch buffers
// decide nothing. When somebody was heard is left out: it is only ever compared
// with the clock, and whoever looks at a clock has no lasso.
func (n *Node) Canonical(v *sim.View) {
	v.Text("role", n.role.String())
	v.Epoch("term", uint64(n.term))
	v.Node("vote", n.vote)
	v.Node("leader", n.leader)
	v.Int("patience", int64(n.patience))
	v.Int("commit", int64(n.commit))
	v.Int("applied", int64(n.applied))
	v.Int("state", int64(n.machine.Hash()))
	v.Text("votes", fmt.Sprint(n.votes))
	v.Int("durable", int64(n.durable))
	for _, f := range n.followers {
		v.Text("follower", fmt.Sprint(f.next, f.match, f.inFlight, f.round))
	}
	v.Text("reads", fmt.Sprint(n.reads.asked, n.reads.joined, n.reads.served, n.reads.round, n.reads.index))
	n.log.canonical(v)
	n.disk.canonical(v)
}

func (l *log) canonical(v *sim.View) {
	v.Int("log.last", int64(l.last()))
	v.PastEpoch("log.lastTerm", uint64(l.lastTerm()))
	v.Int("log.unsaved", int64(l.unsaved))
	v.Int("log.cuts", int64(l.cuts))
}

func (d *storage) canonical(v *sim.View) {
	v.CanonicalPart("disk", &d.wal)
	v.Epoch("disk.term", uint64(d.term))
	v.Node("disk.vote", d.vote)
}

// Canonical shows the question.
func (m *PreVoteRequest) Canonical(v *sim.View) {
	v.Epoch("next", uint64(m.Next))
	v.Int("last", int64(m.LastIndex))
	v.PastEpoch("lastTerm", uint64(m.LastTerm))
}

// Canonical shows the answer.
func (m *PreVoteReply) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Epoch("next", uint64(m.Next))
	v.Bool("granted", m.Granted)
}

// Canonical shows the request for a vote.
func (m *VoteRequest) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Int("last", int64(m.LastIndex))
	v.PastEpoch("lastTerm", uint64(m.LastTerm))
}

// Canonical shows the vote.
func (m *VoteReply) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Bool("granted", m.Granted)
}

// Canonical shows the entries, each by its index, term and command.
func (m *Append) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Int("prev", int64(m.PrevIndex))
	v.PastEpoch("prevTerm", uint64(m.PrevTerm))
	v.Int("commit", int64(m.Commit))
	v.Int("round", int64(m.Round))
	for i := range m.Entries {
		e := &m.Entries[i]
		v.PastEpoch("entry", uint64(e.Term))
		v.Text("command", fmt.Sprintf("%d %q %t", e.Index, e.Command, e.Command == nil))
	}
}

// Canonical shows the answer.
func (m *AppendReply) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Text("answer", fmt.Sprint(m.Accepted, m.Round, m.Match, m.Refused, m.Conflict))
	v.PastEpoch("conflictTerm", uint64(m.ConflictTerm))
}

// Canonical shows the notice.
func (m durable) Canonical(v *sim.View) {
	v.Epoch("term", uint64(m.Term))
	v.Int("last", int64(m.Last))
	v.Offset("end", int64(m.End))
}
