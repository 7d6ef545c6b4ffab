package invariant

import (
	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// State is what has become of a transaction at a machine.
type State uint8

const (
	Waiting      State = iota + 1 // a coordinator has asked for votes; a participant has been asked
	Voted                         // a coordinator has heard a yes
	Deciding                      // a coordinator has heard yes from all
	Prepared                      // a participant has promised to commit, or to abort, as it will be told
	PreCommitted                  // three-phase: who knows that all have promised
	Committed
	Aborted
	Ended // a coordinator knows that all have committed
)

// String names the state.
func (s State) String() string {
	return [...]string{"", "waiting", "voted", "deciding", "prepared", "precommitted", "committed", "aborted", "ended"}[s]
}

// Change is a transaction that has come to a state.
type Change struct {
	Tx    bank.Tx
	State State
	Of    []sim.NodeID // Deciding, Prepared and PreCommitted: all participants
	By    sim.NodeID   // Voted: whose vote
}

// Node is the read-only side of a machine.
type Node interface {
	// Changes lists what became of transactions here in this incarnation, oldest
	// first; it only grows. A machine that starts again begins with those of its
	// disk that are prepared.
	Changes() []Change
}

// Locker is a participant whose locks can be looked at.
type Locker interface {
	Node
	Held() []bank.Lock
}

// Speaker is a message that binds its sender.
type Speaker interface {
	// Says tells what its sender promises or states as its own: Prepared for a yes,
	// PreCommitted for that phase, Committed for a decision or an acknowledgement,
	// Aborted for a no that is final. What need not be durable, it leaves out.
	Says(hear func(tx bank.Tx, state State))
}

// Disk reads, in order, what is on a machine's disk. Each machine has its own.
type Disk interface {
	// Next is the next durable record of the file that this Disk has not returned
	// yet: Prepared, Committed or Aborted. Records of other things it skips.
	Next(file []byte) (Change, bool)
}
