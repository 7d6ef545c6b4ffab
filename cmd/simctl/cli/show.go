package cli

import (
	"fmt"
	"strings"
	"time"

	"distsim/scenarios"
)

// showReport prints the verdict on one run.
func (a *app) showReport(r *scenarios.Report) {
	a.out.printf("%s, seed %d: %s%s\n\n", r.Scenario, r.Seed, a.term.verdict(r.Verdict), asDeclared(r))
	t := a.sheet("property", "declared", "verdict", "at", "detail")
	wide := 0
	for _, p := range r.Properties {
		t.row(p.Name, p.Declared, a.term.verdict(p.Verdict), instant(p), oneLine(p.Detail))
		wide = max(wide, len(p.Name)+len(p.Declared))
	}
	t.wrap(5, wide+36)
	a.out.printf("%s\n", t)
	for _, line := range facts(r) {
		a.out.printf("%-9s%s\n", line.name, line.text)
	}
	for _, u := range r.Unapplied {
		a.out.printf("not applied: %s\n", oneLine(u.String()))
	}
}

// asDeclared says in words what as_declared and the exit code say.
func asDeclared(r *scenarios.Report) string {
	switch {
	case r.OutsideOf != "":
		return "; nothing is declared about faults outside the model (" + oneLine(r.OutsideOf) + ")"
	case r.AsDeclared == nil:
		return ", undecided"
	case *r.AsDeclared:
		return ", as declared"
	default:
		return ", not as declared"
	}
}

func instant(p scenarios.PropertyReport) string {
	if p.AtNS == 0 {
		return "-"
	}
	return time.Duration(p.AtNS).String()
}

type fact struct{ name, text string }

// facts are the lines below the table.
func facts(r *scenarios.Report) []fact {
	h := r.History
	phases := make([]string, len(r.Phases))
	for i, p := range r.Phases {
		phases[i] = fmt.Sprintf("%s %v to %v", p.Name, time.Duration(p.FromNS), time.Duration(p.ToNS))
	}
	list := settings(r.Params)
	out := []fact{
		{"history", fmt.Sprintf("%s: %d ok, %d failed, %d unknown", scenarios.Plural(h.Ops, "operation"), h.OK, h.Failed, h.Unknown)},
	}
	if c := r.CutShort; c != nil {
		out = append(out, fact{"workload", fmt.Sprintf("cut short: the run ended when %d of %s were begun", c.Begun, scenarios.Plural(c.Asked, "operation"))})
	}
	out = append(out, fact{"phases", strings.Join(phases, ", ")})
	out = append(out, livenessFacts(r)...)
	return append(out, []fact{
		{"events", fmt.Sprintf("%d in %v of virtual time", r.Events, r.Duration())},
		{"hash", r.TraceHash},
		{"params", list.String()},
		{"replay", r.Replay},
	}...)
}

// explainPanic shows on stderr where the code under test panicked: a stack
// differs between builds, so it is a diagnostic, not a result.
func (a *app) explainPanic(r *scenarios.Report) {
	for _, p := range r.Properties {
		if p.Violation.Stack != "" {
			fmt.Fprintf(a.err, "%s: %s\n%s\n", p.Name, printable(p.Detail), printable(p.Violation.Stack))
		}
	}
}
