package naive

import (
	"fmt"

	"distsim/nodes/twopc"
	"distsim/nodes/wal"
	"distsim/nodes/wal/record"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// journal is what a machine saves: how its transactions stand, in order.
type journal struct {
	env *sim.Env
	log wal.Log
}

// entry is one record.
type entry struct {
	state        twopc.State
	tx           twopc.Tx
	coordinator  sim.NodeID
	participants []sim.NodeID
	legs         []ops.Leg
	balances     []int64 // of a decision: what the client is told
}

// durable is the notice to oneself that the log is on disk up to a place.
type durable struct{ End int }

const logName = "log"

// open reads what is on the disk. It reports false if that is corrupt: the process
// ends.
func (j *journal) open(env *sim.Env, replay func(entry)) bool {
	j.env = env
	mended, ok := j.log.Open(env, logName, func(payload []byte) error {
		d := record.Decode(payload)
		e := readEntry(&d)
		if !d.End() {
			return fmt.Errorf("a frame with a good checksum holds no record")
		}
		replay(e)
		return nil
	})
	if mended && ok {
		env.Send(env.ID(), durable{j.log.End()})
	}
	return ok
}

// save begins a sync. What is said after it leaves when that is done.
func (j *journal) save(e entry) {
	j.log.Append(appendEntry(j.log.Begin(), e))
	j.log.Sync()
	j.env.Send(j.env.ID(), durable{j.log.End()})
}

func appendEntry(b []byte, e entry) []byte {
	b = record.AppendInt(record.AppendInt(append(b, byte(e.state)), e.tx.Process), e.tx.N)
	b = record.AppendUint(record.AppendInt(b, e.tx.Try), e.tx.Epoch)
	b = record.AppendInt(record.AppendUint(b, uint64(e.coordinator)), len(e.participants))
	for _, id := range e.participants {
		b = record.AppendUint(b, uint64(id))
	}
	b = record.AppendInt(b, len(e.legs))
	for _, leg := range e.legs {
		b = record.AppendUint(record.AppendText(b, leg.Account), uint64(leg.Amount))
	}
	b = record.AppendInt(b, len(e.balances))
	for _, x := range e.balances {
		b = record.AppendUint(b, uint64(x))
	}
	return b
}

func readEntry(d *record.Decoder) entry {
	e := entry{state: twopc.State(d.Uint())}
	e.tx = twopc.Tx{Process: d.Int(), N: d.Int(), Try: d.Int(), Epoch: d.Uint()}
	e.coordinator, e.participants = sim.NodeID(d.Uint()), make([]sim.NodeID, d.Count())
	for i := range e.participants {
		e.participants[i] = sim.NodeID(d.Uint())
	}
	e.legs = make([]ops.Leg, d.Count())
	for i := range e.legs {
		e.legs[i] = ops.Leg{Account: d.Text(), Amount: int64(d.Uint())}
	}
	e.balances = make([]int64, d.Count())
	for i := range e.balances {
		e.balances[i] = int64(d.Uint())
	}
	return e
}

// reader reads what is durable of a journal, for invariants.
type reader struct{ frames wal.Reader }

// Next is the next durable entry.
func (r *reader) Next(file []byte) (twopc.Change, bool) {
	payload, ok := r.frames.Next(file)
	if !ok {
		return twopc.Change{}, false
	}
	d := record.Decode(payload)
	e := readEntry(&d)
	return twopc.Change{Tx: e.tx, State: e.state}, true
}
