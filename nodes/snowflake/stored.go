package snowflake

import (
	"fmt"

	lockinvariant "distsim/nodes/lock/invariant"
	"distsim/sim"
)

// stored is that the service has stored a mark before an id leaves that lies beyond the
// one before, and that no mark goes back there. It looks at what the servers of the service
// carry out.
type stored struct {
	marks map[Worker]Milli
	deeds map[sim.NodeID]uint64 // that have been looked at, of its present incarnation
	inc   map[sim.NodeID]uint32
}

func newStored() *stored {
	return &stored{marks: map[Worker]Milli{}, deeds: map[sim.NodeID]uint64{}, inc: map[sim.NodeID]uint32{}}
}

// Name is the invariant's name, which is that of marks on disks too.
func (s *stored) Name() string { return "snowflake.saved-before-said" }

// Check looks at what a server of the service has carried out. That is repeated when it has
// started again, and elsewhere later, so that the highest mark counts.
func (s *stored) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	k, ok := w.Node(node).(lockinvariant.Keeper)
	if !ok {
		return nil
	}
	if inc := w.Incarnation(node); s.inc[node] != inc {
		s.inc[node], s.deeds[node] = inc, 0
	}
	for ; s.deeds[node] < k.Deeds(); s.deeds[node]++ {
		if v := s.note(node, k.Deed(s.deeds[node]+1)); v != nil {
			return v
		}
	}
	return nil
}

// note takes note of a mark, if that is what was written.
func (s *stored) note(by sim.NodeID, d lockinvariant.Deed) *sim.Violation {
	var w Worker
	if d.Kind != lockinvariant.Write {
		return nil
	}
	if n, _ := fmt.Sscanf(d.Lock, lockOf, &w.Datacenter, &w.Number); n != 2 {
		return nil
	}
	before, after := markOf(d.Before.Value), markOf(d.After.Value)
	s.marks[w] = max(s.marks[w], after)
	if after >= before {
		return nil
	}
	return &sim.Violation{Nodes: []sim.NodeID{by}, Fields: []sim.Place{{Node: by, Field: "held"}},
		Detail: fmt.Sprintf("the mark of worker %v goes back from %d to %d at %v", w, before, after, by)}
}

// Leaves judges an answer.
func (s *stored) Leaves(_ *sim.World, from, _ sim.NodeID, m sim.Message) *sim.Violation {
	r, ok := m.(*Reply)
	if !ok {
		return nil
	}
	for _, run := range r.Runs {
		if f := run.First.Decode(); f.Milli > s.marks[f.Worker] {
			return &sim.Violation{Nodes: []sim.NodeID{from}, Fields: []sim.Place{{Node: from, Field: "last"}},
				Detail: fmt.Sprintf("%v gives out %v, and the service has stored %d as the mark of worker %v", from, run.First, s.marks[f.Worker], f.Worker)}
		}
	}
	return nil
}
