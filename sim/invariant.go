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

// Witness is an Invariant that also sees what is said to others: it judges a promise
// by what the machine holds at that instant, not by what luck makes of it until
// somebody hears of it.
//
// Leaves is called once for each message to another machine, requests, replies and
// those that clients send included, when it leaves its sender: at once if nothing
// holds it, else when the syncs and the step that it waited for are over and its
// process is not paused. A message that is then lost, cut or duplicated has left, once;
// one that a crash drops has not. What a machine says to itself never leaves it.
//
// A message that nothing holds leaves in the middle of the step that sends it: what
// the machine's memory holds may be on its way from one state to the next. What is
// Durable is not. Like Check, Leaves must be cheap and returns nil if the property
// still holds.
type Witness interface {
	Invariant
	Leaves(w *World, from, to NodeID, m Message) *Violation
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

// witness lets the invariants see a message that has just left.
func (w *World) witness(from, to NodeID, m Message) {
	for _, inv := range w.witnesses {
		if len(w.failed) > 0 && w.failed[inv.Name()] {
			continue
		}
		if v := inv.Leaves(w, from, to, m); v != nil {
			v.Property = inv.Name()
			w.violate(*v)
		}
	}
}

// witnessesAmong are the invariants that see messages leave; usually there is none.
func witnessesAmong(all []Invariant) []Witness {
	var out []Witness
	for _, inv := range all {
		if x, ok := inv.(Witness); ok {
			out = append(out, x)
		}
	}
	return out
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

// ObserveSends is Observe for messages: look is called as Witness.Leaves is, once for
// each message that leaves for another machine.
func ObserveSends(look func(w *World, from, to NodeID, m Message)) Invariant {
	return sendObserver{look}
}

type sendObserver struct {
	look func(w *World, from, to NodeID, m Message)
}

func (sendObserver) Name() string { return "" }

func (sendObserver) Check(*World, NodeID) *Violation { return nil }

func (o sendObserver) Leaves(w *World, from, to NodeID, m Message) *Violation {
	o.look(w, from, to, m)
	return nil
}
