package twopc

import (
	"slices"

	"distsim/nodes/twopc/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Coordinator runs transactions while it is active. Who is, and where decisions
// are kept, is its keeper's business.
type Coordinator struct {
	desk
	layout
	cfg      Config
	keeper   keeper
	active   bool
	epoch    uint64           // of its activity
	open     []*open          // undecided, or not known to have committed everywhere; oldest first
	sessions map[int]*session // by client process
	queue    []queued         // prepares that wait until a batch is full
	waiting  int              // transactions in the queue
	changes  []Change
}

// open is a transaction that somebody may still ask about.
type open struct {
	tx       Tx
	shares   []share
	state    State // Waiting, Deciding or Committed
	heard    []bool
	balances []int64 // of the whole transaction, as votes come in
	waited   bool    // for as long as between two retries, at least
	retries  int     // until it gives up waiting for votes
}

// session is what a coordinator knows of a client process: its latest request.
// A process has one open at a time, so an older one is a late copy.
type session struct {
	tx      Tx
	client  sim.ReplyTo
	outcome *Outcome // nil: not decided
}

// queued is a prepare that waits for its batch.
type queued struct {
	to  sim.NodeID
	msg *Prepare
}

// Coordinator makes the node of one coordinator; for World.AddServer.
func (c Config) Coordinator() sim.Node { return &Coordinator{cfg: c.complete()} }

// Step handles one message, or the messages of a batch, then saves and says.
func (c *Coordinator) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		c.onBoot(env)
	case *Batch:
		for _, m := range m.Messages {
			c.handle(from, m)
		}
	default:
		c.handle(from, m)
	}
	c.keeper.flush()
	c.finish()
}

func (c *Coordinator) handle(from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case *Begin:
		c.onBegin(m)
	case *Vote:
		c.onVote(from, m)
	case *Ack:
		c.onAck(from, m)
	case *Inquiry:
		c.onInquiry(from, m)
	case *Wound:
		c.onWound(from, m)
	case retryDue:
		c.onRetryDue()
	case batchDue:
		c.flush()
	case durable:
		c.log.Marked(m.End)
	default:
		c.keeper.handle(from, m)
	}
}

func (c *Coordinator) onBoot(env *sim.Env) {
	c.env, c.self, c.pack = env, env.ID(), c.cfg.Batch > 1
	c.layout, c.sessions = c.cfg.layout(env.Servers()), map[int]*session{}
	c.keeper = c.cfg.newKeeper(c)
	c.keeper.boot()
	env.Arm(retryDue{}, c.cfg.RetryEvery)
}

// onBegin runs a transaction, if it is meant for this epoch and was not run
// before.
func (c *Coordinator) onBegin(m *Begin) {
	client := c.env.ReplyTo()
	if !c.active {
		c.keeper.retry()
	}
	if !c.active || m.Epoch != c.epoch {
		c.reply(client, c.elsewhere(Elsewhere))
		return
	}
	tx := Tx{Process: m.Process, N: m.N, Try: m.Try, Epoch: c.epoch}
	switch s := c.sessions[m.Process]; {
	case s == nil || later(tx, s.tx):
		c.sessions[m.Process] = &session{tx: tx, client: client}
		c.begin(tx, m.Transaction)
	case later(s.tx, tx): // the client has gone on
	case s.outcome != nil:
		c.reply(client, s.outcome)
	default:
		s.client = client
	}
}

// later reports whether a process asked for a after it was done with b.
func later(a, b Tx) bool { return a.N > b.N || a.N == b.N && a.Try > b.Try }

// elsewhere tells a client who may know better.
func (c *Coordinator) elsewhere(status Status) *Outcome {
	o := &Outcome{Status: status}
	o.Coordinator, o.Epoch = c.keeper.who()
	if c.active {
		o.Coordinator, o.Epoch = c.self, c.epoch
	}
	return o
}

// begin asks for votes. Nothing is saved: a transaction without a decision is
// presumed to be aborted.
func (c *Coordinator) begin(tx Tx, t ops.Transaction) {
	shares := c.shares(t)
	o := &open{tx: tx, shares: shares, state: Waiting, heard: make([]bool, len(shares)),
		balances: make([]int64, len(t.Legs)), retries: c.cfg.VoteRetries}
	c.open = append(c.open, o)
	c.changed(Change{Tx: tx, State: Waiting, Of: o.participants()})
	c.waiting++
	for i := range shares {
		c.queue = append(c.queue, queued{shares[i].at, o.prepare(i)})
	}
	switch {
	case c.waiting >= c.cfg.Batch:
		c.flush()
	case c.waiting == 1:
		c.env.Arm(batchDue{}, c.cfg.BatchWindow)
	}
}

func (o *open) prepare(i int) *Prepare {
	m := &Prepare{Tx: o.tx, Legs: o.shares[i].legs}
	for _, s := range o.shares {
		m.Participants = append(m.Participants, s.at)
	}
	return m
}

// flush sends what is in the queue.
func (c *Coordinator) flush() {
	for _, q := range c.queue {
		c.send(q.to, q.msg)
	}
	c.queue, c.waiting = nil, 0
}

