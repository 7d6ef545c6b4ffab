package kv

import (
	"strconv"
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Mix weighs the kinds of operations that a client draws.
type Mix struct{ Get, Put, Append, Delete, CAS int }

// Planned is one operation of a listed workload.
type Planned struct {
	ID history.ID
	Op ops.Op        // a write without a value writes its name
	At time.Duration // not before, on the client's clock since the run began; 0: after the one before it
}

// draw makes up the operation called id. Every draw belongs to that operation,
// so leaving one out changes no other.
func (c *Client) draw(p *sim.Proc, id history.ID) ops.Op {
	return c.complete(ops.Op{
		Kind: c.Mix.pick(p),
		Key:  "k" + strconv.Itoa(1+p.Intn("key", c.Keys)),
	}, id)
}

// complete gives a write its value, and a compare-and-swap what it hopes to
// find: what this client saw last.
func (c *Client) complete(op ops.Op, id history.ID) ops.Op {
	switch {
	case op.Kind == ops.CAS && op.Value == "":
		op.Value = id.String()
		op.Expect = c.seen[op.Key]
	case (op.Kind == ops.Put || op.Kind == ops.Append) && op.Value == "":
		op.Value = id.String()
	}
	return op
}

func (m Mix) pick(p *sim.Proc) ops.Kind {
	weights := [...]int{m.Get, m.Put, m.Append, m.Delete, m.CAS}
	total := 0
	for _, w := range weights {
		total += w
	}
	x := p.Intn("kind", total)
	for i, w := range weights {
		if x < w {
			return ops.Get + ops.Kind(i)
		}
		x -= w
	}
	return ops.Get
}

// saw remembers what an answer says about a key.
func (c *Client) saw(op ops.Op, r ops.Result) {
	switch {
	case op.Kind == ops.Get || op.Kind == ops.CAS && !r.OK:
		c.seen[op.Key] = r.Value
	case op.Kind == ops.Put || op.Kind == ops.CAS:
		c.seen[op.Key] = op.Value
	case op.Kind == ops.Delete:
		delete(c.seen, op.Key)
	}
}
