package naive

import (
	"maps"
	"slices"
	"strings"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// Store is a key-value store with leases, in the memory of one machine.
type Store struct {
	env    *sim.Env
	keys   map[string]entry
	leases map[Lease]*lease
	opened uint32 // leases in this incarnation

	told  uint64           // deeds before those of this event
	deeds []invariant.Deed // of this event
}

// entry is a key's value, and under whose lease it was put last.
type entry struct {
	value string
	owner invariant.Owner
}

// NewStore is a Store; for World.AddServer.
func NewStore() sim.Node { return &Store{} }

// Step answers requests, and ends leases.
func (s *Store) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	s.told += uint64(len(s.deeds))
	s.deeds = s.deeds[:0]
	switch m := m.(type) {
	case sim.Boot:
		s.env, s.keys, s.leases = env, map[string]entry{}, map[Lease]*lease{}
	case *Open:
		s.onOpen(from, m)
	case *KeepAlive:
		s.onKeepAlive(m)
	case *Revoke:
		s.onRevoke(m)
	case *Put:
		s.onPut(from, m)
	case *Get:
		e, ok := s.keys[m.Key]
		s.reply(&Found{e.value, ok})
	case *Delete:
		s.onDelete(from, m)
	case leaseOver:
		s.end(m.Lease, invariant.Lapse)
	}
}

// onPut stores the value. For a lock that is a grant if there was no key, and else a
// refusal: so the user will take it. The store does as it is told all the same.
func (s *Store) onPut(from sim.NodeID, m *Put) {
	by := owner(from, m.Lease)
	before, existed := s.keys[m.Key]
	if s.leases[m.Lease] == nil {
		s.did(invariant.Refuse, m.Key, by, before)
		s.reply(&Previous{Refused: true})
		return
	}
	if !existed || !m.IfAbsent {
		s.keys[m.Key] = entry{m.Value, by}
	}
	kind := invariant.Grant
	if existed {
		kind = invariant.Refuse
	}
	s.did(kind, m.Key, by, before)
	s.reply(&Previous{Value: before.value, Existed: existed})
}

// onDelete removes the key, if it is there and, where that was asked for, has the value
// expected.
func (s *Store) onDelete(from sim.NodeID, m *Delete) {
	before, existed := s.keys[m.Key]
	existed = existed && (m.If == "" || before.value == m.If)
	kind := invariant.Refuse
	if existed {
		kind = invariant.Release
		delete(s.keys, m.Key)
	}
	s.did(kind, m.Key, owner(from, m.Lease), before)
	s.reply(&Deleted{existed})
}

func (s *Store) reply(m sim.Message) { s.env.Reply(s.env.ReplyTo(), m) }

// did tells of a deed that is done, for the invariants.
func (s *Store) did(kind invariant.Kind, key string, by invariant.Owner, before entry) {
	s.deeds = append(s.deeds, invariant.Deed{Kind: kind, Lock: key, By: by, Before: before.state(), After: s.keys[key].state()})
}

// state leaves out the value, which says no more than the owner.
func (e entry) state() invariant.State { return invariant.State{Owner: e.owner} }

// owner is a user by its lease.
func owner(client sim.NodeID, l Lease) invariant.Owner {
	return invariant.Owner{Client: client, Session: uint64(l)}
}

// Deeds counts what the store has done to locks in this incarnation.
func (s *Store) Deeds() uint64 { return s.told + uint64(len(s.deeds)) }

// Deed is the i-th of them, from 1; those of the latest event are kept.
func (s *Store) Deed(i uint64) invariant.Deed { return s.deeds[i-s.told-1] }

// Alive reports whether an owner's lease has not ended.
func (s *Store) Alive(o invariant.Owner) bool {
	l := s.leases[Lease(o.Session)]
	return l != nil && l.client == o.Client
}

// View shows who holds what.
func (s *Store) View(v *sim.View) {
	var held []string
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		held = append(held, key+": "+s.keys[key].value)
	}
	v.Text("held", strings.Join(held, ", "))
}
