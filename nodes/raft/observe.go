package raft

import (
	"distsim/nodes/raft/invariant"
	"distsim/nodes/wal"
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// Invariants are the properties that must hold for the Raft group in a part of
// every server ("" for servers that are Raft nodes themselves). Pass them to
// one world only.
func Invariants(part string) []sim.Invariant {
	return invariant.All(invariant.Group{Part: part, Disk: func() invariant.Disk { return &diskReader{} }})
}

// Group is this node as the invariants see it, for servers that are Raft nodes
// themselves.
func (n *Node) Group(string) invariant.Node { return (*Observed)(n) }

// Observed is a node's read-only side, for invariants.
type Observed Node

// Observe fills in what changes from step to step.
func (o *Observed) Observe(s *invariant.State) {
	s.Term, s.Vote, s.Leads = uint64(o.term), o.vote, o.role == isLeader
	s.Last, s.Commit, s.Applied = uint64(o.log.last()), uint64(o.commit), uint64(o.applied)
	s.Cuts, s.CutAt = o.log.cuts, uint64(o.log.cutAt)
	s.Asked, s.Served, s.ReadIndex = o.reads.asked, o.reads.told, uint64(o.reads.toldAt)
	s.Matched = 0
	if s.Leads {
		s.Matched = uint64(o.durable)
		for i := range o.followers {
			s.Matched += uint64(o.followers[i].match)
		}
	}
}

// Voters are the members of the group.
func (o *Observed) Voters() []sim.NodeID { return o.cfg.Peers }

// Entry is the term and the command of an entry of the log.
func (o *Observed) Entry(i uint64) (term uint64, command []byte) {
	e := o.log.at(Index(i))
	return uint64(e.Term), e.Command
}

// StateHash is the state machine's hash after entry i was applied.
func (o *Observed) StateHash(i uint64) uint64 { return o.digests[i-1] }

// Match is how much of a voter's log the leader believes to be on that voter's
// disk and equal to its own.
func (o *Observed) Match(id sim.NodeID) uint64 {
	if id == o.self {
		return uint64(o.durable)
	}
	for i, peer := range o.peers {
		if peer == id {
			return uint64(o.followers[i].match)
		}
	}
	return 0
}

// diskReader reads the records of a node's file in order, as they become durable.
type diskReader struct {
	frames wal.Reader
	rest   record.Decoder // of the frame at hand
}

// Next is the next durable record, if there is one.
func (d *diskReader) Next(file []byte) (r invariant.Record, ok bool) {
	for !d.rest.More() {
		payload, ok := d.frames.Next(file)
		if !ok {
			return r, false
		}
		d.rest = record.Decode(payload)
	}
	rec, ok := readSaved(&d.rest)
	if !ok {
		return r, false
	}
	return invariant.Record{Index: uint64(rec.Index), Term: uint64(rec.Term), Vote: rec.vote, Command: rec.Command}, true
}
