package invariant

import (
	"sort"

	"distsim/sim"
)

// R1, Election Safety: at most one leader can be elected in a given term.
func (k *knowledge) oneLeaderPerTerm(m *member) *sim.Violation {
	if !m.becameLeader() {
		return nil
	}
	other, led := k.leaders[m.now.Term]
	if !led {
		k.leaders[m.now.Term] = m.id
		return nil
	}
	if other == m.id {
		return nil
	}
	return k.violation([]string{"role", "term"}, []sim.NodeID{m.id, other},
		"%v became leader in term %d, which %v has led", m.id, m.now.Term, other)
}

// R2, Leader Append-Only: a leader never overwrites or deletes entries in its log.
func (k *knowledge) leaderAppendOnly(m *member) *sim.Violation {
	stays := m.was.Leads && m.now.Leads && m.was.Term == m.now.Term
	if !stays || m.now.Cuts == m.was.Cuts && m.now.Last >= m.was.Last {
		return nil
	}
	return k.violation([]string{"log.last", "role"}, []sim.NodeID{m.id},
		"%v, leader of term %d, removed entries from its log, which ended at %d", m.id, m.now.Term, m.was.Last)
}

// R4, Leader Completeness: an entry committed in a term is in the logs of the
// leaders of all higher terms. It is checked when a leader begins, and for all
// leaders when something is committed.
func (k *knowledge) leaderCompleteness(m *member) *sim.Violation {
	if k.grown {
		for _, leader := range k.members {
			if v := k.incomplete(leader); v != nil {
				return v
			}
		}
	} else if m.becameLeader() {
		return k.incomplete(m)
	}
	return nil
}

// incomplete says what a leader lacks.
func (k *knowledge) incomplete(leader *member) *sim.Violation {
	if !leader.now.Leads {
		return nil
	}
	// The terms of commitment never decrease, unless something is wrong already.
	earlier := sort.Search(len(k.committed), func(i int) bool { return k.committed[i].in >= leader.now.Term })
	if earlier < 2 || leader.holds(uint64(earlier-1), k.committed[earlier-1].place) {
		return nil
	}
	i := uint64(1)
	for leader.holds(i, k.committed[i].place) {
		i++
	}
	c := k.committed[i]
	return k.violation([]string{"role", "term", "log.last", "commit"}, []sim.NodeID{leader.id, c.by},
		"%v leads term %d without entry %d, which %v committed in term %d", leader.id, leader.now.Term, i, c.by, c.in)
}
