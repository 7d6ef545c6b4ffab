package snowflake

import (
	"cmp"
	"time"

	"distsim/sim"
	"distsim/sim/history"
)

// Client is a user of the generators: it asks for one batch of ids after another and
// records what it heard.
//
//	w.AddClient(snowflake.Client{Ops: 20, Batch: 500}.Node)
type Client struct {
	Ops      int           // how many batches it asks for
	Batch    int           // ids in each; 0: 1
	Think    sim.Dist      // pause before each
	Timeout  time.Duration // of one attempt; 0: 1s
	Deadline time.Duration // of one batch: no attempt begins later; 0: there is one attempt
	Pause    time.Duration // before another attempt; 0: 20ms
	Apart    bool          // it asks one generator as long as that answers, instead of the next one each time
	Skip     int           // so many servers before the first generator

	target int // of the servers, whom to ask next
}

// Node builds the client's Proc, anew for every incarnation; for World.AddClient.
func (c Client) Node() sim.Node { return sim.NewProc(c.run) }

// run is the client's life. Each incarnation has its own copy of the Client.
func (c Client) run(p *sim.Proc) {
	c.Batch = cmp.Or(c.Batch, 1)
	c.Timeout = cmp.Or(c.Timeout, time.Second)
	c.Pause = cmp.Or(c.Pause, 20*time.Millisecond)
	c.target = p.ID().Ordinal()
	for range c.Ops {
		id := p.NextOp()
		if c.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", c.Think))
		}
		c.do(p, id)
		if !c.Apart {
			c.target++
		}
	}
}

// do asks for one batch until it has it or is out of time.
func (c *Client) do(p *sim.Proc, id history.ID) {
	servers := p.Servers()[c.Skip:]
	end := p.Elapsed() + c.Deadline
	op := p.Invoke(id, Ask{c.Batch})
	for doubt := false; ; c.target++ {
		reply, ok := sim.Call[*Reply](p, servers[c.target%len(servers)], &Request{c.Batch}, c.Timeout)
		doubt = doubt || !ok
		switch out := p.Elapsed()+c.Pause >= end; {
		case ok && reply.Status == Issued:
			op.OK(reply.given())
			return
		case out && doubt: // somebody may have given out ids that nobody has heard of
			op.Unknown("no answer in time")
			return
		case out:
			op.Failed(reply.Summary())
			return
		}
		p.Sleep(c.Pause)
	}
}
