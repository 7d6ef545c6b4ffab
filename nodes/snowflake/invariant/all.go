package invariant

import "distsim/sim"

// System says how to judge the generators of a world.
type System struct {
	Prefix string // of the invariants' names; "": snowflake.
	Epoch  int64  // of the ids, in nanoseconds since 1970

	// File is what Disk reads.
	File string
	// Disk makes the reader of one machine's file; nil: marks are not on the
	// generators' own disks, and others see to them.
	Disk func(id sim.NodeID) Disk
}

// All is every invariant of a system, for one world.
func All(s System) []sim.Invariant {
	if s.Prefix == "" {
		s.Prefix = "snowflake."
	}
	all := []sim.Invariant{
		witness(s.Prefix+"unique", &unique{}),
		witness(s.Prefix+"positive", &positive{}),
		witness(s.Prefix+"increasing", &increasing{last: map[source]id{}}),
		witness(s.Prefix+"fields", &fields{epoch: s.Epoch}),
	}
	if s.Disk != nil {
		all = append(all, witness(s.Prefix+"saved-before-said", &saved{system: s}))
	}
	return all
}

// rule is one of the invariants.
type rule interface {
	// sees is told of every event on a server, and of every answer before it is judged.
	sees(w *sim.World, server sim.NodeID)
	// judges looks at ids that leave a server, and says what is wrong with them, or nil.
	judges(w *sim.World, server sim.NodeID, first id, n int) *sim.Violation
}

// heard turns a rule into an invariant.
type heard struct {
	name  string
	rule  rule
	hears func(first int64, n int) // made once

	// The answer being judged.
	world  *sim.World
	server sim.NodeID
	found  *sim.Violation
}

func witness(name string, r rule) sim.Invariant {
	h := &heard{name: name, rule: r}
	h.hears = h.hear
	return h
}

// Name is the invariant's name.
func (h *heard) Name() string { return h.name }

// Check lets the rule look at an event.
func (h *heard) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	if node.IsServer() {
		h.rule.sees(w, node)
	}
	return nil
}

// Leaves judges an answer that leaves.
func (h *heard) Leaves(w *sim.World, from, _ sim.NodeID, m sim.Message) *sim.Violation {
	answer, ok := m.(Answer)
	if !ok || !from.IsServer() {
		return nil
	}
	h.rule.sees(w, from)
	h.world, h.server, h.found = w, from, nil
	answer.Gives(h.hears)
	return h.found
}

// hear judges a run of ids, unless something wrong has been found in the answer.
func (h *heard) hear(first int64, n int) {
	if h.found == nil {
		h.found = h.rule.judges(h.world, h.server, id(first), n)
	}
}
