package scenarios

import (
	"encoding/json"
	"fmt"
	"time"

	"distsim/checker"
	"distsim/sim"
	"distsim/sim/history"
)

// Report is the verdict on one run, as `simctl run --json` prints it.
type Report struct {
	Scenario    string           `json:"scenario"`
	Seed        uint64           `json:"seed"`
	Params      Values           `json:"params"`
	Verdict     string           `json:"verdict"` // holds, violated, stalled or unknown
	Properties  []PropertyReport `json:"properties"`
	AsDeclared  *bool            `json:"as_declared"` // null: the plan lies outside the fault model, or undecided
	Events      uint64           `json:"events"`
	VirtualNS   int64            `json:"virtual_ns"`
	TraceHash   string           `json:"trace_hash"` // 16 hex digits
	History     Counts           `json:"history"`
	CutShort    *CutShort        `json:"cut_short,omitempty"` // nil: the clients asked all they were to
	Phases      []Phase          `json:"phases"`
	Liveness    *LivenessReport  `json:"liveness,omitempty"`
	Measures    []Measured       `json:"measures,omitempty"`
	Replay      string           `json:"replay"`
	OutsideOf   string           `json:"outside_model,omitempty"` // why the plan lies outside the fault model
	Fingerprint uint64           `json:"-"`

	Unapplied      []Unapplied `json:"unapplied,omitempty"`       // what the plan lists and the run was not touched by
	DrawnUnapplied int         `json:"drawn_unapplied,omitempty"` // how many of the faults that the seed drew found nobody
}

// PropertyReport is the verdict on one property.
type PropertyReport struct {
	Name     string   `json:"name"`
	Declared string   `json:"declared"`
	Verdict  string   `json:"verdict"`
	AtNS     int64    `json:"at_ns"` // when it was found violated; 0 otherwise
	Nodes    []string `json:"nodes"`
	Detail   string   `json:"detail"`

	promise   Promise
	verdict   checker.Verdict
	Violation sim.Violation `json:"-"`
	Ops       []history.Op  `json:"-"` // the operations a history verdict names
}

