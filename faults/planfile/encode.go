package planfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"distsim/faults"
	"distsim/sim/history/ops"
)

// Encode writes a plan. The same plan always gives the same bytes. An error
// says what a file could not hold: Decode would refuse it.
func Encode(p faults.Plan) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("this plan cannot be written: %w", err)
	}
	var w writer
	w.line("version: %d", p.Version)
	w.line("scenario: %s", w.quote(p.Scenario))
	if len(p.Params) > 0 {
		w.line("params: {%s}", w.params(p.Params))
	}
	w.line("seed: %d", p.Seed)
	w.faults(p.Faults)
	w.overrides(p.Overrides)
	w.workload(p.Workload)
	if r := p.Reseed; r != nil {
		w.quote(r.After.Name)
		w.line("reseed: {after: {%s}, salt: %d}", identityText(r.After), r.Salt)
	}
	if p.Expect != nil {
		w.line("expect: {%s}", w.expect(p.Expect))
	}
	if w.garbled {
		return nil, fmt.Errorf("this plan cannot be written: a text in it is not UTF-8")
	}
	return []byte(w.String()), nil
}

// writer builds the text line by line.
type writer struct {
	strings.Builder
	garbled bool // a text was not UTF-8
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}

// quote is quote that notices what escapes would hide.
func (w *writer) quote(s string) string {
	w.garbled = w.garbled || !utf8.ValidString(s)
	return quote(s)
}

func (w *writer) params(params []faults.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = w.quote(p.Name) + ": " + w.quote(p.Value)
	}
	return strings.Join(parts, ", ")
}

// faults writes nothing for nil: then they are drawn.
func (w *writer) faults(entries []faults.Entry) {
	if entries == nil {
		return
	}
	if len(entries) == 0 {
		w.line("faults: []")
		return
	}
	w.line("faults:")
	for _, e := range entries {
		w.line("  - %v", e.Fault)
		if e.After.Subject != 0 {
			w.quote(e.After.Name)
			w.line("    after: {%s}", identityText(e.After))
		} else {
			w.line("    at: %v", e.At)
		}
		if m := e.Moment; m.Of != 0 {
			w.line("    moment: {%v: %s}", m.Of, w.quote(cmp.Or(m.Name, "any")))
		}
		if e.For > 0 {
			w.line("    for: %v", e.For)
		}
	}
}

func (w *writer) overrides(list []faults.Override) {
	if len(list) == 0 {
		return
	}
	w.line("overrides:")
	for _, o := range list {
		w.quote(o.ID.Name)
		w.line("  - %s", identityText(o.ID))
		w.line("    %s: %s", o.Outcome(), o.ValueText())
	}
}

func (w *writer) workload(load *faults.Workload) {
	switch {
	case load == nil:
		w.line("workload: drawn")
	case len(load.Calls) == 0:
		w.line("workload: []")
	default:
		w.line("workload:")
		for _, c := range load.Calls {
			w.line("  - {op: %v, %v: {%s}, at: %v}", c.ID, c.Op.Kind, w.deed(c.Op), c.At)
		}
	}
}

func (w *writer) deed(op ops.Op) string {
	parts := []string{"key: " + w.quote(op.Key)}
	if op.Expect != "" {
		parts = append(parts, "expect: "+w.quote(op.Expect))
	}
	if op.Value != "" {
		parts = append(parts, "value: "+w.quote(op.Value))
	}
	return strings.Join(parts, ", ")
}

func (w *writer) expect(e *faults.Expect) string {
	var parts []string
	say := func(key, text string) { parts = append(parts, key+": "+text) }
	if e.Verdict != "" {
		say("verdict", e.Verdict)
	}
	if len(e.Properties) > 0 {
		names := make([]string, len(e.Properties))
		for i, p := range e.Properties {
			names[i] = w.quote(p.Name) + ": " + p.Verdict
		}
		say("properties", "{"+strings.Join(names, ", ")+"}")
	}
	if e.Hash != "" {
		say("hash", w.quote(e.Hash))
	}
	if e.Build != "" {
		say("build", w.quote(e.Build))
	}
	return strings.Join(parts, ", ")
}

func sortErrors(es Errors) {
	slices.SortStableFunc(es, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}
