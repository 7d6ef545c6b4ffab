package kv

import (
	"slices"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Client is one user of the store: it asks one operation after another, each
// until it is answered or its deadline has passed, and records what it heard.
//
//	w.AddClient(kv.Client{Ops: 100, Keys: 4}.Node)
type Client struct {
	Ops      int           // how many operations it draws
	Keys     int           // among k1 … kKeys; 0: 1
	Mix      Mix           // of which kinds; zero: half get, half put
	Think    sim.Dist      // pause before each operation
	Workload []Planned     // instead of drawing: those of this client, in order; nil: draw
	Timeout  time.Duration // of one attempt; 0: 300ms
	Deadline time.Duration // of one operation: no attempt begins later; 0: 3s
	Pause    time.Duration // between attempts when nobody knows a leader; 0: 20ms

	servers []sim.NodeID
	target  sim.NodeID        // whom to ask next
	leader  sim.NodeID        // who leads, as somebody said; 0: unknown
	term    raft.Term         // which term
	hops    int               // redirections since the last pause or answer
	seen    map[string]string // the latest value of each key that it knows of
}

// Node builds the client's Proc, anew for every incarnation; for
// World.AddClient.
func (c Client) Node() sim.Node { return sim.NewProc(c.run) }

// run is the client's life. Each incarnation has its own copy of the Client.
func (c Client) run(p *sim.Proc) {
	c.setDefaults()
	c.servers, c.seen = p.Servers(), map[string]string{}
	c.target = c.servers[p.ID().Ordinal()%len(c.servers)]
	if c.Workload != nil {
		c.runListed(p)
		return
	}
	for range c.Ops {
		id := p.NextOp()
		if c.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", c.Think))
		}
		c.do(p, id, c.draw(p, id))
	}
}

func (c *Client) setDefaults() {
	if c.Keys == 0 {
		c.Keys = 1
	}
	if c.Mix == (Mix{}) {
		c.Mix = Mix{Get: 1, Put: 1}
	}
	if c.Timeout == 0 {
		c.Timeout = 300 * time.Millisecond
	}
	if c.Deadline == 0 {
		c.Deadline = 3 * time.Second
	}
	if c.Pause == 0 {
		c.Pause = 20 * time.Millisecond
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
		id := p.Op(planned.ID.N)
		c.do(p, id, c.complete(planned.Op, id))
	}
}

// do asks one operation until it is answered or out of time. Its outcome is
// unknown as soon as one attempt may have taken effect. Only who leads the term that an
// attempt names can carry it out; a refusal by that one may be of a second copy, which came
// when the reign was over, and says nothing about the first.
func (c *Client) do(p *sim.Proc, id history.ID, op ops.Op) {
	end := p.Elapsed() + c.Deadline
	record := p.Invoke(id, op)
	doubt := ""
	for p.Elapsed() < end {
		reply, ok := sim.Call[*Reply](p, c.target, &Request{p.Process(), id.N, c.term, op}, c.Timeout)
		switch {
		case !ok:
			doubt = "no answer in time"
			c.askNext()
		case reply.Status == Done:
			c.hops = 0
			c.saw(op, reply.Result)
			record.OK(reply.Result)
			return
		default:
			if reply.Status == InDoubt || c.target == c.leader {
				doubt = "the leader was deposed"
			}
			c.redirect(p, reply)
		}
	}
	if doubt != "" {
		record.Unknown(doubt)
	} else {
		record.Failed("nobody led")
	}
}

// redirect goes where a server says the leader is, unless it knows better. It
// pauses when nobody does, and when it was sent around too often in a row.
func (c *Client) redirect(p *sim.Proc, r *Reply) {
	known := r.Leader != 0 && r.Term >= c.term
	if known {
		c.target, c.leader, c.term = r.Leader, r.Leader, r.Term
	} else {
		c.askNext()
	}
	c.hops++
	if !known || c.hops > len(c.servers) {
		c.hops = 0
		p.Sleep(c.Pause)
	}
}

// askNext turns to the next server, which may know more about leaders.
func (c *Client) askNext() {
	i := slices.Index(c.servers, c.target)
	c.target = c.servers[(i+1)%len(c.servers)]
}
