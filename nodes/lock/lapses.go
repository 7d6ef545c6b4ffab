package lock

import "distsim/sim"

// Holder is a machine that records grants, such as a Client's node.
type Holder interface {
	Grants() []Granting
	Runs(g Grant) bool
}

// Lapse is the end of a grant's lease as its user sees it: on its own clock, or because the
// user is no more. From then on the service may give the lock to others, though nobody has
// given it back.
type Lapse struct {
	Lock    string
	Process int
	Token   uint64
	Seq     uint64 // the number of the latest record at that time
}

// Lapses notes the ends of leases, for those who judge a history.
type Lapses struct {
	All  []Lapse
	open []holding
	seen map[sim.NodeID]int // grants of its present incarnation that are noted
	inc  map[sim.NodeID]uint32
}

// holding is a grant whose lease runs.
type holding struct {
	Granting
	inc uint32
}

// Observe looks at every event; add it to the world's invariants.
func (l *Lapses) Observe() sim.Invariant {
	l.seen, l.inc = map[sim.NodeID]int{}, map[sim.NodeID]uint32{}
	return sim.Observe(l.look)
}

func (l *Lapses) look(w *sim.World, node sim.NodeID) {
	if h, ok := w.Node(node).(Holder); ok {
		l.note(w, node, h)
	}
	keep := l.open[:0]
	for _, g := range l.open {
		if g.runs(w) {
			keep = append(keep, g)
		} else {
			l.All = append(l.All, Lapse{g.Lock, g.Process, g.Token, w.Trace().Len})
		}
	}
	l.open = keep
}

// note takes note of new grants.
func (l *Lapses) note(w *sim.World, node sim.NodeID, h Holder) {
	inc := w.Incarnation(node)
	if l.inc[node] != inc {
		l.inc[node], l.seen[node] = inc, 0
	}
	for all := h.Grants(); l.seen[node] < len(all); l.seen[node]++ {
		l.open = append(l.open, holding{all[l.seen[node]], inc})
	}
}

func (g *holding) runs(w *sim.World) bool {
	id := g.Session.Client
	h, ok := w.Node(id).(Holder)
	return ok && w.Incarnation(id) == g.inc && h.Runs(g.Grant)
}
