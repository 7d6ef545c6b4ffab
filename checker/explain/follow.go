package explain

import (
	"fmt"
	"slices"
	"strings"

	"distsim/sim"
)

// Reach is how many messages and timers a chain of causes is followed back.
const (
	reachOfStart   = 8 // from a field or an answer that the evidence names
	reachOfContext = 2 // from the other fields that a decisive step rests on
)

// errand asks for a record to be put into the slice and followed.
type errand struct {
	Item
	reach int
}

// slicer is the work on one slice.
type slicer struct {
	*Index
	until    uint64
	found    map[uint64]*Item
	reach    map[uint64]int // how far back a found record was followed
	errands  []errand
	uses     map[sim.Place][]use
	decisive map[uint64]bool
	absent   map[uint64]*Absence
}

// use is the span in which a field's value mattered: from the record that set
// it to the last record of the slice that rests on it.
type use struct{ set, used uint64 }

func newSlicer(x *Index, start Start) *slicer {
	until := uint64(len(x.t.Records()))
	if start.Seq != 0 {
		until = min(until, start.Seq)
	}
	return &slicer{Index: x, until: until,
		found: map[uint64]*Item{}, reach: map[uint64]int{}, uses: map[sim.Place][]use{},
		decisive: map[uint64]bool{}, absent: map[uint64]*Absence{}}
}

// take puts a record into the slice and promises to follow it. The first
// reason stays.
func (s *slicer) take(i Item, reach int) {
	if s.at(i.Seq) == nil {
		return
	}
	if before, known := s.reach[i.Seq]; known && before >= reach {
		return
	}
	s.add(i)
	s.reach[i.Seq] = reach
	s.errands = append(s.errands, errand{i, reach})
}

// add puts a record into the slice.
func (s *slicer) add(i Item) {
	if s.at(i.Seq) != nil && s.found[i.Seq] == nil {
		s.found[i.Seq] = &i
	}
}

// follow runs the errands, nearest first, so that the reason found for a record
// is the shortest.
func (s *slicer) follow() {
	for len(s.errands) > 0 {
		e := s.errands[0]
		s.errands = s.errands[1:]
		s.cause(s.at(e.Seq), e.reach)
	}
}

// cause takes what led to a record.
func (s *slicer) cause(r *sim.Record, reach int) {
	d := s.diary(r.Node)
	switch r.Kind {
	case sim.KindDeliver:
		s.take(Item{Seq: r.Cause, For: r.Seq, Why: "was received as"}, reach)
		if s.at(r.Cause).Due < r.At {
			s.take(Item{Seq: lastUpTo(d.resumes, r.Seq), For: r.Seq, Why: "let in the waiting"}, 0)
		}
	case sim.KindSend:
		s.sender(r, reach)
	case sim.KindTimer:
		s.armed(r, reach)
	case sim.KindBoot:
		s.take(Item{Seq: r.Cause, For: r.Seq, Why: "led to the boot"}, 0)
		s.take(Item{Seq: lastUpTo(d.crashes, r.Seq), For: r.Seq, Why: "made necessary the boot"}, 0)
	case sim.KindResume:
		s.take(Item{Seq: lastUpTo(d.pauses, r.Seq), For: r.Seq, Why: "was ended by"}, reach)
	case sim.KindSynced:
		s.take(Item{Seq: r.Cause, For: r.Seq, Why: "was completed by"}, 0)
	case sim.KindInvoke, sim.KindViolated: // clients ask because they ask
	default:
		s.take(Item{Seq: r.Cause, For: r.Seq, Why: "is the step of"}, reach)
	}
}

// sender takes the step that sent a message and what it waited for to leave.
func (s *slicer) sender(r *sim.Record, reach int) {
	s.take(Item{Seq: r.Cause2, For: r.Seq, Why: "released"}, 0)
	if r.Node.IsClient() {
		if invoke := lastUpTo(s.diary(r.Node).invokes, r.Seq); invoke > r.Cause {
			s.take(Item{Seq: invoke, For: r.Seq, Why: "asked for"}, 0)
			return
		}
	}
	if reach > 0 {
		s.take(Item{Seq: r.Cause, For: r.Seq, Why: "sent", Note: s.changesOf(r.Cause)}, reach-1)
	}
}

