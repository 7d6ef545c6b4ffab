package naive

import (
	"fmt"
	"time"

	"distsim/nodes/lock/invariant"
)

// Lease numbers a lease of the store: its incarnation and a count. Keys that are put
// under a lease go with it.
type Lease uint64

// Open asks for a lease.
type Open struct{ TTL time.Duration }

// Opened answers an Open. The lease has begun when the store said so: after it was asked.
type Opened struct{ Lease Lease }

// KeepAlive lets a lease begin anew.
type KeepAlive struct{ Lease Lease }

// Revoke ends a lease, and removes the keys that were put under it last.
type Revoke struct{ Lease Lease }

// Alive answers KeepAlive and Revoke: whether the lease had not ended before.
type Alive struct{ Alive bool }

// Put stores a value under a lease, as a user's try to take a lock.
type Put struct {
	Key, Value string
	Lease      Lease
	IfAbsent   bool // only if there is no such key
}

// Previous answers a Put: what was there before. A Put under a lease that has ended
// stores nothing and is answered Refused.
type Previous struct {
	Value   string
	Existed bool
	Refused bool
}

// Get asks for a value.
type Get struct{ Key string }

// Found answers a Get.
type Found struct {
	Value   string
	Existed bool
}

// Delete removes a key.
type Delete struct {
	Key   string
	If    string // only if this is its value; "": whatever it is
	Lease Lease  // of the user who asks; the store does not look at it, but tells of it
}

// Deleted answers a Delete.
type Deleted struct{ Existed bool }

// Summary describes the request in a transcript.
func (m *Open) Summary() string { return fmt.Sprintf("lease for %v?", m.TTL) }

// Summary describes the answer in a transcript.
func (m *Opened) Summary() string { return "lease " + m.Lease.String() }

// Summary describes the request in a transcript.
func (m *KeepAlive) Summary() string { return "keep lease " + m.Lease.String() + " alive" }

// Summary describes the request in a transcript.
func (m *Revoke) Summary() string { return "revoke lease " + m.Lease.String() }

// Summary describes the answer in a transcript.
func (m *Alive) Summary() string {
	if m.Alive {
		return "done"
	}
	return "that lease has ended"
}

// Summary describes the request in a transcript.
func (m *Put) Summary() string {
	s := fmt.Sprintf("put %s = %s, lease %v", m.Key, m.Value, m.Lease)
	if m.IfAbsent {
		s += ", if absent"
	}
	return s
}

// Summary describes the answer in a transcript.
func (m *Previous) Summary() string {
	switch {
	case m.Refused:
		return "that lease has ended"
	case m.Existed:
		return "before it was " + m.Value
	default:
		return "there was none before"
	}
}

// Summary describes the request in a transcript.
func (m *Get) Summary() string { return "get " + m.Key }

// Summary describes the answer in a transcript.
func (m *Found) Summary() string {
	if !m.Existed {
		return "none"
	}
	return "it is " + m.Value
}

// Summary describes the request in a transcript.
func (m *Delete) Summary() string {
	if m.If == "" {
		return "delete " + m.Key
	}
	return fmt.Sprintf("delete %s if it is %s", m.Key, m.If)
}

// Summary describes the answer in a transcript.
func (m *Deleted) Summary() string {
	if m.Existed {
		return "deleted"
	}
	return "nothing deleted"
}

// String prints the count alone in the first incarnation: 7, later 2.7.
func (l Lease) String() string {
	if inc := l >> 32; inc > 1 {
		return fmt.Sprintf("%d.%d", uint64(inc), uint32(l))
	}
	return fmt.Sprint(uint32(l))
}

// nobody owns a lock that is free.
var nobody invariant.Owner
