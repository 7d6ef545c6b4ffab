package transcript

import (
	"bufio"
	"strconv"
	"strings"
	"unicode/utf8"

	"distsim/sim"
)

// table puts lines into columns.
type table struct {
	out     *bufio.Writer
	o       *Options
	g       glyphs
	cluster *cluster
	columns columns
	last    string // the time told last
}

func newTable(out *bufio.Writer, o *Options, c *cluster) *table {
	return &table{out: out, o: o, g: glyphsOf(o.ASCII), cluster: c, columns: layout(o.Width, len(c.columns), c.term)}
}

// begin prints the heading.
func (t *table) begin() {
	for _, part := range wrap(t.g.legend(t.cluster.met, t.cluster.others), t.o.Width) {
		t.out.WriteString(part + "\n")
	}
	var cells strings.Builder
	for _, n := range t.cluster.columns {
		cells.WriteString(t.columns.title(n.id))
	}
	calls := ""
	if t.columns.calls > 0 {
		calls = "what clients ask and hear"
	}
	t.row("", cells.String(), "what happens", calls, plainPaint)
}

func (t *table) put(l line) {
	text := plain(l.text, t.o.ASCII)
	switch l.kind {
	case bannerLine, alarmLine:
		t.across(seconds(l.at)+" "+text, l.kind)
	case askLine, hearLine:
		t.call(l, text)
	case lastLine:
		t.row("", "", text, "", paintOf(l.kind))
	default:
		t.row(t.time(l.at), t.cells(l), text, "", paintOf(l.kind))
	}
}

// call puts what a client asks or hears to the right, if there is room.
func (t *table) call(l line, text string) {
	sign := t.g.asked
	if l.kind == hearLine {
		sign = t.g.heard
	}
	text = sign + " " + text
	if t.columns.calls == 0 {
		t.row(t.time(l.at), t.cells(l), text, "", paintOf(l.kind))
		return
	}
	t.row(t.time(l.at), t.cells(l), "", text, paintOf(l.kind))
}

// time is empty when it is the same as on the line before.
func (t *table) time(at sim.Time) string {
	s := seconds(at)
	if s == t.last {
		return ""
	}
	t.last = s
	return s
}

// cells shows every server's state once the line has happened, and marks who acts.
func (t *table) cells(l line) string {
	if t.columns.cell == 0 {
		return ""
	}
	var b strings.Builder
	for _, n := range t.cluster.columns {
		mark := " "
		if n.id == l.node {
			mark = t.g.acts
			if l.r != nil {
				n = after(n, l.r)
			}
		}
		b.WriteString(padded(mark+t.g.of(n)+t.columns.term(n), t.columns.cell))
	}
	return b.String()
}

// after is what a node shows once a record has happened.
func after(n *node, r *sim.Record) *node {
	one := cluster{nodes: map[sim.NodeID]*node{n.id: {id: n.id, up: n.up, paused: n.paused, fields: append([]sim.Field(nil), n.fields...)}}}
	if r.Node == n.id {
		one.follow(r)
	}
	return one.nodes[n.id]
}

// row prints one line, wrapping its text and its call below themselves.
func (t *table) row(time, cells, text, call string, p paint) {
	c := &t.columns
	texts, calls := wrap(text, c.text), wrap(call, c.calls)
	for i := range max(len(texts), len(calls), 1) {
		left := strings.Repeat(" ", c.time+1+c.cells())
		if i == 0 {
			left = strings.Repeat(" ", c.time-utf8.RuneCountInString(time)) + time + " " + padded(cells, c.cells())
		}
		s := left + " " + p.on(t.o.Colour, padded(at(texts, i), c.text))
		if c.calls > 0 {
			s += " " + p.on(t.o.Colour, at(calls, i))
		}
		t.out.WriteString(strings.TrimRight(s, " ") + "\n")
	}
}

// across prints a line over the whole width.
func (t *table) across(text string, kind lineKind) {
	t.last = ""
	for _, part := range wrap(text, t.o.Width-6) {
		rest := max(0, t.o.Width-4-utf8.RuneCountInString(part))
		s := strings.Repeat(t.g.rule, 2) + " " + part + " " + strings.Repeat(t.g.rule, rest)
		t.out.WriteString(paintOf(kind).on(t.o.Colour, s) + "\n")
	}
}

// paint is an ANSI colour.
type paint int

const (
	plainPaint paint = 0
	dim        paint = 2
	red        paint = 31
	yellow     paint = 33
	cyan       paint = 36
)

func paintOf(k lineKind) paint {
	switch k {
	case lostLine, alarmLine:
		return red
	case bannerLine:
		return yellow
	case askLine, hearLine:
		return cyan
	case foldLine, lastLine:
		return dim
	default:
		return plainPaint
	}
}

// on paints a text, but not the spaces around it.
func (p paint) on(colour bool, s string) string {
	core := strings.TrimRight(s, " ")
	if !colour || p == plainPaint || core == "" {
		return s
	}
	return "\x1b[" + strconv.Itoa(int(p)) + "m" + core + "\x1b[0m" + s[len(core):]
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
