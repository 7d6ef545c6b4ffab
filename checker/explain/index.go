package explain

import (
	"slices"
	"strings"

	"distsim/sim"
)

// Index is a kept trace made searchable: what changed where, what became of
// each message, what a step sent. It is built once, in one pass each way.
type Index struct {
	t       *sim.Trace
	changes map[sim.Place][]uint64    // records that changed the field
	fields  map[sim.NodeID][]string   // names of a node's fields, as its view lists them
	nodes   map[sim.NodeID]*diary     // what happened to a machine
	moves   map[int32]map[string]bool // fields that deliveries of a message type have changed
	types   map[string]int32          // message types and timer keys by name
	missed  map[sim.NodeID][]uint64   // messages that did not reach the machine
	faults  []span                    // faults by their beginning
	sent    []uint32                  // of a step: its first send, 0 none
	sibling []uint32                  // of a send: the next one of its step, 0 none
	end     []uint32                  // of a send: its delivery or miss, 0 none yet
	ticks   []uint32                  // of a timer: the first of the run of ticks it continues
}

// diary lists records of one machine, ascending.
type diary struct {
	boots, crashes, restarts, pauses, resumes []uint64
	invokes, returns, sends                   []uint64 // clients only
	late                                      []uint64 // answers that came after their call had given up
	delivered                                 map[flow][]uint64
}

// flow is the messages of one type from one sender.
type flow struct {
	from sim.NodeID
	typ  int32
}

// span is a fault from its beginning to its end; to is 0 while it lasts.
type span struct{ from, to uint64 }

// NewIndex reads a trace that kept its records.
func NewIndex(t *sim.Trace) *Index {
	records := t.Records()
	n := len(records) + 1
	x := &Index{t: t,
		changes: map[sim.Place][]uint64{}, fields: map[sim.NodeID][]string{},
		nodes: map[sim.NodeID]*diary{}, moves: map[int32]map[string]bool{}, types: map[string]int32{},
		missed: map[sim.NodeID][]uint64{},
		sent:   make([]uint32, n), sibling: make([]uint32, n), end: make([]uint32, n), ticks: make([]uint32, n),
	}
	for i := range t.Names {
		x.types[t.Names[i].Name] = int32(i)
	}
	for i := range records {
		r := &records[i]
		x.note(r)
		x.noteChanges(r)
	}
	for i := len(records) - 1; i >= 0; i-- { // backwards, so that the lists ascend
		if r := &records[i]; r.Kind == sim.KindSend && x.at(r.Cause) != nil {
			x.sibling[r.Seq], x.sent[r.Cause] = x.sent[r.Cause], uint32(r.Seq)
		}
	}
	return x
}

func (x *Index) at(seq uint64) *sim.Record { return x.t.At(seq) }

func (x *Index) diary(id sim.NodeID) *diary {
	d := x.nodes[id]
	if d == nil {
		d = &diary{delivered: map[flow][]uint64{}}
		x.nodes[id] = d
	}
	return d
}

// note files a record under its machine and its message.
func (x *Index) note(r *sim.Record) {
	d := x.diary(r.Node)
	switch r.Kind {
	case sim.KindBoot:
		d.boots = append(d.boots, r.Seq)
	case sim.KindCrash, sim.KindHalt:
		d.crashes = append(d.crashes, r.Seq)
	case sim.KindRestart:
		d.restarts = append(d.restarts, r.Seq)
	case sim.KindPause:
		d.pauses = append(d.pauses, r.Seq)
	case sim.KindResume:
		d.resumes = append(d.resumes, r.Seq)
	case sim.KindInvoke:
		d.invokes = append(d.invokes, r.Seq)
	case sim.KindReturn:
		d.returns = append(d.returns, r.Seq)
	case sim.KindTimer:
		x.noteTick(r)
	case sim.KindFault:
		x.faults = append(x.faults, span{from: r.Seq})
	case sim.KindHeal:
		x.noteHeal(r)
	default:
		x.noteMessage(d, r)
	}
}

