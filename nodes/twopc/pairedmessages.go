package twopc

import (
	"fmt"
	"strings"
)

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

// Replicate is some changes of the owner's table, which it numbers in its epoch from 1:
// all that the receiver has not confirmed.
type Replicate struct {
	Epoch   uint64
	First   uint64 // the number of the first of them
	changes []change
}

// change is a decision, or its end.
type change struct {
	decision *decision
	ended    Tx
}

// last is the number of the last change.
func (m *Replicate) last() uint64 { return m.First + uint64(len(m.changes)) - 1 }

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

// Summary describes the changes in a transcript.
func (m *Replicate) Summary() string {
	var all []string
	for _, x := range m.changes {
		if x.decision == nil {
			all = append(all, x.ended.String()+" has ended")
		} else {
			all = append(all, "commit "+x.decision.tx.String())
		}
	}
	return fmt.Sprintf("changes of epoch %d from %d on: %s", m.Epoch, m.First, strings.Join(all, ", "))
}

// Summary describes the acknowledgement in a transcript.
func (m *Replicated) Summary() string {
	return fmt.Sprintf("saved up to change %d of epoch %d", m.Number, m.Epoch)
}
