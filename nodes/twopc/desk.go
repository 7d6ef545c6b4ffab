package twopc

import (
	"slices"

	"distsim/nodes/wal"
	"distsim/sim"
)

// desk is where a machine saves and says: handlers write records and messages down,
// and at the end of the step all records go into the log at once, then all
// messages leave. So nothing is said before what it rests on is saved, and a step
// that handles many messages costs one sync.
type desk struct {
	env    *sim.Env
	self   sim.NodeID
	log    wal.Log
	buf    []byte // records of this step
	forced bool   // some of them must be durable before anything is said
	pack   bool   // messages to one machine go as one
	out    []letter
}

// letter is a message that waits for the end of the step.
type letter struct {
	to    sim.NodeID
	reply sim.ReplyTo // a client's call, if set
	msg   sim.Message
}

// logName is the file that everybody writes.
const logName = "log"

// openLog replays what is on the disk. It reports false if that is corrupt: the
// process ends.
func (d *desk) openLog(replay func(*line)) bool {
	mended, ok := d.log.Open(d.env, logName, func(payload []byte) error { return readLines(payload, replay) })
	if mended && ok {
		d.env.Send(d.self, durable{d.log.End()})
	}
	return ok
}

// send puts a message on the desk.
func (d *desk) send(to sim.NodeID, m sim.Message) { d.out = append(d.out, letter{to: to, msg: m}) }

// reply puts the answer to a call on the desk.
func (d *desk) reply(to sim.ReplyTo, m sim.Message) {
	if to != (sim.ReplyTo{}) {
		d.out = append(d.out, letter{reply: to, msg: m})
	}
}

// finish ends a step: save, then say.
func (d *desk) finish() {
	if len(d.buf) > 0 {
		d.log.Append(append(d.log.Begin(), d.buf...))
		d.buf = d.buf[:0]
	}
	if d.forced {
		d.forced = false
		d.log.Sync()
		d.env.Send(d.self, durable{d.log.End()})
	}
	for i := range d.out {
		d.post(i)
	}
	clear(d.out)
	d.out = d.out[:0]
}

// post sends a letter; with pack, the first to a machine takes the others along.
func (d *desk) post(i int) {
	l := &d.out[i]
	switch {
	case l.msg == nil: // went along
	case l.to == 0:
		d.env.Reply(l.reply, l.msg)
	case d.pack:
		d.env.Send(l.to, d.collect(i))
	default:
		d.env.Send(l.to, l.msg)
	}
}

// collect takes all letters to one machine.
func (d *desk) collect(first int) sim.Message {
	to, all := d.out[first].to, []sim.Message{d.out[first].msg}
	for i := first + 1; i < len(d.out); i++ {
		if l := &d.out[i]; l.to == to {
			all = append(all, l.msg)
			l.msg = nil
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return &Batch{slices.Clip(all)}
}
