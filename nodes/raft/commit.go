package raft

import "distsim/nodes/raft/quorum"

// onDurable: what this node had written when it sent the notice is on its disk.
// Only now does it count itself.
func (n *Node) onDurable(m durable) {
	n.disk.wal.Marked(m.End)
	if m.Term != n.term {
		return
	}
	switch n.role {
	case isCandidate:
		n.countVote(n.self)
	case isLeader:
		n.durable = max(n.durable, m.Last)
		n.countReplicas()
	}
}

// countReplicas commits what a majority has on disk. §5.4.2: only entries of
// the leader's own term commit by counting; the earlier ones commit with them.
func (n *Node) countReplicas() {
	n.positions = append(n.positions[:0], n.durable)
	for i := range n.followers {
		n.positions = append(n.positions, n.followers[i].match)
	}
	reached := quorum.ReachedBy(n.cfg.Quorum(len(n.positions)), n.positions)
	if n.log.term(reached) == n.term {
		n.commitTo(reached)
	}
}

// commitTo learns that the log is committed up to an index, and applies it.
func (n *Node) commitTo(to Index) {
	n.commit = max(n.commit, to)
	for n.applied < n.commit {
		n.applied++
		n.apply(n.log.at(n.applied))
	}
	if n.reads.wait() {
		n.advanceReads()
	}
}

func (n *Node) apply(e *Entry) {
	if e.Command == nil {
		n.digests = append(n.digests, n.machine.Hash())
		return
	}
	result := n.machine.Apply(e.Index, e.Command)
	n.digests = append(n.digests, n.machine.Hash())
	if n.owner != nil {
		n.owner.Applied(e, result)
	}
}
