package invariant

import (
	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// witness is saved-before-said: what a message says is on its sender's disk when it
// leaves. Where nothing is saved it is noted-before-said: the sender has noted it.
type witness struct {
	*knowledge
	hears   func(bank.Tx, State)
	speaker *member
	unsaved Change   // what was heard and is not on the speaker's disk
	noted   []Change // by the speaker: crash-stop only
}

// Name is the invariant's name.
func (s *witness) Name() string {
	if s.system.CrashStop {
		return s.system.Prefix + "noted-before-said"
	}
	return s.system.Prefix + "saved-before-said"
}

// Check has nothing to say about events.
func (s *witness) Check(*sim.World, sim.NodeID) *sim.Violation { return nil }

// Leaves judges a message that leaves.
func (s *witness) Leaves(w *sim.World, from, to sim.NodeID, m sim.Message) *sim.Violation {
	said, ok := m.(Speaker)
	if !ok || !from.IsServer() {
		return nil
	}
	s.speaker, s.unsaved = s.member(w, from), Change{}
	lacks := "does not have that on its disk"
	if node, ok := w.Node(from).(Node); ok && s.system.CrashStop {
		s.noted, lacks = node.Changes(), "has not come to that"
	}
	said.Says(s.hears)
	if s.unsaved.State == 0 {
		return nil
	}
	return violation([]sim.NodeID{from}, "%v tells %v that %v is %v, and %s", from, to, s.unsaved.Tx, s.unsaved.State, lacks)
}

func (s *witness) hear(tx bank.Tx, state State) {
	done := s.speaker.saved(tx, state)
	if s.system.CrashStop {
		done = s.hasNoted(tx, state)
		s.fate(tx).said(s.speaker.id, state)
	}
	if !done {
		s.unsaved = Change{Tx: tx, State: state}
	}
	if f := s.fate(tx); state == Committed {
		f.told = with(f.told, s.speaker.id)
	}
}

// hasNoted looks at the latest notes first: most messages are about those.
func (s *witness) hasNoted(tx bank.Tx, state State) bool {
	for i := len(s.noted) - 1; i >= 0; i-- {
		if c := &s.noted[i]; c.Tx == tx && c.State == state {
			return true
		}
	}
	return false
}

// said counts what has left, though the speaker may be struck before its step is over,
// and then nobody sees what it has noted.
func (f *fate) said(id sim.NodeID, state State) {
	switch state {
	case Prepared:
		f.promised = with(f.promised, id)
	case Committed:
		f.committed = with(f.committed, id)
	case Aborted:
		f.aborted = with(f.aborted, id)
	}
}
