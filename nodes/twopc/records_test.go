package twopc

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"testing"

	"distsim/nodes/wal/record"
	"distsim/sim"
	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

var someTx = Tx{Process: 1<<20 | 3, N: 200, Try: 2, Epoch: 5}

// encoded is a record as it is written, and as it is to be read.
type encoded struct {
	name  string
	bytes []byte
	want  line
}

func everyRecord() []encoded {
	part := local{
		tx: someTx, coordinator: sim.Server(1), participants: []sim.NodeID{sim.Server(2), sim.Server(300)},
		legs: []ops.Leg{{Account: "a1", Amount: -30}, {Account: "a12", Amount: 0}, {Account: "a300", Amount: 1 << 40}},
	}
	d := &decision{tx: someTx, participants: part.participants, balances: []int64{70, -1, math.MaxInt64, math.MinInt64}}
	return []encoded{
		{"prepare", appendPrepare(nil, &part), line{kind: prepareRecord, tx: someTx, local: part}},
		{"commit at a participant", appendEnd(nil, someTx, true), line{kind: endRecord, tx: someTx, commit: true}},
		{"abort", appendEnd(nil, someTx, false), line{kind: endRecord, tx: someTx}},
		{"grant", appendGrant(nil, grant{7, sim.Server(2)}), line{kind: grantRecord, epoch: 7, to: sim.Server(2)}},
		{"epoch", appendEpoch(nil, math.MaxUint64), line{kind: epochRecord, epoch: math.MaxUint64}},
		{"commit", appendCommit(nil, d), line{kind: commitRecord, tx: someTx, decision: d}},
		{"latest", appendDecision([]byte{latestRecord}, d), line{kind: latestRecord, tx: someTx, decision: d}},
		{"reset", []byte{resetRecord}, line{kind: resetRecord}},
		{"number", appendNumber(nil, 128), line{kind: numberRecord, epoch: 128}},
		{"waiver", appendWaiver(nil, 6), line{kind: waiverRecord, epoch: 6}},
	}
}

// read is all records of a payload.
func read(payload []byte) (lines []line, err error) {
	err = readLines(payload, func(r *line) { lines = append(lines, *r) })
	return lines, err
}

func TestEveryRecordComesBack(t *testing.T) {
	var payload []byte
	var want []line
	for _, e := range everyRecord() {
		if got, err := read(e.bytes); err != nil || !reflect.DeepEqual(got, []line{e.want}) {
			t.Errorf("%s: read %+v, %v; want %+v", e.name, got, err, e.want)
		}
		payload, want = append(payload, e.bytes...), append(want, e.want)
	}
	if got, err := read(payload); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("all in one frame: read %+v, %v; want %+v", got, err, want)
	}
	if len(want) < waiverRecord {
		t.Errorf("%d records are tried, and there are %d kinds", len(want), waiverRecord)
	}
}

// A payload that ends within a record, or begins with none, is an error.
func TestHalfARecordIsAnError(t *testing.T) {
	for _, e := range everyRecord() {
		for size := 1; size < len(e.bytes); size++ {
			if got, err := read(e.bytes[:size]); err == nil {
				t.Errorf("%s, %d of %d bytes: read %+v", e.name, size, len(e.bytes), got)
			}
		}
	}
	for _, kind := range []byte{0, waiverRecord + 1, 255} {
		if got, err := read([]byte{kind, 1, 1, 1, 1, 1}); err == nil {
			t.Errorf("kind %d: read %+v", kind, got)
		}
	}
}

// Damaged bytes may mean something else, but are never read beyond their end, and what
// is read without an error is one that could have been written.
func TestDamageIsNoPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := bytes.Clone(rapid.SampledFrom(everyRecord()).Draw(t, "record").bytes)
		for range rapid.IntRange(1, 4).Draw(t, "damages") {
			payload[rapid.IntRange(0, len(payload)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		lines, err := read(payload)
		for _, r := range lines {
			if r.kind < prepareRecord || r.kind > waiverRecord {
				t.Fatalf("read a record of kind %d, %v", r.kind, err)
			}
		}
	})
}

// What a participant that starts again finds damaged ends it: see package wal for
// damaged frames, and this for a good frame with damaged records.
func TestACorruptLogEndsTheProcess(t *testing.T) {
	for _, node := range []func() sim.Node{Config{}.Participant, Config{}.Coordinator} {
		w := sim.New(sim.Config{})
		t.Cleanup(w.Close)
		w.AddServer(func() sim.Node { return &scribe{payload: []byte{endRecord, 1}} })
		w.AddServer(Config{}.Participant)
		w.AddBuild(sim.Server(1), "real", node)
		w.RunUntil(sim.Time(1))
		w.Upgrade(sim.Server(1), "real")
		w.Crash(sim.Server(1), sim.KeepAll)
		w.Restart(sim.Server(1))
		w.RunUntil(sim.Time(2))
		if !w.Halted(sim.Server(1)) {
			t.Errorf("%T goes on with a log that it cannot read", node())
		}
	}
}

// scribe writes one frame.
type scribe struct {
	desk
	payload []byte
}

func (s *scribe) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		s.env, s.self = env, env.ID()
		s.openLog(func(*line) {})
		s.buf, s.forced = s.payload, true
		s.finish()
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		amount int64
		bytes  string
	}{
		{0, "00"}, {-1, "01"}, {1, "02"}, {-2, "03"}, {63, "7e"}, {-64, "7f"}, {64, "8001"},
		{math.MaxInt64, "feffffffffffffffff01"}, {math.MinInt64, "ffffffffffffffffff01"},
	} {
		b := appendAmount(nil, c.amount)
		if got := hex.EncodeToString(b); got != c.bytes {
			t.Errorf("%d is written as %s, want %s", c.amount, got, c.bytes)
		}
		if d := record.Decode(b); readAmount(&d) != c.amount || !d.End() {
			t.Errorf("%d is not read back", c.amount)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64().Draw(t, "amount")
		if d := record.Decode(appendAmount(nil, x)); readAmount(&d) != x || !d.End() {
			t.Fatalf("%d is not read back", x)
		}
	})
}

// What goes to disk is the same bytes on every machine. (For frames, see package wal.)
func TestCommitmentRecordsByteByByte(t *testing.T) {
	tx := "838040c8010205" // process 3, gone on once, operation 200, try 2, epoch 5
	for i, want := range []string{
		"01" + tx + "01" + "0202ac02" + "03" + "026131" + "3b" + "03613132" + "00" + "0461333030" + "808080808040",
		"02" + tx + "01",
		"02" + tx + "00",
		"030702",
		"04ffffffffffffffffff01",
		"05" + tx + "0202ac02" + "04" + "8c01" + "01" + "feffffffffffffffff01" + "ffffffffffffffffff01",
		"06" + tx + "0202ac02" + "04" + "8c01" + "01" + "feffffffffffffffff01" + "ffffffffffffffffff01",
		"07",
		"088001",
		"0906",
	} {
		if e := everyRecord()[i]; hex.EncodeToString(e.bytes) != want {
			t.Errorf("%s:\ngot  %x\nwant %s", e.name, e.bytes, want)
		}
	}
}