func (x *Index) noteMessage(d *diary, r *sim.Record) {
	switch r.Kind {
	case sim.KindSend:
		if r.Node.IsClient() {
			d.sends = append(d.sends, r.Seq)
		}
		if r.Fate.Gone() {
			x.missed[r.Peer] = append(x.missed[r.Peer], r.Seq)
		}
	case sim.KindDeliver:
		x.end[r.Cause] = uint32(r.Seq)
		from := flow{r.Peer, r.Type}
		d.delivered[from] = append(d.delivered[from], r.Seq)
		if original := x.original(r); original != nil && x.arrived(original.Seq) == nil {
			x.end[original.Seq] = uint32(r.Seq)
		}
	case sim.KindMiss:
		if x.end[r.Cause] == 0 {
			x.end[r.Cause] = uint32(r.Seq)
		}
		switch {
		case r.Fate == sim.Late:
			d.late = append(d.late, r.Seq)
		case r.Copy == 0:
			x.missed[r.Node] = append(x.missed[r.Node], r.Seq)
		}
	}
}

// original is the send of which a delivery is the copy, or nil: a message is
// recorded just before its copy.
func (x *Index) original(r *sim.Record) *sim.Record {
	if r.Copy == 0 {
		return nil
	}
	return x.at(r.Cause - 1)
}

func (x *Index) noteHeal(r *sim.Record) {
	for i := len(x.faults) - 1; i >= 0; i-- {
		if x.faults[i].from == r.Cause {
			x.faults[i].to = r.Seq
			return
		}
	}
}

// noteTick joins a timer to the run of its own ticks: the firing before armed
// it, and changed nothing.
func (x *Index) noteTick(r *sim.Record) {
	x.ticks[r.Seq] = uint32(r.Seq)
	before := x.at(r.Cause)
	if before != nil && before.Kind == sim.KindTimer && before.Type == r.Type && before.Node == r.Node && len(before.Fields) == 0 {
		x.ticks[r.Seq] = x.ticks[before.Seq]
	}
}

func (x *Index) noteChanges(r *sim.Record) {
	for _, f := range r.Fields {
		place := sim.Place{Node: r.Node, Field: f.Name}
		if len(x.changes[place]) == 0 {
			x.fields[r.Node] = append(x.fields[r.Node], f.Name)
		}
		x.changes[place] = append(x.changes[place], r.Seq)
		if r.Kind == sim.KindDeliver {
			if x.moves[r.Type] == nil {
				x.moves[r.Type] = map[string]bool{}
			}
			x.moves[r.Type][f.Name] = true
		}
	}
}

// lastChange is the last record up to seq that changed a field, or 0.
func (x *Index) lastChange(p sim.Place, seq uint64) uint64 { return lastUpTo(x.changes[p], seq) }

// named completes a field's name: term finds raft.term, as in a View.
func (x *Index) named(p sim.Place) sim.Place {
	for _, name := range x.fields[p.Node] {
		if name == p.Field || strings.HasSuffix(name, "."+p.Field) {
			return sim.Place{Node: p.Node, Field: name}
		}
	}
	return p
}

// sendOf is the send record of a message that a record is about.
func (x *Index) sendOf(seq uint64) *sim.Record { return x.at(x.at(seq).Message()) }

// arrived is the step that a send triggered, or nil.
func (x *Index) arrived(send uint64) *sim.Record {
	if r := x.at(uint64(x.end[send])); r != nil && r.Kind == sim.KindDeliver {
		return r
	}
	return nil
}

// changed reports whether a record's step changed a field.
func changed(r *sim.Record, field string) bool {
	return slices.ContainsFunc(r.Fields, func(f sim.Field) bool { return f.Name == field })
}

// lastUpTo is the greatest element ≤ seq of an ascending list, or 0.
func lastUpTo(list []uint64, seq uint64) uint64 {
	i, _ := slices.BinarySearch(list, seq+1)
	if i == 0 {
		return 0
	}
	return list[i-1]
}

// between is the part of an ascending list with after < element ≤ upTo.
func between(list []uint64, after, upTo uint64) []uint64 {
	from, _ := slices.BinarySearch(list, after+1)
	to, _ := slices.BinarySearch(list, upTo+1)
	return list[from:max(from, to)]
}
