package kv

import (
	"errors"

	"distsim/nodes/wal/record"
	"distsim/sim/history/ops"
)

// command is an encoded operation of a session, as it stands in the log:
// the numbers process, n and kind, then key, value and expect (package record).
// The decoded strings share the log's bytes.
type command struct {
	process, n         int
	kind               ops.Kind
	key, value, expect []byte
}

// Command is a request as it stands in the log.
func Command(r *Request) []byte {
	b := make([]byte, 0, 12+len(r.Op.Key)+len(r.Op.Value)+len(r.Op.Expect))
	b = record.AppendInt(b, r.Process)
	b = record.AppendInt(b, r.N)
	b = record.AppendInt(b, int(r.Op.Kind))
	b = record.AppendText(b, r.Op.Key)
	b = record.AppendText(b, r.Op.Value)
	return record.AppendText(b, r.Op.Expect)
}

func decodeCommand(b []byte) (c command, err error) {
	d := record.Decode(b)
	c.process, c.n, c.kind = d.Int(), d.Int(), ops.Kind(d.Int())
	c.key, c.value, c.expect = d.Bytes(), d.Bytes(), d.Bytes()
	return c, whole(&d)
}

// whole is an error if bytes were missing, or some are left.
func whole(d *record.Decoder) error {
	if !d.End() {
		return errors.New("kv: the bytes are no command or snapshot")
	}
	return nil
}
