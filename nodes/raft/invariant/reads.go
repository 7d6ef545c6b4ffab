package invariant

import "distsim/sim"

// asking is reads that came in one event, and what was committed before it.
type asking struct{ first, last, committed uint64 }

// R10: a read index is at least the highest index that was acknowledged before
// the read began. Whatever was acknowledged had been committed by some node, so
// what any node had committed when the read came to the leader is the measure.
// It may be more than was acknowledged, and is no more than the leader of a
// confirmed read knows: what earlier leaders have committed stands before the
// first entry of its own term, and nobody after it has led yet.
func (k *knowledge) readIsCurrent(m *member) *sim.Violation {
	if m.now.Asked > m.was.Asked {
		m.asked = append(m.asked, asking{m.was.Asked + 1, m.now.Asked, k.earlier})
	}
	if m.now.Served <= m.was.Served {
		return nil
	}
	if least := m.servedAfter(m.now.Served); m.now.ReadIndex < least {
		return k.violation([]string{"read.index", "commit", "term"}, []sim.NodeID{m.id, k.committed[least].by},
			"%v, leader of term %d, served a read at index %d that came after entry %d had been committed, by %v in term %d",
			m.id, m.now.Term, m.now.ReadIndex, least, k.committed[least].by, k.committed[least].in)
	}
	return nil
}

// servedAfter forgets the reads up to one and returns what had been committed
// before the last of them came.
func (m *member) servedAfter(served uint64) (committed uint64) {
	over := 0
	for over < len(m.asked) && m.asked[over].first <= served {
		committed = m.asked[over].committed
		if m.asked[over].last > served {
			break
		}
		over++
	}
	m.asked = append(m.asked[:0], m.asked[over:]...)
	return committed
}
