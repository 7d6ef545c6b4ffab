package kv

import "distsim/sim"

// Canonical shows all that the server's future depends on: its Raft node, the
// store by its hash, and whom it owes an answer.
func (s *Server) Canonical(v *sim.View) {
	v.CanonicalPart(s.part, s.raft)
	for _, w := range s.waiting {
		v.Int("waiting", int64(w.at))
		v.PastEpoch("waiting.term", uint64(w.term))
	}
	for _, r := range s.reading {
		v.Text("reading", r.key)
	}
}
