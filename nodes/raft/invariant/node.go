package invariant

import "distsim/sim"

// Host is a server that has a Raft node in one of its parts. It returns nil
// while there is none.
type Host interface{ Group(part string) Node }

// Node is the read-only side of a Raft node. Indexes and terms count from 1.
type Node interface {
	Observe(s *State)
	Voters() []sim.NodeID
	Entry(i uint64) (term uint64, command []byte) // of the log, 1 ≤ i ≤ Last
	StateHash(i uint64) uint64                    // of the state machine after applying i, for i ≤ Applied
	Match(voter sim.NodeID) uint64                // while it leads: what it believes voter has on disk, itself included
}

// State is what changes from step to step. While two States of one incarnation
// are equal, the log, what was applied and what the leader believes are too.
type State struct {
	Term    uint64
	Vote    sim.NodeID
	Leads   bool
	Last    uint64 // the log's end
	Commit  uint64
	Applied uint64
	Cuts    uint64 // how often entries were removed from the log's end, at most once a step
	CutAt   uint64 // the first entry that was removed last
	Matched uint64 // while it leads: the sum of Match over all voters

	// Reads that do not go through the log, numbered from 1 in an incarnation;
	// all 0 for nodes that have none.
	Asked     uint64 // the last one that was asked for
	Served    uint64 // the last one that was served; some before it may never be
	ReadIndex uint64 // what had to be applied before that one was
}

// Disk reads, in order, the records that are on a node's disk. Each node has
// its own; it may be down.
type Disk interface {
	// Next is the next record of the durable content of the node's file that
	// this Disk has not returned yet.
	Next(file []byte) (Record, bool)
}

// Record is a term and vote, or an entry, which takes the place of those from
// its index on.
type Record struct {
	Index   uint64 // 0: a term and vote
	Term    uint64
	Vote    sim.NodeID
	Command []byte
}
