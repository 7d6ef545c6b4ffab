package raft

import "distsim/sim"

// A node that was cut off campaigns again and again; each time its term grows,
// and when it is back that term unseats a leader with whom nothing was wrong.
// With Config.PreVote it asks first, in its old term, whether it would be elected
// (dissertation §9.6). The answer promises nothing and touches no disk.

// canvass asks everyone for the next term's vote, in case of an election.
func (n *Node) canvass() {
	n.role, n.leader = isPreCandidate, 0
	n.votes = n.votes[:0]
	n.waitForLeader()
	n.toPeers(&PreVoteRequest{Next: n.term + 1, LastIndex: n.log.last(), LastTerm: n.log.lastTerm()})
	n.countPreVote(n.self)
}

// onPreVoteRequest answers as this node would answer the real request, and never
// in favour while it hears from a leader: then there is nothing to elect. A
// sender of an earlier term is answered too. It may have the only log that can
// win, and would never learn of the term it must outbid
// (etcd-io/etcd#8501: such nodes waited for each other for ever).
func (n *Node) onPreVoteRequest(from sim.NodeID, m *PreVoteRequest) {
	granted := m.Next > n.term && !n.hearsLeader() && !n.log.newerThan(m.LastTerm, m.LastIndex)
	n.env.Send(from, &PreVoteReply{Term: n.term, Next: m.Next, Granted: granted})
}

func (n *Node) onPreVoteReply(from sim.NodeID, m *PreVoteReply) {
	if m.Granted && m.Next == n.term+1 && n.role == isPreCandidate {
		n.countPreVote(from)
	}
}

// countPreVote campaigns once a majority would vote for this node.
func (n *Node) countPreVote(from sim.NodeID) {
	if n.majoritySaysYes(from) {
		n.campaign()
	}
}
