package naive

import (
	"maps"
	"slices"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// lease is one that has not ended.
type lease struct {
	client sim.NodeID
	ttl    time.Duration
}

// leaseOver is the timer of a lease, on the store's monotonic clock.
type leaseOver struct{ Lease Lease }

func (s *Store) onOpen(from sim.NodeID, m *Open) {
	s.opened++
	id := Lease(s.env.Incarnation())<<32 | Lease(s.opened)
	s.leases[id] = &lease{from, m.TTL}
	s.env.Arm(leaseOver{id}, m.TTL)
	s.reply(&Opened{id})
}

func (s *Store) onKeepAlive(m *KeepAlive) {
	l := s.leases[m.Lease]
	if l != nil {
		s.env.Arm(leaseOver{m.Lease}, l.ttl)
	}
	s.reply(&Alive{l != nil})
}

func (s *Store) onRevoke(m *Revoke) { s.reply(&Alive{s.end(m.Lease, invariant.Release)}) }

// end ends a lease and removes the keys that hang on it: those whose latest put was
// under it. It reports whether the lease had not ended before.
func (s *Store) end(id Lease, kind invariant.Kind) bool {
	l := s.leases[id]
	if l == nil {
		return false
	}
	delete(s.leases, id)
	s.env.Cancel(leaseOver{id})
	whose := owner(l.client, id)
	by := nobody
	if kind == invariant.Release {
		by = whose
	}
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if before := s.keys[key]; before.owner == whose {
			delete(s.keys, key)
			s.did(kind, key, by, before)
		}
	}
	return true
}
