package invariant

import "distsim/sim"

// Process is a machine that uses locks, as the invariants see it. Whoever is granted a
// lock must be one where one-holder is judged: of others, such as a client made by sim.Go,
// it would hold whatever happens.
type Process interface {
	// Section says which critical section the process is in, if it is in one: it was
	// granted the lock, found its lease still running on its own clock when it entered,
	// and has not left since, be it because it was done or because it saw the lease end. A
	// paused process stays where it is.
	Section() (s Section, in bool)
}

// Section is a critical section.
type Section struct {
	Lock  string
	Token uint64 // that it was entered under; 0: such locks have none
}

// Keeper is a server that keeps locks. It tells of each command that it has carried
// out, and of each lease that it has ended. A grant under a token it tells of once that
// cannot be forgotten any more: no other may be granted the lock under the same one.
type Keeper interface {
	// Deeds counts what it has done in this incarnation, what it has repeated from its
	// disk included.
	Deeds() uint64
	// Deed is the i-th of them, from 1; all are kept that one event can bring about.
	Deed(i uint64) Deed
	// Alive reports whether it holds that an owner's lease has not ended; where each lock
	// has a lease of its own, any of the owner's. It is asked when an event is over.
	Alive(o Owner) bool
}

// Deed is one thing done to one lock.
type Deed struct {
	Kind   Kind
	Lock   string
	By     Owner // who asked; zero for a Lapse
	Before State
	After  State
	Queue  []Owner // who waited for the lock before, first come first; not to be kept
}

// Kind is what a deed was.
type Kind uint8

const (
	Grant   Kind = iota + 1 // somebody asked for the lock and was given it, or waited and now is
	Refuse                  // somebody asked for something and was refused it, or asked to wait
	Release                 // somebody gave the lock back
	Lapse                   // the owner's lease ended, by the keeper's clock
	Write                   // the owner changed the value kept with the lock
)

var kinds = [...]string{"", "grant", "refusal", "release", "lapse", "write"}

// String names the kind in lower case.
func (k Kind) String() string { return kinds[k] }

// State is a lock at a keeper.
type State struct {
	Owner Owner  // zero: free
	Token uint64 // the one granted last; 0: none, or such locks have none
	Ends  int64  // when its lease ends on the keeper's clock, in nanoseconds; 0: it is its owner's, not the lock's
	Value string // kept with the lock
}

// Owner is who holds a lock or waits for one: one incarnation of a user.
type Owner struct {
	Client  sim.NodeID
	Session uint64 // tells the client's incarnations and sessions apart
}

// Resource is a server that holders write to. It tells of each write that it has
// accepted, in the order in which it has: first those that it found on its disk when it
// started. A write that is sent again, and not carried out again, is told of once.
type Resource interface {
	Accepted() uint64 // in this incarnation
	Acceptance(i uint64) Acceptance
}

// Acceptance is a write that a resource has accepted.
type Acceptance struct {
	Lock      string
	Token     uint64
	By        sim.NodeID
	Recovered bool // found on the disk
}

// AcceptedWrite is an answer by which a resource tells that it has accepted a write: its
// writer, a reader, or somebody who is refused because of it. Of several it tells of
// the one with the largest token.
type AcceptedWrite interface {
	AcceptedWrite() (a Acceptance, ok bool)
}