// Counts are the operations of a history by outcome.
type Counts struct {
	Ops     int `json:"ops"`
	OK      int `json:"ok"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
}

// CutShort is a workload that was not done when the run ended.
type CutShort struct {
	Asked int `json:"asked"` // operations, by the parameters or the plan
	Begun int `json:"begun"` // of those
}

// Phase is a stretch of a run: chaos, core, quiet.
type Phase struct {
	Name   string `json:"name"`
	FromNS int64  `json:"from_ns"`
	ToNS   int64  `json:"to_ns"`
}

// MarshalJSON prints parameters as an object, in the scenario's order.
func (v Values) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, x := range v {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(x.Text)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), text...)
	}
	return append(out, '}'), nil
}

// Violated finds the first property that is violated, or stalled, undeclared ones
// first.
func (r *Report) Violated() (PropertyReport, bool) {
	for _, p := range r.Properties {
		if p.Undeclared() {
			return p, true
		}
	}
	for _, p := range r.Properties {
		if p.verdict.Broken() {
			return p, true
		}
	}
	return PropertyReport{}, false
}

// Undeclared reports a violation, or a stall, of a property that must hold.
func (p PropertyReport) Undeclared() bool { return p.verdict.Broken() && p.promise == Holds }

// IsViolated reports whether the property was violated, or stalled.
func (p PropertyReport) IsViolated() bool { return p.verdict.Broken() }

// Exit is the exit code a single run deserves (DESIGN section 8).
func (r *Report) Exit() int {
	switch {
	case r.AsDeclared != nil && *r.AsDeclared:
		return 0
	case r.undecided():
		return 3
	case r.Verdict == "violated" || r.Verdict == "stalled" || r.AsDeclared != nil:
		return 1
	case r.Verdict == "unknown":
		return 3
	default:
		return 0
	}
}

// undecided reports that nobody knows whether the outcome is as declared, for want of a
// verdict; whatever else was violated was declared.
func (r *Report) undecided() bool { return r.AsDeclared == nil && r.OutsideOf == "" }

// judge fills in the properties and the verdict.
func (r *Report) judge(decl Declaration, w *sim.World, results []checker.Result) {
	for _, name := range propertyNames(decl, w, results) {
		r.Properties = append(r.Properties, propertyReport(decl, name, w, results))
	}
	verdicts := make([]checker.Verdict, len(r.Properties))
	for i, p := range r.Properties {
		verdicts[i] = p.verdict
	}
	r.Verdict = checker.Combine(verdicts...).String()
	if r.OutsideOf == "" {
		r.AsDeclared = r.asDeclared()
	}
}

// asDeclared compares verdicts with promises; nil when an unknown one decides.
func (r *Report) asDeclared() *bool {
	yes, no := true, false
	undecided := false
	for _, p := range r.Properties {
		switch {
		case p.Undeclared():
			return &no
		case p.promise == Always && p.verdict == checker.Holds:
			return &no
		case p.verdict == checker.Unknown && p.promise != Sometimes && p.promise != Open:
			undecided = true
		}
	}
	if undecided {
		return nil
	}
	return &yes
}

// propertyNames lists declared properties, then checked ones, then what was
// found on the way, each once.
func propertyNames(decl Declaration, w *sim.World, results []checker.Result) []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, p := range decl.Properties {
		add(p.Property)
	}
	for _, res := range results {
		add(res.Property)
	}
	for _, name := range w.Invariants() {
		add(name)
	}
	if decl.Live != nil {
		add(progress)
	}
	for _, v := range w.Violations() {
		add(v.Property)
	}
	return names
}

func propertyReport(decl Declaration, name string, w *sim.World, results []checker.Result) PropertyReport {
	p := PropertyReport{Name: name, promise: decl.Promise(name), verdict: checker.Holds, Nodes: []string{}}
	p.Declared = p.promise.String()
	for _, v := range w.Violations() {
		if v.Property == name {
			p.verdict, p.Detail, p.AtNS, p.Violation = checker.Violated, v.Detail, int64(v.At), v
			if v.Stalled {
				p.verdict = checker.Stalled
			}
			p.Nodes = nodeNames(v.Nodes)
		}
	}
	for _, res := range results {
		if res.Property == name && res.Verdict != checker.Holds {
			p.verdict, p.Detail, p.Ops = res.Verdict, res.Detail, res.Ops
			p.AtNS, p.Nodes = evidence(res.Ops)
		}
	}
	p.Verdict = p.verdict.String()
	return p
}

// evidence dates a history verdict by the answer of its culprit and places it
// at the clients it names.
func evidence(ops []history.Op) (at int64, nodes []string) {
	nodes = []string{}
	for i, op := range ops {
		if i == 0 {
			at = int64(op.ReturnedAt)
		}
		name := sim.Client(op.ID.Client).String()
		if !contains(nodes, name) {
			nodes = append(nodes, name)
		}
	}
	return at, nodes
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func nodeNames(ids []sim.NodeID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

func counts(h []history.Op) Counts {
	c := history.Count(h)
	return Counts{c.Ops, c.OK, c.Failed, c.Unknown}
}

// cutShort compares the workload with what was begun of it.
func (b *Build) cutShort(h []history.Op) *CutShort {
	begun := 0
	for _, op := range h {
		if op.ID.Client <= b.askers {
			begun++
		}
	}
	if begun >= b.asked {
		return nil
	}
	return &CutShort{Asked: b.asked, Begun: begun}
}

func hex16(h uint64) string { return fmt.Sprintf("%016x", h) }

// Duration is how long the run took in virtual time.
func (r *Report) Duration() time.Duration { return time.Duration(r.VirtualNS) }

func covered(from, to uint64) string { return fmt.Sprintf("%d-%d", from, to) }
