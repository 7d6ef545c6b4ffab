package lock

import (
	"errors"
	"time"

	"distsim/nodes/wal/record"
	"distsim/sim"
)

// A command stands in the log as numbers and texts (package record): verb, session, n, lock,
// token, value, TTL in nanoseconds. Its request's term is not part of it.

// appendCommand adds a request as it stands in the log.
func appendCommand(b []byte, r *Request) []byte {
	b = record.AppendInt(b, int(r.Verb))
	b = appendSession(b, r.Session)
	b = record.AppendUint(b, r.N)
	b = record.AppendText(b, r.Lock)
	b = record.AppendUint(b, r.Token)
	b = record.AppendText(b, r.Value)
	return record.AppendUint(b, uint64(r.TTL))
}

func readCommand(b []byte) (r Request, err error) {
	d := record.Decode(b)
	verb := d.Uint()
	r.Verb = Verb(verb)
	r.Session = readSession(&d)
	r.N, r.Lock, r.Token, r.Value, r.TTL = d.Uint(), d.Text(), d.Uint(), d.Text(), time.Duration(d.Uint())
	if !d.End() || verb == 0 || verb > uint64(expire) || r.Verb.reads() {
		return r, errors.New("lock: the bytes are no command")
	}
	return r, nil
}

func appendSession(b []byte, id SessionID) []byte {
	return record.AppendUint(record.AppendUint(b, uint64(id.Client)), id.Session)
}

func readSession(d *record.Decoder) SessionID {
	return SessionID{Client: sim.NodeID(d.Uint()), Session: d.Uint()}
}
