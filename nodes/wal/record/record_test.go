package record_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"distsim/nodes/wal/record"
	"pgregory.net/rapid"
)

// value is one value to encode: one of these types.
func value() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Uint64().AsAny(), rapid.IntMin(0).AsAny(), rapid.Bool().AsAny(),
		rapid.StringN(0, 200, -1).AsAny(), rapid.SliceOfN(rapid.Byte(), 0, 200).AsAny(),
	)
}

func appendTo(b []byte, x any) []byte {
	switch x := x.(type) {
	case uint64:
		return record.AppendUint(b, x)
	case int:
		return record.AppendInt(b, x)
	case bool:
		return record.AppendBool(b, x)
	case string:
		return record.AppendText(b, x)
	default:
		return record.AppendBytes(b, x.([]byte))
	}
}

// reads takes a value like x off d and reports whether it is x.
func reads(d *record.Decoder, x any) bool {
	switch x := x.(type) {
	case uint64:
		return d.Uint() == x
	case int:
		return d.Int() == x
	case bool:
		return d.Bool() == x
	case string:
		return d.Text() == x
	default:
		return bytes.Equal(d.Bytes(), x.([]byte))
	}
}

// What is written is read, and whatever is cut off is missed.
func TestDecodeUndoesAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value(), 1, 8).Draw(t, "values")
		var b []byte
		for _, x := range values {
			b = appendTo(b, x)
		}
		d := record.Decode(b)
		for _, x := range values {
			if !d.More() || !reads(&d, x) {
				t.Fatalf("%T %v is not read back", x, x)
			}
		}
		if !d.End() || !d.Good() || d.More() {
			t.Fatal("all was read, and it is not the end")
		}
		d = record.Decode(b[:rapid.IntRange(0, len(b)-1).Draw(t, "size")])
		for _, x := range values {
			reads(&d, x)
		}
		if d.Good() || d.End() {
			t.Fatal("bytes are missing, and it is not noticed")
		}
		if d := record.Decode(append(b, 0)); d.End() {
			t.Fatal("nothing was read, and it is the end")
		}
	})
}

// Encodings are the same bytes on every machine.
func TestNumbersByteByByte(t *testing.T) {
	b := record.AppendUint(nil, 1<<40)
	b = record.AppendText(record.AppendInt(b, 300), "k1")
	b = record.AppendBytes(record.AppendBool(record.AppendBool(b, true), false), nil)
	if got, want := hex.EncodeToString(b), "808080808020"+"ac02"+"026b31"+"0100"+"00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Bytes that nobody wrote are refused, and give zeros.
func TestNonsenseIsRefused(t *testing.T) {
	huge := record.AppendUint(nil, math.MaxUint64)
	for what, refused := range map[string]func(d *record.Decoder) bool{
		"a number beyond an int":           func(d *record.Decoder) bool { return d.Int() == 0 },
		"a length beyond the end":          func(d *record.Decoder) bool { return d.Bytes() == nil },
		"a text's length beyond the end":   func(d *record.Decoder) bool { return d.Text() == "" },
		"more things than bytes":           func(d *record.Decoder) bool { return d.Count() == 0 },
		"more bytes than there are":        func(d *record.Decoder) bool { return d.Take(uint64(len(huge))+1) == nil },
		"a boolean neither true nor false": func(d *record.Decoder) bool { return !d.Bool() },
	} {
		d := record.Decode(huge)
		if !refused(&d) || d.Good() || d.More() || d.Uint() != 0 {
			t.Errorf("%s is not refused", what)
		}
	}
	d := record.Decode(bytes.Repeat([]byte{0xff}, 11))
	if d.Uint() != 0 || d.Good() {
		t.Error("a number of more than 64 bits is not refused")
	}
}
