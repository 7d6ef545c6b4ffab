package histories

import (
	"fmt"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Shape says what a random history looks like. Shares are in percent.
type Shape struct {
	Clients, Keys, Ops int
	Doubt              int        // operations never answered
	Failed             int        // operations refused; they have no effect
	Lies               int        // answers taken from elsewhere, so that the history may be impossible
	Letters            bool       // values from a tiny alphabet, so that they collide and contain each other
	Kinds              []ops.Kind // drawn evenly; nil means all
}

// Random runs closed-loop clients against a correct store, each operation taking
// effect somewhere between its ends, and then lies about some answers. draw(n)
// gives a number below n.
func Random(s Shape, draw func(n int) int) []history.Op {
	r := &recorder{Shape: s, draw: draw, store: map[string]string{}, clients: make([]client, s.Clients)}
	for r.begun < s.Ops || r.busy() {
		r.turn(draw(s.Clients))
	}
	return r.done
}

type recorder struct {
	Shape
	draw    func(int) int
	store   map[string]string
	clients []client
	begun   int
	clock   uint64
	done    []history.Op
	late    []ops.Op // in doubt and still to take effect
	written []string
}

// client is in the middle of op if stage is not idle.
type client struct {
	stage   stage
	n, proc int
	op      history.Op
}

type stage uint8

const (
	idle stage = iota
	asked
	applied
)

func (r *recorder) busy() bool {
	for _, c := range r.clients {
		if c.stage != idle {
			return true
		}
	}
	return false
}

func (r *recorder) chance(percent int) bool { return percent > 0 && r.draw(100) < percent }

// turn moves one client on: ask, take effect, answer.
func (r *recorder) turn(i int) {
	c := &r.clients[i]
	switch {
	case c.stage == idle && r.begun == r.Ops:
	case c.stage == idle:
		r.ask(c, i+1)
	case c.stage == asked:
		r.effect(c)
	default:
		r.answer(c)
	}
	if len(r.late) > 0 && r.chance(20) {
		r.store, _ = Execute(r.store, r.late[0])
		r.late = r.late[1:]
	}
}

func (r *recorder) ask(c *client, ordinal int) {
	r.begun++
	r.clock++
	c.n++
	c.stage = asked
	id := history.ID{Client: ordinal, N: c.n}
	c.op = history.Op{ID: id, Process: ordinal + r.Clients*c.proc, Input: r.input(id), Invoked: r.clock}
}

func (r *recorder) input(id history.ID) ops.Op {
	kinds := r.Kinds
	if kinds == nil {
		kinds = []ops.Kind{ops.Get, ops.Get, ops.Put, ops.CAS, ops.Append, ops.Delete, ops.CAS, ops.Append}
	}
	in := ops.Op{Kind: kinds[r.draw(len(kinds))], Key: fmt.Sprintf("k%d", 1+r.draw(r.Keys))}
	if in.Kind == ops.Put || in.Kind == ops.Append || in.Kind == ops.CAS {
		in.Value = r.value(id)
		r.written = append(r.written, in.Value)
	}
	if in.Kind == ops.CAS {
		in.Expect = r.store[in.Key]
		if r.draw(4) == 0 {
			in.Expect = r.value(history.ID{Client: 1, N: 1})
		}
	}
	return in
}

func (r *recorder) value(id history.ID) string {
	if r.Letters {
		return []string{"a", "b", "ab", ""}[r.draw(4)]
	}
	return id.String()
}

func (r *recorder) effect(c *client) {
	in := c.op.Input.(ops.Op)
	switch {
	case r.chance(r.Failed):
		c.op.Outcome = history.Failed
	case r.chance(r.Doubt):
		r.late = append(r.late, in)
	default:
		var out ops.Result
		r.store, out = Execute(r.store, in)
		c.op.Output, c.op.Outcome = out, history.OK
	}
	c.stage = applied
}

func (r *recorder) answer(c *client) {
	r.clock++
	c.stage = idle
	if c.op.Outcome == history.Unknown {
		c.proc++
	} else {
		c.op.Returned = r.clock
	}
	if c.op.Outcome == history.OK && r.chance(r.Lies) {
		c.op.Output = r.lie(c.op.Input.(ops.Op))
	}
	r.done = append(r.done, c.op)
}

// lie is an answer such as a broken server might give: mostly one that some
// state would justify.
func (r *recorder) lie(in ops.Op) ops.Result {
	pick := r.draw(12)
	switch {
	case in.Kind == ops.CAS && pick < 7 || pick == 11:
		return Ok()
	case pick < 2 || len(r.written) == 0:
		return Nil()
	case in.Kind != ops.Get && in.Kind != ops.CAS && pick > 2:
		return Ok()
	}
	lie := ""
	for range 1 + max(0, r.draw(5)-2) {
		lie += r.written[r.draw(len(r.written))]
	}
	return Saw(lie)
}
