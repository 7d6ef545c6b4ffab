package raft

import (
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// What one save writes is a frame of the write-ahead log (package wal). It holds
// records, each a kind and numbers (package record):
//
//	state  term, vote
//	entry  term, index, length + 1, command; length + 1 is 0 for no command
//
// An entry takes the place of any at its index and after it.
const (
	stateRecord = 1
	entryRecord = 2
)

// saved is one record of a payload: a state, or an entry when Index is not 0.
type saved struct {
	Entry
	vote sim.NodeID
}

func appendState(b []byte, term Term, vote sim.NodeID) []byte {
	b = append(b, stateRecord)
	b = record.AppendUint(b, uint64(term))
	return record.AppendUint(b, uint64(vote))
}

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, entryRecord)
	b = record.AppendUint(b, uint64(e.Term))
	b = record.AppendUint(b, uint64(e.Index))
	if e.Command == nil {
		return record.AppendUint(b, 0)
	}
	b = record.AppendUint(b, uint64(len(e.Command))+1)
	return append(b, e.Command...)
}

// readSaved takes one record off a payload; the command is part of it. ok is
// false when the bytes are no record.
func readSaved(d *record.Decoder) (r saved, ok bool) {
	switch d.Uint() {
	case stateRecord:
		r.Term, r.vote = Term(d.Uint()), sim.NodeID(d.Uint())
	case entryRecord:
		r.Term, r.Index = Term(d.Uint()), Index(d.Uint())
		if size := d.Uint(); size > 0 {
			r.Command = d.Take(size - 1)
		}
	default:
		return r, false
	}
	return r, d.Good()
}
