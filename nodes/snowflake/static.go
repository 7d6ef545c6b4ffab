package snowflake

import (
	"fmt"

	"distsim/nodes/wal"
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// static is a worker id that was given to the machine for good, in its configuration, and
// the mark in a log on its own disk.
type static struct {
	worker Worker
	env    *sim.Env
	owner  owner
	log    wal.Log
}

// markFile is the log of marks: each frame holds one, and the highest counts.
const markFile = "mark"

// saved is the notice to oneself that a mark is on disk, or, with none, what a crash had
// left.
type saved struct {
	End  int
	Mark Milli
}

// Summary describes the notice in a transcript.
func (m saved) Summary() string { return fmt.Sprintf("%d bytes are on disk", m.End) }

func (s *static) boot(env *sim.Env, o owner) {
	s.env, s.owner = env, o
	var mark Milli
	mended, ok := s.log.Open(env, markFile, func(payload []byte) error {
		m, err := readMark(payload)
		mark = max(mark, m)
		return err
	})
	switch {
	case !ok: // the process ends
		return
	case mended:
		env.Send(env.ID(), saved{End: s.log.End()})
	}
	o.acquired(s.worker, mark)
}

func (s *static) extend(mark Milli) {
	s.log.Append(record.AppendUint(s.log.Begin(), uint64(mark)))
	s.log.Sync()
	s.env.Send(s.env.ID(), saved{s.log.End(), mark})
}

func (s *static) step(_ sim.NodeID, m sim.Message) {
	if m, ok := m.(saved); ok {
		s.log.Marked(m.End)
		if m.Mark > 0 {
			s.owner.extended(m.Mark)
		}
	}
}

func readMark(payload []byte) (Milli, error) {
	d := record.Decode(payload)
	m := d.Uint()
	if !d.End() || m == 0 || m > uint64(MaxMilli) {
		return 0, fmt.Errorf("a frame with a good checksum holds no mark")
	}
	return Milli(m), nil
}
