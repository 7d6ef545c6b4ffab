package raft

import (
	"time"

	"distsim/sim"
)

// follower is what a leader knows about another node.
type follower struct {
	next     Index         // the entry to send next
	match    Index         // up to here its log equals ours, on its disk
	inFlight Index         // end of the batch it has not answered yet, 0: none
	heard    time.Duration // when it answered last, on the leader's clock
	round    uint32        // the latest round of heartbeats that it has answered
}

// extend appends a command to the leader's log, sends it and writes it. The
// three need no order: the leader promises nothing about its own log, and counts
// itself when its disk is done (dissertation §10.2.1).
func (n *Node) extend(command []byte) {
	n.log.append(Entry{Index: n.log.last() + 1, Term: n.term, Command: command})
	n.replicate()
	n.save()
}

// replicate sends every follower what it lacks, one batch at a time: entries
// that arrive while a batch is on its way make up the next.
func (n *Node) replicate() {
	var shared *Append
	for i := range n.followers {
		if f := &n.followers[i]; f.inFlight == 0 {
			shared = n.sendAppend(i, n.cfg.MaxBatch, shared)
		}
	}
}

// onHeartbeatDue tells everyone who leads, and sends again what was not
// answered: it, or the answer, may be lost.
func (n *Node) onHeartbeatDue() {
	if n.cfg.CheckQuorum && n.isAlone() {
		n.stepDown()
		return
	}
	n.env.Arm(heartbeatDue{}, n.cfg.HeartbeatEvery)
	var shared *Append
	for i := range n.followers {
		n.followers[i].inFlight = 0
		shared = n.sendAppend(i, n.cfg.MaxBatch, shared)
	}
	n.disk.wal.Seal()
}

// sendAppend sends follower i up to most entries from next on; without any that
// is a heartbeat. Followers at the same place share one message: same is the one
// sent last, or nil.
func (n *Node) sendAppend(i, most int, same *Append) *Append {
	f := &n.followers[i]
	prev := f.next - 1
	if same == nil || same.PrevIndex != prev {
		same = &Append{
			Term: n.term, PrevIndex: prev, PrevTerm: n.log.term(prev),
			Entries: n.log.from(f.next, most), Commit: n.commit, Round: n.reads.round,
		}
	}
	if k := len(same.Entries); k > 0 {
		f.inFlight = prev + Index(k)
	}
	n.env.Send(n.peers[i], same)
	return same
}

// onAppend accepts entries that continue this log, and refuses others.
func (n *Node) onAppend(from sim.NodeID, m *Append) {
	if m.Term == n.term {
		n.heed(from)
	}
	reply := n.answer(m)
	if m.Term == n.term {
		reply.Round = m.Round // an answer to an earlier leader confirms nothing to a later one
	}
	n.save()
	n.env.Send(from, reply)
	if !reply.Accepted {
		return
	}
	n.commitTo(min(m.Commit, reply.Match))
	if len(m.Entries) == 0 {
		n.disk.wal.Seal()
	}
}

// heed recognises the leader of the current term.
func (n *Node) heed(leader sim.NodeID) {
	if n.role == isLeader {
		panic("raft: two leaders in one term")
	}
	n.role, n.leader, n.heard = isFollower, leader, n.env.Elapsed()
	n.env.Arm(electionDue{}, n.patience)
}

// answer takes over the entries of an Append, if they fit.
func (n *Node) answer(m *Append) *AppendReply {
	switch {
	case m.Term < n.term:
		return &AppendReply{Term: n.term, Refused: m.PrevIndex}
	case n.log.has(m.PrevIndex, m.PrevTerm):
		if cut := n.log.merge(m.Entries); cut != 0 && cut <= n.commit {
			panic("raft: a leader overwrites a committed entry")
		}
		return &AppendReply{Term: n.term, Accepted: true, Match: m.PrevIndex + Index(len(m.Entries))}
	case m.PrevIndex > n.log.last():
		return &AppendReply{Term: n.term, Refused: m.PrevIndex, Conflict: n.log.last() + 1}
	default:
		term := n.log.term(m.PrevIndex)
		return &AppendReply{Term: n.term, Refused: m.PrevIndex, ConflictTerm: term, Conflict: n.log.startOf(term)}
	}
}

// onAppendReply moves the leader's picture of a follower.
func (n *Node) onAppendReply(from sim.NodeID, m *AppendReply) {
	i := n.followerOf(from)
	if n.role != isLeader || m.Term < n.term || i < 0 {
		return
	}
	f := &n.followers[i]
	f.heard = n.env.Elapsed()
	if m.Accepted {
		f.accepted(m.Match)
		n.countReplicas()
	} else {
		f.refused(m.Refused, n.log.backOff(m))
	}
	if f.inFlight == 0 && f.next <= n.log.last() {
		n.sendAppend(i, n.cfg.MaxBatch, nil)
	}
	if m.Round > f.round {
		f.round = m.Round
		n.advanceReads()
	}
}

func (n *Node) followerOf(id sim.NodeID) int {
	for i, peer := range n.peers {
		if peer == id {
			return i
		}
	}
	return -1
}

func (f *follower) accepted(match Index) {
	f.match = max(f.match, match)
	f.next = max(f.next, f.match+1)
	if f.inFlight <= f.match {
		f.inFlight = 0
	}
}

// refused steps back to where the logs may still agree. An old refusal, of
// another position than the one now tried, says nothing.
func (f *follower) refused(prev, retry Index) {
	if prev != f.next-1 || prev <= f.match {
		return
	}
	f.next = max(f.match+1, min(retry, prev))
	f.inFlight = 0
}
