package explain

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"distsim/sim"
)

// WriteText tells a slice in words, one line for each record in the order of
// the trace: its number, when, what happened, and how it explains another one.
// A message that never arrived is marked with ✗.
func (r Result) WriteText(w io.Writer, t *sim.Trace) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d records (%d.%d %%), %d of them messages that did not arrive\n",
		len(r.Records), r.Of, r.Fraction()/10, r.Fraction()%10, len(r.Absences))
	absent := map[uint64]Absence{}
	for _, a := range r.Absences {
		absent[a.Seq] = a
	}
	for _, item := range r.Records {
		record := t.At(item.Seq)
		if record == nil {
			continue
		}
		a, missing := absent[item.Seq]
		mark := " "
		if missing {
			mark = "✗"
		}
		fmt.Fprintf(&b, "%6s %11s %s %s: %s\n", number(item.Seq), seconds(record.At), mark, what(t, record), reason(item, a.More))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func number(seq uint64) string { return fmt.Sprintf("#%d", seq) }

// seconds prints a time to the microsecond.
func seconds(at sim.Time) string {
	us := int64(at) / int64(time.Microsecond)
	return fmt.Sprintf("%d.%06ds", us/1e6, us%1e6)
}

// reason is how an item explains another.
func reason(i Item, more int) string {
	s := i.Why
	if i.For != 0 {
		s += " " + number(i.For)
	}
	if i.Note != "" {
		s += " (" + plain(i.Note) + ")"
	}
	if more > 0 {
		s += fmt.Sprintf(", and %d more like it", more)
	}
	return s
}

// what says what a record records.
func what(t *sim.Trace, r *sim.Record) string {
	node, peer, name, text := r.Node.String(), r.Peer.String(), t.NameOf(&r.Core), plain(r.Text)
	switch r.Kind {
	case sim.KindSend:
		return node + " sends " + peer + " " + message(name, text) + fate(r)
	case sim.KindDeliver:
		return node + " hears from " + peer + " " + message(name, text)
	case sim.KindMiss:
		return node + " does not hear from " + peer + " " + message(name, text) + fate(r)
	case sim.KindTimer:
		return node + " times out: " + name
	case sim.KindBoot:
		return node + " boots"
	case sim.KindInvoke, sim.KindReturn:
		return r.Kind.String() + " " + text
	case sim.KindSync, sim.KindSynced:
		return strings.TrimSpace(node + " " + r.Kind.String() + " " + name + " " + text)
	case sim.KindFault, sim.KindHeal:
		return r.Kind.String() + " " + text
	case sim.KindCrash:
		return node + " " + cmp.Or(text, "crash") // or how else it stopped
	default:
		return strings.TrimSpace(node + " " + r.Kind.String() + " " + text)
	}
}

// message is a type and a short summary; an empty one says nothing.
func message(name, text string) string {
	if text == "" || text == "{}" {
		return name
	}
	return name + " " + text
}

func fate(r *sim.Record) string {
	if r.Fate == sim.Delivered || r.Fate == sim.Duplicated {
		return ""
	}
	return ", " + r.Fate.String()
}

// longest is how much of a message's summary fits into a line.
const longest = 100

// plain makes text fit for a line: no control characters, not too long.
func plain(text string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text))
	if len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return string(runes)
}
