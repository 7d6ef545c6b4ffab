package explain

import (
	"slices"

	"distsim/sim"
	"distsim/sim/history"
)

// Start is where a slice begins.
type Start struct {
	Places  []sim.Place  // view fields the evidence rests on
	Ops     []history.ID // operations it rests on
	Nodes   []sim.NodeID // nodes whose whole view it rests on
	Records []uint64     // records it rests on
	Seq     uint64       // nothing after this record is looked at; 0: the end of the trace
}

// OfViolation begins at the fields that a violation names; if it names none, at
// all that its nodes knew and at the record after which it was found.
func OfViolation(v sim.Violation) Start {
	s := Start{Places: v.Fields, Seq: v.Seq}
	if len(v.Fields) == 0 {
		s.Nodes, s.Records = v.Nodes, []uint64{v.Seq}
	}
	return s
}

// OfHistory begins at the operations that a verdict names, and at fields the
// checker adds.
func OfHistory(ops []history.Op, places ...sim.Place) Start {
	s := Start{Places: places}
	for _, op := range ops {
		s.Ops = append(s.Ops, op.ID)
		s.Seq = max(s.Seq, op.Invoked, op.Returned)
	}
	return s
}

// Item is one record of a slice.
type Item struct {
	Seq  uint64 // the record
	For  uint64 // the record of the slice that it explains; 0: it is where the slice begins
	Why  string // how: the words between the two, such as "sent" or "armed"
	Note string // what matters about it, such as the fields it changed; may be empty
}

// Absence is a message that did not arrive and would have mattered.
type Absence struct {
	Item        // of the record where it was lost: the send, or the record of its missing
	Send uint64 // its send record; also in the slice
	More int    // how many more like it there are, between this one and the last
}

// Result is a why-slice.
type Result struct {
	Records  []Item    // ascending by Seq; absences and the faults behind them included
	Absences []Absence // ascending by Seq
	Of       uint64    // the length of the trace
}

// Fraction is the slice's share of all records in parts per thousand, rounded up.
func (r Result) Fraction() int {
	if r.Of == 0 {
		return 0
	}
	return int((uint64(len(r.Records))*1000 + r.Of - 1) / r.Of)
}

// Contains reports whether a record is in the slice.
func (r Result) Contains(seq uint64) bool {
	_, found := slices.BinarySearchFunc(r.Records, seq, func(i Item, seq uint64) int {
		switch {
		case i.Seq < seq:
			return -1
		case i.Seq > seq:
			return 1
		default:
			return 0
		}
	})
	return found
}

// Slice computes the why-slice of a trace that kept its records
// (sim.Config.Records); of any other it is empty.
func Slice(t *sim.Trace, start Start) Result { return NewIndex(t).Slice(start) }

// Slice is the slice of one start; an Index answers any number of them.
func (x *Index) Slice(start Start) Result {
	s := newSlicer(x, start)
	s.begin(start)
	s.follow()
	s.addAbsences()
	return s.result()
}
