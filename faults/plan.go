package faults

import (
	"fmt"
	"slices"
	"strings"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Version is the version of the plan format that this package means.
const Version = 1

// Plan says all that a run depends on: two runs of one plan with one build have
// the same trace hash.
type Plan struct {
	Version   int
	Scenario  string
	Params    []Param // in the order they are written
	Seed      uint64
	Faults    []Entry    // nil: drawn from the seed; empty: none
	Overrides []Override // single decisions that are not left to the seed
	Workload  *Workload  // nil: drawn from the seed
	Reseed    *Reseed
	Expect    *Expect // what recording saw
}

// Param is one resolved parameter of the scenario.
type Param struct{ Name, Value string }

// Param finds a parameter by name.
func (p *Plan) Param(name string) (string, bool) {
	for _, x := range p.Params {
		if x.Name == name {
			return x.Value, true
		}
	}
	return "", false
}

// Workload is a listed workload; an empty one does nothing.
type Workload struct{ Calls []Call }

// Call is one operation of a client at the earliest instant it may begin. The
// value that a put or append writes derives from the operation's name unless
// Op.Value says otherwise.
type Call struct {
	ID history.ID
	Op ops.Op
	At sim.Time
}

// Of lists the calls of one client, by its ordinal, in the order of the plan.
func (w *Workload) Of(client int) []Call {
	var out []Call
	for _, c := range w.Calls {
		if c.ID.Client == client {
			out = append(out, c)
		}
	}
	return out
}

// Reseed re-randomises every decision from the event After on.
type Reseed struct {
	After sim.Identity
	Salt  uint64
}

// Install arranges the re-randomisation on a world. came reports whether it has come
// to that; a nil Reseed is none, and comes at once.
func (r *Reseed) Install(w *sim.World) (came func() bool) {
	done := r == nil
	if r != nil {
		w.When(r.After, func(w *sim.World) { done = true; w.Reseed(r.Salt) })
	}
	return func() bool { return done }
}

// Expect is what recording saw.
type Expect struct {
	Verdict    string     // of Verdicts
	Properties []Property // those worth naming
	Hash       string     // trace hash, 16 hex digits; "": not recorded
	Build      string     // of the program that recorded; hashes compare only between equal builds
}

// Property is a named verdict.
type Property struct{ Name, Verdict string }

// Verdicts lists what a run or a property may come to.
func Verdicts() []string { return []string{"holds", "violated", "unknown", "stalled"} }

// Clone is a copy that shares nothing that either may change.
func (p Plan) Clone() Plan {
	p.Params, p.Faults, p.Overrides = slices.Clone(p.Params), slices.Clone(p.Faults), slices.Clone(p.Overrides)
	if p.Workload != nil {
		p.Workload = &Workload{slices.Clone(p.Workload.Calls)}
	}
	if p.Reseed != nil {
		reseed := *p.Reseed
		p.Reseed = &reseed
	}
	if p.Expect != nil {
		expect := *p.Expect
		expect.Properties = slices.Clone(expect.Properties)
		p.Expect = &expect
	}
	return p
}

// Check says what is wrong with the plan by itself: before any scenario or
// world is known.
func (p *Plan) Check() error {
	if p.Version != Version {
		return fmt.Errorf("version is %d; this build reads version %d", p.Version, Version)
	}
	if p.Scenario == "" {
		return fmt.Errorf("scenario is missing")
	}
	for i, x := range p.Params {
		if x.Name == "" || slices.ContainsFunc(p.Params[:i], func(y Param) bool { return y.Name == x.Name }) {
			return fmt.Errorf("parameter %q is empty or listed twice", x.Name)
		}
	}
	for i, e := range p.Faults {
		if err := e.Check(); err != nil {
			return entryError(i, e, err)
		}
	}
	return firstError(checkOverrides(p.Overrides), p.Workload.check(), p.Reseed.check(), p.Expect.Check())
}

func (w *Workload) check() error {
	if w == nil {
		return nil
	}
	seen := map[history.ID]bool{}
	for _, c := range w.Calls {
		if err := c.Check(); err != nil {
			return fmt.Errorf("operation %v: %w", c.ID, err)
		}
		if seen[c.ID] {
			return fmt.Errorf("operation %v is listed twice", c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

// Check says what is wrong with the call by itself.
func (c Call) Check() error {
	switch {
	case c.ID.Client < 1 || c.ID.N < 1:
		return fmt.Errorf("%v names no operation; clients and operations count from 1", c.ID)
	case c.Op.Kind < ops.Get || c.Op.Kind > ops.CAS:
		return fmt.Errorf("it does nothing: want get, put, append, delete or cas")
	case c.Op.Key == "":
		return fmt.Errorf("key is missing")
	case c.Op.Value != "" && (c.Op.Kind == ops.Get || c.Op.Kind == ops.Delete):
		return fmt.Errorf("a %v takes no value", c.Op.Kind)
	case c.Op.Expect != "" && c.Op.Kind != ops.CAS:
		return fmt.Errorf("a %v takes no expect", c.Op.Kind)
	case c.At < 0 || c.At > sim.Time(MaxDuration):
		return fmt.Errorf("at is %v, want 0s … %v", c.At, MaxDuration)
	}
	return nil
}

func (r *Reseed) check() error {
	if r == nil {
		return nil
	}
	if r.After.Subject == 0 {
		return within("reseed", fmt.Errorf("reseed: after is missing"))
	}
	if err := checkEvent(r.After); err != nil {
		return within("reseed after", fmt.Errorf("reseed: %w", err))
	}
	return nil
}

// Check says what is wrong with the expectation by itself, or nil.
func (e *Expect) Check() error {
	if e == nil {
		return nil
	}
	if e.Verdict != "" && !slices.Contains(Verdicts(), e.Verdict) {
		return fmt.Errorf("expect: verdict is %q, want one of %v", e.Verdict, Verdicts())
	}
	for _, p := range e.Properties {
		if p.Name == "" || !slices.Contains(Verdicts(), p.Verdict) {
			return fmt.Errorf("expect: property %q is %q, want one of %v", p.Name, p.Verdict, Verdicts())
		}
	}
	if e.Hash != "" && (len(e.Hash) != 16 || strings.Trim(e.Hash, "0123456789abcdef") != "") {
		return fmt.Errorf("expect: hash is %q, want 16 hex digits in lower case", e.Hash)
	}
	return nil
}
