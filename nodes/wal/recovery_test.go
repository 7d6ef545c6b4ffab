package wal

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// fileOf writes frames, each durable before the next. It returns the file and
// where each frame ends.
func fileOf(payloads ...string) (file []byte, ends []int) {
	var l Log
	var sum uint32
	for _, p := range payloads {
		b := append(l.Begin(), p...)
		sum = sealFrame(b, len(file), len(file), sum)
		file = append(file, b...)
		ends = append(ends, len(file))
	}
	return file, ends
}

func threeFrames() (file []byte, ends []int) { return fileOf("one", "two and", "three") }

// read is scan, and what it replays.
func read(file []byte) (payloads []string, c contents, err error) {
	c, err = scan(file, func(p []byte) error {
		payloads = append(payloads, string(p))
		return nil
	})
	return payloads, c, err
}

func TestScan(t *testing.T) {
	file, ends := threeFrames()
	got, c, err := read(file)
	if err != nil || c.damage != "" {
		t.Fatalf("a whole file: %v, %q", err, c.damage)
	}
	if want := []string{"one", "two and", "three"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.end != len(file) || c.mark != ends[1] {
		t.Errorf("got %+v", c)
	}
}

// A frame without payload is a mark: it is no news to the node.
func TestMarksAreNotReplayed(t *testing.T) {
	file, ends := fileOf("one", "", "two", "")
	got, c, err := read(file)
	if err != nil || !slices.Equal(got, []string{"one", "two"}) || c.mark != ends[2] || c.end != ends[3] {
		t.Errorf("got %q, %+v, %v", got, c, err)
	}
	var r Reader
	for _, want := range got {
		if p, ok := r.Next(file); !ok || string(p) != want {
			t.Errorf("the reader gives %q, want %q", p, want)
		}
	}
	if p, ok := r.Next(file); ok {
		t.Errorf("after the last frame the reader gives %q", p)
	}
}

// What the node cannot make sense of is corruption, and the first of it counts.
func TestReplayMayRefuse(t *testing.T) {
	file, ends := threeFrames()
	nonsense := errors.New("nonsense")
	c, err := scan(file, func(p []byte) error {
		if string(p) == "one" {
			return nil
		}
		return nonsense
	})
	if err != nonsense || c.end != ends[0] {
		t.Errorf("got %v at byte %d, want nonsense at byte %d", err, c.end, ends[0])
	}
}

// A file that ends anywhere after the last mark is torn: its whole frames count.
func TestTornAnywhereAfterTheMark(t *testing.T) {
	file, ends := threeFrames()
	for size := ends[1]; size < len(file); size++ {
		got, c, err := read(file[:size])
		if err != nil || c.end != ends[1] || len(got) != 2 {
			t.Fatalf("cut to %d bytes: %v, %+v", size, err, c)
		}
		padded := append(slices.Clone(file[:size]), make([]byte, len(file)-size)...) // the size survived, the bytes did not
		if _, c, err := read(padded); size > ends[1] && (err != nil || c.end != ends[1]) {
			t.Fatalf("zeros from byte %d on: %v, %+v", size, err, c)
		}
	}
}

// Damage to any byte before the last mark is found and called corruption;
// damage after it is a torn tail.
func TestEveryFlippedByteIsFound(t *testing.T) {
	file, ends := threeFrames()
	mark := ends[1]
	for at := range file {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			bad := slices.Clone(file)
			bad[at] ^= flip
			_, c, err := read(bad)
			switch {
			case at < mark && err == nil:
				t.Fatalf("byte %d (before the mark %d) was changed, and the file is read as %+v", at, mark, c)
			case at < mark && (c.end > at || !strings.Contains(err.Error(), "was durable")):
				t.Fatalf("byte %d: the error does not say where and why: byte %d: %v", at, c.end, err)
			case at >= mark && (err != nil || c.end != ends[1]):
				t.Fatalf("byte %d (after the mark %d) was changed: %v, %+v", at, mark, err, c)
			}
		}
	}
}

// Frames of an older tail, which a truncation should have removed, do not
// follow the frame now before them, even when they are whole.
func TestOlderTailIsTorn(t *testing.T) {
	old, ends := fileOf("same", "older", "tail")
	young, _ := fileOf("same", "newer")
	if len(young) != ends[1] {
		t.Fatal("the frames must be of equal length")
	}
	// Both of their marks are at most ends[0]; only what is behind differs.
	mixed := append(young, old[ends[1]:]...)
	_, prev, _ := readFrame(old, ends[1])
	sealFrame(mixed[ends[1]:], ends[1], 0, prev)
	got, c, err := read(mixed)
	if err != nil || c.damage != "a frame of an older tail" || !slices.Equal(got, []string{"same", "newer"}) {
		t.Errorf("%v, %q, %+v", err, got, c)
	}
}

// A size that damage has made enormous is told apart from one that is too small,
// also where it would be a negative int.
func TestEnormousFrame(t *testing.T) {
	file, _ := threeFrames()
	file[atSize+3] |= 0x80
	if _, _, damage := readFrame(file, 0); damage != "the file ends within a frame" {
		t.Errorf("a frame of more than 2 GiB: %q", damage)
	}
}

// What goes to disk is the same bytes on every machine.
func TestFramesByteByByte(t *testing.T) {
	file, _ := fileOf("\x01\x01\x01\x02\x01\x01\x03\x01\x00", "")
	const want = "1d0000000000000000000000000000000c1f0a6d010101020101030100" + // size, place, mark, checksums, records
		"140000001d0000001d0000000c1f0a6d3e5fe43f" // and a mark
	if got := hex.EncodeToString(file); got != want {
		t.Errorf("two frames:\ngot  %s\nwant %s", got, want)
	}
}
