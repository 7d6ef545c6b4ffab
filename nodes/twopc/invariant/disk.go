package invariant

import (
	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// witness is saved-before-said: what a message says is on its sender's disk when it
// leaves.
type witness struct {
	*knowledge
	hears   func(bank.Tx, State)
	speaker *member
	unsaved Change // what was heard and is not on the speaker's disk
}

// Name is the invariant's name.
func (s *witness) Name() string { return s.system.Prefix + "saved-before-said" }

// Check has nothing to say about events.
func (s *witness) Check(*sim.World, sim.NodeID) *sim.Violation { return nil }

// Leaves judges a message that leaves.
func (s *witness) Leaves(w *sim.World, from, to sim.NodeID, m sim.Message) *sim.Violation {
	said, ok := m.(Speaker)
	if !ok || !from.IsServer() {
		return nil
	}
	s.speaker, s.unsaved = s.member(w, from), Change{}
	said.Says(s.hears)
	if s.unsaved.State == 0 {
		return nil
	}
	return violation([]sim.NodeID{from}, "%v tells %v that %v is %v, and does not have that on its disk",
		from, to, s.unsaved.Tx, s.unsaved.State)
}

func (s *witness) hear(tx bank.Tx, state State) {
	if !s.speaker.saved(tx, state) {
		s.unsaved = Change{Tx: tx, State: state}
	}
	if f := s.fate(tx); state == Committed {
		f.told = with(f.told, s.speaker.id)
	}
}
