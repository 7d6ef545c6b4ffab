package transcript

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"distsim/sim"
)

// nameOf is the name of a record's type, without the part when no other part
// has such a type.
func (t *teller) nameOf(r *sim.Record) string {
	if t.short == nil {
		t.short = shortNames(t.t.Names)
	}
	return t.short[r.Type]
}

func shortNames(all []sim.Name) []string {
	tail := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	count := map[string]int{}
	for _, n := range all {
		count[tail(n.Name)]++
	}
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = n.Name
		if short := tail(n.Name); count[short] == 1 {
			out[i] = short
		}
	}
	return out
}

// message names a message: its type and, if it says anything, its summary.
func (t *teller) message(r *sim.Record) string {
	name := t.nameOf(r)
	if r.Text == "" || r.Text == "{}" {
		return name
	}
	return name + " " + short(r.Text)
}

// step is what a step did: what came, and what it changed.
func (t *teller) step(r *sim.Record) string {
	var came string
	switch r.Kind {
	case sim.KindTimer:
		came = fmt.Sprintf("%v: %s", r.Node, t.nameOf(r))
	case sim.KindResume:
		came = fmt.Sprintf("%v resumes", r.Node)
	case sim.KindBoot:
		came = fmt.Sprintf("%v boots, incarnation %d", r.Node, r.Inc)
	default:
		came = fmt.Sprintf("%v ← %v %s", r.Node, r.Peer, t.message(r))
	}
	return came + t.changes(r)
}

// sentence is step for prose: who becomes what, and on what.
func (t *teller) sentence(r *sim.Record) string {
	var words []string
	n, becomes := t.cluster.node(r.Node), ""
	for _, f := range t.o.news(r) {
		switch {
		case called(f, "role") && becomes == "":
			becomes = " becomes " + f.Value()
		case called(f, "term") && becomes != "":
			becomes += " in term " + f.Value()
		default:
			words = append(words, changed(n, f))
		}
	}
	list := strings.Join(words, ", ")
	switch {
	case becomes == "" && list != "":
		list = ": " + list
	case list != "":
		list = " (" + list + ")"
	}
	switch r.Kind {
	case sim.KindTimer:
		return fmt.Sprintf("%v%s%s, after %s", r.Node, becomes, list, t.nameOf(r))
	case sim.KindDeliver:
		return fmt.Sprintf("%v%s%s, on %s from %v", r.Node, becomes, list, t.message(r), r.Peer)
	default:
		return t.step(r)
	}
}

// changes lists the fields a step changed.
func (t *teller) changes(r *sim.Record) string {
	news := t.o.news(r)
	if len(news) == 0 {
		return ""
	}
	n := t.cluster.node(r.Node)
	words := make([]string, 0, len(news))
	for _, f := range news {
		words = append(words, changed(n, f))
	}
	return ": " + strings.Join(words, ", ")
}

// changed is one field's change, as the node's older value stands: term 2→3.
func changed(n *node, f sim.Field) string {
	value := f.Value()
	for _, old := range n.fields {
		if old.Name == f.Name && !empty(old.Value()) && n.up {
			return f.Name + " " + short(old.Value()) + "→" + short(shown(value))
		}
	}
	return f.Name + " " + short(shown(value))
}

func empty(value string) bool { return value == "" || value == "-" }

func shown(value string) string {
	if value == "" {
		return "-"
	}
	return value
}

// missed says why a message did not arrive.
func missed(r *sim.Record) string {
	switch {
	case r.Kind == sim.KindUnsent && r.Due != 0:
		return "never left: its step was not over"
	case r.Kind == sim.KindUnsent:
		return "never left: it was held for a sync"
	case r.Fate == sim.Cut && r.Kind == sim.KindMiss:
		return "cut on its way"
	case r.Fate == sim.Down:
		return r.Node.String() + " is down"
	case r.Fate == sim.Late:
		return "too late, nobody waits for it"
	case r.Fate == sim.Broken:
		return "its stream broke"
	case r.Fate == sim.Corrupted:
		return "damaged on its way, and dropped"
	case r.Fate == sim.Overflow:
		return "no room in the queue of its link"
	default:
		return r.Fate.String()
	}
}

// banner is the text of a full-width line.
func (t *teller) banner(r *sim.Record) string {
	switch r.Kind {
	case sim.KindFault:
		return "fault: " + r.Text
	case sim.KindHeal:
		return "over: " + r.Text
	case sim.KindSkip:
		return "skipped: " + r.Text
	case sim.KindPhase:
		return "phase: " + r.Text
	default:
		if r.K == 1 {
			return "STALLED " + r.Text
		}
		return "VIOLATED " + r.Text
	}
}

// stops says how a node stops.
func (t *teller) stops(r *sim.Record) string {
	switch r.Kind {
	case sim.KindCrash:
		return fmt.Sprintf("%v %s", r.Node, cmp.Or(r.Text, "crashes"))
	case sim.KindPause:
		return fmt.Sprintf("%v is paused", r.Node)
	default:
		return fmt.Sprintf("%v halts: %s", r.Node, short(r.Text))
	}
}

// sync says what a sync did that it should not: it lies, or a write went astray.
func (t *teller) sync(r *sim.Record) string {
	who := fmt.Sprintf("%v: sync %d of %s", r.Node, r.K, t.t.NameOf(&r.Core))
	if r.Kind == sim.KindSynced {
		return who + ": " + r.Text
	}
	return who + " " + r.Text
}

// clock says what happened to a clock.
func clock(r *sim.Record) string {
	if r.Due != 0 {
		return fmt.Sprintf("%v: the wall clock steps by %v", r.Node, time.Duration(r.Due))
	}
	switch ppm := int64(r.K); ppm {
	case -1_000_000:
		return fmt.Sprintf("%v: the clocks stand still", r.Node)
	case 0:
		return fmt.Sprintf("%v: the clocks run right again%s", r.Node, gained(r.Local-time.Duration(r.At)))
	default:
		return fmt.Sprintf("%v: the clocks run at %+d ppm", r.Node, ppm)
	}
}

// gained says how far off clocks are that run right.
func gained(by time.Duration) string {
	switch {
	case by > 0:
		return fmt.Sprintf(", having gained %v", by)
	case by < 0:
		return fmt.Sprintf(", having lost %v", -by)
	default:
		return ""
	}
}

// seconds prints a time to the millisecond.
func seconds(at sim.Time) string {
	ms := int64(at) / int64(time.Millisecond)
	return fmt.Sprintf("%d.%03ds", ms/1000, ms%1000)
}

// names lists nodes: n1,n2.
func names(ids []sim.NodeID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = id.String()
	}
	return strings.Join(words, ",")
}

// counted is a number of things: 1 timer, 2 timers.
func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatUint(n, 10) + " " + many
}
