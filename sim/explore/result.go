package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"distsim/sim"
)

// Result counts what was executed.
type Result struct {
	Cases    int
	Complete bool // every case within the bounds was executed
	By       []Sort
	Outcomes []Outcome // in the order in which they first came up
	Deepest  int       // the most decisions that may deviate in one run
}

// Sort counts the cases with so many deviations of each sort.
type Sort struct{ Crashes, Losses, Cases int }

// Outcome counts the cases of which the callback said the same.
type Outcome struct {
	Name  string
	Cases int
	First Case
}

func (r *Result) count(c *Case, outcome string) {
	r.Cases++
	r.Deepest = max(r.Deepest, c.decisions)
	r.sort(c.have(sim.ForCrash), c.have(sim.ForLoss)).Cases++
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; o.Name == outcome {
			o.Cases++
			return
		}
	}
	r.Outcomes = append(r.Outcomes, Outcome{outcome, 1, c.Clone()})
}

// sort is the counter of a sort; the counters are in order.
func (r *Result) sort(crashes, losses int) *Sort {
	at, there := slices.BinarySearchFunc(r.By, Sort{Crashes: crashes, Losses: losses}, func(a, b Sort) int {
		return cmp.Or(a.Crashes-b.Crashes, a.Losses-b.Losses)
	})
	if !there {
		r.By = slices.Insert(r.By, at, Sort{Crashes: crashes, Losses: losses})
	}
	return &r.By[at]
}

// Of counts the cases with an outcome.
func (r *Result) Of(outcome string) int {
	for _, o := range r.Outcomes {
		if o.Name == outcome {
			return o.Cases
		}
	}
	return 0
}

// String is the counts in a line.
func (r *Result) String() string {
	s := fmt.Sprintf("%d cases", r.Cases)
	if !r.Complete {
		s = "the first " + s
	}
	var parts []string
	for _, b := range r.By {
		parts = append(parts, fmt.Sprintf("%d with %d crashes and %d losses", b.Cases, b.Crashes, b.Losses))
	}
	s += ": " + strings.Join(parts, ", ")
	for _, o := range r.Outcomes {
		s += fmt.Sprintf("; %d %s", o.Cases, o.Name)
	}
	return s
}
