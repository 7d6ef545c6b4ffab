package spec

import (
	"fmt"

	"distsim/checker"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Cell is the state of one key.
type Cell struct {
	Text  string
	Found bool // false: the key is absent, and Text is ""
}

// KV specifies a key-value map: get, put, append, delete and compare-and-swap,
// with the answers that ops.Result documents. Keys are independent and judged
// one by one; all are absent at first.
func KV() checker.Spec[Cell, ops.Op, ops.Result] {
	return checker.Spec[Cell, ops.Op, ops.Result]{
		Name:      "key-value map",
		Init:      func() Cell { return Cell{} },
		Step:      stepKV,
		Equal:     func(a, b Cell) bool { return a == b },
		Hash:      func(c Cell) uint64 { return fnv1a(c.Text) },
		Valid:     validKV,
		Partition: func(in ops.Op) string { return in.Key },
		ReadOnly:  func(in ops.Op) bool { return in.Kind.ReadOnly() },
		Matters:   func(part []history.Op) func(history.Op) (uint64, bool) { return matters(part, readKV) },
		Explain: func(culprit history.Op, part []history.Op) checker.Explanation {
			absent := deed{effect: clears, done: true}
			return explain(culprit, part, absent, readKV)
		},
	}
}

// fnv1a is the hash of Fowler, Noll and Vo, without the allocation of hash/fnv.
func fnv1a(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// stepKV: a cell and an operation leave no choice, so an answer is right if it
// is the one that applying the operation gives.
func stepKV(c Cell, in ops.Op, out ops.Result, known bool) (Cell, bool) {
	next, right := apply(c, in)
	return next, !known || out == right
}

func apply(c Cell, in ops.Op) (Cell, ops.Result) {
	seen, done := ops.Result{Value: c.Text, Found: c.Found}, ops.Result{OK: true}
	switch in.Kind {
	case ops.Put:
		return Cell{in.Value, true}, done
	case ops.Append:
		return Cell{c.Text + in.Value, true}, done
	case ops.Delete:
		return Cell{}, done
	case ops.CAS:
		if c.Text == in.Expect {
			return Cell{in.Value, true}, done
		}
	}
	return c, seen
}

func validKV(in ops.Op) error {
	if in.Kind < ops.Get || in.Kind > ops.CAS {
		return fmt.Errorf("%v is not an operation on a key", in.Kind)
	}
	return nil
}

// readKV states the facts of one operation on a key.
func readKV(o history.Op) deed {
	in := o.Input.(ops.Op)
	out, _ := o.Output.(ops.Result)
	d := deed{Op: o, subject: in.Key, done: o.Outcome == history.OK, value: in.Value}
	switch in.Kind {
	case ops.Get:
		if d.done {
			d.sight = sightOf(out)
		}
		d.absurd = out.OK || !out.Found && out.Value != ""
	case ops.Put:
		d.effect, d.absurd = sets, out != ops.Result{OK: true}
	case ops.Append:
		d.effect, d.absurd = appends, out != ops.Result{OK: true}
	case ops.Delete:
		d.effect, d.absurd = clears, out != ops.Result{OK: true}
	case ops.CAS:
		readCAS(&d, in, out)
	}
	d.absurd = d.absurd && d.done
	return d
}

// readCAS: a swap that succeeded saw what it expected, a refused one shows what
// it saw, and one in doubt at least needs its expectation to have an effect.
func readCAS(d *deed, in ops.Op, out ops.Result) {
	if d.done && !out.OK {
		d.sight = sightOf(out)
		d.refused = true
		d.absurd = out.Value == in.Expect || !out.Found && out.Value != ""
		return
	}
	d.effect, d.swap = sets, true
	d.sight = sight{kind: present, value: in.Expect}
	if in.Expect == "" {
		d.sight.kind = blank
	}
	d.absurd = out != ops.Result{OK: true}
}

func sightOf(out ops.Result) sight {
	if !out.Found {
		return sight{kind: missing}
	}
	return sight{kind: present, value: out.Value}
}
