package twopc

import (
	"slices"

	"distsim/sim"
)

// paired keeps decisions on two coordinators' disks. One is active: the owner of an
// epoch, which a majority of the participants have granted it. In an epoch it
// begins alone; when the other joins, that gets all decisions so far, and from
// then on a decision is kept when both have it. An owner that misses the other, or
// another that misses the owner, claims the next epoch.
//
// Why no decision is lost: participants grant an epoch to one claimant, and refuse
// a claimant whose log may lack decisions of an epoch that they have granted to
// somebody else (see Participant.onClaim). So whoever becomes owner has the log of
// every owner before it. Why nothing is decided twice: an owner that was replaced,
// even if it was only paused, cannot keep a decision any more, as the other does
// not take it; and participants take no part in its transactions.
//
// What it does not survive: the loss of an owner that is alone.
type paired struct {
	coordinator *Coordinator
	peer        sim.NodeID
	table       *table
	base        uint64 // this log has all decisions of epochs up to here; on disk
	seen        uint64 // the latest epoch heard of

	claim  uint64       // the epoch that is claimed, 0: none
	grants []sim.NodeID // of it
	clear  bool         // the other has waived all before it
	waived uint64       // no epoch up to here will be begun by this one; on disk

	owner  sim.NodeID // of epoch base, 0: unknown
	wants  uint64     // the epoch that it has asked to join, and has not joined
	joined bool       // owner: the other may have all decisions, so it must have each
	number uint64     // owner: of the latest change since it joined; other: of the latest taken over
	kept   []change   // owner: the latest changes, those that the other has not confirmed
	fresh  bool       // owner: some of them are of this step
}

// silenceDue is when the other has not been heard of for too long, beatDue when the
// next sign of life is.
type (
	silenceDue struct{}
	beatDue    struct{}
)

// PushedBy: who hears from the other in time claims nothing.
func (silenceDue) PushedBy() []sim.Message { return []sim.Message{(*Beat)(nil), (*Replicated)(nil)} }

func (p *paired) boot() {
	c := p.coordinator
	p.table = newTable()
	for _, id := range c.coordinators {
		if id != c.self {
			p.peer = id
		}
	}
	if c.openLog(p.replay) {
		p.seen = max(p.base, p.waived)
		p.listen()
	}
}

func (p *paired) replay(r *line) {
	switch r.kind {
	case resetRecord:
		p.table, p.number = newTable(), 0
	case epochRecord:
		p.base, p.number = r.epoch, 0
	case numberRecord:
		p.number = r.epoch
	case waiverRecord:
		p.waived = r.epoch
	case commitRecord:
		p.table.commit(r.decision)
	case latestRecord:
		p.table.latest[r.tx.Process] = r.decision
	case endRecord:
		p.table.end(r.tx)
	}
}

func (p *paired) handle(from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case silenceDue:
		p.onSilenceDue()
	case beatDue:
		p.onBeatDue()
	case *Granted:
		p.onGranted(from, m)
	case *Claim:
		p.onClaim(m)
	case *Waived:
		p.onWaived(m)
	case *Fenced:
		p.see(m.Epoch)
	case *Beat:
		p.onBeat(m)
	case *Join:
		p.onJoin(m)
	case *Decisions:
		p.onDecisions(m)
	case *Replicate:
		p.onReplicate(m)
	case *Replicated:
		p.onReplicated(m)
	}
}

// listen waits for the other.
func (p *paired) listen() {
	c := p.coordinator
	c.env.Arm(silenceDue{}, c.env.Duration("take over", c.cfg.TakeOver))
}

// begin is the begin of an epoch, alone.
func (p *paired) begin() {
	c := p.coordinator
	p.base, p.owner, p.claim = p.claim, c.self, 0
	p.joined, p.number, p.kept, p.fresh = false, 0, nil, false
	c.buf = appendEpoch(c.buf, p.base)
	c.forced = true
	c.activate(p.base, p.table)
	p.onBeatDue()
}

// see hears of an epoch. Whoever is active in an earlier one is replaced, or will be:
// its transactions cannot go on.
func (p *paired) see(epoch uint64) {
	if epoch == p.claim {
		return
	}
	p.seen = max(p.seen, epoch)
	if p.claim < p.seen {
		p.claim = 0
	}
	if c := p.coordinator; c.active && c.epoch < epoch {
		c.env.Reached("replaced")
		p.owner = 0
		c.deactivate()
		p.listen()
	}
}

func (p *paired) onBeatDue() {
	c := p.coordinator
	if c.active {
		c.send(p.peer, &Beat{c.epoch})
		c.env.Arm(beatDue{}, c.cfg.BeatEvery)
	}
}

// onBeat: the other is alive and active.
func (p *paired) onBeat(m *Beat) {
	c := p.coordinator
	switch {
	case m.Epoch < p.base:
		c.send(p.peer, &Fenced{p.base})
	case m.Epoch == p.base:
		p.owner = p.peer
		p.listen()
		c.send(p.peer, &Replicated{p.base, p.number})
	default:
		p.see(m.Epoch)
		p.listen()
		p.join(m.Epoch)
	}
}

