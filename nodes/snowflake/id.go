package snowflake

import (
	"fmt"

	"distsim/sim"
)

// ID is an id: positive, and of one generator the larger the later. From the top bit:
//
//	0 · 41 bits of milliseconds since the epoch · 5 of datacenter · 5 of worker · 12 of sequence
type ID int64

// The fields of an id, in bits.
const (
	milliBits      = 41
	datacenterBits = 5
	workerBits     = 5
	sequenceBits   = 12

	workerShift     = sequenceBits
	datacenterShift = workerShift + workerBits
	milliShift      = datacenterShift + datacenterBits
)

// What the fields hold at most.
const (
	MaxMilli      Milli = 1<<milliBits - 1 // 69 years and 8 months
	MaxDatacenter       = 1<<datacenterBits - 1
	MaxWorker           = 1<<workerBits - 1
	MaxSequence         = 1<<sequenceBits - 1

	PerMilli = MaxSequence + 1 // ids of one generator in a millisecond
)

// Milli is a number of whole milliseconds since the epoch. In the first one, 0, there
// are no ids: 0 means none.
type Milli int64

// perMilli is a millisecond in nanoseconds.
const perMilli = 1_000_000

// milliOf is the millisecond that a wall clock shows, negative before the epoch; both
// are in nanoseconds since 1970.
func milliOf(epoch, wall int64) Milli {
	d := wall - epoch
	if d < 0 {
		return Milli((d - perMilli + 1) / perMilli)
	}
	return Milli(d / perMilli)
}

// begins is when a millisecond does, in nanoseconds since 1970.
func (t Milli) begins(epoch int64) int64 { return epoch + int64(t)*perMilli }

// Worker is who a generator is: no two may be the same one at a time.
type Worker struct{ Datacenter, Number uint8 }

// String prints datacenter and number: 0/1.
func (w Worker) String() string { return fmt.Sprintf("%d/%d", w.Datacenter, w.Number) }

// bits is the worker's part of its ids.
func (w Worker) bits() ID {
	if w.Datacenter > MaxDatacenter || w.Number > MaxWorker {
		panic(fmt.Sprintf("snowflake: there is no worker %v: both numbers are below 32", w))
	}
	return ID(w.Datacenter)<<datacenterShift | ID(w.Number)<<workerShift
}

// Fields are what an id is made of.
type Fields struct {
	Milli    Milli
	Worker   Worker
	Sequence int // from 0 within the millisecond
}

// Pack makes an id. Nothing checks that nobody has made it before.
func (f Fields) Pack() ID {
	return ID(f.Milli)<<milliShift | f.Worker.bits() | ID(f.Sequence)
}

// Decode takes an id to pieces.
func (id ID) Decode() Fields {
	return Fields{
		Milli:    Milli(id >> milliShift),
		Worker:   Worker{uint8(id >> datacenterShift & MaxDatacenter), uint8(id >> workerShift & MaxWorker)},
		Sequence: int(id & MaxSequence),
	}
}

// String prints the fields: 1234ms-0/1-7.
func (id ID) String() string {
	f := id.Decode()
	return fmt.Sprintf("%dms-%v-%d", f.Milli, f.Worker, f.Sequence)
}

// Run is ids that follow each other, all of one millisecond.
type Run struct {
	First ID
	N     int
}

// Last is the last of them.
func (r Run) Last() ID { return r.First + ID(r.N-1) }

// defaultEpoch is where every clock of a run begins.
const defaultEpoch = sim.WallEpoch
