package resource

import (
	"fmt"

	"distsim/nodes/lock/invariant"
)

// Write replaces the value that belongs to a lock. Process and N tell whose it is and
// which; every attempt has the same.
type Write struct {
	Process int
	N       uint64 // from 1, growing
	Lock    string
	Token   uint64
	Value   string
}

// Written answers a Write.
type Written struct {
	Accepted bool
	Highest  uint64               // the largest token of the lock that was accepted so far
	write    invariant.Acceptance // the one that was accepted, or that it was refused because of
}

// Read asks for the value that belongs to a lock.
type Read struct{ Lock string }

// Value answers a Read.
type Value struct {
	Value string
	Token uint64 // that it was written under; 0: never
	write invariant.Acceptance
}

// AcceptedWrite tells the invariants which write this is the answer to, or which one
// stood in the way.
func (m *Written) AcceptedWrite() (invariant.Acceptance, bool) { return m.write, true }

// AcceptedWrite tells the invariants which write a reader hears of.
func (m *Value) AcceptedWrite() (invariant.Acceptance, bool) { return m.write, m.write.Lock != "" }

// Summary describes the request in a transcript.
func (m *Write) Summary() string { return fmt.Sprintf("%s = %q, token %d", m.Lock, m.Value, m.Token) }

// Summary describes the answer in a transcript.
func (m *Written) Summary() string {
	if m.Accepted {
		return "accepted"
	}
	return fmt.Sprintf("refused: token %d was here", m.Highest)
}

// Summary describes the request in a transcript.
func (m *Read) Summary() string { return m.Lock }

// Summary describes the answer in a transcript.
func (m *Value) Summary() string { return fmt.Sprintf("%q, token %d", m.Value, m.Token) }