// onVote counts. One no decides; the last yes does.
func (c *Coordinator) onVote(from sim.NodeID, m *Vote) {
	o := c.find(m.Tx)
	if o == nil || o.state != Waiting {
		return
	}
	i := o.at(from)
	switch {
	case !m.Yes && m.Short != "":
		c.abort(o, &Outcome{Status: Done, Settlement: ops.Settlement{Short: m.Short}})
	case !m.Yes:
		c.abort(o, &Outcome{Status: Undone})
	case !o.heard[i]:
		o.heard[i] = true
		c.changed(Change{Tx: m.Tx, State: invariant.Voted, By: from})
		for k, slot := range o.shares[i].slot {
			o.balances[slot] = m.Balances[k]
		}
		if !slices.Contains(o.heard, false) {
			c.decide(o)
		}
	}
}

// decide has the decision kept. From here on this coordinator does not abort.
func (c *Coordinator) decide(o *open) {
	o.state = Deciding
	c.changed(Change{Tx: o.tx, State: Deciding})
	c.keeper.commit(&decision{tx: o.tx, participants: o.participants(), balances: o.balances})
}

// decided is for the keeper to call: the decision is kept, or will be before
// anything that is said from here on is heard.
func (c *Coordinator) decided(tx Tx) {
	o := c.find(tx)
	if o == nil {
		return
	}
	o.state, o.heard, o.waited = Committed, make([]bool, len(o.shares)), false
	c.changed(Change{Tx: tx, State: Committed})
	c.tell(o)
	c.settle(tx, &Outcome{Status: Done, Settlement: ops.Settlement{Balances: o.balances}})
}

// tell sends the decision to those who have not acknowledged it.
func (c *Coordinator) tell(o *open) {
	for i, s := range o.shares {
		if !o.heard[i] {
			c.send(s.at, &Commit{o.tx})
		}
	}
}

// abort ends an undecided transaction. Nothing is saved.
func (c *Coordinator) abort(o *open, outcome *Outcome) {
	c.changed(Change{Tx: o.tx, State: Aborted})
	for _, s := range o.shares {
		c.send(s.at, &Abort{o.tx})
	}
	c.drop(o)
	c.settle(o.tx, outcome)
}

// settle tells the client, and remembers it for when it asks again.
func (c *Coordinator) settle(tx Tx, outcome *Outcome) {
	if s := c.sessions[tx.Process]; s != nil && s.tx == tx {
		s.outcome = outcome
		c.reply(s.client, outcome)
		s.client = sim.ReplyTo{}
	}
}

// onAck: once all have committed, nobody will ask again.
func (c *Coordinator) onAck(from sim.NodeID, m *Ack) {
	o := c.find(m.Tx)
	if o == nil || o.state != Committed {
		return
	}
	o.heard[o.at(from)] = true
	if !slices.Contains(o.heard, false) {
		c.drop(o)
		c.changed(Change{Tx: o.tx, State: Ended})
		c.keeper.end(o.tx)
	}
}

// onInquiry tells a participant in doubt. Of transactions of its own epoch and of
// earlier ones this coordinator knows all that were decided to commit: what it does
// not know is aborted, and always will be.
func (c *Coordinator) onInquiry(from sim.NodeID, m *Inquiry) {
	if !c.active || m.Tx.Epoch > c.epoch {
		return
	}
	switch o := c.find(m.Tx); {
	case o == nil:
		c.send(from, &Abort{m.Tx})
	case o.state == Committed:
		c.send(from, &Commit{m.Tx})
	}
}

// onWound makes way for an older transaction, if that can be.
func (c *Coordinator) onWound(from sim.NodeID, m *Wound) {
	o := c.find(m.Tx)
	if o != nil && o.state == Waiting {
		c.env.Reached("wounded")
		c.abort(o, &Outcome{Status: Undone})
		return
	}
	c.onInquiry(from, &Inquiry{m.Tx})
}

// onRetryDue: whoever has not answered is asked again, for a while.
func (c *Coordinator) onRetryDue() {
	c.env.Arm(retryDue{}, c.cfg.RetryEvery)
	for _, o := range slices.Clone(c.open) {
		switch {
		case !o.waited:
			o.waited = true
		case o.state == Committed:
			c.tell(o)
		case o.state == Waiting && o.retries > 0:
			o.retries--
			c.ask(o)
		case o.state == Waiting:
			c.abort(o, &Outcome{Status: Undone})
		}
	}
	c.keeper.retry()
}

// ask repeats the question to those who have not voted.
func (c *Coordinator) ask(o *open) {
	for i, s := range o.shares {
		if !o.heard[i] {
			c.send(s.at, o.prepare(i))
		}
	}
}

func (c *Coordinator) find(tx Tx) *open {
	for _, o := range c.open {
		if o.tx == tx {
			return o
		}
	}
	return nil
}

func (c *Coordinator) drop(o *open) {
	c.open = slices.DeleteFunc(c.open, func(x *open) bool { return x == o })
}

// at is the place of a participant in the transaction.
func (o *open) at(id sim.NodeID) int {
	return slices.IndexFunc(o.shares, func(s share) bool { return s.at == id })
}

func (o *open) participants() []sim.NodeID {
	ids := make([]sim.NodeID, len(o.shares))
	for i, s := range o.shares {
		ids[i] = s.at
	}
	return ids
}
