package kv

import (
	"slices"

	"distsim/sim"
	"distsim/sim/history/ops"
)

// Reads is how a server answers a get. All other operations go through the log.
type Reads uint8

const (
	// FromLog puts gets into the log like everything else: safe, and as dear as a
	// write.
	FromLog Reads = iota
	// ByIndex answers from the leader's store once a quorum has confirmed that it
	// still leads (ReadIndex, Ongaro's dissertation §6.4): safe, for a round trip.
	ByIndex
	// FromMemory answers from the store of whoever believes that it leads, at
	// once. That is not safe: a leader that was deposed unawares gives old values
	// (Jepsen on etcd 0.4.1).
	FromMemory
)

var readsNames = [...]string{"log", "index", "local"}

// String names the mode as scenarios spell it.
func (r Reads) String() string { return readsNames[r] }

// ReadsNames lists the modes.
func ReadsNames() []string { return slices.Clone(readsNames[:]) }

// ParseReads reads what String prints.
func ParseReads(s string) (Reads, bool) {
	i := slices.Index(readsNames[:], s)
	return Reads(max(i, 0)), i >= 0
}

// reading is a client that is owed the value of a key.
type reading struct {
	key string
	to  sim.ReplyTo
}

// read answers a get without the log, now or when Readable says so.
func (s *Server) read(env *sim.Env, m *Request) {
	r := reading{m.Op.Key, env.ReplyTo()}
	if s.cfg.Reads == FromMemory {
		s.answer(r)
		return
	}
	s.reading = append(s.reading, r)
	s.raft.Read()
}

// Readable answers the oldest gets.
func (s *Server) Readable(count int) {
	for _, r := range s.reading[:count] {
		s.answer(r)
	}
	s.reading = append(s.reading[:0], s.reading[count:]...)
}

func (s *Server) answer(r reading) {
	value, found := s.store.Get(r.key)
	s.env.Reply(r.to, &Reply{Status: Done, Result: ops.Result{Value: value, Found: found}})
}
