package invariant

import "distsim/sim"

// R3, Log Matching: if two logs contain an entry with the same index and term,
// they are identical in all entries up through it.
func (k *knowledge) logMatching(m *member) *sim.Violation {
	for i := m.fresh; m.has(i); i++ {
		seen, first := k.sight(i, m)
		if first || seen.hash == m.log[i].hash {
			continue
		}
		return k.violation([]string{"log.last", "log.lastTerm"}, []sim.NodeID{m.id, seen.by},
			"%v and %v have each held an entry %d of term %d, but their logs up to it differ", m.id, seen.by, i, seen.term)
	}
	return nil
}

// sight is who first held an entry of m's index and term; first: m itself, now.
func (k *knowledge) sight(i uint64, m *member) (s sighting, first bool) {
	s = sighting{m.log[i], m.id}
	if i >= uint64(len(k.sighted)) {
		for j := uint64(len(k.sighted)); j <= i; j++ {
			k.sighted = append(k.sighted, sighting{m.log[j], m.id})
		}
		return s, true
	}
	if k.sighted[i].term == s.term {
		return k.sighted[i], false
	}
	at := position{i, s.term}
	if other, ok := k.others[at]; ok {
		return other, false
	}
	k.others[at] = s
	return s, true
}

// R5, State Machine Safety: no two nodes apply, or commit, different entries at
// one index; and applying the same entries leads to the same state.
func (k *knowledge) stateMachineSafety(m *member) *sim.Violation {
	if c := m.now.Commit; c > m.was.Commit && m.has(c) && !m.holds(c, k.committed[c].place) {
		return k.conflict(m, c)
	}
	for i := m.was.Applied + 1; i <= m.now.Applied && m.has(i); i++ {
		a := application{m.log[i], m.node.StateHash(i), m.id}
		if i == uint64(len(k.applied)) {
			k.applied = append(k.applied, a)
		}
		if i >= uint64(len(k.applied)) { // after a violation, which was found once
			return nil
		}
		switch b := k.applied[i]; {
		case a.place != b.place:
			return k.violation([]string{"applied", "commit"}, []sim.NodeID{m.id, b.by},
				"%v and %v have applied different entries up to %d (of terms %d and %d)", m.id, b.by, i, a.term, b.term)
		case a.state != b.state:
			return k.violation([]string{"applied"}, []sim.NodeID{m.id, b.by},
				"%v and %v have applied the same entries up to %d and are in different states", m.id, b.by, i)
		}
	}
	return nil
}

// conflict says where m committed something else than somebody before it.
func (k *knowledge) conflict(m *member, i uint64) *sim.Violation {
	for !m.holds(i-1, k.committed[i-1].place) {
		i--
	}
	c := k.committed[i]
	return k.violation([]string{"commit", "log.last"}, []sim.NodeID{m.id, c.by},
		"%v and %v have committed different entries at %d (of terms %d and %d)", m.id, c.by, i, m.log[i].term, c.term)
}

// R7: applied ≤ commit ≤ last, and in an incarnation neither applied nor commit
// ever falls.
func (k *knowledge) appliedCommitLast(m *member) *sim.Violation {
	s := &m.now
	switch {
	case s.Applied > s.Commit:
		return k.violation([]string{"applied", "commit"}, []sim.NodeID{m.id},
			"%v has applied up to %d but knows only %d to be committed", m.id, s.Applied, s.Commit)
	case s.Commit > s.Last:
		return k.violation([]string{"commit", "log.last"}, []sim.NodeID{m.id},
			"%v has committed up to %d, beyond its log, which ends at %d", m.id, s.Commit, s.Last)
	case s.Commit < m.was.Commit:
		return k.violation([]string{"commit"}, []sim.NodeID{m.id},
			"commit at %v fell from %d to %d", m.id, m.was.Commit, s.Commit)
	case s.Applied < m.was.Applied:
		return k.violation([]string{"applied"}, []sim.NodeID{m.id},
			"applied at %v fell from %d to %d", m.id, m.was.Applied, s.Applied)
	}
	return nil
}
