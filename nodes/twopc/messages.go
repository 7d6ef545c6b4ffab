package twopc

import (
	"fmt"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Tx names one attempt to run a transaction. Its epoch is that of the
// coordinator that runs it: whoever coordinates later knows that the attempt is
// decided or dead.
type Tx = bank.Tx

// Begin asks a coordinator to run a transaction: the client's operation N, in its
// Try-th attempt. Asking again with the same three numbers never runs it twice.
type Begin struct {
	Process, N, Try int
	Epoch           uint64 // that the coordinator is believed to be in; 0: unknown
	Transaction     ops.Transaction
}

// Outcome answers Begin.
type Outcome struct {
	Status      Status
	Settlement  ops.Settlement // Done
	Coordinator sim.NodeID     // Elsewhere, InDoubt: who may coordinate, 0: unknown
	Epoch       uint64         // and in which epoch, 0: unknown
}

// Status says what became of a request.
type Status uint8

const (
	Done      Status = iota + 1 // decided on its merits: committed, or an account held too little
	Undone                      // for a conflict or a timeout; it has no effect, and a new try is welcome
	Elsewhere                   // this copy of it is not run: not here, or not in this epoch
	InDoubt                     // begun here by a coordinator that was replaced meanwhile
)

// String names the status.
func (s Status) String() string {
	return [...]string{"", "done", "aborted", "elsewhere", "in doubt"}[s]
}

// Prepare asks a participant to lock, check and save its part of a transaction,
// and to vote on the whole.
type Prepare struct {
	Tx           Tx
	Legs         []ops.Leg    // of the participant's accounts
	Participants []sim.NodeID // all of them, for the one that is left in doubt
}

// Vote answers Prepare. Yes is a promise: the participant can commit, whatever
// happens, and will not abort by itself. No is final.
type Vote struct {
	Tx       Tx
	Yes      bool
	Balances []int64 // yes: of the legs' accounts, after the transaction
	Short    string  // no: the account that holds too little, "" for another reason
}

// Commit and Abort carry the decision, which is durable.
type (
	Commit struct{ Tx Tx }
	Abort  struct{ Tx Tx }
)

// Ack says that a commit is on the participant's disk: it will not ask again.
// (Nobody acknowledges an abort: who knows nothing presumes it.)
type Ack struct{ Tx Tx }

// Inquiry asks what became of a transaction that the sender has voted for. It
// goes to coordinators and, with cooperative termination, to other participants.
type Inquiry struct{ Tx Tx }

// Answer is what a participant knows of a transaction.
type Answer struct {
	Tx      Tx
	Verdict Verdict
}

// Verdict is what somebody knows of a transaction.
type Verdict uint8

const (
	Uncertain     Verdict = iota // voted yes, and in doubt as well
	KnowCommitted                // committed here
	KnowAborted                  // aborted here, or not voted for, and now it never will be
)

// String names the verdict.
func (v Verdict) String() string { return [...]string{"uncertain", "committed", "aborted"}[v] }

// Wound asks a coordinator to abort a transaction, if it can, because it holds
// locks that an older one waits for.
type Wound struct{ Tx Tx }

// Fenced tells a coordinator that somebody coordinates in a later epoch.
type Fenced struct{ Epoch uint64 }

// Batch is several messages in one.
type Batch struct{ Messages []sim.Message }

// durable is the notice to oneself that the log is on disk up to a place.
type durable struct{ End int }

// retryDue is the timer at which whoever waits for an answer asks again;
// batchDue that at which a batch that is not full leaves.
type (
	retryDue struct{}
	batchDue struct{}
)

// Summary describes the request in a transcript.
func (m *Begin) Summary() string {
	return fmt.Sprintf("run %v as %v", m.Transaction, Tx{Process: m.Process, N: m.N, Try: m.Try, Epoch: m.Epoch})
}

// Summary describes the answer in a transcript.
func (m *Outcome) Summary() string {
	switch m.Status {
	case Done:
		return m.Settlement.String()
	case Elsewhere, InDoubt:
		if m.Coordinator != 0 {
			return fmt.Sprintf("%v, ask %v in epoch %d", m.Status, m.Coordinator, m.Epoch)
		}
	}
	return m.Status.String()
}

// Summary describes the question in a transcript.
func (m *Prepare) Summary() string {
	return fmt.Sprintf("prepare %v: %v", m.Tx, ops.Transaction{Legs: m.Legs})
}

// Summary describes the vote in a transcript.
func (m *Vote) Summary() string {
	switch {
	case m.Yes:
		return fmt.Sprintf("yes to %v, saved", m.Tx)
	case m.Short != "":
		return fmt.Sprintf("no to %v: %s holds too little", m.Tx, m.Short)
	default:
		return fmt.Sprintf("no to %v", m.Tx)
	}
}

// Summary describes the decision in a transcript.
func (m *Commit) Summary() string { return fmt.Sprintf("commit %v", m.Tx) }

// Summary describes the decision in a transcript.
func (m *Abort) Summary() string { return fmt.Sprintf("abort %v", m.Tx) }

// Summary describes the acknowledgement in a transcript.
func (m *Ack) Summary() string { return fmt.Sprintf("committed %v", m.Tx) }

// Summary describes the question in a transcript.
func (m *Inquiry) Summary() string { return fmt.Sprintf("what became of %v?", m.Tx) }

// Summary describes the answer in a transcript.
func (m *Answer) Summary() string { return fmt.Sprintf("%v: %v", m.Tx, m.Verdict) }

// Summary describes the request in a transcript.
func (m *Wound) Summary() string { return fmt.Sprintf("abort %v, an older one waits", m.Tx) }

// Summary describes the refusal in a transcript.
func (m *Fenced) Summary() string { return fmt.Sprintf("replaced, epoch %d is in force", m.Epoch) }

// Summary describes the batch in a transcript.
func (m *Batch) Summary() string { return fmt.Sprintf("%d messages", len(m.Messages)) }
