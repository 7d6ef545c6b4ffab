package transcript

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"time"

	"distsim/sim"
)

// Options say how to tell a trace. The zero Options tell all of it, 110 columns
// wide, in Unicode without colour.
type Options struct {
	Width  int           // columns; 0: 110; at least 60
	ASCII  bool          // signs from ASCII only
	Colour bool          // ANSI colours; whether to honour NO_COLOR is the caller's business
	From   sim.Time      // nothing before; what led up to it still counts for the columns
	To     sim.Time      // nothing after; 0: to the end
	Nodes  []sim.NodeID  // only what these do, say or hear, and faults; nil: all
	Fields []string      // only changes of these view fields, such as role or raft.role, are news; nil: all
	Talk   bool          // what clients and servers say is told, whether or not it changes anything
	Fold   time.Duration // how long quiet traffic is gathered while things happen; 0: 500ms
}

const (
	defaultWidth = 110
	leastWidth   = 60
	defaultFold  = 500 * time.Millisecond
)

func (o Options) withDefaults() Options {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, leastWidth)
	if o.Fold == 0 {
		o.Fold = defaultFold
	}
	if o.To == 0 {
		o.To = sim.Never
	}
	return o
}

// shows reports whether a record is within the options' filters.
func (o *Options) shows(r *sim.Record) bool {
	if r.At < o.From || r.At > o.To {
		return false
	}
	return o.Nodes == nil || isBanner(r.Kind) || slices.Contains(o.Nodes, r.Node) || slices.Contains(o.Nodes, r.Peer)
}

// news are the changes of a step that are told.
func (o *Options) news(r *sim.Record) []sim.Field {
	if o.Fields == nil {
		return r.Fields
	}
	var all []sim.Field
	for _, f := range r.Fields {
		if slices.ContainsFunc(o.Fields, func(name string) bool { return called(f, name) }) {
			all = append(all, f)
		}
	}
	return all
}

// errNoRecords is what a trace without records comes to.
var errNoRecords = errors.New("transcript: the trace kept no records; run with sim.Config.Records")

// Write tells a trace in columns.
func Write(w io.Writer, t *sim.Trace, o Options) error {
	return tell(w, t, o, false)
}

// Prose tells a trace in words alone, one line for each thing that happened:
// for golden tests, and for reading aloud. It has no use for Width and Colour.
func Prose(w io.Writer, t *sim.Trace, o Options) error {
	return tell(w, t, o, true)
}

func tell(w io.Writer, t *sim.Trace, o Options, inWords bool) error {
	if len(t.Records()) == 0 && t.Len > 0 {
		return errNoRecords
	}
	o = o.withDefaults()
	out := bufio.NewWriter(w)
	teller := &teller{t: t, o: &o, cluster: survey(t, o.Nodes), told: map[uint64]bool{}}
	if inWords {
		teller.page, teller.phrase = &prose{out, &o}, teller.sentence
	} else {
		teller.page, teller.phrase = newTable(out, &o, teller.cluster), teller.step
	}
	teller.tell()
	return out.Flush()
}
