package raft

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"distsim/sim"
)

// payload is what one save writes: term and vote, then entries.
func payload(term Term, entries ...Entry) []byte {
	b := appendState(nil, term, sim.Server(1))
	for i := range entries {
		b = appendEntry(b, &entries[i])
	}
	return b
}

func TestReplay(t *testing.T) {
	var im image
	for _, b := range [][]byte{payload(1, run(1, 1, 1)...), payload(2, run(3, 2)...), payload(3, run(2, 3, 3)...)} {
		if err := im.replay(b); err != nil {
			t.Fatal(err)
		}
		clear(b) // a payload is the disk's: what is kept must be a copy
	}
	l := emptyLog()
	l.append(im.entries...)
	if got, want := l.terms(), []Term{1, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("entries of terms %v, want %v: an entry replaces those from its index on", got, want)
	}
	if im.term != 3 || im.vote != sim.Server(1) || string(l.at(2).Command) != "\x03\x00" {
		t.Errorf("got %+v", im)
	}
}

// A frame with a good checksum that makes no sense is no frame of this node's.
func TestReplayRefusesWhatItCannotHaveWritten(t *testing.T) {
	whole := payload(7, run(1, 300)...)
	for size := 1; size < len(whole); size++ {
		if size == len(payload(7)) {
			continue // where a record ends
		}
		if err := new(image).replay(whole[:size]); err == nil {
			t.Errorf("cut to %d of %d bytes, the records are read", size, len(whole))
		}
	}
	for what, b := range map[string][]byte{
		"holds no records":        {3, 1, 1},
		"entry 3 follows entry 1": payload(1, append(run(1, 1), run(3, 1)...)...),
	} {
		if err := new(image).replay(b); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
}

// What goes to disk is the same bytes on every machine. (For frames, see package wal.)
func TestRecordsByteByByte(t *testing.T) {
	opening := Entry{Index: 128, Term: 2}
	got := hex.EncodeToString(append(payload(1, run(300, 1<<40)...), payload(2, opening)...))
	const want = "010101" + "02808080808020ac02030000" + // term 1, vote for n1; an entry
		"010201" + "0202800100" // term 2; an entry without a command
	if got != want {
		t.Errorf("records:\ngot  %s\nwant %s", got, want)
	}
}
