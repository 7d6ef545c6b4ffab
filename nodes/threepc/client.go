package threepc

import (
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Client is one user of the bank: it asks for one transaction after another, moves
// money between accounts of different participants or looks at all of it, and records
// what it heard.
//
//	w.AddClient(threepc.Client{Config: cfg, Ops: 100}.Node)
//
// A transaction that was aborted is tried again, a limited number of times. After one
// that was not answered it stops: the coordinator is dead, or the network is not what
// this protocol needs.
type Client struct {
	Config   Config
	Ops      int       // how many transactions it draws
	Mix      Mix       // of which kinds; zero: three transfers for one audit
	Most     int       // money moved at once; 0: 60
	Tries    int       // of one transaction; 0: 5
	Think    sim.Dist  // pause before each transaction
	Workload []Planned // instead of drawing: those of this client, in order; nil: draw
}

// Node builds the client's Proc, anew for every incarnation; for
// World.AddClient.
func (c Client) Node() sim.Node { return sim.NewProc(c.run) }

// run is the client's life. Each incarnation has its own copy of the Client.
func (c Client) run(p *sim.Proc) {
	c.setDefaults()
	if c.Workload != nil {
		c.runListed(p)
		return
	}
	for range c.Ops {
		id := p.NextOp()
		if c.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", c.Think))
		}
		if !c.do(p, id, c.draw(p)) {
			return
		}
	}
}

func (c *Client) setDefaults() {
	c.Config = c.Config.withDefaults()
	if c.Mix == (Mix{}) {
		c.Mix = Mix{Transfer: 3, Audit: 1}
	}
	if c.Most == 0 {
		c.Most = 60
	}
	if c.Tries == 0 {
		c.Tries = 5
	}
}

func (c *Client) runListed(p *sim.Proc) {
	for _, planned := range c.Workload {
		if planned.ID.Client != p.ID().Ordinal() {
			continue
		}
		if wait := planned.At - p.Elapsed(); wait > 0 {
			p.Sleep(wait)
		}
		if !c.do(p, p.Op(planned.ID.N), planned.Op) {
			return
		}
	}
}

// do asks for one transaction until it is settled, aborted for the last time, or not
// answered, which ends the client's work: an attempt without an answer may have
// committed, so there must not be another.
func (c *Client) do(p *sim.Proc, id history.ID, op ops.Transaction) (answered bool) {
	record := p.Invoke(id, op)
	why := ""
	for try := 1; try <= c.Tries; try++ {
		reply, ok := sim.Call[*Reply](p, coordinator, &Request{p.Process(), id.N, try, op}, c.patience())
		switch {
		case !ok:
			record.Unknown("no answer in time")
			return false
		case reply.Aborted == "":
			record.OK(reply.Settlement)
			return true
		}
		why = reply.Aborted
	}
	record.Failed(why)
	return true
}

// patience is longer than any answer takes: there and back, and three phases.
func (c *Client) patience() time.Duration { return c.Config.answerDue() }
