package twopc

import (
	"distsim/nodes/raft"
	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/nodes/wal"
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// State is what has become of a transaction at a machine.
type State = invariant.State

// The states of a coordinator are Waiting, Deciding, Committed, Aborted and Ended,
// those of a participant Prepared, Committed and Aborted.
const (
	Waiting   = invariant.Waiting
	Deciding  = invariant.Deciding
	Prepared  = invariant.Prepared
	Committed = invariant.Committed
	Aborted   = invariant.Aborted
	Ended     = invariant.Ended
)

// Change is a transaction that has come to a state.
type Change = invariant.Change

func (c *Coordinator) changed(x Change) { c.changes = append(c.changes, x) }

func (p *Participant) changed(x Change) { p.changes = append(p.changes, x) }

// Changes lists what became of transactions here in this incarnation, oldest first.
func (c *Coordinator) Changes() []Change { return c.changes }

// Changes lists what became of transactions here in this incarnation, oldest first.
func (p *Participant) Changes() []Change { return p.changes }

// Held lists the locks.
func (p *Participant) Held() []bank.Lock { return p.bank.Held() }

// Says: a yes is a promise, a no is final.
func (m *Vote) Says(hear func(Tx, State)) {
	if m.Yes {
		hear(m.Tx, Prepared)
	} else {
		hear(m.Tx, Aborted)
	}
}

// Says: a decision to commit.
func (m *Commit) Says(hear func(Tx, State)) { hear(m.Tx, Committed) }

// Says: it is carried out.
func (m *Ack) Says(hear func(Tx, State)) { hear(m.Tx, Committed) }

// Says: what peers may build on.
func (m *Answer) Says(hear func(Tx, State)) {
	switch m.Verdict {
	case KnowCommitted:
		hear(m.Tx, Committed)
	case KnowAborted:
		hear(m.Tx, Aborted)
	}
}

// Says: all that is in it.
func (m *Batch) Says(hear func(Tx, State)) {
	for _, m := range m.Messages {
		if s, ok := m.(invariant.Speaker); ok {
			s.Says(hear)
		}
	}
}

// Work is how many messages of a transaction's a message between servers stands for:
// a batch is one, an entry of Raft's two, as it is acknowledged, a sign of life none.
func Work(m sim.Message) int {
	switch m := m.(type) {
	case *Prepare, *Vote, *Commit, *Abort, *Ack, *Inquiry, *Answer, *Wound, *Batch:
		return 1
	case *Replicate:
		return 2
	case *raft.Append:
		return min(len(m.Entries), 1) * 2
	default:
		return 0
	}
}

// Invariants are the properties that must hold in a cluster of this configuration.
// Pass them to one world only.
func (c Config) Invariants() []sim.Invariant {
	c = c.complete()
	disk := func(id sim.NodeID) invariant.Disk {
		if c.Keeping == OnRaft && id.Ordinal() <= c.Coordinators {
			return nil // the group's own invariants see to that
		}
		return &diskReader{}
	}
	all := invariant.All(invariant.System{Disk: disk})
	if c.Keeping == OnRaft {
		all = append(all, raft.Invariants(raftPart)...)
	}
	return all
}

// NewDisk reads what one machine has saved, for clusters of which the others are of another
// make.
func NewDisk() invariant.Disk { return &diskReader{} }

// diskReader reads what is durable of a machine's log.
type diskReader struct {
	frames wal.Reader
	lines  record.Decoder
}

// Next is the next durable record about a transaction. What a coordinator has noted
// as ended is still committed.
func (r *diskReader) Next(file []byte) (Change, bool) {
	for {
		for r.lines.More() {
			if l := readLine(&r.lines); l.says() != 0 {
				return Change{Tx: l.tx, State: l.says()}, true
			}
		}
		payload, ok := r.frames.Next(file)
		if !ok {
			return Change{}, false
		}
		r.lines = record.Decode(payload)
	}
}

// says is the state that a record is about, or 0.
func (l *line) says() State {
	switch l.kind {
	case prepareRecord:
		return Prepared
	case commitRecord:
		return Committed
	case endRecord:
		if l.commit {
			return Committed
		}
		return Aborted
	default:
		return 0
	}
}