// changesOf says what a step changed: why it sent what it sent.
func (s *slicer) changesOf(seq uint64) string {
	if r := s.at(seq); r != nil {
		return fieldWords(r.Fields)
	}
	return ""
}

// armed takes what a timer's firing follows from: the step that armed it (of a
// clock, the step that started it), and what the node knew of the fields that
// the firing changed, since a timer itself tells nothing.
func (s *slicer) armed(r *sim.Record, reach int) {
	if reach == 0 {
		return
	}
	for _, f := range r.Fields {
		s.field(sim.Place{Node: r.Node, Field: f.Name}, r.Seq, reach-1)
	}
	first := s.at(uint64(s.ticks[r.Seq]))
	if first.Seq == r.Seq {
		s.take(Item{Seq: first.Cause, For: r.Seq, Why: "armed"}, reach-1)
		return
	}
	s.take(Item{Seq: first.Cause, For: r.Seq, Why: "started the clock behind",
		Note: fmt.Sprintf("%d ticks", r.K-first.K+1)}, reach-1)
}

// rest takes what a decisive step rests on: all that its node knew before.
func (s *slicer) rest(step *sim.Record) {
	if s.decisive[step.Seq] || !step.Node.IsServer() {
		return
	}
	s.decisive[step.Seq] = true
	for _, name := range s.fields[step.Node] {
		s.field(sim.Place{Node: step.Node, Field: name}, step.Seq, reachOfContext)
	}
}

// field takes the last record before a step that changed a field.
func (s *slicer) field(p sim.Place, step uint64, reach int) {
	if s.at(step).Kind == sim.KindBoot { // knew nothing
		return
	}
	set := s.lastChange(p, step-1)
	r := s.at(set)
	if r == nil {
		return
	}
	s.uses[p] = with(s.uses[p], use{set, step})
	s.take(Item{Seq: set, For: step, Why: "set what is known in", Note: s.valueWords(p, r)}, reach)
	s.recovered(p, r, reach)
}

// with adds a span to those of a field; of two with one beginning the longer counts.
func with(uses []use, u use) []use {
	for i := range uses {
		if uses[i].set == u.set {
			uses[i].used = max(uses[i].used, u.used)
			return uses
		}
	}
	return append(uses, u)
}

// recovered goes behind a later boot: the field's value came from the disk, or
// is not what it was before the crash.
func (s *slicer) recovered(p sim.Place, boot *sim.Record, reach int) {
	if boot.Kind != sim.KindBoot || boot.Inc == 1 {
		return
	}
	before := s.lastChange(p, boot.Seq-1)
	r := s.at(before)
	if r == nil {
		return
	}
	how := "set what came back in"
	if s.value(p, r) != s.value(p, boot) {
		how = "set what was gone in"
	}
	s.take(Item{Seq: before, For: boot.Seq, Why: how, Note: s.valueWords(p, r)}, reach)
}

func (s *slicer) value(p sim.Place, r *sim.Record) string {
	for _, f := range r.Fields {
		if f.Name == p.Field {
			return f.Value()
		}
	}
	return ""
}

func (s *slicer) valueWords(p sim.Place, r *sim.Record) string {
	return p.Field + " " + s.value(p, r)
}

// result lists what was found in the order of the trace.
func (s *slicer) result() Result {
	out := Result{Of: s.t.Len}
	for _, item := range s.found { // sorted below
		out.Records = append(out.Records, *item)
	}
	slices.SortFunc(out.Records, func(a, b Item) int { return compare(a.Seq, b.Seq) })
	for _, a := range s.absent { // sorted below
		out.Absences = append(out.Absences, *a)
	}
	slices.SortFunc(out.Absences, func(a, b Absence) int { return compare(a.Seq, b.Seq) })
	return out
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// fieldWords lists fields with their values: role leader, term 3.
func fieldWords(fields []sim.Field) string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = f.Name + " " + f.Value()
	}
	return strings.Join(words, ", ")
}
