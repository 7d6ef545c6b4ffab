package raft

import (
	"slices"

	"distsim/sim"
)

// onElectionDue: no leader was heard from in time, or an election came to
// nothing (§5.2).
func (n *Node) onElectionDue() {
	if n.cfg.PreVote {
		n.canvass()
	} else {
		n.campaign()
	}
}

// campaign enters a new term and asks for votes in it.
func (n *Node) campaign() {
	n.role, n.leader = isCandidate, 0
	n.term++
	n.vote, n.votes = n.self, n.votes[:0]
	n.waitForLeader()
	n.save() // its notice counts the own vote
	n.toPeers(&VoteRequest{Term: n.term, LastIndex: n.log.last(), LastTerm: n.log.lastTerm()})
}

// onVoteRequest grants at most one vote per term, and only to a candidate whose
// log holds everything committed (§5.2, §5.4.1).
func (n *Node) onVoteRequest(from sim.NodeID, m *VoteRequest) {
	free := n.vote == 0 || n.vote == from
	granted := m.Term == n.term && free && !n.log.newerThan(m.LastTerm, m.LastIndex)
	if granted {
		n.vote, n.role = from, isFollower
		n.env.Arm(electionDue{}, n.patience)
	}
	n.save()
	n.env.Send(from, &VoteReply{Term: n.term, Granted: granted})
}

func (n *Node) onVoteReply(from sim.NodeID, m *VoteReply) {
	if m.Granted && m.Term == n.term && n.role == isCandidate {
		n.countVote(from)
	}
}

// countVote adds a vote of the current term and leads on a majority.
func (n *Node) countVote(from sim.NodeID) {
	if n.majoritySaysYes(from) {
		n.lead()
	}
}

// majoritySaysYes notes a yes and reports whether that makes enough of them.
func (n *Node) majoritySaysYes(from sim.NodeID) bool {
	if !slices.Contains(n.votes, from) {
		n.votes = append(n.votes, from)
	}
	return n.decide(len(n.votes))
}

// decide reports whether so many nodes, this one included, are a majority.
func (n *Node) decide(count int) bool { return count >= n.cfg.Quorum(len(n.cfg.Peers)) }

// lead begins a reign: it announces itself with an entry of its own term, so
// that the entries before it can commit too (§5.4.2, §8).
func (n *Node) lead() {
	n.role, n.leader = isLeader, n.self
	n.durable = 0
	n.followers = n.followers[:0]
	for range n.peers {
		n.followers = append(n.followers, follower{next: n.log.last() + 1, heard: n.env.Elapsed()})
	}
	n.env.Cancel(electionDue{})
	n.env.Arm(heartbeatDue{}, n.cfg.HeartbeatEvery)
	n.extend(nil)
	if n.elect != nil {
		n.elect.Elected()
	}
}

// abdicate ends a reign: a later term has begun, or nobody answers any more.
func (n *Node) abdicate() {
	n.env.Cancel(heartbeatDue{})
	n.waitForLeader()
	n.reads.drop()
	if n.owner != nil {
		n.owner.Deposed()
	}
}

func (n *Node) toPeers(m any) {
	for _, id := range n.peers {
		n.env.Send(id, m)
	}
}
