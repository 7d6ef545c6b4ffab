package explain

import (
	"cmp"
	"fmt"
	"slices"

	"distsim/sim"
)

// addAbsences looks, for the slice as it stands, for what did not arrive.
func (s *slicer) addAbsences() {
	items := make([]uint64, 0, len(s.found))
	for seq := range s.found { // sorted below
		items = append(items, seq)
	}
	slices.Sort(items)
	last := s.lastOnNode(items)
	for _, seq := range items {
		r := s.at(seq)
		if isStep(r) {
			s.unheard(r, last)
		}
		if r.Kind == sim.KindTimer {
			s.overslept(r)
		}
	}
	for _, p := range s.usedPlaces() {
		for _, u := range s.uses[p] {
			s.stale(p, u)
		}
	}
}

func isStep(r *sim.Record) bool {
	switch r.Kind {
	case sim.KindDeliver, sim.KindTimer, sim.KindBoot, sim.KindResume:
		return true
	default:
		return false
	}
}

// lastOnNode is the last record of the slice on each node: the end of its part
// in the story.
func (s *slicer) lastOnNode(items []uint64) map[sim.NodeID]uint64 {
	last := map[sim.NodeID]uint64{}
	for _, seq := range items {
		if r := s.at(seq); isStep(r) {
			last[r.Node] = seq
		}
	}
	return last
}

func (s *slicer) usedPlaces() []sim.Place {
	places := make([]sim.Place, 0, len(s.uses))
	for p := range s.uses { // sorted below
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b sim.Place) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Field, b.Field))
	})
	return places
}

// unheard are messages from a step of the slice to a node of the slice.
func (s *slicer) unheard(step *sim.Record, last map[sim.NodeID]uint64) {
	for send := uint64(s.sent[step.Seq]); send != 0; send = uint64(s.sibling[send]) {
		r := s.at(send)
		if send > last[r.Peer] || !s.isMissed(r) {
			continue
		}
		if field := s.movedBy(r); field != "" {
			s.miss(s.missOf(r), Absence{Item: Item{For: step.Seq,
				Why: fmt.Sprintf("failed to tell %v of", r.Peer), Note: "such messages change " + field}})
		}
	}
}

// movedBy is a field of the receiver that the slice rests on and that messages
// of this type change, or "".
func (s *slicer) movedBy(send *sim.Record) string {
	moves := s.moves[send.Type]
	for _, name := range s.fields[send.Peer] {
		if _, rests := s.uses[sim.Place{Node: send.Peer, Field: name}]; rests && moves[name] {
			return name
		}
	}
	return ""
}

// stale are the messages that would have changed a field between its last
// change and its use.
func (s *slicer) stale(p sim.Place, u use) {
	var f fold
	for _, seq := range between(s.missed[p.Node], u.set, u.used) {
		send := s.sendOf(seq)
		if s.isMissed(send) && s.wouldChange(send, p.Field) {
			f.add(send, Item{Seq: seq, For: u.set, Why: "would have overtaken", Note: p.Field})
		}
	}
	s.keep(&f)
}

// wouldChange reports whether this very message was about a field: a copy of
// it changed the field elsewhere, or its sender changed its own in the same step.
func (s *slicer) wouldChange(send *sim.Record, field string) bool {
	if !s.moves[send.Type][field] || send.Cause == 0 {
		return false
	}
	if changed(s.at(send.Cause), field) {
		return true
	}
	for other := uint64(s.sent[send.Cause]); other != 0; other = uint64(s.sibling[other]) {
		if r := s.at(other); r.Type == send.Type {
			if step := s.arrived(other); step != nil && changed(step, field) {
				return true
			}
		}
	}
	return false
}

// overslept are the messages a timer missed between its arming and its firing.
func (s *slicer) overslept(timer *sim.Record) {
	if timer.Node.IsClient() {
		s.unanswered(timer)
		return
	}
	pushedBy := s.t.Names[timer.Type].PushedBy
	if len(pushedBy) == 0 {
		s.silent(timer)
		return
	}
	var f fold
	for _, seq := range between(s.missed[timer.Node], timer.Cause, timer.Seq) {
		send := s.sendOf(seq)
		if s.isMissed(send) && slices.Contains(pushedBy, s.t.NameOf(&send.Core)) && !s.indifferent(timer, send) {
			f.add(send, Item{Seq: seq, For: timer.Seq, Why: "would have pushed back"})
		}
	}
	s.keep(&f)
}

