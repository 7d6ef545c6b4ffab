package cli

import (
	"fmt"

	"distsim/faults"
	"distsim/scenarios"
)

// expectation is what a run was, for its plan to expect of the next one.
func expectation(r *scenarios.Report) (*faults.Expect, error) {
	build, err := buildID()
	if err != nil {
		return nil, err
	}
	e := &faults.Expect{Verdict: r.Verdict, Hash: r.TraceHash, Build: build}
	for _, p := range r.Properties {
		if p.Verdict != "holds" {
			e.Properties = append(e.Properties, faults.Property{Name: p.Name, Verdict: p.Verdict})
		}
	}
	return e, nil
}

// difference is one thing that a run has other than its plan expects.
type difference struct {
	What     string `json:"what"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
}

// differences compares a run with what its plan expects, the verdict first. The
// hash is compared only when the same build recorded it: with another one a
// different hash proves nothing.
func differences(e *faults.Expect, r *scenarios.Report, sameBuild bool) []difference {
	out := []difference{}
	differ := func(what, expected, got string) {
		if expected != "" && expected != got {
			out = append(out, difference{what, expected, got})
		}
	}
	differ("verdict", e.Verdict, r.Verdict)
	for _, p := range e.Properties {
		differ("property "+p.Name, p.Verdict, verdictOn(r, p.Name))
	}
	if sameBuild {
		differ("trace hash", e.Hash, r.TraceHash)
	}
	return out
}

func verdictOn(r *scenarios.Report, property string) string {
	for _, p := range r.Properties {
		if p.Name == property {
			return p.Verdict
		}
	}
	return "not judged"
}

// String is the difference in words.
func (d difference) String() string {
	return fmt.Sprintf("%s: the plan expects %s, this run has %s", d.What, d.Expected, d.Got)
}
