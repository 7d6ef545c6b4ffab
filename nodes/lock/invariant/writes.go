package invariant

import "distsim/sim"

// AcceptedWrite is an answer by which a resource tells that it has accepted a write.
type AcceptedWrite interface {
	AcceptedWrite() (a Acceptance, ok bool)
}

// staleWrite is L2 at a resource: it accepts no write under a smaller token than one that
// it has accepted before. Within an incarnation that is judged as it accepts them. Across
// crashes, by what it has told: a write that nobody was told of may be forgotten.
type staleWrite struct {
	*knowledge
	name string
}

// resource is the mirror of one.
type resource struct {
	incarnation uint32
	seen        uint64
	highest     map[string]Acceptance
}

// toldOf is a lock at a resource.
type toldOf struct {
	at   sim.NodeID
	lock string
}

// Name is the invariant's name.
func (s *staleWrite) Name() string { return s.name }

// Check judges what the resource has accepted in the event.
func (s *staleWrite) Check(w *sim.World, id sim.NodeID) *sim.Violation {
	node, ok := w.Node(id).(Resource)
	if !ok {
		return nil
	}
	r := s.resources[id]
	if r == nil {
		r = &resource{highest: map[string]Acceptance{}}
		s.resources[id] = r
	}
	if inc := w.Incarnation(id); inc != r.incarnation {
		r.incarnation, r.seen = inc, 0
		clear(r.highest)
	}
	var found *sim.Violation
	for n := node.Accepted(); r.seen < n; {
		r.seen++
		a := node.Acceptance(r.seen)
		before := r.highest[a.Lock]
		if v := stale(id, a, before); v != nil && found == nil {
			found = v
		}
		if a.Token > before.Token {
			r.highest[a.Lock] = a
		}
	}
	return found
}

// Leaves judges what the resource tells. Answers leave in the order in which writes were
// accepted, but for answers that are repeated: of a write no larger than one that was told
// after it nothing new is told.
func (s *staleWrite) Leaves(w *sim.World, from, _ sim.NodeID, m sim.Message) *sim.Violation {
	told, ok := m.(AcceptedWrite)
	if !ok {
		return nil
	}
	a, ok := told.AcceptedWrite()
	if !ok {
		return nil
	}
	key := toldOf{from, a.Lock}
	before := s.highest[key]
	if a.Token > before.Token {
		s.highest[key] = a
	}
	if a.Number < before.Number {
		return nil
	}
	return stale(from, a, before)
}

func stale(at sim.NodeID, a, before Acceptance) *sim.Violation {
	if a.Token >= before.Token {
		return nil
	}
	return violation("written", []sim.NodeID{at}, "%v accepts a write of %v under token %d of %s, after one of %v under token %d",
		at, a.By, a.Token, a.Lock, before.By, before.Token)
}
