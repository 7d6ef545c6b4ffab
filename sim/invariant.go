package sim

import "fmt"

// Invariant is a property that must hold after every event. Check sees the
// world after an event that touched node and returns nil if the property
// still holds. It must be cheap and must not allocate when it does: it runs
// millions of times. A violated invariant is not checked again in the run.
type Invariant interface {
	Name() string
	Check(w *World, node NodeID) *Violation
}

// Violation is the evidence against a property.
type Violation struct {
	Property string
	Detail   string   // one sentence: what was impossible
	Nodes    []NodeID // where
	Fields   []Place  // the view fields the evidence rests on: where a why-slice starts
	At       Time
	Seq      uint64 // the record after which it was found
	Stack    string // for panics
	Stalled  bool   // what did not come within its bound, rather than what came about
}

// Place is a view field of a node.
type Place struct {
	Node  NodeID
	Field string
}

// String prints the property, the instant and the evidence in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s violated at %v: %s", v.Property, v.At, v.Detail)
}

// Violations lists what was found, in order, one per property.
func (w *World) Violations() []Violation { return w.violated }

// Report enters a violation found by the caller, such as an assertion of a
// test; the first per property counts. One with a Seq came about then, and At; one
// without is found now.
func (w *World) Report(v Violation) { w.violate(v) }

func (w *World) violate(v Violation) {
	if w.failed[v.Property] {
		return
	}
	w.failed[v.Property] = true
	if v.Seq == 0 {
		v.At, v.Seq = w.now, w.trace.Len
	}
	w.violated = append(w.violated, v)
	c := w.rec(KindViolated, nil)
	c.Cause = w.trace.Len - 1
	if len(v.Nodes) > 0 {
		c.Node = v.Nodes[0]
	}
	c.Type = w.types.name("property " + v.Property)
	if v.Stalled {
		c.K = 1
	}
	seq := w.seal(c)
	if w.trace.keep {
		w.trace.kept.text(seq, v.Property+": "+v.Detail)
	}
}

// inspect runs the invariants after an event that touched a node.
func (w *World) inspect(node NodeID) {
	for _, inv := range w.cfg.Invariants {
		if len(w.failed) > 0 && w.failed[inv.Name()] {
			continue
		}
		if v := inv.Check(w, node); v != nil {
			v.Property = inv.Name()
			w.violate(*v)
		}
	}
}

// Assert is an invariant made of a function, for tests and small protocols.
func Assert(name string, check func(w *World, node NodeID) error) Invariant {
	return assertion{name, check}
}

type assertion struct {
	name  string
	check func(*World, NodeID) error
}

func (a assertion) Name() string { return a.name }

func (a assertion) Check(w *World, node NodeID) *Violation {
	if err := a.check(w, node); err != nil {
		return &Violation{Detail: err.Error(), Nodes: []NodeID{node}}
	}
	return nil
}

// Observe is no property but a look at every event, for measurements: it is called
// as invariants are, has no name and is in no list of properties.
func Observe(look func(w *World, node NodeID)) Invariant { return observer{look} }

type observer struct{ look func(*World, NodeID) }

func (observer) Name() string { return "" }

func (o observer) Check(w *World, node NodeID) *Violation {
	o.look(w, node)
	return nil
}
