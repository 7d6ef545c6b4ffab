package raft

import "distsim/sim"

// View shows the node's state as the field names it.
func (n *Node) View(v *sim.View) {
	v.Text("role", n.role.String())
	v.Int("term", int64(n.term))
	v.Node("vote", n.vote)
	v.Node("leader", n.leader)
	v.Int("commit", int64(n.commit))
	v.Int("applied", int64(n.applied))
	v.Int("log.last", int64(n.log.last()))
	v.Int("log.lastTerm", int64(n.log.lastTerm()))
	v.Int("read.index", int64(n.reads.underWay()))
}

var roleNames = [...]string{"follower", "candidate", "leader", "pre-candidate"}

func (r role) String() string { return roleNames[r] }
