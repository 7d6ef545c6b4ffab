package invariant

import "distsim/sim"

// readDisk takes in what has become durable on a node's disk, noting for R6
// what must not.
func (k *knowledge) readDisk(m *member) {
	file := m.world.Durable(m.id, m.file)
	for {
		r, ok := m.disk.Next(file)
		if !ok {
			return
		}
		if r.Index == 0 {
			k.noteVote(m, r)
			continue
		}
		i := min(r.Index, uint64(len(m.stored)))
		m.stored = append(m.stored[:i], m.stored[i-1].then(r.Term, r.Command))
	}
}

func (k *knowledge) noteVote(m *member, r Record) {
	if k.recanted == nil {
		k.recanted = k.recants(m, r.Term, r.Vote, "on its disk")
	}
	m.term, m.vote = r.Term, r.Vote
}

// recants compares a term and vote with what the disk has said so far.
func (k *knowledge) recants(m *member, term uint64, vote sim.NodeID, where string) *sim.Violation {
	switch {
	case term < m.term:
		return k.violation([]string{"term"}, []sim.NodeID{m.id},
			"%v has gone back from term %d to term %d %s", m.id, m.term, term, where)
	case term == m.term && vote != m.vote && m.vote != 0:
		return k.violation([]string{"vote", "term"}, []sim.NodeID{m.id},
			"%v has changed its vote in term %d from %v to %v %s", m.id, term, m.vote, vote, where)
	}
	return nil
}

// R6: the term on disk never falls, the vote there is given once per term, and
// a node never knows less than its disk.
func (k *knowledge) durableTermAndVote(m *member) *sim.Violation {
	if v := k.recanted; v != nil {
		k.recanted = nil
		return v
	}
	if m.node == nil {
		return nil
	}
	where := "in memory, behind its disk"
	if len(m.world.Durable(m.id, m.file)) == 0 {
		where = "in memory: its disk has been emptied"
	}
	return k.recants(m, m.now.Term, m.now.Vote, where)
}

// R8: when an entry is first committed, it and all before it are on the disks
// of a majority of the voters.
func (k *knowledge) commitOnDisk(m *member) *sim.Violation {
	if !k.grown {
		return nil
	}
	last := uint64(len(k.committed)) - 1
	voters, on := m.node.Voters(), 0
	for _, id := range voters {
		v := k.member(m.world, id)
		k.readDisk(v)
		if v.keeps(last, k.committed[last].place) {
			on++
		}
	}
	if on > len(voters)/2 {
		return nil
	}
	return k.violation([]string{"commit"}, []sim.NodeID{m.id},
		"%v committed entry %d of term %d, which is on %d of %d disks", m.id, last, k.committed[last].term, on, len(voters))
}

// R9: what a leader believes to be on a voter's disk is there. A voter that has
// gone on to a later term may have replaced it since; it proves nothing.
func (k *knowledge) matchIsTrue(m *member) *sim.Violation {
	if !m.now.Leads || !m.becameLeader() && m.now.Matched == m.was.Matched {
		return nil
	}
	voters := m.node.Voters()
	if m.reign != m.now.Term || len(m.credited) != len(voters) {
		m.reign, m.credited = m.now.Term, append(m.credited[:0], make([]uint64, len(voters))...)
	}
	for i, id := range voters {
		match := m.node.Match(id)
		if match <= m.credited[i] {
			continue
		}
		m.credited[i] = match
		v := k.member(m.world, id)
		k.readDisk(v)
		if v.term > m.now.Term || m.has(match) && v.keeps(match, m.log[match]) {
			continue
		}
		return k.violation([]string{"commit", "log.last"}, []sim.NodeID{m.id, id},
			"%v, leader of term %d, believes that %v has its log up to %d on disk, and it does not", m.id, m.now.Term, id, match)
	}
	return nil
}
