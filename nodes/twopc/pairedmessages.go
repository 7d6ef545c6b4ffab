package twopc

import "fmt"

// What the two coordinators say to each other, and to participants about epochs.

// Claim asks a participant for an epoch, and the other coordinator to waive those
// before it.
type Claim struct {
	Epoch  uint64
	Base   uint64 // the claimant has all decisions of epochs up to here,
	Waived uint64 // and up to here there was none that the other has begun, or ever will
}

// Granted is a participant's consent; Fenced refuses.
type Granted struct{ Epoch uint64 }

// Waived is the other's consent: it has begun no epoch after the claimant's base and
// before this one, and never will.
type Waived struct{ Epoch uint64 }

// Beat is an owner's sign of life.
type Beat struct{ Epoch uint64 }

// Join answers the Beat of an owner that the sender has not joined.
type Join struct{ Epoch uint64 }

// Decisions is an owner's table, for the other that joins.
type Decisions struct {
	Epoch  uint64
	Number uint64 // of the latest change in it
	open   []*decision
	latest []*decision
}

// Replicate is a change of the owner's table: a decision, or its end.
type Replicate struct {
	Epoch    uint64
	Number   uint64 // counted in the epoch, from 1
	decision *decision
	ended    Tx
}

// Replicated says that all changes up to a number are on disk, and that the sender
// has joined.
type Replicated struct{ Epoch, Number uint64 }

// Summary describes the claim in a transcript.
func (m *Claim) Summary() string {
	return fmt.Sprintf("let me have epoch %d, I know all decisions up to %d", m.Epoch, max(m.Base, m.Waived))
}

// Summary describes the consent in a transcript.
func (m *Granted) Summary() string { return fmt.Sprintf("epoch %d is yours", m.Epoch) }

// Summary describes the consent in a transcript.
func (m *Waived) Summary() string { return fmt.Sprintf("I will begin no epoch before %d", m.Epoch) }

// Summary describes the sign of life in a transcript.
func (m *Beat) Summary() string { return fmt.Sprintf("I coordinate in epoch %d", m.Epoch) }

// Summary describes the request in a transcript.
func (m *Join) Summary() string { return fmt.Sprintf("let me join epoch %d", m.Epoch) }

// Summary describes the table in a transcript.
func (m *Decisions) Summary() string {
	return fmt.Sprintf("all decisions up to change %d of epoch %d, %d of them open", m.Number, m.Epoch, len(m.open))
}

// Summary describes the change in a transcript.
func (m *Replicate) Summary() string {
	if m.decision == nil {
		return fmt.Sprintf("change %d of epoch %d: %v has ended", m.Number, m.Epoch, m.ended)
	}
	return fmt.Sprintf("change %d of epoch %d: commit %v", m.Number, m.Epoch, m.decision.tx)
}

// Summary describes the acknowledgement in a transcript.
func (m *Replicated) Summary() string {
	return fmt.Sprintf("saved up to change %d of epoch %d", m.Number, m.Epoch)
}
