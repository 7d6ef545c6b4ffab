package scenarios

import (
	"slices"
	"time"

	"distsim/sim"
)

// measure is a figure that a scenario takes of every run.
type measure struct {
	name  string
	value func() (time.Duration, bool)
}

// Measured is a figure of one run.
type Measured struct {
	Name  string `json:"name"`
	Value *int64 `json:"value_ns"` // null: it did not come to that
}

// Measure lets runs report a span of virtual time; value says at the end what it
// was, and false if it did not come to that.
func (b *Build) Measure(name string, value func() (time.Duration, bool)) {
	b.measures = append(b.measures, measure{name, value})
}

func (b *Build) measured() []Measured {
	out := make([]Measured, len(b.measures))
	for i, m := range b.measures {
		out[i].Name = m.name
		if v, ok := m.value(); ok {
			ns := int64(v)
			out[i].Value = &ns
		}
	}
	return out
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

// Spread is how a measure is spread over the runs of a hunt: by nearest rank.
type Spread struct {
	Name  string `json:"name"`
	Runs  int    `json:"runs"`   // all of them
	Never int    `json:"never"`  // those where it did not come to that
	P50   int64  `json:"p50_ns"` // −1: never
	P99   int64  `json:"p99_ns"`
	Max   int64  `json:"max_ns"`

	values []int64
}

// addMeasures enters a run's figures, which every run has in the same order.
func addMeasures(all []Spread, run []Measured) []Spread {
	for i, m := range run {
		if i == len(all) {
			all = append(all, Spread{Name: m.Name})
		}
		all[i].Runs++
		if m.Value == nil {
			all[i].Never++
			continue
		}
		all[i].values = append(all[i].values, *m.Value)
	}
	return all
}

// settle computes the ranks. A run without a value counts as longer than all.
func (s *Spread) settle() {
	slices.Sort(s.values)
	s.P50, s.P99, s.Max = s.rank(50), s.rank(99), s.rank(100)
}

// rank is the least value that percent of the runs do not exceed; −1 when it is
// among those without one.
func (s *Spread) rank(percent int) int64 {
	i := max((s.Runs*percent+99)/100, 1) - 1
	if i >= len(s.values) {
		return -1
	}
	return s.values[i]
}
