// Package naive is the id generator as it is copied from page to page, with the classic
// mistakes. They are the lesson; nothing here is to be used.
//
//   - The last timestamp is kept in memory only, and nobody looks whether the clock has
//     gone back: after a step back, or a restart with a clock that is behind, it gives
//     out again what it has given out before.
//   - When a millisecond is full it waits for the next one, and then goes on with the
//     timestamp that it had read before: the first id of the full millisecond comes twice.
//   - Its worker id is a number in its configuration, on which nobody has a lease.
//
// Messages, clients, histories and invariants are those of package snowflake.
package naive

import (
	"time"

	"distsim/nodes/snowflake"
	"distsim/sim"
)

// Server is a machine that gives out ids.
type Server struct {
	worker   snowflake.Worker
	env      *sim.Env
	last     snowflake.Milli
	sequence int
	full     bool // the sequence has come round, and it waits for the next millisecond
	queue    []waiting
}

// waiting is a request that is being served.
type waiting struct {
	to   sim.ReplyTo
	need int
	runs []snowflake.Run
}

// New is a build function for a generator; for World.AddServer.
func New(w snowflake.Worker) func() sim.Node {
	return func() sim.Node { return &Server{worker: w} }
}

// nextDue is when the next millisecond begins.
type nextDue struct{}

// Step handles one message.
func (s *Server) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.env = env
	case *snowflake.Request:
		s.queue = append(s.queue, waiting{to: env.ReplyTo(), need: m.N})
		s.serve()
	case nextDue:
		s.serve()
	}
}

// serve gives ids to those who wait, in their order.
func (s *Server) serve() {
	if s.env.Armed(nextDue{}) {
		return
	}
	for len(s.queue) > 0 {
		r := &s.queue[0]
		for ; r.need > 0; r.need-- {
			id, ok := s.next()
			if !ok {
				s.env.Arm(nextDue{}, s.restOfMilli())
				return
			}
			r.add(id)
		}
		s.env.Reply(r.to, &snowflake.Reply{Status: snowflake.Issued, Runs: r.runs})
		s.queue = s.queue[1:]
	}
}

// next is the next id, or says that this millisecond is full.
func (s *Server) next() (snowflake.ID, bool) {
	now := s.now()
	switch {
	case s.full: // the wait is over; the timestamp stays what it was
		s.full = false
	case now == s.last:
		s.sequence = (s.sequence + 1) % snowflake.PerMilli
		if s.sequence == 0 {
			s.full = true
			return 0, false
		}
	default: // also when now is before last
		s.last, s.sequence = now, 0
	}
	return snowflake.Fields{Milli: s.last, Worker: s.worker, Sequence: s.sequence}.Pack(), true
}

func (s *Server) now() snowflake.Milli {
	return snowflake.Milli((s.env.Now() - sim.WallEpoch) / int64(time.Millisecond))
}

// restOfMilli is how long the millisecond lasts that the clock shows.
func (s *Server) restOfMilli() time.Duration {
	return time.Millisecond - time.Duration((s.env.Now()-sim.WallEpoch)%int64(time.Millisecond))
}

// add adds an id to what the request has.
func (r *waiting) add(id snowflake.ID) {
	if n := len(r.runs); n > 0 && r.runs[n-1].Last()+1 == id {
		r.runs[n-1].N++
		return
	}
	r.runs = append(r.runs, snowflake.Run{First: id, N: 1})
}

// View shows who the generator is, and the last millisecond that it gave out ids of.
func (s *Server) View(v *sim.View) {
	v.Text("role", "generator")
	v.Text("worker", s.worker.String())
	v.Int("last", int64(s.last))
	v.Int("sequence", int64(s.sequence))
}

// Has reports whether it is that worker.
func (s *Server) Has(datacenter, worker int) bool {
	return s.worker == snowflake.Worker{Datacenter: uint8(datacenter), Number: uint8(worker)}
}
