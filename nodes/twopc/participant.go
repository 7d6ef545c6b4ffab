package twopc

import (
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Participant keeps some of the accounts.
type Participant struct {
	desk
	layout
	cfg   Config
	bank  *bank.Bank
	live  []*local    // neither committed nor aborted here, by arrival
	ended map[Tx]fate // all others it has heard of

	granted grant // the latest epoch: coordinators of earlier ones are replaced
	changes []Change
}

// local is a transaction that may still commit here.
type local struct {
	tx           Tx
	coordinator  sim.NodeID // that asked for the vote
	legs         []ops.Leg
	participants []sim.NodeID
	balances     []int64 // once prepared
	prepared     bool    // has voted yes; until then it waits for locks
	patience     int     // retries until it asks what became of it
}

// fate is how a transaction ended here.
type fate uint8

const (
	hasAborted    fate = iota + 1 // as it was told
	hasSavedAbort                 // for good: this is on the disk, or will be before anybody hears of it
	hasCommitted
)

// inDoubtRetries is how many retries a participant waits for a decision before
// it asks.
const inDoubtRetries = 2

// Participant makes the node of one participant; for World.AddServer.
func (c Config) Participant() sim.Node { return &Participant{cfg: c.complete()} }

// Step handles one message, or the messages of a batch, then saves and says.
func (p *Participant) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		p.onBoot(env)
	case *Batch:
		for _, m := range m.Messages {
			p.handle(from, m)
		}
	default:
		p.handle(from, m)
	}
	p.finish()
}

func (p *Participant) handle(from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case *Prepare:
		p.onPrepare(from, m)
	case *Commit:
		p.onCommit(from, m.Tx)
	case *Abort:
		p.onAbort(m.Tx)
	case *Inquiry:
		p.onInquiry(from, m)
	case *Answer:
		p.onAnswer(m)
	case *Claim:
		p.onClaim(from, m)
	case retryDue:
		p.onRetryDue()
	case durable:
		p.log.Marked(m.End)
	}
}

func (p *Participant) onBoot(env *sim.Env) {
	p.env, p.self, p.pack = env, env.ID(), p.cfg.Batch > 1
	p.layout, p.ended = p.cfg.layout(env.Servers()), map[Tx]fate{}
	p.bank = bank.New(p.accountsOf(p.self, p.cfg.Accounts), p.cfg.Initial)
	if p.recover() {
		p.env.Arm(retryDue{}, p.cfg.RetryEvery)
	}
}

// onPrepare takes part in a transaction, once it has its locks. Asked again it
// repeats what it has answered.
func (p *Participant) onPrepare(from sim.NodeID, m *Prepare) {
	if m.Tx.Epoch < p.granted.epoch {
		p.send(from, &Fenced{p.granted.epoch})
		return
	}
	p.granted = grant{m.Tx.Epoch, from}
	if fate := p.ended[m.Tx]; fate != 0 {
		p.answerAgain(from, m.Tx, fate)
		return
	}
	if t := p.find(m.Tx); t != nil {
		if t.prepared {
			p.voteYes(t)
		}
		return
	}
	t := &local{tx: m.Tx, coordinator: from, legs: m.Legs, participants: m.Participants}
	p.live = append(p.live, t)
	if p.bank.Acquire(t.tx, t.legs) {
		p.vote(t)
	} else {
		p.wound(t)
	}
}

// answerAgain tells a coordinator that asks for a vote how it ended here. One that
// has aborted the transaction itself knows.
func (p *Participant) answerAgain(from sim.NodeID, tx Tx, fate fate) {
	switch fate {
	case hasCommitted:
		p.send(from, &Ack{tx})
	case hasSavedAbort:
		p.send(from, &Vote{Tx: tx})
	}
}

// vote decides for or against a transaction that has its locks.
func (p *Participant) vote(t *local) {
	balances, short := p.bank.Execute(t.tx)
	if short != "" {
		p.send(t.coordinator, &Vote{Tx: t.tx, Short: short})
		p.refuse(t.tx)
		return
	}
	t.prepared, t.balances, t.patience = true, balances, inDoubtRetries
	p.buf = appendPrepare(p.buf, t)
	p.forced = true
	p.changed(Change{Tx: t.tx, State: Prepared, Of: t.participants})
	p.voteYes(t)
}

func (p *Participant) voteYes(t *local) {
	p.send(t.coordinator, &Vote{Tx: t.tx, Yes: true, Balances: t.balances})
}

// refuse aborts a transaction that this participant has not voted for, and never
// will. That is saved before anybody hears of it: a peer that is told so aborts
// too, and a prepare that comes after a crash must not find it forgotten.
func (p *Participant) refuse(tx Tx) {
	p.forced = true
	p.end(tx, hasSavedAbort)
}

// wound asks for the end of younger transactions whose locks t waits for.
func (p *Participant) wound(t *local) {
	for _, younger := range p.bank.InTheWay(t.tx) {
		p.send(p.find(younger).coordinator, &Wound{younger})
	}
}

// onCommit carries out the decision. The acknowledgement leaves when it is
// saved: the coordinator may forget the transaction then.
func (p *Participant) onCommit(from sim.NodeID, tx Tx) {
	p.commit(tx)
	p.send(from, &Ack{tx})
}

func (p *Participant) commit(tx Tx) {
	if p.ended[tx] == hasCommitted {
		return
	}
	if t := p.find(tx); t == nil || !t.prepared {
		panic("twopc: " + p.self.String() + " is told to commit " + tx.String() + ", which it has not voted for")
	}
	p.forced = true
	p.end(tx, hasCommitted)
}

// onAbort carries out the decision. It need not be durable: who forgets it asks
// again and is told the same, as nobody knows of a commit. One for a transaction
// that has not come yet is remembered too, for when it comes late.
func (p *Participant) onAbort(tx Tx) {
	if p.ended[tx] == 0 {
		p.end(tx, hasAborted)
	}
}

// end ends a transaction here, known or not, and lets those go on that waited for
// its locks.
func (p *Participant) end(tx Tx, how fate) {
	p.ended[tx] = how
	p.forget(tx)
	p.buf = appendEnd(p.buf, tx, how == hasCommitted)
	finish, state := p.bank.Abort, Aborted
	if how == hasCommitted {
		finish, state = p.bank.Commit, Committed
	}
	p.changed(Change{Tx: tx, State: state})
	for _, next := range finish(tx) {
		p.vote(p.find(next))
	}
}

func (p *Participant) forget(tx Tx) {
	p.live = slices.DeleteFunc(p.live, func(t *local) bool { return t.tx == tx })
}

func (p *Participant) find(tx Tx) *local {
	for _, t := range p.live {
		if t.tx == tx {
			return t
		}
	}
	return nil
}
