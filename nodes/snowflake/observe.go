package snowflake

import (
	"slices"

	"distsim/nodes/snowflake/invariant"
	"distsim/nodes/wal"
	"distsim/sim"
)

// View shows who the generator is, how it fares, the last millisecond that it gave out ids
// of (before any, what it began with), and its mark.
func (s *Server) View(v *sim.View) {
	v.Text("role", "generator")
	worker := "-"
	if s.home {
		worker = s.workers[len(s.workers)-1].String()
	}
	v.Text("worker", worker)
	v.Text("state", s.state.String())
	v.Int("last", int64(s.gen.Last()))
	v.Int("mark", int64(s.mark))
	v.Int("waiting", int64(len(s.queue)))
}

// Has reports whether the machine has had a worker id in this incarnation.
func (s *Server) Has(datacenter, worker int) bool {
	return slices.Contains(s.workers, Worker{uint8(datacenter), uint8(worker)})
}

// Waiting is how many requests wait.
func (s *Server) Waiting() int { return len(s.queue) }

// Invariants are the properties that must hold among generators of this configuration
// with marks on their own disks. Pass them to one world only.
func (c Config) Invariants() []sim.Invariant {
	return invariant.All(invariant.System{
		Epoch: c.complete().Epoch,
		File:  markFile,
		Disk:  func(sim.NodeID) invariant.Disk { return &markReader{} },
	})
}

// markReader reads the marks that are durable on a machine's disk.
type markReader struct{ frames wal.Reader }

// Next is the next one.
func (r *markReader) Next(file []byte) (mark int64, ok bool) {
	payload, ok := r.frames.Next(file)
	if !ok {
		return 0, false
	}
	m, err := readMark(payload)
	return int64(m), err == nil
}
