package resource

import (
	"errors"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// entry is one record on the disk: a write that was accepted.
type entry struct {
	write   invariant.Acceptance
	process int
	n       uint64
	value   string
}

// durable is the notice to oneself that the log is on the disk up to a place.
type durable struct{ End int }

const logName = "log"

// open reads what is on the disk.
func (s *Server) open() {
	mended, ok := s.log.Open(s.env, logName, func(payload []byte) error {
		e, err := readEntry(payload)
		if err == nil {
			e.write.Recovered = true
			s.accept(&e)
		}
		return err
	})
	if ok && mended {
		s.notice()
	}
}

// save begins a sync. What is said after it leaves when that is done.
func (s *Server) save(e *entry) {
	s.log.Append(appendEntry(s.log.Begin(), e))
	s.log.Sync()
	s.notice()
}

func (s *Server) notice() { s.env.Send(s.env.ID(), durable{s.log.End()}) }

func appendEntry(b []byte, e *entry) []byte {
	b = record.AppendText(b, e.write.Lock)
	b = record.AppendUint(b, e.write.Token)
	b = record.AppendUint(b, uint64(e.write.By))
	b = record.AppendUint(record.AppendInt(b, e.process), e.n)
	return record.AppendText(b, e.value)
}

func readEntry(b []byte) (e entry, err error) {
	d := record.Decode(b)
	e.write = invariant.Acceptance{Lock: d.Text(), Token: d.Uint(), By: sim.NodeID(d.Uint())}
	e.process, e.n, e.value = d.Int(), d.Uint(), d.Text()
	if !d.End() {
		return e, errors.New("a frame with a good checksum holds no record")
	}
	return e, nil
}
