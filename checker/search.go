package checker

import (
	"github.com/anishathalye/porcupine"

	"distsim/sim/history"
)

// search decides one view of one partition: operations answered or unknown, by
// invocation. It hands Porcupine a model whose Step counts, and refuses
// everything once the budget is spent, so that the search unwinds in linear
// time. That is sound: a legal order found is made of steps really taken, and
// "no legal order" is believed only if no step was ever refused for lack of
// budget.
type search[S, I, O any] struct {
	spec   Spec[S, I, O]
	limit  int64
	steps  int64
	broken bool // a step was refused for lack of budget
	reach  uint64
}

// finding is what a search found.
type finding struct {
	verdict Verdict
	steps   int64
	// reach is the latest invocation that the search got to. It gets there only
	// once everything that returned before has its place, so the answers before
	// reach do have a legal order.
	reach uint64
}

// call is one operation as the model sees it, passed to Porcupine by pointer so
// that nothing is boxed.
type call[I, O any] struct {
	in   I
	out  O
	from uint64 // when it was invoked or, in doubt, begins to matter
	kind callKind
}

type callKind uint8

const (
	answered callKind = iota
	inDoubt
	// theEnd is invoked after every answer. Before it, an operation in doubt is
	// tried only where it changes the state: elsewhere it might as well come
	// later. After it, whatever is still in doubt never happened.
	theEnd
)

// place is a point of the search: the object's state, and whether the end has
// come.
type place[S any] struct {
	state S
	over  bool
}

// decide runs the search within the budget.
func (s Spec[S, I, O]) decide(view []history.Op, budget Budget) finding {
	run := &search[S, I, O]{spec: s, limit: budget.steps()}
	model := porcupine.Model{
		Init:  func() any { return &place[S]{state: s.Init()} },
		Step:  run.step,
		Equal: run.equal,
	}
	if s.Hash != nil {
		model.Hash = func(state any) uint64 { return s.Hash(state.(*place[S]).state) }
	}
	legal := porcupine.CheckOperations(model, run.operations(view))
	f := finding{verdict: Violated, steps: run.steps, reach: run.reach}
	switch {
	case legal:
		f.verdict = Holds
	case run.broken:
		f.verdict = Unknown
	}
	return f
}

func (r *search[S, I, O]) step(state, input, _ any) (bool, any) {
	if r.steps >= r.limit {
		r.broken = true
		return false, nil
	}
	r.steps++
	at, c := state.(*place[S]), input.(*call[I, O])
	r.reach = max(r.reach, c.from)
	switch {
	case c.kind == theEnd:
		return true, &place[S]{state: at.state, over: true}
	case at.over:
		return true, at
	}
	next, ok := r.spec.Step(at.state, c.in, c.out, c.kind == answered)
	same := ok && r.spec.Equal(next, at.state)
	switch {
	case !ok || same && c.kind == inDoubt:
		return false, nil
	case same:
		return true, at
	}
	return true, &place[S]{state: next}
}

func (r *search[S, I, O]) equal(a, b any) bool {
	x, y := a.(*place[S]), b.(*place[S])
	return x == y || x.over == y.over && r.spec.Equal(x.state, y.state)
}

// operations translates a view. Sequence numbers serve as times; whatever is in
// doubt returns after the end.
func (r *search[S, I, O]) operations(view []history.Op) []porcupine.Operation {
	matters := r.mattering(view)
	calls := make([]call[I, O], 0, len(view)+1) // never grows: Porcupine holds pointers into it
	list := make([]porcupine.Operation, 0, len(view)+1)
	add := func(c call[I, O], process int, to uint64) {
		calls = append(calls, c)
		list = append(list, porcupine.Operation{
			ClientId: process, Input: &calls[len(calls)-1], Call: int64(c.from), Return: int64(to),
		})
	}
	end := lastNumber(view) + 1
	for i := range view {
		o := &view[i]
		if o.Outcome == history.OK {
			add(call[I, O]{in: o.Input.(I), out: o.Output.(O), from: o.Invoked}, o.Process, o.Returned)
		} else if from, ever := matters(*o); ever {
			add(call[I, O]{in: o.Input.(I), from: max(from, o.Invoked), kind: inDoubt}, o.Process, end+uint64(2+i))
		}
	}
	if len(list) > 0 {
		add(call[I, O]{from: end, kind: theEnd}, -1, end+1)
	}
	return list
}

// mattering asks the specification which unknown outcomes make a difference, if
// it can tell and there are any.
func (r *search[S, I, O]) mattering(view []history.Op) func(history.Op) (uint64, bool) {
	for i := range view {
		if view[i].Outcome == history.Unknown && r.spec.Matters != nil {
			return r.spec.Matters(view)
		}
	}
	return func(o history.Op) (uint64, bool) { return o.Invoked, true }
}

// lastNumber is the greatest sequence number in the view.
func lastNumber(view []history.Op) uint64 {
	var last uint64
	for i := range view {
		last = max(last, view[i].Invoked, view[i].Returned)
	}
	return last
}
