package faults

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// MajoritiesRing arranges the servers in a circle, in which each reaches just
// enough neighbours on both sides to see a majority, and no two see the same one
// (Jepsen's majorities-ring). Order is the circle; without it the servers stand by
// name. Clients reach all. It needs four servers or more: of three each sees all.
//
// Messages in flight over links that are cut are lost when they would arrive.
// Healing lets new ones through.
type MajoritiesRing struct {
	Order []sim.NodeID
}

func (MajoritiesRing) Kind() Kind       { return "majorities_ring" }
func (f MajoritiesRing) String() string { return spell(f) }

func (f MajoritiesRing) Fields(v Fields) Fault {
	v.Nodes("order", &f.Order)
	return f
}

func (MajoritiesRing) otherwise(field string) string {
	return map[string]string{"order": "by name"}[field]
}

func (f MajoritiesRing) Check() error {
	if n := len(f.Order); n > 0 && n < 4 {
		return outside("order", listText(f.Order), "four servers or more: in a ring of %d everybody sees everybody", n)
	}
	return distinct("order", f.Order)
}

func (f MajoritiesRing) circle(s *Stage) []sim.NodeID {
	if f.Order == nil {
		return s.World.Servers()
	}
	return f.Order
}

func (f MajoritiesRing) Blocked(s *Stage) error {
	if n := len(f.circle(s)); n < 4 {
		return reason{text: fmt.Sprintf("in a ring of %d everybody sees everybody", n)}
	}
	return nil
}

func (f MajoritiesRing) Apply(s *Stage) func() {
	ring := f.circle(s)
	n := len(ring)
	reach := (n/2 + 1) / 2 // neighbours on each side: with oneself at least n/2 + 1
	var ends []func()
	for i, id := range ring {
		seen := []sim.NodeID{id}
		for step := 1; step <= reach; step++ {
			seen = append(seen, ring[(i+step)%n], ring[(i+n-step)%n])
		}
		if unseen := without(ring, seen); len(unseen) > 0 {
			slices.Sort(unseen)
			ends = append(ends, s.World.Disturb(sim.LinkRule{From: []sim.NodeID{id}, To: unseen, Cut: true}))
		}
	}
	return inTurn(ends)
}

// inTurn calls all of some functions.
func inTurn(fs []func()) func() {
	return func() {
		for _, f := range fs {
			f()
		}
	}
}

func (MajoritiesRing) Within(Model) error { return nil }

func (f MajoritiesRing) Weaker() []Fault {
	if f.Order == nil {
		return nil
	}
	return []Fault{MajoritiesRing{}}
}

func (MajoritiesRing) draw(d *dice) Fault {
	if len(d.servers) < 4 {
		return nil
	}
	return MajoritiesRing{d.shuffled("order", d.servers)}
}
