package raft

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"distsim/sim"
)

// fileOf writes frames as saves would, each durable before the next: term and
// vote, then entries. It returns the file and where each frame ends.
func fileOf(frames ...[]Entry) (file []byte, ends []int) {
	d := storage{}
	for i, entries := range frames {
		d.begin()
		d.buf = appendState(d.buf, Term(i+1), sim.Server(1))
		for k := range entries {
			d.buf = appendEntry(d.buf, &entries[k])
		}
		d.sum = sealFrame(d.buf, len(file), len(file), d.sum)
		file = append(file, d.buf...)
		ends = append(ends, len(file))
	}
	return file, ends
}

func threeFrames() ([]byte, []int) { return fileOf(run(1, 1, 1), run(3, 2), run(2, 3, 3)) }

func TestReadImage(t *testing.T) {
	file, ends := threeFrames()
	im, err := readImage(file)
	if err != nil || im.damage != "" {
		t.Fatalf("a whole file: %v, %q", err, im.damage)
	}
	l := emptyLog()
	l.append(im.entries...)
	if got, want := l.terms(), []Term{1, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("entries of terms %v, want %v: an entry replaces those from its index on", got, want)
	}
	if im.term != 3 || im.vote != sim.Server(1) || im.end != len(file) || im.mark != ends[1] {
		t.Errorf("got %+v", im)
	}
}

// A file that ends anywhere after the last mark is torn: its whole frames count.
func TestTornAnywhereAfterTheMark(t *testing.T) {
	file, ends := threeFrames()
	for size := ends[1]; size < len(file); size++ {
		im, err := readImage(file[:size])
		if err != nil || im.end != ends[1] || im.term != 2 || len(im.entries) != 3 {
			t.Fatalf("cut to %d bytes: %v, %+v", size, err, im)
		}
		padded := append(slices.Clone(file[:size]), make([]byte, len(file)-size)...) // the size survived, the bytes did not
		if im, err := readImage(padded); size > ends[1] && size < len(file)-8 && (err != nil || im.end != ends[1]) {
			t.Fatalf("zeros from byte %d on: %v, %+v", size, err, im)
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
			im, err := readImage(bad)
			switch {
			case at < mark && err == nil:
				t.Fatalf("byte %d (before the mark %d) was changed, and the file is read as %+v", at, mark, im)
			case at < mark && !strings.Contains(err.Error(), "corrupt at byte"):
				t.Fatalf("byte %d: the error does not say where: %v", at, err)
			case at >= mark && (err != nil || im.end != ends[1]):
				t.Fatalf("byte %d (after the mark %d) was changed: %v, %+v", at, mark, err, im)
			}
		}
	}
}

// Frames of an older tail, which a truncation should have removed, do not
// follow the frame now before them, even when they are whole.
func TestOlderTailIsTorn(t *testing.T) {
	old, ends := fileOf(run(1, 1), run(2, 1), run(3, 1))
	young, _ := fileOf(run(1, 1), run(2, 2))
	if len(young) != ends[1] {
		t.Fatal("the frames must be of equal length")
	}
	// Both of their marks are at most ends[0]; only what is behind differs.
	mixed := append(young, old[ends[1]:]...)
	d := storage{buf: mixed[ends[1]:]}
	_, prev, _ := readFrame(old, ends[1])
	sealFrame(d.buf, ends[1], 0, prev)
	im, err := readImage(mixed)
	if err != nil || im.damage != "a frame of an older tail" || len(im.entries) != 2 {
		t.Errorf("%v, %+v", err, im)
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
	file, _ := fileOf(run(1, 1), run(300, 1<<40))
	const want = "1d0000000000000000000000000000000c1f0a6d010101020101030100" + // size, place, mark, checksums, records
		"230000001d0000001d0000000c1f0a6d11f8d01101020102808080808020ac02030000"
	if got := hex.EncodeToString(file); got != want {
		t.Errorf("two frames:\ngot  %s\nwant %s", got, want)
	}
}
