package lock

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
	"time"

	"distsim/sim"

	"pgregory.net/rapid"
)

// encodedCommand is a request, and how it stands in the log.
type encodedCommand struct {
	r     Request
	bytes string
}

func everyCommand() []encodedCommand {
	id := SessionID{Client: sim.Client(2), Session: 3<<32 | 300}
	session := "8280808001" + "ac82808030" // c2, its session 300 of incarnation 3
	return []encodedCommand{
		{Request{Session: id, Verb: Open, TTL: 2 * time.Second}, "01" + session + "00" + "00" + "00" + "00" + "80a8d6b907"},
		{Request{Session: id, Verb: Close}, "02" + session + "00" + "00" + "00" + "00" + "00"},
		{Request{Session: id, N: 1, Verb: Try, Lock: "l1"}, "03" + session + "01" + "026c31" + "00" + "00" + "00"},
		{Request{Session: id, N: 128, Verb: Acquire, Lock: ""}, "04" + session + "8001" + "00" + "00" + "00" + "00"},
		{Request{Session: id, N: math.MaxUint64, Verb: Cancel, Lock: "l1"}, "05" + session + "ffffffffffffffffff01" + "026c31" + "00" + "00" + "00"},
		{Request{Session: id, N: 4, Verb: Release, Lock: "l1", Token: 1 << 40}, "06" + session + "04" + "026c31" + "808080808020" + "00" + "00"},
		{Request{Session: id, N: 5, Verb: Put, Lock: "l1", Token: 7, Value: "v\x00"}, "07" + session + "05" + "026c31" + "07" + "027600" + "00"},
		{Request{Session: id, Verb: expire}, "0a" + session + "00" + "00" + "00" + "00" + "00"},
	}
}

// What stands in the log is the same bytes on every machine, and is read as it was meant.
func TestLockCommandsByteByByte(t *testing.T) {
	for _, e := range everyCommand() {
		b := appendCommand(nil, &e.r)
		if got := hex.EncodeToString(b); got != e.bytes {
			t.Errorf("%v:\ngot  %s\nwant %s", e.r.Verb, got, e.bytes)
		}
		if got, err := readCommand(b); err != nil || got != e.r {
			t.Errorf("%v: read %+v, %v; want %+v", e.r.Verb, got, err, e.r)
		}
	}
}

// The term is for the leader that the request is sent to, and stands nowhere.
func TestCommandsHaveNoTerm(t *testing.T) {
	r := Request{Session: c(1), N: 1, Verb: Try, Lock: "l1", Term: 7}
	if got, err := readCommand(appendCommand(nil, &r)); err != nil || got.Term != 0 {
		t.Errorf("read %+v, %v; want no term", got, err)
	}
}

func TestCommandsThatAreNone(t *testing.T) {
	for _, e := range everyCommand() {
		b := appendCommand(nil, &e.r)
		for size := range b {
			if r, err := readCommand(b[:size]); err == nil {
				t.Errorf("%v, %d of %d bytes: read %+v", e.r.Verb, size, len(b), r)
			}
		}
		if r, err := readCommand(append(b, 0)); err == nil {
			t.Errorf("%v and a byte more: read %+v", e.r.Verb, r)
		}
	}
	for _, verb := range []uint64{0, uint64(Inspect), uint64(Watch), uint64(expire) + 1, 1<<8 | uint64(Open), 1<<32 | uint64(Try), math.MaxUint64} {
		b := append(binary.AppendUvarint(nil, verb), appendCommand(nil, &Request{Verb: Open, Session: c(1)})[1:]...)
		if r, err := readCommand(b); err == nil {
			t.Errorf("verb %d: read %+v", verb, r)
		}
	}
}

func TestCommandsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Request{
			Session: SessionID{Client: sim.Client(rapid.IntRange(1, 1<<20).Draw(t, "client")), Session: rapid.Uint64().Draw(t, "session")},
			N:       rapid.Uint64().Draw(t, "n"),
			Verb:    rapid.SampledFrom([]Verb{Open, Close, Try, Acquire, Cancel, Release, Put, expire}).Draw(t, "verb"),
			Lock:    rapid.String().Draw(t, "lock"),
			Token:   rapid.Uint64().Draw(t, "token"),
			Value:   rapid.String().Draw(t, "value"),
			TTL:     time.Duration(rapid.Int64Min(0).Draw(t, "ttl")),
		}
		if got, err := readCommand(appendCommand(nil, &r)); err != nil || got != r {
			t.Fatalf("read %+v, %v; want %+v", got, err, r)
		}
	})
}

// someTable has a bit of everything.
func someTable() *Table {
	t := opened(3)
	for _, r := range []Request{
		asks(1, 1, Try), under(1, valued("value", asks(1, 2, Put))), asks(2, 1, Acquire), asks(3, 200, Try, "another lock"), lapses(3),
	} {
		says(t, r)
	}
	return t
}

func TestSnapshotsByteByByte(t *testing.T) {
	want := "02" + // token
		"03" + "818080800101" + "828080800101" + "838080800101" + // latest sessions
		"02" + // sessions
		"818080800101" + "8094ebdc03" + "02" + "0d" + "00" + "00" + "01" + "026c31" +
		"828080800101" + "8094ebdc03" + "01" + "00" + "00" + "00" + "00" +
		"02" + // locks
		"0c616e6f74686572206c6f636b" + "0000" + "02" + "00" + "00" +
		"026c31" + "818080800101" + "01" + "0576616c7565" + "01" + "828080800101" + "01"
	if got := hex.EncodeToString(someTable().Snapshot()()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSnapshotsThatAreNone(t *testing.T) {
	whole := someTable().Snapshot()()
	other := opened(1)
	before := inFull(other)
	for size := range whole {
		if err := other.Restore(whole[:size]); err == nil {
			t.Fatalf("a snapshot cut to %d of %d bytes is accepted", size, len(whole))
		}
	}
	if err := other.Restore(append(whole[:len(whole):len(whole)], 0)); err == nil {
		t.Error("a snapshot with a byte more is accepted")
	}
	if after := inFull(other); after != before {
		t.Errorf("what was refused has changed the table:\n%s\nwant\n%s", after, before)
	}
}
