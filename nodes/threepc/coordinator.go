package threepc

import (
	"cmp"
	"fmt"
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Coordinator runs the transactions that clients ask for.
type Coordinator struct {
	diary
	cfg     Config
	passive bool
	homes   map[string]sim.NodeID
	open    map[bank.Tx]*transaction // not decided
}

// transaction is one that the coordinator runs.
type transaction struct {
	tx    bank.Tx
	op    ops.Transaction
	to    sim.ReplyTo
	state State
	parts []*part // ascending by name
}

// part is what one participant does for a transaction.
type part struct {
	id       sim.NodeID
	legs     []ops.Leg
	at       []int // their places among the transaction's legs
	balances []int64
	answered bool // in this phase
}

// NewCoordinator makes the node of n1.
func NewCoordinator(cfg Config) *Coordinator {
	return &Coordinator{cfg: cfg.withDefaults(), homes: map[string]sim.NodeID{}, open: map[bank.Tx]*transaction{}}
}

// Step handles one message.
func (c *Coordinator) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if c.passive {
		return
	}
	switch m := m.(type) {
	case sim.Boot:
		c.onBoot(env)
	case *Request:
		c.onRequest(env, m)
	case *Vote:
		c.onVote(env, from, m)
	case *Wound:
		c.onWound(env, m)
	case *Ack:
		c.onAck(env, from, m)
	case due:
		c.onDue(env, m.tx)
	}
}

// View shows the latest transaction.
func (c *Coordinator) View(v *sim.View) {
	v.Text("role", role("coordinator", c.passive))
	c.view(v)
}

// role is what a machine is, unless it has crashed before.
func role(name string, passive bool) string {
	if passive {
		return "passive"
	}
	return name
}

func (c *Coordinator) onBoot(env *sim.Env) {
	assert(env.ID() == coordinator, "the coordinator is %v, not %v", env.ID(), coordinator)
	c.passive = env.Incarnation() > 1
	for i := range c.cfg.Accounts {
		c.homes[account(i)] = home(i, env.Servers())
	}
}

// onRequest begins the first phase: can everybody commit?
func (c *Coordinator) onRequest(env *sim.Env, m *Request) {
	t := &transaction{
		tx: bank.Tx{Process: m.Process, N: m.N, Try: m.Try},
		op: m.Op, to: env.ReplyTo(), state: Waiting,
	}
	for i, l := range m.Op.Legs {
		p := t.partOf(c.home(l.Account))
		p.legs, p.at = append(p.legs, l), append(p.at, i)
	}
	c.open[t.tx] = t
	members := t.members()
	c.note(Change{Tx: t.tx, State: Waiting, Of: members})
	for _, p := range t.parts {
		env.Send(p.id, &CanCommit{t.tx, p.legs, members})
	}
	env.Arm(due{t.tx}, c.cfg.voteDue())
}

func (c *Coordinator) onVote(env *sim.Env, from sim.NodeID, m *Vote) {
	t := c.in(m.Tx, Waiting)
	switch {
	case t == nil: // it was wounded, or others were too slow
	case !m.Yes:
		c.abort(env, t, &Reply{Settlement: ops.Settlement{Short: m.Short}})
	default:
		c.note(Change{Tx: t.tx, State: invariant.Voted, By: from})
		t.partOf(from).balances = m.Balances
		if t.heard(from) {
			c.preCommit(env, t)
		}
	}
}

// onWound sacrifices a transaction to an older one, as long as it may.
func (c *Coordinator) onWound(env *sim.Env, m *Wound) {
	if t := c.in(m.Tx, Waiting); t != nil {
		c.abort(env, t, &Reply{Aborted: fmt.Sprintf("wounded by %v", m.By)})
	}
}

// preCommit begins the second phase: everybody gets to know that all have voted yes.
func (c *Coordinator) preCommit(env *sim.Env, t *transaction) {
	t.state = PreCommitted
	c.note(Change{Tx: t.tx, State: PreCommitted, Of: t.members()})
	for _, p := range t.parts {
		p.answered = false
		env.Send(p.id, &PreCommit{t.tx})
	}
	env.Arm(due{t.tx}, c.cfg.roundTrip())
}

func (c *Coordinator) onAck(env *sim.Env, from sim.NodeID, m *Ack) {
	if t := c.in(m.Tx, PreCommitted); t != nil && t.heard(from) {
		c.commit(env, t)
	}
}

// onDue goes on without those that have not answered in time: they are dead. Without
// a vote that is to abort; without an acknowledgement it is to commit, as everybody
// alive has given one.
func (c *Coordinator) onDue(env *sim.Env, tx bank.Tx) {
	switch t := c.open[tx]; t.state {
	case Waiting:
		c.abort(env, t, &Reply{Aborted: fmt.Sprintf("no vote from %v", t.silent())})
	case PreCommitted:
		c.commit(env, t)
	}
}

// commit begins the third phase.
func (c *Coordinator) commit(env *sim.Env, t *transaction) {
	c.decide(env, t, Committed)
	env.Reply(t.to, &Reply{Settlement: ops.Settlement{Balances: t.balances()}})
	for _, p := range t.parts {
		env.Send(p.id, &DoCommit{t.tx})
	}
}

func (c *Coordinator) abort(env *sim.Env, t *transaction, r *Reply) {
	c.decide(env, t, Aborted)
	env.Reply(t.to, r)
	for _, p := range t.parts {
		env.Send(p.id, &DoAbort{t.tx})
	}
}

func (c *Coordinator) decide(env *sim.Env, t *transaction, s State) {
	t.state = s
	c.note(Change{Tx: t.tx, State: s})
	delete(c.open, t.tx)
	env.Cancel(due{t.tx})
}

// in finds a transaction if that is its state.
func (c *Coordinator) in(tx bank.Tx, s State) *transaction {
	if t := c.open[tx]; t != nil && t.state == s {
		return t
	}
	return nil
}

func (c *Coordinator) home(account string) sim.NodeID {
	id, ok := c.homes[account]
	assert(ok, "nobody keeps account %q", account)
	return id
}

// partOf finds a participant's part, or adds it.
func (t *transaction) partOf(id sim.NodeID) *part {
	at, found := slices.BinarySearchFunc(t.parts, id, func(p *part, id sim.NodeID) int { return cmp.Compare(p.id, id) })
	if !found {
		t.parts = slices.Insert(t.parts, at, &part{id: id})
	}
	return t.parts[at]
}

func (t *transaction) members() (ids []sim.NodeID) {
	for _, p := range t.parts {
		ids = append(ids, p.id)
	}
	return ids
}

// heard notes an answer and reports whether it is the last of its phase.
func (t *transaction) heard(from sim.NodeID) bool {
	t.partOf(from).answered = true
	return len(t.silent()) == 0
}

func (t *transaction) silent() (ids []sim.NodeID) {
	for _, p := range t.parts {
		if !p.answered {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// balances puts those of the parts in the order of the transaction's legs.
func (t *transaction) balances() []int64 {
	all := make([]int64, len(t.op.Legs))
	for _, p := range t.parts {
		for i, at := range p.at {
			all[at] = p.balances[i]
		}
	}
	return all
}
