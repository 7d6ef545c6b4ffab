package kv

import (
	"encoding/binary"
	"errors"

	"distsim/sim/history/ops"
)

// command is an encoded operation of a session, as it stands in the log:
// uvarints process, n and kind, then key, value and expect, each behind its
// length. The decoded strings share the log's bytes.
type command struct {
	process, n         int
	kind               ops.Kind
	key, value, expect []byte
}

// Command is a request as it stands in the log.
func Command(r *Request) []byte {
	b := make([]byte, 0, 12+len(r.Op.Key)+len(r.Op.Value)+len(r.Op.Expect))
	b = binary.AppendUvarint(b, uint64(r.Process))
	b = binary.AppendUvarint(b, uint64(r.N))
	b = binary.AppendUvarint(b, uint64(r.Op.Kind))
	b = appendString(b, r.Op.Key)
	b = appendString(b, r.Op.Value)
	return appendString(b, r.Op.Expect)
}

func decodeCommand(b []byte) (c command, err error) {
	d := decoder{b: b}
	c.process, c.n, c.kind = d.int(), d.int(), ops.Kind(d.int())
	c.key, c.value, c.expect = d.bytes(), d.bytes(), d.bytes()
	return c, d.end()
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendInt(b []byte, x int) []byte { return binary.AppendUvarint(b, uint64(x)) }

func appendBool(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}

// decoder reads what the append functions wrote, and remembers if it cannot.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) int() int {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		x := int(d.b[0])
		d.b = d.b[1:]
		return x
	}
	x, n := binary.Uvarint(d.b)
	if n <= 0 || x != uint64(int(x)) { // what an int cannot hold is no number of ours
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return int(x)
}

func (d *decoder) bytes() []byte {
	n := d.count()
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}

// count is a number of things that are still to come, each at least a byte long.
func (d *decoder) count() int {
	n := d.int()
	if n < 0 || n > len(d.b) {
		d.b, d.bad = nil, true
		return 0
	}
	return n
}

func (d *decoder) bool() bool { return d.int() == 1 }

// end reports whether everything was read, and nothing was missing.
func (d *decoder) end() error {
	if d.bad || len(d.b) > 0 {
		return errors.New("kv: the bytes are no command or snapshot")
	}
	return nil
}
