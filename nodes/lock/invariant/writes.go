package invariant

import "distsim/sim"

// staleWrite is L2 at a resource: it accepts no write under a smaller token than one that
// it has accepted before, in this incarnation or, if somebody was told of that, in an
// earlier one. What nobody was told of may have been forgotten in a crash.
type staleWrite struct {
	name      string
	resources map[sim.NodeID]*resource
	told      map[toldOf]told
}

// resource is the mirror of one.
type resource struct {
	incarnation uint32
	seen        uint64
	highest     map[string]Acceptance // of each lock, the write with the largest token
}

// toldOf is a lock at a resource.
type toldOf struct {
	at   sim.NodeID
	lock string
}

// told is what a resource has told of a lock: the write with the largest token.
type told struct {
	incarnation uint32
	now, before Acceptance // told in that incarnation, and before it
}

// in is what has been told when an incarnation looks back.
func (t told) in(incarnation uint32) told {
	if t.incarnation == incarnation {
		return t
	}
	return told{incarnation: incarnation, before: larger(t.now, t.before)}
}

func larger(a, b Acceptance) Acceptance {
	if a.Token > b.Token {
		return a
	}
	return b
}

// Name is the invariant's name.
func (s *staleWrite) Name() string { return s.name }

// Check judges what the resource has accepted in the event.
func (s *staleWrite) Check(w *sim.World, id sim.NodeID) *sim.Violation {
	node, ok := w.Node(id).(Resource)
	if !ok {
		return nil
	}
	r := s.resource(id, w.Incarnation(id))
	var found *sim.Violation
	for n := node.Accepted(); r.seen < n; {
		r.seen++
		a := node.Acceptance(r.seen)
		if v := s.stale(id, r, a); v != nil && found == nil {
			found = v
		}
		r.highest[a.Lock] = larger(a, r.highest[a.Lock])
	}
	return found
}

func (s *staleWrite) resource(id sim.NodeID, incarnation uint32) *resource {
	r := s.resources[id]
	if r == nil {
		r = &resource{highest: map[string]Acceptance{}}
		s.resources[id] = r
	}
	if r.incarnation != incarnation {
		r.incarnation, r.seen = incarnation, 0
		clear(r.highest)
	}
	return r
}

// stale judges a write by those before it. What is found on the disk was accepted before
// anything that has been told since.
func (s *staleWrite) stale(at sim.NodeID, r *resource, a Acceptance) *sim.Violation {
	before := r.highest[a.Lock]
	if !a.Recovered {
		before = larger(s.told[toldOf{at, a.Lock}].in(r.incarnation).before, before)
	}
	if a.Token >= before.Token {
		return nil
	}
	return rests(violation([]sim.NodeID{at}, "%v accepts a write of %v under token %d of %s, after one of %v under token %d",
		at, a.By, a.Token, a.Lock, before.By, before.Token), "written")
}

// Leaves takes note of what the resource tells. Within the incarnation the order in which
// it accepts says more: an answer may leave in the middle of a step, or late.
func (s *staleWrite) Leaves(w *sim.World, from, _ sim.NodeID, m sim.Message) *sim.Violation {
	answer, ok := m.(AcceptedWrite)
	if !ok {
		return nil
	}
	if a, ok := answer.AcceptedWrite(); ok {
		key := toldOf{from, a.Lock}
		t := s.told[key].in(w.Incarnation(from))
		t.now = larger(t.now, a)
		s.told[key] = t
	}
	return nil
}
