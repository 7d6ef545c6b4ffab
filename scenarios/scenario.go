// Package scenarios holds the named set-ups that simctl runs: a world, a
// workload, a fault model, the properties that are judged and what is declared
// about them.
//
// A scenario declares, as a function of its parameters, for each property
// whether it holds, is violated always or is violated sometimes; what is not
// declared must hold. A run that turns out otherwise is a finding.
//
// Contents: scenario.go what a scenario is · params.go its knobs · run.go one
// run, phases.go its phases, liveness.go, measure.go what it takes of them · report.go its
// verdict · unapplied.go what of its plan came to nothing · hunt.go many runs, spread.go,
// pool.go what they measured · vary.go experiments · all.go the list · one file for each
// scenario family.
package scenarios

import (
	"slices"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

// Scenario is a named, parameterised set-up.
type Scenario struct {
	Name     string
	Shows    string   // one line: what a run lets you see
	Problems []string // of Problems(): the ones it demonstrates, broken or fixed
	Twin     string   // the scenario that shows the fix of this one, or what this one fixes
	Params   []Param

	// Validate checks parameters against each other; nil means any will do.
	Validate func(Values) error

	// Declare says what is promised for these parameters.
	Declare func(Values) Declaration

	// Config is the world without its nodes.
	Config func(Values) sim.Config

	// Build adds servers, clients and invariants.
	Build func(*Build)

	// Script is the faults of a run when the plan does not list any; nil, or nil as
	// its answer, draws them from the seed, within the declared fault model.
	Script func(Values, uint64) []faults.Entry

	// Vary makes `simctl run` an experiment over many runs; nil: one run.
	Vary *Vary

	// Cases makes `simctl run` go through every case of a small system; nil: one run.
	Cases *Cases

	// Judge checks the history of a finished run; nil: Build has said by whom (JudgeBy), or
	// invariants are enough.
	Judge func(Values, *sim.World) ([]checker.Result, error)
}

// Build is what a scenario's Build gets to work with.
type Build struct {
	World    *sim.World
	Values   Values
	Workload *faults.Workload // nil: drawn

	measures []measure
	judge    func() ([]checker.Result, error)
	asked    int // operations, by
	askers   int // the first so many clients
}

// Asks says how many operations the clients added so far ask in all. Then a run that
// ends before they have is reported as cut short.
func (b *Build) Asks(n int) { b.asked, b.askers = n, len(b.World.Clients()) }

// JudgeBy is for a scenario without a Judge, whose judge needs more than the world: it
// checks the history of the finished run with what Build has put aside.
func (b *Build) JudgeBy(judge func() ([]checker.Result, error)) { b.judge = judge }

// Promise is what is declared about a property.
type Promise uint8

const (
	Holds     Promise = iota // in every run
	Always                   // violated in every run
	Sometimes                // violated in some runs of a hunt
	Open                     // nothing: it may be violated, in however many runs
)

var promises = [...]string{"holds", "violated always", "violated sometimes", "may be violated"}

// String prints the promise as reports spell it.
func (p Promise) String() string { return promises[p] }

// Declaration is what a scenario says about its runs.
type Declaration struct {
	Model      faults.Model
	Properties []Declared    // those that matter most first; invariants not listed must hold
	Least      time.Duration // how long a run lasts at least, even when the clients are done
	Chaos      time.Duration // how long faults may strike
	Quiet      time.Duration // how long the healed system has to finish its work
	Live       *Liveness     // what progress is promised once faults stop; nil: none
}

// Declared is the promise about one property.
type Declared struct {
	Property string
	Promise  Promise
}

// Promise finds what is declared about a property; the default is Holds.
func (d Declaration) Promise(property string) Promise {
	for _, p := range d.Properties {
		if p.Property == property {
			return p.Promise
		}
	}
	return Holds
}

// strongest is the promise about the scenario as a whole.
func (d Declaration) strongest() Promise {
	worst := Holds
	for _, p := range d.Properties {
		switch {
		case p.Promise == Always:
			return Always
		case p.Promise == Sometimes:
			worst = Sometimes
		}
	}
	return worst
}

// Problems are the problems of distributed systems that scenarios can be about: each
// has a broken and a fixed one.
func Problems() []string {
	return []string{"split-brain", "livelock", "data-inconsistency", "single-writer", "blocking"}
}

// ShownBy lists the problems that some of the scenarios are about, in the order of
// Problems.
func ShownBy(all []*Scenario) []string {
	return slices.DeleteFunc(Problems(), func(problem string) bool { return len(About(all, problem)) == 0 })
}

// About picks the scenarios that show a problem, broken or fixed.
func About(all []*Scenario, problem string) []*Scenario {
	chosen := []*Scenario{}
	for _, s := range all {
		if slices.Contains(s.Problems, problem) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// Find looks a scenario up by name.
func Find(all []*Scenario, name string) (*Scenario, bool) {
	for _, s := range all {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}

// Names lists the names, in order.
func Names(all []*Scenario) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Name
	}
	return out
}
