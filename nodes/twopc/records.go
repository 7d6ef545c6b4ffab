package twopc

import (
	"fmt"

	"distsim/nodes/wal/record"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// What participants and coordinators write down, on disk and in Raft's log. One
// step's records are one frame, or one command.
const (
	prepareRecord = iota + 1 // participant: tx, coordinator, participants, legs
	endRecord                // either: tx, whether it committed; of a coordinator: everywhere
	grantRecord              // participant: epoch, to whom
	epochRecord              // coordinator: the epoch that begins
	commitRecord             // coordinator: a decision
	latestRecord             // coordinator: a decision that only its client may still ask about
	resetRecord              // coordinator: everything before is void
	numberRecord             // coordinator: how many changes of its owner it has taken over
	waiverRecord             // coordinator: it will begin no epoch up to here
)

// line is one record read back.
type line struct {
	kind     int
	tx       Tx
	local    local      // prepareRecord
	commit   bool       // endRecord
	epoch    uint64     // grantRecord, epochRecord, numberRecord, waiverRecord
	to       sim.NodeID // grantRecord
	decision *decision  // commitRecord, latestRecord
}

func appendTx(b []byte, tx Tx) []byte {
	b = record.AppendInt(record.AppendInt(b, tx.Process), tx.N)
	return record.AppendUint(record.AppendInt(b, tx.Try), tx.Epoch)
}

func readTx(d *record.Decoder) Tx {
	return Tx{Process: d.Int(), N: d.Int(), Try: d.Int(), Epoch: d.Uint()}
}

func appendNodes(b []byte, ids []sim.NodeID) []byte {
	b = record.AppendInt(b, len(ids))
	for _, id := range ids {
		b = record.AppendUint(b, uint64(id))
	}
	return b
}

func readNodes(d *record.Decoder) []sim.NodeID {
	ids := make([]sim.NodeID, d.Count())
	for i := range ids {
		ids[i] = sim.NodeID(d.Uint())
	}
	return ids
}

func appendPrepare(b []byte, t *local) []byte {
	b = record.AppendUint(appendTx(append(b, prepareRecord), t.tx), uint64(t.coordinator))
	b = record.AppendInt(appendNodes(b, t.participants), len(t.legs))
	for _, leg := range t.legs {
		b = appendAmount(record.AppendText(b, leg.Account), leg.Amount)
	}
	return b
}

func readPrepare(d *record.Decoder) local {
	t := local{tx: readTx(d), coordinator: sim.NodeID(d.Uint()), participants: readNodes(d)}
	t.legs = make([]ops.Leg, d.Count())
	for i := range t.legs {
		t.legs[i] = ops.Leg{Account: d.Text(), Amount: readAmount(d)}
	}
	return t
}

// appendAmount appends an amount with its sign: 0, −1, 1, −2, … as 0, 1, 2, 3, …
func appendAmount(b []byte, x int64) []byte {
	return record.AppendUint(b, uint64(x)<<1^uint64(x>>63))
}

func readAmount(d *record.Decoder) int64 {
	x := d.Uint()
	return int64(x>>1) ^ -int64(x&1)
}

func appendEnd(b []byte, tx Tx, commit bool) []byte {
	return record.AppendBool(appendTx(append(b, endRecord), tx), commit)
}

func appendGrant(b []byte, g grant) []byte {
	return record.AppendUint(record.AppendUint(append(b, grantRecord), g.epoch), uint64(g.to))
}

func appendEpoch(b []byte, epoch uint64) []byte {
	return record.AppendUint(append(b, epochRecord), epoch)
}

func appendNumber(b []byte, n uint64) []byte { return record.AppendUint(append(b, numberRecord), n) }

func appendWaiver(b []byte, epoch uint64) []byte {
	return record.AppendUint(append(b, waiverRecord), epoch)
}

func appendCommit(b []byte, d *decision) []byte { return appendDecision(append(b, commitRecord), d) }

func appendDecision(b []byte, d *decision) []byte {
	b = record.AppendInt(appendNodes(appendTx(b, d.tx), d.participants), len(d.balances))
	for _, x := range d.balances {
		b = appendAmount(b, x)
	}
	return b
}

func readDecision(d *record.Decoder) *decision {
	x := &decision{tx: readTx(d), participants: readNodes(d), balances: make([]int64, d.Count())}
	for i := range x.balances {
		x.balances[i] = readAmount(d)
	}
	return x
}

// appendTable appends a whole table, in place of everything before.
func appendTable(b []byte, epoch, number uint64, t *table) []byte {
	b = appendNumber(appendEpoch(append(b, resetRecord), epoch), number)
	for _, d := range t.open {
		b = appendCommit(b, d)
	}
	for _, d := range t.lastOfEach() {
		b = appendDecision(append(b, latestRecord), d)
	}
	return b
}

// readLine takes one record off a payload.
func readLine(d *record.Decoder) line {
	r := line{kind: int(d.Uint())}
	switch r.kind {
	case prepareRecord:
		r.local = readPrepare(d)
		r.tx = r.local.tx
	case endRecord:
		r.tx, r.commit = readTx(d), d.Bool()
	case grantRecord:
		r.epoch, r.to = d.Uint(), sim.NodeID(d.Uint())
	case epochRecord, numberRecord, waiverRecord:
		r.epoch = d.Uint()
	case commitRecord, latestRecord:
		r.decision = readDecision(d)
		r.tx = r.decision.tx
	case resetRecord:
	default:
		r.kind = 0
	}
	return r
}

// readLines hands the records of a payload to replay.
func readLines(payload []byte, replay func(*line)) error {
	for d := record.Decode(payload); d.More(); {
		r := readLine(&d)
		if r.kind == 0 || !d.Good() {
			return fmt.Errorf("a frame with a good checksum holds no records")
		}
		replay(&r)
	}
	return nil
}
