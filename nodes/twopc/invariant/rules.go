package invariant

import (
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// judge judges one change by every rule, then takes it for known.
func (k *knowledge) judge(m *member, c *Change) {
	f := k.fate(c.Tx)
	if len(c.Of) > 0 {
		f.participants = c.Of
	}
	k.report(noReversal, m.reverses(c))
	switch c.State {
	case Voted:
		m.vote(c)
		return // of somebody else
	case Prepared:
		f.promised = with(f.promised, m.id)
	case Committed:
		k.report(agreement, disagrees(c.Tx, m.id, "commits", f.aborted, "aborted"))
		if len(f.committed) == 0 || len(f.committed) == 1 && f.committed[0] == m.id { // it may have said so
			k.report(allVotedYes, k.unpromised(m.id, c.Tx, f))
		}
		f.committed = with(f.committed, m.id)
	case Aborted:
		k.report(agreement, disagrees(c.Tx, m.id, "aborts", f.committed, "committed"))
		k.report(noNeedlessAbort, m.needless(c.Tx, f))
		f.aborted = with(f.aborted, m.id)
	}
	m.set(c)
}

// AC1: no two machines decide a transaction differently.
func disagrees(tx bank.Tx, id sim.NodeID, does string, others []sim.NodeID, did string) *sim.Violation {
	if len(others) == 0 {
		return nil
	}
	return violation([]sim.NodeID{id, others[0]}, "%v %s %v, which %v has %s", id, does, tx, others[0], did)
}

// AC2: a machine does not go back on a decision, nor on its word.
func (m *member) reverses(c *Change) *sim.Violation {
	was := m.state[c.Tx]
	gone := was == Committed && c.State != Committed && c.State != Ended ||
		was == Aborted && c.State != Aborted ||
		was == Ended && c.State != Ended && c.State != Committed
	if !gone {
		return nil
	}
	return violation([]sim.NodeID{m.id}, "%v had %v %v, and now it is %v there", m.id, was, c.Tx, c.State)
}

// AC3: whoever commits first, every participant has promised to, and has it on its
// disk.
func (k *knowledge) unpromised(id sim.NodeID, tx bank.Tx, f *fate) *sim.Violation {
	for _, p := range f.participants {
		if !slices.Contains(f.promised, p) {
			return violation([]sim.NodeID{id, p}, "%v commits %v, and %v has not voted yes", id, tx, p)
		}
		if m := k.members[p]; !m.saved(tx, Prepared) {
			return violation([]sim.NodeID{id, p}, "%v commits %v, and the promise of %v is not on its disk", id, tx, p)
		}
	}
	return nil
}

func (m *member) vote(c *Change) {
	if m.votes == nil {
		m.votes = map[bank.Tx][]sim.NodeID{}
	}
	m.votes[c.Tx] = with(m.votes[c.Tx], c.By)
}

// AC4: a coordinator that has heard yes from all commits.
func (m *member) needless(tx bank.Tx, f *fate) *sim.Violation {
	if n := len(m.votes[tx]); n == 0 || n < len(f.participants) {
		return nil
	}
	return violation([]sim.NodeID{m.id}, "%v aborts %v, although it has heard yes from all %d participants", m.id, tx, len(f.participants))
}

// strayLock: a lock is held by a promise that has not been kept yet.
func (m *member) strayLock() *sim.Violation {
	node, ok := m.world.Node(m.id).(Locker)
	if !ok {
		return nil
	}
	for _, lock := range node.Held() {
		if s := m.state[lock.Tx]; s != Prepared && s != PreCommitted {
			return violation([]sim.NodeID{m.id}, "%v keeps %s locked for %v, which is %v there", m.id, lock.Account, lock.Tx, s.orUnknown())
		}
	}
	return nil
}

func (s State) orUnknown() string {
	if s == 0 {
		return "unknown"
	}
	return s.String()
}
