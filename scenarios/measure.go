package scenarios

import (
	"time"

	"distsim/sim"
)

// Unit is what the figures of a measure are numbers of.
type Unit string

// Units of measures.
const (
	OfTime  Unit = "ns"    // virtual time: Measure, MeasureFirst, Samples
	OfCount Unit = "count" // Count
	OfRatio Unit = "ratio" // Ratio
)

// measure is a figure that a scenario takes of every run.
type measure struct {
	name string
	take func() Measured // all but the name
}

// Measured is a figure of one run: of the four embedded ones the one that says how it
// was taken.
type Measured struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`

	*Took
	*Counted
	*Quotient
	*Sampled
}

// Took is a span of virtual time: Build.Measure.
type Took struct {
	Value *int64 `json:"value_ns"` // null: it did not come to that
}

// Counted is a number: Build.Count.
type Counted struct {
	Value *int64 `json:"value"` // null: it did not come to that
}

// Quotient is a number of something for each of something else: Build.Ratio. Over a
// hunt both are added up.
type Quotient struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"` // 0: it did not come to that
}

// Float is the quotient; false: there is none.
func (q Quotient) Float() (float64, bool) { return float64(q.Num) / float64(q.Den), q.Den != 0 }

// Sampled is many spans of virtual time: Build.Samples.
type Sampled struct {
	Samples int64 `json:"samples"`
	Times

	values []int64
}

// Measure lets runs report a span of virtual time; value says at the end what it
// was, and false if it did not come to that.
func (b *Build) Measure(name string, value func() (time.Duration, bool)) {
	b.measure(name, func() Measured {
		v, ok := value()
		return Measured{Unit: OfTime, Took: &Took{known(int64(v), ok)}}
	})
}

// MeasureFirst measures when something is so for the first time. It is asked after
// every event on the node that the event touched.
func (b *Build) MeasureFirst(name string, is func(w *sim.World, node sim.NodeID) bool) {
	first := sim.Never
	b.World.AddInvariant(sim.Observe(func(w *sim.World, node sim.NodeID) {
		if first == sim.Never && is(w, node) {
			first = w.Now()
		}
	}))
	b.Measure(name, func() (time.Duration, bool) { return time.Duration(first), first != sim.Never })
}

// Count lets runs report a number, such as of messages; value says at the end what it
// was, and false if it did not come to that.
func (b *Build) Count(name string, value func() (int64, bool)) {
	b.measure(name, func() Measured {
		v, ok := value()
		return Measured{Unit: OfCount, Counted: &Counted{known(v, ok)}}
	})
}

// Ratio lets runs report one number for each of another, such as messages per
// transaction; value says at the end what both were. With none of the other it did not
// come to that. The ratio of a hunt is that of the sums, so long runs weigh more.
func (b *Build) Ratio(name string, value func() (num, den int64)) {
	b.measure(name, func() Measured {
		num, den := value()
		return Measured{Unit: OfRatio, Quotient: &Quotient{num, den}}
	})
}

// Samples lets runs report how spans of virtual time are spread, such as the latencies
// of all transactions. A run keeps every sample, eight bytes each, until it is entered
// into a hunt, which pools those of all runs.
func (b *Build) Samples(name string) *Samples {
	s := &Samples{}
	b.measure(name, s.measured)
	return s
}

func (s *Samples) measured() Measured {
	var p pool
	p.addAll(s.values)
	n := int64(len(s.values))
	return Measured{Unit: OfTime, Sampled: &Sampled{n, p.times(n), s.values}}
}

// SamplesOf is Samples whose values are found at the end.
func (b *Build) SamplesOf(name string, find func(add func(time.Duration))) {
	b.measure(name, func() Measured {
		s := &Samples{}
		find(s.Add)
		return s.measured()
	})
}

// Samples are the spans of virtual time that a run reports under one name.
type Samples struct{ values []int64 }

// Add adds one.
func (s *Samples) Add(d time.Duration) { s.values = append(s.values, int64(d)) }

func (b *Build) measure(name string, take func() Measured) {
	b.measures = append(b.measures, measure{name, take})
}

// measured takes the measures, as things stand.
func (b *Build) measured() []Measured {
	out := make([]Measured, len(b.measures))
	for i, m := range b.measures {
		out[i] = m.take()
		out[i].Name = m.name
	}
	return out
}

// known is a pointer to the value, or nil.
func known(v int64, ok bool) *int64 {
	if !ok {
		return nil
	}
	return &v
}
