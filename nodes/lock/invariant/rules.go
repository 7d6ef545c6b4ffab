package invariant

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// lookAtProcess follows who is in which section. A machine that is down, or is none that
// uses locks, is in none.
func (k *knowledge) lookAtProcess(id sim.NodeID, p Process) {
	var now Section
	in := false
	if p != nil {
		now, in = p.Section()
	}
	before, was := k.inside[id]
	if was == in && before == now {
		return
	}
	if was {
		k.within[before.Lock] = slices.DeleteFunc(k.within[before.Lock], func(x sim.NodeID) bool { return x == id })
		delete(k.inside, id)
	}
	if in {
		others := k.within[now.Lock]
		k.report(oneHolder, k.twoHolders(id, now, others))
		k.within[now.Lock] = append(others, id)
		k.inside[id] = now
	}
}

// L1: no two processes are in a critical section of one lock.
func (k *knowledge) twoHolders(id sim.NodeID, s Section, others []sim.NodeID) *sim.Violation {
	if len(others) == 0 {
		return nil
	}
	other := others[0]
	return violation([]sim.NodeID{other, id}, "%v enters the critical section of %s%s while %v is in it%s",
		id, s.Lock, under(s.Token), other, under(k.inside[other].Token))
}

// under names a token, if there is one.
func under(token uint64) string {
	if token == 0 {
		return ""
	}
	return fmt.Sprintf(" under token %d", token)
}

// keeper is the mirror of one keeper of locks.
type keeper struct {
	incarnation uint32
	seen        uint64
	tokens      map[string]uint64 // granted last
	touched     []State           // in the event at hand, the latest of each lock
	locks       []string          // beside touched
	lapsed      []Owner           // whose lease, not that of one lock, ended in it
}

func (k *knowledge) lookAtKeeper(w *sim.World, id sim.NodeID, node Keeper) {
	m := k.keepers[id]
	if m == nil {
		m = &keeper{tokens: map[string]uint64{}}
		k.keepers[id] = m
	}
	if inc := w.Incarnation(id); inc != m.incarnation {
		m.incarnation, m.seen = inc, 0
		clear(m.tokens)
	}
	m.touched, m.locks, m.lapsed = m.touched[:0], m.locks[:0], m.lapsed[:0]
	for n := node.Deeds(); m.seen < n; {
		m.seen++
		d := node.Deed(m.seen)
		k.judge(id, m, &d, node)
		if d.Kind == Grant && !k.zombies {
			mustShow(w, d.After.Owner.Client)
		}
	}
	k.report(noStrayLock, m.strayLock(id, node))
	k.report(ownerRemoves, m.revived(id, node))
}

// mustShow makes sure that one-holder is judged of whoever is granted a lock: of one that
// shows no sections it would hold whatever happens.
func mustShow(w *sim.World, id sim.NodeID) {
	node := w.Node(id)
	if _, shows := node.(Process); node != nil && !shows {
		panic(fmt.Sprintf("lock/invariant: %v is granted a lock, and shows no critical section: let its node (%T) have the method Section of "+
			"invariant.Process, or leave one-holder out with System.Zombies", id, node))
	}
}

// judge judges one deed by every rule, then takes it for known.
func (k *knowledge) judge(id sim.NodeID, m *keeper, d *Deed, node Keeper) {
	k.report(ownerRemoves, removed(id, d))
	switch d.Kind {
	case Refuse:
		k.report(failedTry, changed(id, d))
	case Grant:
		k.report(tokensIncrease, k.token(id, m, d))
		k.report(firstCome, jumped(id, d, node))
	}
	m.note(d)
}

// note takes a deed for known.
func (m *keeper) note(d *Deed) {
	switch {
	case d.Kind == Lapse && d.Before.Owner != Owner{} && d.Before.Ends == 0:
		m.lapsed = append(m.lapsed, d.Before.Owner)
	case d.Kind == Grant:
		m.lapsed = slices.DeleteFunc(m.lapsed, func(o Owner) bool { return o == d.After.Owner })
	}
	i := slices.Index(m.locks, d.Lock)
	if i < 0 {
		m.locks, m.touched = append(m.locks, d.Lock), append(m.touched, d.After)
	} else {
		m.touched[i] = d.After
	}
}

