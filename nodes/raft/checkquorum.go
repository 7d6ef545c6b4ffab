package raft

// A leader that nobody answers can commit nothing, and its clients should turn
// to another. With Config.CheckQuorum it steps down (dissertation §6.2), and the
// voters of a leader that is heard do not let a candidate unseat it (§4.2.3).

// isAlone reports whether no quorum has answered this leader for an election
// timeout.
func (n *Node) isAlone() bool {
	since, answering := n.env.Elapsed()-n.patience, 1
	for i := range n.followers {
		if n.followers[i].heard >= since {
			answering++
		}
	}
	return !n.decide(answering)
}

// stepDown ends this node's reign within its term, in which it has voted for
// itself and cannot lead again.
func (n *Node) stepDown() {
	n.leader = 0
	n.unseat()
}

// hearsLeader reports whether this node leads, or has heard from its leader so
// recently that nobody's election timeout can have passed since.
func (n *Node) hearsLeader() bool {
	if n.role == isLeader {
		return true
	}
	return n.leader != 0 && n.env.Elapsed()-n.heard < n.cfg.ElectionTimeout.Min()
}

// ignores reports whether a message of a later term must not unseat the leader
// that this node hears from. That is only so for requests of votes. A node whose
// term has run ahead while it was cut off wins no election then, and it cannot
// follow either: it has to refuse the leader's Append. That refusal is not
// ignored, whoever leads steps down, and the next election includes both (the
// same in etcd's raft, for messages "from a leader at a lower term").
func (n *Node) ignores(m termed) bool {
	_, asks := m.(*VoteRequest)
	return asks && n.cfg.CheckQuorum && n.hearsLeader()
}
