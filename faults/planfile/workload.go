package planfile

import (
	"distsim/faults"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// workload reads drawn, or a list of operations.
func (d *decoder) workload(n *node) *faults.Workload {
	if n.shape == scalar {
		if n.text != "drawn" {
			d.fail(n, "workload is %s; want drawn, or a list of operations such as - {op: c2#7, put: {key: k1}, at: 900ms}", show(n.text))
		}
		return nil
	}
	w := &faults.Workload{}
	seen := map[history.ID]bool{}
	for _, x := range d.items(n, "workload") {
		c := d.call(x)
		if seen[c.ID] && c.ID.N > 0 {
			d.fail(x, "operation %v is listed twice; give it the next number", c.ID)
		}
		seen[c.ID] = true
		w.Calls = append(w.Calls, c)
	}
	return w
}

// call reads one operation.
func (d *decoder) call(n *node) faults.Call {
	before := len(d.errs)
	f := d.mapping(n, "this operation")
	var c faults.Call
	if id := f.need("op", "c1#1"); id != nil {
		c.ID = d.operation(id)
	}
	c.Op = f.deed()
	if at := f.need("at", "900ms"); at != nil {
		c.At = d.instant(at, "at")
	}
	f.done()
	if len(d.errs) == before {
		if err := c.Check(); err != nil {
			d.fail(n, "operation %v: %v", c.ID, err)
		}
	}
	return c
}

func (d *decoder) operation(n *node) history.ID {
	s, ok := d.text(n, "op")
	if !ok {
		return history.ID{}
	}
	id, err := history.ParseID(s)
	if err != nil || id.String() != s {
		d.fail(n, "op is %s; want the name of an operation such as c2#7", show(s))
	}
	return id
}

// deed reads the one key that says what the operation does.
func (f *fields) deed() ops.Op {
	var op ops.Op
	for kind := ops.Get; kind <= ops.CAS; kind++ {
		n := f.take(kind.String())
		switch {
		case n == nil:
		case op.Kind != 0:
			f.d.fail(n, "an operation does one thing, and this one is a %v already", op.Kind)
		default:
			op = f.d.deedOf(kind, n)
		}
	}
	if op.Kind == 0 && !f.none && len(f.taken) <= 1 {
		f.d.fail(f.at, "it is not said what this operation does; write get, put, append, delete or cas: {key: k1}")
	}
	return op
}

func (d *decoder) deedOf(kind ops.Kind, n *node) ops.Op {
	op := ops.Op{Kind: kind}
	f := d.mapping(n, kind.String())
	if key := f.need("key", "k1"); key != nil {
		op.Key, _ = d.text(key, "key")
	}
	if kind == ops.CAS {
		op.Expect = f.optional("expect")
	}
	if !kind.ReadOnly() && kind != ops.Delete {
		op.Value = f.optional("value")
	}
	f.done()
	return op
}

func (f *fields) optional(key string) string {
	if n := f.take(key); n != nil {
		s, _ := f.d.text(n, key)
		return s
	}
	return ""
}
