package threepc

import (
	"fmt"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Request asks the coordinator for a transaction.
type Request struct {
	Process, N int // the client's operation
	Try        int // its attempt, from 1: another one follows a definite abort
	Op         ops.Transaction
}

// Reply answers a Request, when the transaction is decided.
type Reply struct {
	Settlement ops.Settlement
	Aborted    string // why it was aborted, for no reason of the bank's; "": Settlement is the answer
}

// Between coordinator and participants, phase by phase. Who coordinates is n1, or a
// backup.
type (
	// CanCommit asks a participant whether it can do its part.
	CanCommit struct {
		Tx      bank.Tx
		Legs    []ops.Leg    // of the accounts it keeps
		Members []sim.NodeID // all participants of the transaction, ascending
	}

	// Vote answers CanCommit. After a yes the participant is prepared and has given the
	// decision away; after a no it has aborted.
	Vote struct {
		Tx       bank.Tx
		Yes      bool
		Balances []int64 // after its legs
		Short    string  // no: the account that has too little
	}

	// PreCommit says that all have voted yes and nothing but death can prevent the commit.
	PreCommit struct{ Tx bank.Tx }

	// Ack acknowledges PreCommit.
	Ack struct{ Tx bank.Tx }

	// DoCommit is the decision to commit.
	DoCommit struct{ Tx bank.Tx }

	// DoAbort is the decision to abort.
	DoAbort struct{ Tx bank.Tx }

	// Wound asks the coordinator to abort a transaction that is in the way of an older one.
	Wound struct{ Tx, By bank.Tx }
)

// When the coordinator is dead.
type (
	// Elect asks a participant to be the backup coordinator.
	Elect struct {
		Tx      bank.Tx
		Members []sim.NodeID
	}

	// StateRequest is a backup's question how far a participant has come.
	StateRequest struct {
		Tx      bank.Tx
		Members []sim.NodeID
	}

	// StateReply answers it.
	StateReply struct {
		Tx    bank.Tx
		State State
	}
)

// due is the timer of the next message about a transaction.
type due struct{ tx bank.Tx }

// PushedBy lists what a participant waits for.
func (due) PushedBy() []sim.Message {
	return []sim.Message{&PreCommit{}, &DoCommit{}, &DoAbort{}, &StateRequest{}}
}

// Summary describes the transaction in a transcript.
func (m *Request) Summary() string {
	return fmt.Sprintf("%v %v", bank.Tx{Process: m.Process, N: m.N, Try: m.Try}, m.Op)
}

// Summary describes the answer in a transcript.
func (m *Reply) Summary() string {
	if m.Aborted != "" {
		return "aborted: " + m.Aborted
	}
	return m.Settlement.String()
}

// Summary describes the question in a transcript.
func (m *CanCommit) Summary() string { return fmt.Sprintf("%v %v", m.Tx, m.Legs) }

// Summary describes the vote in a transcript.
func (m *Vote) Summary() string {
	if !m.Yes {
		return fmt.Sprintf("%v no, short of %s", m.Tx, m.Short)
	}
	return fmt.Sprintf("%v yes %v", m.Tx, m.Balances)
}

// Summary names the transaction in a transcript.
func (m *PreCommit) Summary() string { return m.Tx.String() }

// Summary names the transaction in a transcript.
func (m *Ack) Summary() string { return m.Tx.String() }

// Summary names the transaction in a transcript.
func (m *DoCommit) Summary() string { return m.Tx.String() }

// Summary names the transaction in a transcript.
func (m *DoAbort) Summary() string { return m.Tx.String() }

// Summary names victim and offender in a transcript.
func (m *Wound) Summary() string { return fmt.Sprintf("%v by %v", m.Tx, m.By) }

// Summary names the transaction in a transcript.
func (m *Elect) Summary() string { return m.Tx.String() }

// Summary names the transaction in a transcript.
func (m *StateRequest) Summary() string { return m.Tx.String() }

// Summary describes the state in a transcript.
func (m *StateReply) Summary() string { return fmt.Sprintf("%v %v", m.Tx, m.State) }
