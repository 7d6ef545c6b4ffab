package bank

import (
	"cmp"
	"strconv"
)

// Tx names one attempt of a transaction.
type Tx struct {
	Process int    // of the client: its ordinal, and from bit 20 on how often it has gone on as someone else
	N       int    // the operation, counted by the client from 1
	Try     int    // the client's attempt at it, from 1; a new one follows a definite abort
	Epoch   uint64 // of the coordinator that runs it; 0 where coordinators have none
}

// generationShift places the generation in a process number, as sim.Env.Process does.
const generationShift = 20

// String prints the operation, c2#7; the generation of a client that has left
// operations in doubt, c2'1#7; a try that is not the first, c2#7/2; and the epoch,
// c2#7/2@3.
func (t Tx) String() string {
	s := "c" + strconv.Itoa(t.Process&(1<<generationShift-1))
	if generation := t.Process >> generationShift; generation > 0 {
		s += "'" + strconv.Itoa(generation)
	}
	s += "#" + strconv.Itoa(t.N)
	if t.Try > 1 {
		s += "/" + strconv.Itoa(t.Try)
	}
	if t.Epoch > 0 {
		s += "@" + strconv.FormatUint(t.Epoch, 10)
	}
	return s
}

// Older reports whether t is older than u. It is a total order: by operation number,
// then process, so that every operation becomes the oldest some day and a new try is
// no younger; try and epoch only tell attempts of one operation apart.
func (t Tx) Older(u Tx) bool { return t.Compare(u) < 0 }

// Compare is negative if t is older than u, 0 if they are the same.
func (t Tx) Compare(u Tx) int {
	return cmp.Or(
		cmp.Compare(t.N, u.N),
		cmp.Compare(t.Process, u.Process),
		cmp.Compare(t.Try, u.Try),
		cmp.Compare(t.Epoch, u.Epoch),
	)
}
