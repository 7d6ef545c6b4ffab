package simtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"distsim/sim"
	"distsim/sim/history"
)

const (
	recordsShown = 20
	stackShown   = 24 // lines
)

// Report is everything a person needs to understand a failed run, in lines: the
// property that does not hold with instant and evidence, the faults that
// struck, the records that led there, and the hash that a replay must have.
func (o *Outcome) Report() string {
	m := &message{o: o}
	if !o.Failed() {
		m.line(0, "%v", o)
		return m.String()
	}
	first := o.Findings[0]
	m.line(0, "%s, seed %d", first.head(), o.Plan.Seed)
	m.line(1, "%s", first.Detail)
	m.evidence(first)
	for _, f := range o.Findings[1:] {
		m.line(1, "also: %v", f)
	}
	until := first.Seq
	if until == 0 {
		until = o.World.Trace().Len
	}
	m.faults(until)
	m.records(until)
	m.line(1, "trace hash %016x after %d events, %v of virtual time", o.Hash(), o.World.Events(), o.World.Now())
	return m.String()
}

// message is text in the making.
type message struct {
	strings.Builder
	o *Outcome
}

// line writes one, or several if the text has some.
func (m *message) line(indent int, format string, args ...any) {
	margin := strings.Repeat("  ", indent)
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n"+margin)
	fmt.Fprintf(m, "%s%s\n", margin, text)
}

// count is how many there are, in words: no faults, 1 fault, 2 faults.
func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// evidence shows what the finding rests on.
func (m *message) evidence(f Finding) {
	if len(f.Ops) > 0 {
		m.operations(f.Ops)
	}
	if f.Stack != "" {
		m.line(1, "stack:")
		for _, l := range trimStack(f.Stack) {
			m.line(2, "%s", l)
		}
	}
}

// operations tells them in the order in which they were asked.
func (m *message) operations(ops []history.Op) {
	ops = slices.SortedFunc(slices.Values(ops), func(a, b history.Op) int { return cmp.Compare(a.Invoked, b.Invoked) })
	width := 0
	for _, op := range ops {
		width = max(width, len(op.String()))
	}
	m.line(1, "operations:")
	for _, op := range ops {
		m.line(2, "%-*v  %s", width, op, span(op))
	}
}

// span is when an operation was asked and answered.
func span(op history.Op) string {
	if op.Outcome == history.OK {
		return fmt.Sprintf("%v to %v", op.InvokedAt, op.ReturnedAt)
	}
	return fmt.Sprintf("from %v", op.InvokedAt)
}

// faults lists what struck before the finding, as plans write it. Only a run
// with records knows.
func (m *message) faults(until uint64) {
	tr := m.o.World.Trace()
	titled := false
	records := tr.Records()
	for i := range records {
		r := &records[i]
		if r.Seq > until || r.Kind != sim.KindFault && r.Kind != sim.KindSkip {
			continue
		}
		if !titled {
			m.line(1, "faults:")
			titled = true
		}
		how := ""
		if r.Kind == sim.KindSkip {
			how = "skipped: "
		}
		m.line(2, "at %v %s%s", r.At, how, r.Text)
	}
}

// records shows the last ones up to the finding: of the whole trace, or of what
// the flight ring still holds. Draws are left out; what they decide is there.
func (m *message) records(until uint64) {
	tr := m.o.World.Trace()
	rs := tr.Records()
	if len(rs) == 0 {
		rs = tr.Last(int(min(tr.Len, 1<<14)))
	}
	var last []string
	for i := len(rs) - 1; i >= 0 && len(last) < recordsShown; i-- {
		if r := &rs[i]; r.Seq <= until && r.Kind != sim.KindDraw {
			last = append(last, tr.Describe(r))
		}
	}
	if len(last) == 0 {
		return
	}
	m.line(1, "the last %d records until then, of %d in all:", len(last), tr.Len)
	for _, l := range slices.Backward(last) {
		m.line(2, "%s", l)
	}
}

// trimStack keeps the frames between the panic and who called the code under test:
// the scheduler, a Proc, or what asks Check and Judge.
func trimStack(stack string) []string {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "panic(") {
			lines = lines[min(i+2, len(lines)):]
			break
		}
	}
	for i, l := range lines {
		if slices.ContainsFunc(callers(), func(caller string) bool { return strings.HasPrefix(l, caller) }) {
			lines = lines[:i]
			break
		}
	}
	return lines[:min(len(lines), stackShown)]
}

func callers() []string {
	return []string{"distsim/sim.(*World).step(", "distsim/sim.(*Proc).body(",
		"distsim/sim/simtest.(*trial).askCheck(", "distsim/sim/simtest.(*trial).askJudge("}
}
