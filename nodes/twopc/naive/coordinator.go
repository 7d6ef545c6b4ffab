package naive

import (
	"slices"

	"distsim/nodes/twopc"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// coordinator is the textbook's: ask all, count, tell all. When it asks and tells, and
// what it saves, is the twin's business.
type coordinator struct {
	cfg      twopc.Config
	env      *sim.Env
	epoch    uint64 // its incarnation, so that no transaction's name is used twice
	open     []*open
	sessions map[int]*session // by client process
	changes  []twopc.Change
}

// open is a transaction that is undecided, or not known to have committed everywhere.
type open struct {
	tx       twopc.Tx
	shares   []share
	state    twopc.State // Waiting or Committed
	heard    []bool      // votes, then acknowledgements
	balances []int64     // of the whole transaction, as votes come in
}

// share is one participant's part.
type share struct {
	at   sim.NodeID
	legs []ops.Leg
	slot []int // of each leg, in the whole transaction
}

// session is the latest request of a client process.
type session struct {
	tx      twopc.Tx
	client  sim.ReplyTo
	outcome *twopc.Outcome // nil: not decided
}

func (c *coordinator) boot(env *sim.Env) {
	c.env, c.epoch, c.sessions = env, uint64(env.Incarnation()), map[int]*session{}
}

// onBegin asks for votes, unless the request has come before.
func (c *coordinator) onBegin(m *twopc.Begin) {
	client := c.env.ReplyTo()
	if m.Epoch != c.epoch {
		c.env.Reply(client, &twopc.Outcome{Status: twopc.Elsewhere, Coordinator: c.env.ID(), Epoch: c.epoch})
		return
	}
	tx := twopc.Tx{Process: m.Process, N: m.N, Try: m.Try, Epoch: c.epoch}
	switch s := c.sessions[m.Process]; {
	case s == nil || later(tx, s.tx):
		c.sessions[m.Process] = &session{tx: tx, client: client}
		o := &open{tx: tx, shares: c.shares(m.Transaction), state: twopc.Waiting, balances: make([]int64, len(m.Transaction.Legs))}
		o.heard = make([]bool, len(o.shares))
		c.open = append(c.open, o)
		c.changed(twopc.Change{Tx: tx, State: twopc.Waiting, Of: o.participants()})
		c.ask(o)
	case later(s.tx, tx): // the client has gone on
	case s.outcome != nil:
		c.env.Reply(client, s.outcome)
	default:
		s.client = client
	}
}

// later reports whether a process asked for a after it was done with b.
func later(a, b twopc.Tx) bool { return a.N > b.N || a.N == b.N && a.Try > b.Try }

// shares splits a transaction, in the order of its legs.
func (c *coordinator) shares(t ops.Transaction) []share {
	var all []share
	for i, leg := range t.Legs {
		at := keeper(c.env.Servers(), leg.Account)
		k := slices.IndexFunc(all, func(s share) bool { return s.at == at })
		if k < 0 {
			k = len(all)
			all = append(all, share{at: at})
		}
		all[k].legs, all[k].slot = append(all[k].legs, leg), append(all[k].slot, i)
	}
	return all
}

// ask sends the question to those who have not voted.
func (c *coordinator) ask(o *open) {
	for i, s := range o.shares {
		if !o.heard[i] {
			c.env.Send(s.at, &twopc.Prepare{Tx: o.tx, Legs: s.legs, Participants: o.participants()})
		}
	}
}

// onVote counts. One no decides; after the last yes it is for the twin to commit what
// this returns.
func (c *coordinator) onVote(from sim.NodeID, m *twopc.Vote) (complete *open) {
	o := c.find(m.Tx)
	if o == nil || o.state != twopc.Waiting {
		return nil
	}
	i := o.at(from)
	switch {
	case !m.Yes && m.Short != "":
		c.abort(o, &twopc.Outcome{Status: twopc.Done, Settlement: ops.Settlement{Short: m.Short}})
	case !m.Yes:
		c.abort(o, &twopc.Outcome{Status: twopc.Undone})
	case !o.heard[i]:
		o.heard[i] = true
		c.changed(twopc.Change{Tx: m.Tx, State: invariant.Voted, By: from})
		for k, slot := range o.shares[i].slot {
			o.balances[slot] = m.Balances[k]
		}
		if !slices.Contains(o.heard, false) {
			return o
		}
	}
	return nil
}

// commit tells the participants and the client.
func (c *coordinator) commit(o *open) {
	o.state, o.heard = twopc.Committed, make([]bool, len(o.shares))
	c.changed(twopc.Change{Tx: o.tx, State: twopc.Deciding})
	c.changed(twopc.Change{Tx: o.tx, State: twopc.Committed})
	c.tell(o)
	c.settle(o.tx, committed(o.balances))
}

func committed(balances []int64) *twopc.Outcome {
	return &twopc.Outcome{Status: twopc.Done, Settlement: ops.Settlement{Balances: balances}}
}

// tell sends the decision to those who have not acknowledged it.
func (c *coordinator) tell(o *open) {
	for i, s := range o.shares {
		if !o.heard[i] {
			c.env.Send(s.at, &twopc.Commit{Tx: o.tx})
		}
	}
}

// abort ends an undecided transaction.
func (c *coordinator) abort(o *open, outcome *twopc.Outcome) {
	c.changed(twopc.Change{Tx: o.tx, State: twopc.Aborted})
	c.drop(o)
	for _, s := range o.shares {
		c.env.Send(s.at, &twopc.Abort{Tx: o.tx})
	}
	c.settle(o.tx, outcome)
}

// settle tells the client, and remembers it for when it asks again.
func (c *coordinator) settle(tx twopc.Tx, outcome *twopc.Outcome) {
	if s := c.sessions[tx.Process]; s != nil && s.tx == tx {
		s.outcome = outcome
		c.env.Reply(s.client, outcome)
	}
}

// onAck forgets a transaction that all have committed.
func (c *coordinator) onAck(from sim.NodeID, m *twopc.Ack) {
	o := c.find(m.Tx)
	if o == nil || o.state != twopc.Committed {
		return
	}
	o.heard[o.at(from)] = true
	if !slices.Contains(o.heard, false) {
		c.drop(o)
		c.changed(twopc.Change{Tx: o.tx, State: twopc.Ended})
	}
}

func (c *coordinator) changed(x twopc.Change) { c.changes = append(c.changes, x) }

func (c *coordinator) find(tx twopc.Tx) *open {
	i := slices.IndexFunc(c.open, func(o *open) bool { return o.tx == tx })
	if i < 0 {
		return nil
	}
	return c.open[i]
}

func (c *coordinator) drop(o *open) {
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

// keeper is the participant that has an account: they are dealt out in turn to all
// servers but the first, as twopc does with one coordinator.
func keeper(servers []sim.NodeID, account string) sim.NodeID {
	return servers[1+(number(account)-1)%(len(servers)-1)]
}
