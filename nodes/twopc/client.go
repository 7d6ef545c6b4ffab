package twopc

import (
	"slices"
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Client is one user of the bank: it asks for one transaction after another, each
// until it is decided or its deadline has passed, and records what it heard.
//
//	w.AddClient(twopc.Client{Config: cfg, Ops: 20}.Node)
type Client struct {
	Config   Config
	Ops      int               // how many transactions it draws
	Audits   int               // of ten; the others are transfers
	Width    int               // accounts in a transfer, at most; 0: 2
	Listed   []ops.Transaction // instead of drawing
	Own      bool              // its transfers are among accounts of its own, one at each participant: no conflicts
	Most     int64             // the largest amount that it moves; 0: 40
	Think    sim.Dist          // pause before each transaction
	Timeout  time.Duration     // of one attempt; 0: 800ms
	Deadline time.Duration     // of one transaction: no attempt begins later; 0: 4s
	Pause    time.Duration     // before another try, or when nobody coordinates; 0: 20ms

	coordinators []sim.NodeID
	target       sim.NodeID // whom to ask next
	epoch        uint64     // in which it coordinates, 0: unknown
}

// Node builds the client's Proc, anew for every incarnation; for World.AddClient.
func (c Client) Node() sim.Node { return sim.NewProc(c.run) }

// run is the client's life. Each incarnation has its own copy of the Client.
func (c Client) run(p *sim.Proc) {
	c.setDefaults()
	c.coordinators = p.Servers()[:c.Config.Coordinators]
	c.target = c.coordinators[0]
	for i := range max(c.Ops, len(c.Listed)) {
		id := p.NextOp()
		if c.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", c.Think))
		}
		if c.Listed != nil {
			c.do(p, id, c.Listed[i])
		} else {
			c.do(p, id, c.draw(p))
		}
	}
}

func (c *Client) setDefaults() {
	c.Config = c.Config.complete()
	c.Width = min(max(c.Width, 2), c.Config.Accounts)
	if c.Most == 0 {
		c.Most = 40
	}
	if c.Timeout == 0 {
		c.Timeout = 800 * time.Millisecond
	}
	if c.Deadline == 0 {
		c.Deadline = 4 * time.Second
	}
	if c.Pause == 0 {
		c.Pause = 20 * time.Millisecond
	}
}

// draw makes up a transaction: an audit of all accounts, or a transfer from one to
// some others. Every draw belongs to the operation, so leaving one out changes no
// other.
func (c *Client) draw(p *sim.Proc) ops.Transaction {
	names := AccountNames(c.Config.Accounts)
	if p.Intn("audit", 10) < c.Audits {
		return Audit(c.Config.Accounts)
	}
	if c.Own {
		names = c.own(p)
	}
	var t ops.Transaction
	for range c.width(p) {
		i := p.Intn("account", len(names))
		t.Legs = append(t.Legs, ops.Leg{Account: names[i], Amount: 1 + int64(p.Intn("amount", int(c.Most)))})
		names = slices.Delete(names, i, i+1)
	}
	t.Legs[0].Amount = 0
	for _, leg := range t.Legs[1:] {
		t.Legs[0].Amount -= leg.Amount
	}
	return t
}

func (c *Client) width(p *sim.Proc) int {
	if c.Own {
		return len(p.Servers()) - c.Config.Coordinators
	}
	return 2 + p.Intn("width", c.Width-1)
}

// own lists the client's own accounts. Accounts are dealt out to participants in turn, so
// as many in a row as there are participants are one at each.
func (c *Client) own(p *sim.Proc) []string {
	n, k := c.width(p), p.ID().Ordinal()
	return AccountNames(c.Config.Accounts)[(k-1)*n : k*n]
}

// Audit is the transaction that reads all accounts.
func Audit(accounts int) ops.Transaction {
	var t ops.Transaction
	for _, name := range AccountNames(accounts) {
		t.Legs = append(t.Legs, ops.Leg{Account: name})
	}
	return t
}

// do asks for one transaction until it is decided or out of time. It is in doubt
// while a try may have committed, or may yet: once a request has named an epoch, a copy of
// it may run there, whatever became of the copy that is answered. A definite abort ends
// that doubt, as no try has its number any more.
func (c *Client) do(p *sim.Proc, id history.ID, t ops.Transaction) {
	end := p.Elapsed() + c.Deadline
	op := p.Invoke(id, t)
	doubt := ""
	for try := 1; p.Elapsed() < end; {
		m := &Begin{Process: p.Process(), N: id.N, Try: try, Epoch: c.epoch, Transaction: t}
		reply, ok := sim.Call[*Outcome](p, c.target, m, c.Timeout)
		switch {
		case !ok:
			doubt = "no answer in time"
			c.askNext()
		case reply.Status == Done:
			op.OK(reply.Settlement)
			return
		case reply.Status == Undone:
			doubt = ""
			try++
			p.Sleep(p.Duration("again", sim.Uniform(c.Pause/2, c.Pause*3/2)))
		default:
			if m.Epoch != 0 {
				doubt = "the coordinator was replaced"
			}
			c.redirect(p, reply)
		}
	}
	if doubt != "" {
		op.Unknown(doubt)
	} else {
		op.Failed("aborted for conflicts or failures")
	}
}

// redirect goes where a coordinator says that the active one is, unless it knows
// better, and pauses when nobody does. It never goes back to an earlier epoch: what
// is aborted there may be under way in a later one.
func (c *Client) redirect(p *sim.Proc, o *Outcome) {
	news := o.Epoch > c.epoch || o.Epoch == c.epoch && o.Coordinator != c.target
	if o.Coordinator != 0 && news {
		c.target, c.epoch = o.Coordinator, o.Epoch
		return
	}
	c.askNext()
	p.Sleep(c.Pause)
}

// askNext turns to the next coordinator.
func (c *Client) askNext() {
	i := slices.Index(c.coordinators, c.target)
	c.target = c.coordinators[(i+1)%len(c.coordinators)]
}
