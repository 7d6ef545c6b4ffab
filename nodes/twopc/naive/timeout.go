package naive

import (
	"distsim/nodes/twopc"
	"distsim/sim"
)

// The twin without timeouts saves before it says, and so loses nothing. But everything
// is said once, and nobody misses an answer.

// TimeoutCoordinator waits for votes and acknowledgements, for ever.
type TimeoutCoordinator struct {
	coordinator
	journal journal
}

// TimeoutParticipant waits for the decision, for ever, with its locks.
type TimeoutParticipant struct{ participant }

// Timeout makes the coordinator and the participants of a cluster; for World.AddServer,
// the coordinator first.
func Timeout(cfg twopc.Config) (coord, part func() sim.Node) {
	coord = func() sim.Node { return &TimeoutCoordinator{coordinator: coordinator{cfg: cfg}} }
	part = func() sim.Node { return &TimeoutParticipant{participant{cfg: cfg}} }
	return coord, part
}

// Step handles one message. No case is a timer: that is the mistake.
func (c *TimeoutCoordinator) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		c.onBoot(env)
	case *twopc.Begin:
		c.onBegin(m)
	case *twopc.Vote:
		if o := c.onVote(from, m); o != nil {
			c.journal.save(entry{state: twopc.Committed, tx: o.tx, participants: o.participants(), balances: o.balances})
			c.commit(o)
		}
	case *twopc.Ack:
		c.onAck(from, m)
	case durable:
		c.journal.log.Marked(m.End)
	}
}

// onBoot tells once more what was decided before, and remembers for whom.
func (c *TimeoutCoordinator) onBoot(env *sim.Env) {
	c.boot(env)
	var decided []entry
	if !c.journal.open(env, func(e entry) { decided = append(decided, e) }) {
		return
	}
	for _, e := range decided {
		c.sessions[e.tx.Process] = &session{tx: e.tx, outcome: committed(e.balances)}
		for _, id := range e.participants {
			env.Send(id, &twopc.Commit{Tx: e.tx})
		}
	}
}

// Step handles one message. No case is a timer: that is the mistake.
func (p *TimeoutParticipant) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		p.onBoot(env)
	case *twopc.Prepare:
		if t := p.onPrepare(from, m); t != nil {
			p.vote(t)
		}
	case *twopc.Commit:
		if p.ended[m.Tx] == 0 {
			p.finish(m.Tx, twopc.Committed)
		}
		env.Send(from, &twopc.Ack{Tx: m.Tx})
	case *twopc.Abort:
		if p.ended[m.Tx] == 0 {
			p.finish(m.Tx, twopc.Aborted)
		}
	case durable:
		p.journal.log.Marked(m.End)
	}
}

// onBoot takes up what was promised before, with its locks.
func (p *TimeoutParticipant) onBoot(env *sim.Env) {
	p.boot(env)
	p.journal.open(env, func(e entry) {
		switch e.state {
		case twopc.Prepared:
			p.bank.Redo(e.tx, e.legs)
			t := &local{tx: e.tx, coordinator: e.coordinator, legs: e.legs, participants: e.participants}
			t.balances, _ = p.bank.Execute(e.tx)
			p.live = append(p.live, t)
		case twopc.Committed, twopc.Aborted:
			p.end(e.tx, e.state)
		}
	})
	p.changes = p.changes[:0]
	for _, t := range p.live {
		p.changed(twopc.Change{Tx: t.tx, State: twopc.Prepared, Of: t.participants})
	}
}

func (p *TimeoutParticipant) vote(t *local) {
	if !p.execute(t) {
		p.end(t.tx, twopc.Aborted)
		return
	}
	p.journal.save(entry{state: twopc.Prepared, tx: t.tx, coordinator: t.coordinator, participants: t.participants, legs: t.legs})
	p.voteYes(t)
}

// finish saves how a transaction has ended and lets those vote that have waited for its
// locks.
func (p *TimeoutParticipant) finish(tx twopc.Tx, how twopc.State) {
	p.journal.save(entry{state: how, tx: tx})
	for _, t := range p.end(tx, how) {
		p.vote(t)
	}
}