// indifferent reports whether a timer is known not to be pushed back by this
// sender: another message of the type arrived from it and the timer fired all
// the same.
func (s *slicer) indifferent(timer, send *sim.Record) bool {
	return lastUpTo(s.diary(timer.Node).delivered[flow{send.Node, send.Type}], timer.Seq) > timer.Cause
}

// silent are, for a timer that does not say what pushes it back, the messages
// that change what its firing changed, from nodes that have been silent since.
func (s *slicer) silent(timer *sim.Record) {
	var f fold
	for _, field := range timer.Fields {
		set := s.lastChange(sim.Place{Node: timer.Node, Field: field.Name}, timer.Seq-1)
		for _, seq := range between(s.missed[timer.Node], set, timer.Seq) {
			send := s.sendOf(seq)
			heard := lastUpTo(s.diary(timer.Node).delivered[flow{send.Node, send.Type}], timer.Seq)
			if s.isMissed(send) && s.moves[send.Type][field.Name] && heard < seq {
				f.add(send, Item{Seq: seq, For: timer.Seq, Why: "would have forestalled", Note: field.Name})
			}
		}
	}
	s.keep(&f)
}

// unanswered are a client's request and the answers to it that did not arrive
// before it gave up waiting.
func (s *slicer) unanswered(timer *sim.Record) {
	armed := timer.Cause
	for send := uint64(s.sent[armed]); send != 0; send = uint64(s.sibling[send]) {
		if r := s.at(send); s.isMissed(r) {
			s.miss(s.missOf(r), Absence{Item: Item{For: timer.Seq, Why: "was the lost request behind"}})
		}
	}
	for _, seq := range between(s.missed[timer.Node], armed, timer.Seq) {
		s.miss(seq, Absence{Item: Item{For: timer.Seq, Why: "was an answer missed by"}})
	}
	late := between(s.diary(timer.Node).late, timer.Seq, s.until)
	if len(late) > 0 && s.sendOf(late[0]).Seq > armed {
		s.miss(late[0], Absence{Item: Item{For: timer.Seq, Why: "was an answer too late for"}})
	}
}

// isMissed reports whether a message did not reach its receiver, not even as a
// copy.
func (s *slicer) isMissed(send *sim.Record) bool {
	if s.arrived(send.Seq) != nil {
		return false
	}
	return send.Fate == sim.Lost || send.Fate == sim.Cut || s.end[send.Seq] != 0
}

// missOf is the record that says that a message was missed.
func (s *slicer) missOf(send *sim.Record) uint64 { return max(send.Seq, uint64(s.end[send.Seq])) }

// miss puts an absence into the slice: its records, and the fault behind it.
func (s *slicer) miss(seq uint64, a Absence) {
	if s.absent[seq] != nil || seq > s.until {
		return
	}
	r := s.at(seq)
	a.Seq, a.Send = seq, r.Message()
	s.absent[seq] = &a
	s.add(a.Item)
	s.add(Item{Seq: a.Send, For: seq, Why: "was the sending of"})
	switch r.Fate {
	case sim.Cut, sim.Lost, sim.Broken, sim.Corrupted, sim.Overflow:
		for _, f := range s.faults {
			if f.from < seq && (f.to == 0 || seq < f.to) {
				s.add(Item{Seq: f.from, For: seq, Why: "was in force at"})
			}
		}
	case sim.Down:
		s.add(Item{Seq: lastUpTo(s.diary(r.Node).crashes, seq), For: seq, Why: "took down the receiver of"})
	}
}

// fold gathers absences of one rule; of those alike in sender and type it keeps
// the first and the last.
type fold struct {
	kinds []flow
	alike map[flow][]Item
}

func (f *fold) add(send *sim.Record, i Item) {
	kind := flow{send.Node, send.Type}
	if f.alike == nil {
		f.alike = map[flow][]Item{}
	}
	if len(f.alike[kind]) == 0 {
		f.kinds = append(f.kinds, kind)
	}
	f.alike[kind] = append(f.alike[kind], i)
}

// keep puts what a fold has kept into the slice.
func (s *slicer) keep(f *fold) {
	for _, kind := range f.kinds {
		alike := f.alike[kind]
		first, last := alike[0], alike[len(alike)-1]
		s.miss(first.Seq, Absence{Item: first, More: max(0, len(alike)-2)})
		s.miss(last.Seq, Absence{Item: last})
	}
}
