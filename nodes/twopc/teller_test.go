package twopc_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"distsim/sim"
)

// teller tells a trace of the bank as who told whom what. What several machines say
// or hear at one time is one line; signs of life and what a Raft group says to itself
// are counted.
type teller struct {
	t     *sim.Trace
	lines []said
	state map[sim.NodeID]map[string]string // fields as last seen
	quiet int                              // messages that are not told
	saved string                           // what the other coordinator last said that it has
}

// said is one line: from and to are joined where the rest is the same.
type said struct {
	at       sim.Time
	from, to []string
	what     string
}

func tellTrace(w io.Writer, t *sim.Trace) {
	p := &teller{t: t, state: map[sim.NodeID]map[string]string{}}
	for i := range t.Records() {
		p.record(&t.Records()[i])
	}
	p.fold(t.Records()[len(t.Records())-1].At)
	for _, l := range p.lines {
		us := time.Duration(l.at).Microseconds()
		fmt.Fprintf(w, "%4d.%d ms  %s\n", us/1000, us/100%10, l.text())
	}
}

func (l *said) text() string {
	switch {
	case l.from == nil:
		return l.what
	case l.to == nil:
		return and(l.from) + " " + l.what
	default:
		return and(l.from) + " to " + and(l.to) + ": " + l.what
	}
}

// and joins words as English does: n1, n2 and n3.
func and(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// say adds a line, or a name to a line that says the same of the same time.
func (p *teller) say(at sim.Time, from, to, what string) {
	for i := len(p.lines) - 1; i >= 0 && p.lines[i].at == at && p.lines[i].from != nil; i-- {
		l := &p.lines[i]
		switch {
		case l.what != what || (to == "") != (l.to == nil):
		case slices.Contains(l.from, from) && (to == "" || slices.Contains(l.to, to)): // said twice
			return
		case to == "" || slices.Equal(l.to, []string{to}):
			l.from = append(l.from, from)
			return
		case slices.Equal(l.from, []string{from}):
			l.to = append(l.to, to)
			return
		}
	}
	l := said{at: at, from: []string{from}, what: what}
	if to != "" {
		l.to = []string{to}
	}
	p.lines = append(p.lines, l)
}

// chapter is a line about all, behind what happened silently before.
func (p *teller) chapter(at sim.Time, what string) {
	p.fold(at)
	p.lines = append(p.lines, said{at: at, what: "— " + what + " —"})
}

func (p *teller) fold(at sim.Time) {
	if p.quiet > 0 {
		p.lines = append(p.lines, said{at: at, what: fmt.Sprintf("(until here %d messages of routine)", p.quiet)})
	}
	p.quiet = 0
}

func (p *teller) record(r *sim.Record) {
	who := r.Node.String()
	switch r.Kind {
	case sim.KindBoot, sim.KindTimer, sim.KindDeliver:
		p.step(r)
	case sim.KindSend:
		if r.Fate == sim.Cut || r.Fate == sim.Lost {
			p.lost(r)
		}
	case sim.KindMiss:
		p.lost(r)
	case sim.KindUnsent:
		if r.Peer != r.Node {
			p.say(r.At, who, r.Peer.String(), r.Text+" (the crash comes before it leaves)")
		}
	case sim.KindCrash:
		p.chapter(r.At, who+" crashes")
		delete(p.state, r.Node)
	case sim.KindPause:
		p.chapter(r.At, who+" pauses")
	case sim.KindResume:
		p.chapter(r.At, who+" goes on")
	case sim.KindHalt, sim.KindLog:
		p.say(r.At, who, "", r.Text)
	case sim.KindFault, sim.KindHeal:
		p.chapter(r.At, r.Text)
	case sim.KindInvoke:
		p.say(r.At, who, "", "wants "+strings.TrimSuffix(r.Text, " -> unknown"))
	case sim.KindReturn:
		p.say(r.At, who, "", "knows "+r.Text)
	}
}

// routine reports whether a message is not worth a line: a sign of life, an
// acknowledgement that was heard before, or part of an election.
func (p *teller) routine(r *sim.Record) bool {
	name := p.t.NameOf(&r.Core)
	again := name == "twopc.Replicated" && (p.saved == r.Text || strings.Contains(r.Text, "change 0 "))
	if name == "twopc.Replicated" {
		p.saved = r.Text
	}
	return again || name == "twopc.Beat" || strings.HasPrefix(name, "decisions/")
}

func (p *teller) lost(r *sim.Record) {
	if p.routine(r) {
		p.quiet++
	} else {
		p.say(r.At, r.From().String(), r.To().String(), r.Text+" (it does not arrive)")
	}
}

// step tells what arrived, and what it changed.
func (p *teller) step(r *sim.Record) {
	switch {
	case r.Kind == sim.KindBoot && r.Inc > 1:
		p.chapter(r.At, r.Node.String()+" starts again")
	case r.Kind == sim.KindDeliver && r.Peer != r.Node && r.Peer != 0 && p.routine(r):
		p.quiet++
	case r.Kind == sim.KindDeliver && r.Peer != r.Node && r.Peer != 0:
		p.say(r.At, r.Peer.String(), r.Node.String(), r.Text)
	}
	was := p.state[r.Node]
	if was == nil {
		was = map[string]string{}
		p.state[r.Node] = was
	}
	for _, f := range r.Fields {
		p.changed(r, f, was)
		was[f.Name] = f.Value()
	}
}

// changed tells of a field that is worth it.
func (p *teller) changed(r *sim.Record, f sim.Field, was map[string]string) {
	who := r.Node.String()
	switch {
	case f.Name == "role" && f.Text == "coordinator":
		p.say(r.At, who, "", "coordinates now")
	case f.Name == "role" && was["role"] == "coordinator":
		p.say(r.At, who, "", "is no coordinator any more")
	case f.Name == "decisions.role" && f.Text == "leader":
		p.say(r.At, who, "", "leads the group of coordinators")
	case f.Name == "locked" && f.Text != "[]":
		p.say(r.At, who, "", "locked "+strings.Trim(f.Text, "[]"))
	case f.Name == "locked" && was["locked"] != "" && was["locked"] != "[]":
		p.say(r.At, who, "", "released the locks")
	case f.Name == "transactions":
		for _, tx := range strings.Split(f.Text, ", ") {
			if name, ok := strings.CutSuffix(tx, " waits"); ok && !strings.Contains(was[f.Name], tx) {
				p.say(r.At, who, "", "let "+name+" wait for locks")
			}
		}
	}
}
