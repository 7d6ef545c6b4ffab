package naive

import (
	"distsim/nodes/twopc"
	"distsim/sim"
)

// PrepareParticipant forgets to save its promise: it votes yes, with locks and changes in
// memory, and writes down only how a transaction has ended. Nothing goes wrong until it
// crashes between its vote and the decision. Back again it has neither the changes nor
// the locks, and is told to commit what it has never heard of. (Its coordinator, which
// is twopc's, does all that it should.)
type PrepareParticipant struct{ participant }

// Prepare makes a participant of a cluster; for World.AddServer. The first server is
// of cfg.Coordinator.
func Prepare(cfg twopc.Config) sim.Node {
	return &PrepareParticipant{participant{cfg: cfg}}
}

// Step handles one message.
func (p *PrepareParticipant) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		p.onBoot(env)
	case *twopc.Prepare:
		if t := p.onPrepare(from, m); t != nil {
			p.vote(t)
		}
	case *twopc.Commit:
		p.onCommit(from, m.Tx)
	case *twopc.Abort:
		p.onAbort(m.Tx)
	case retryDue:
		p.onRetryDue()
	case durable:
		p.journal.log.Marked(m.End)
	}
}

// onBoot carries out again what was committed before.
func (p *PrepareParticipant) onBoot(env *sim.Env) {
	p.boot(env)
	ok := p.journal.open(env, func(e entry) {
		p.ended[e.tx] = e.state
		if e.state == twopc.Committed {
			p.bank.Redo(e.tx, e.legs)
			p.bank.Commit(e.tx)
		}
	})
	if ok {
		env.Arm(retryDue{}, retryEvery)
	}
}

// vote promises without saving: that is the mistake.
func (p *PrepareParticipant) vote(t *local) {
	if p.execute(t) {
		p.voteYes(t)
	} else {
		p.finish(t.tx, twopc.Aborted)
	}
}

// onCommit carries out the decision. What it does not know it cannot carry out: here
// that is aborted, and asking again will not help.
func (p *PrepareParticipant) onCommit(from sim.NodeID, tx twopc.Tx) {
	t := p.find(tx)
	switch {
	case t != nil:
		p.journal.save(entry{state: twopc.Committed, tx: tx, legs: t.legs})
		p.finish(tx, twopc.Committed)
	case p.ended[tx] == 0:
		p.finish(tx, twopc.Aborted)
	}
	p.env.Send(from, &twopc.Ack{Tx: tx})
}

func (p *PrepareParticipant) onAbort(tx twopc.Tx) {
	if p.ended[tx] == 0 {
		p.finish(tx, twopc.Aborted)
	}
}

// finish ends a transaction and lets those vote that have waited for its locks.
func (p *PrepareParticipant) finish(tx twopc.Tx, how twopc.State) {
	for _, t := range p.end(tx, how) {
		p.vote(t)
	}
}

// onRetryDue asks about those that it has voted for.
func (p *PrepareParticipant) onRetryDue() {
	p.env.Arm(retryDue{}, retryEvery)
	for _, t := range p.live {
		if t.balances != nil {
			p.env.Send(t.coordinator, &twopc.Inquiry{Tx: t.tx})
		}
	}
}