// strayLock: whoever has a lock after the event has a lease as well.
func (m *keeper) strayLock(id sim.NodeID, node Keeper) *sim.Violation {
	for i, s := range m.touched {
		if s.Owner != (Owner{}) && !node.Alive(s.Owner) {
			return violation([]sim.NodeID{id}, "at %v %s belongs to %v, whose lease has ended", id, m.locks[i], s.Owner)
		}
	}
	return nil
}

// L3: an owner whose lease is said to have ended has none any more, unless it was given
// a lock anew in the same event.
func (m *keeper) revived(id sim.NodeID, node Keeper) *sim.Violation {
	for _, o := range m.lapsed {
		if node.Alive(o) {
			return violation([]sim.NodeID{id}, "at %v locks are taken from %v as if its lease had ended, and it has not", id, o)
		}
	}
	return nil
}

// L3: a lock is its owner's until that owner gives it back, or its lease ends.
func removed(id sim.NodeID, d *Deed) *sim.Violation {
	owner := d.Before.Owner
	gone := owner != Owner{} && d.After.Owner != owner
	if !gone || d.Kind == Lapse || d.Kind == Release && d.By == owner {
		return nil
	}
	return violation([]sim.NodeID{id}, "at %v a %v by %v takes %s from %v, which has neither given it back nor lost its lease",
		id, d.Kind, d.By, d.Lock, owner)
}

// L4: whoever is refused has changed nothing.
func changed(id sim.NodeID, d *Deed) *sim.Violation {
	if d.Before == d.After {
		return nil
	}
	return violation([]sim.NodeID{id}, "at %v %v was refused %s, and has changed it: it was %v, and is %v", id, d.By, d.Lock, d.Before, d.After)
}

// L2: each grant has a token larger than all before it, which is nobody else's.
func (k *knowledge) token(id sim.NodeID, m *keeper, d *Deed) *sim.Violation {
	token := d.After.Token
	if token == 0 {
		return nil
	}
	before := m.tokens[d.Lock]
	m.tokens[d.Lock] = token
	owner, known := k.granted[grantOf{d.Lock, token}]
	k.granted[grantOf{d.Lock, token}] = d.After.Owner
	switch {
	case token <= before:
		return violation([]sim.NodeID{id}, "at %v %s is granted under token %d after %d", id, d.Lock, token, before)
	case known && owner != d.After.Owner:
		return violation([]sim.NodeID{id}, "at %v token %d of %s goes to %v, elsewhere to %v", id, token, d.Lock, d.After.Owner, owner)
	}
	return nil
}

// jumped: a lock for which some wait goes to the first of them. Those before it whose
// lease has ended are passed over.
func jumped(id sim.NodeID, d *Deed, node Keeper) *sim.Violation {
	for _, o := range d.Queue {
		switch {
		case o == d.After.Owner:
			return nil
		case node.Alive(o):
			return violation([]sim.NodeID{id}, "at %v %s goes to %v, though %v has waited for it longer", id, d.Lock, d.After.Owner, o)
		}
	}
	return nil
}

// String prints a state: c1/1 token 7 until 12.
func (s State) String() string {
	text := "free"
	if s.Owner != (Owner{}) {
		text = s.Owner.String()
	}
	if s.Token != 0 {
		text += fmt.Sprintf(" token %d", s.Token)
	}
	if s.Ends != 0 {
		text += fmt.Sprintf(" until %d", s.Ends)
	}
	if s.Value != "" {
		text += fmt.Sprintf(" value %q", s.Value)
	}
	return text
}

// String prints the machine and the session: c1/1. Of a session that is numbered within an
// incarnation it prints both numbers: c1/2.1.
func (o Owner) String() string {
	if inc := o.Session >> 32; inc > 1 {
		return fmt.Sprintf("%v/%d.%d", o.Client, inc, uint32(o.Session))
	}
	return fmt.Sprintf("%v/%d", o.Client, uint32(o.Session))
}
