// Package record encodes numbers, bytes, strings and booleans one after the other,
// for log records, commands and snapshots. What an encoding means, and that it is
// read in the order in which it was written, is its user's business.
//
//	b = record.AppendText(record.AppendInt(b, version), key)
//	…
//	d := record.Decode(b)
//	version, key := d.Int(), d.Text()
//	if !d.End() { … the bytes are no such thing … }
//
// Numbers are uvarints; bytes and strings stand behind their length. What is read
// back equals what was written, and bytes that nobody wrote are never read beyond
// their end. A decoder finds missing and surplus bytes, not changed ones.
package record

import "encoding/binary"

// AppendUint appends a number.
func AppendUint(b []byte, x uint64) []byte { return binary.AppendUvarint(b, x) }

// AppendInt appends a number that is not negative.
func AppendInt(b []byte, x int) []byte { return binary.AppendUvarint(b, uint64(x)) }

// AppendBytes appends bytes behind their length.
func AppendBytes(b, x []byte) []byte { return append(AppendInt(b, len(x)), x...) }

// AppendText appends a string behind its length.
func AppendText(b []byte, s string) []byte { return append(AppendInt(b, len(s)), s...) }

// AppendBool appends 1 for true, 0 for false.
func AppendBool(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}

// Decoder reads what the Append functions wrote. Once it cannot it is bad, and
// gives zeros: ask End or Good when all is read, not after each value.
type Decoder struct {
	b   []byte
	bad bool
}

// Decode is a Decoder at the beginning of b.
func Decode(b []byte) Decoder { return Decoder{b: b} }

// More reports whether there is something left to read.
func (d *Decoder) More() bool { return len(d.b) > 0 }

// Good reports whether everything asked for was there.
func (d *Decoder) Good() bool { return !d.bad }

// End reports whether everything asked for was there, and nothing else.
func (d *Decoder) End() bool { return !d.bad && len(d.b) == 0 }

// Uint reads a number.
func (d *Decoder) Uint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 { // most are short
		x := d.b[0]
		d.b = d.b[1:]
		return uint64(x)
	}
	return d.long()
}

// long is Uint for a number of several bytes.
func (d *Decoder) long() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return x
}

// Int reads a number; one that an int cannot hold is none that AppendInt wrote.
func (d *Decoder) Int() int {
	x := d.Uint()
	if int(x) < 0 || uint64(int(x)) != x {
		d.fail()
		return 0
	}
	return int(x)
}

// Count reads how many things are to come, each at least a byte long.
func (d *Decoder) Count() int {
	n := d.Uint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

// Bytes reads bytes behind their length; they are part of what is decoded.
func (d *Decoder) Bytes() []byte { return d.Take(d.Uint()) }

// Text reads a string. (Called String, it would be read by printing.)
func (d *Decoder) Text() string { return string(d.Bytes()) }

// Bool reads a boolean.
func (d *Decoder) Bool() bool {
	x := d.Uint()
	if x > 1 {
		d.fail()
	}
	return x == 1
}

// Take reads n bytes without a length before them.
func (d *Decoder) Take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}

func (d *Decoder) fail() { d.b, d.bad = nil, true }