// join asks to join an epoch. Whoever wakes up hears many signs of life at once, and
// asks once, and at every retry.
func (p *paired) join(epoch uint64) {
	if p.wants != epoch {
		p.wants = epoch
		p.coordinator.send(p.peer, &Join{epoch})
	}
}

// onJoin gives the other all decisions. From here on it may have them, and may take
// over, so nothing is kept any more that it does not have.
func (p *paired) onJoin(m *Join) {
	c := p.coordinator
	if !c.active || m.Epoch != c.epoch {
		return
	}
	if !p.joined {
		p.joined = true
		p.listen()
	}
	d := &Decisions{Epoch: c.epoch, Number: p.number, open: slices.Clone(p.table.open), latest: p.table.lastOfEach()}
	c.send(p.peer, d)
}

// onDecisions joins the owner of a later epoch. Its table takes the place of this
// one's, in which there may be decisions that were never kept. Whoever joins wants
// nothing from the owner: a claim that was refused would be granted now.
func (p *paired) onDecisions(m *Decisions) {
	c := p.coordinator
	if m.Epoch <= p.base {
		return // joined before
	}
	p.see(m.Epoch)
	p.base, p.owner, p.number, p.claim = m.Epoch, p.peer, m.Number, 0
	p.table = m.table()
	c.buf = appendTable(c.buf, p.base, p.number, p.table)
	c.forced = true
	p.listen()
	c.send(p.peer, &Replicated{p.base, p.number})
}

func (m *Decisions) table() *table {
	t := newTable()
	t.open = slices.Clone(m.open)
	for _, d := range m.latest {
		t.latest[d.tx.Process] = d
	}
	return t
}

// commit keeps a decision. An owner that is alone is done when it is on its disk:
// what is said in this step, and later, waits for that.
func (p *paired) commit(d *decision) {
	c := p.coordinator
	p.table.commit(d)
	c.buf = appendCommit(c.buf, d)
	c.forced = true
	if p.joined {
		p.keep(change{decision: d})
	} else {
		c.decided(d.tx)
	}
}

func (p *paired) end(tx Tx) {
	c := p.coordinator
	p.table.end(tx)
	c.buf = appendEnd(c.buf, tx, true)
	if p.joined {
		p.keep(change{ended: tx})
	}
}

func (p *paired) keep(x change) {
	p.number++
	p.kept, p.fresh = append(p.kept, x), true
}

// flush ends a step: what it has changed goes to the other, in one message. With it goes
// all that the other has not confirmed, so that a message that was lost, or comes late,
// holds nothing up.
func (p *paired) flush() {
	if p.fresh {
		p.replicate()
	}
}

func (p *paired) replicate() {
	p.fresh = false
	first := p.number - uint64(len(p.kept)) + 1
	p.coordinator.send(p.peer, &Replicate{Epoch: p.base, First: first, changes: slices.Clone(p.kept)})
}

// onReplicate takes over what is new. It does so as long as it has not begun a later
// epoch, even if it claims one: what it takes over it will have then.
func (p *paired) onReplicate(m *Replicate) {
	c := p.coordinator
	switch {
	case m.Epoch < p.base:
		c.send(p.peer, &Fenced{p.base})
	case m.Epoch > p.base:
		p.join(m.Epoch)
	default:
		if known := p.number + 1; m.First <= known && known <= m.last() {
			p.take(m.changes[known-m.First:])
		}
		p.listen()
		c.send(p.peer, &Replicated{p.base, p.number})
	}
}

func (p *paired) take(fresh []change) {
	c := p.coordinator
	for _, x := range fresh {
		p.number++
		if x.decision == nil {
			p.table.end(x.ended)
			c.buf = appendEnd(c.buf, x.ended, true)
		} else {
			p.table.commit(x.decision)
			c.buf = appendCommit(c.buf, x.decision)
		}
	}
	c.buf, c.forced = appendNumber(c.buf, p.number), true
}

// onReplicated: the other has these, so they are kept.
func (p *paired) onReplicated(m *Replicated) {
	c := p.coordinator
	if !c.active || m.Epoch != c.epoch {
		return
	}
	p.listen()
	for len(p.kept) > 0 && p.number-uint64(len(p.kept)) < m.Number {
		d := p.kept[0].decision
		p.kept = p.kept[1:]
		if d != nil {
			c.decided(d.tx)
		}
	}
}

// retry asks again.
func (p *paired) retry() {
	if p.claim != 0 {
		p.askForGrants()
	}
	if p.coordinator.active && len(p.kept) > 0 {
		p.replicate()
	}
	if p.wants > p.base {
		p.coordinator.send(p.peer, &Join{p.wants})
	}
}

func (p *paired) who() (sim.NodeID, uint64) { return p.owner, p.base }
