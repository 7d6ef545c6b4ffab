package checker

import (
	"fmt"
	"maps"
	"slices"

	"distsim/sim/history"
)

// Linearizable judges a history against a specification: one result for each
// partition, by key; Merge condenses them. A history that no run can have
// produced, or that holds other types than the specification's, is an error
// naming the operation. The history is not changed.
func Linearizable[S, I, O any](h []history.Op, spec Spec[S, I, O], budget Budget) ([]Result, error) {
	spec, err := spec.complete()
	if err != nil {
		return nil, err
	}
	if err := spec.validate(h); err != nil {
		return nil, err
	}
	parts := spec.partition(h)
	results := make([]Result, 0, len(parts))
	for _, key := range slices.Sorted(maps.Keys(parts)) {
		c := &inquiry[S, I, O]{spec: spec, key: key, ops: parts[key], budget: budget}
		results = append(results, c.judge())
	}
	return results, nil
}

// partition splits a history by object, each part by invocation.
func (s Spec[S, I, O]) partition(h []history.Op) map[string][]history.Op {
	size := map[string]int{}
	for i := range h {
		size[s.Partition(h[i].Input.(I))]++
	}
	parts := make(map[string][]history.Op, len(size))
	for _, i := range byInvocation(h) {
		key := s.Partition(h[i].Input.(I))
		if parts[key] == nil {
			parts[key] = make([]history.Op, 0, size[key])
		}
		parts[key] = append(parts[key], h[i])
	}
	return parts
}

// inquiry is the judgement of one partition.
type inquiry[S, I, O any] struct {
	spec   Spec[S, I, O]
	key    string
	ops    []history.Op // the whole partition, by invocation
	budget Budget
}

func (q *inquiry[S, I, O]) judge() Result {
	view := q.view(everything, nil)
	found := q.spec.decide(view, q.budget)
	r := Result{
		Property: "linearizable", Verdict: found.verdict, Key: q.key, Checked: len(view), Steps: found.steps,
	}
	switch r.Verdict {
	case Holds:
		r.Detail = fmt.Sprintf("the %d operations on %s have a legal order", len(view), q.spec.subject(q.key))
	case Unknown:
		r.Detail = fmt.Sprintf("undecided: searching an order of the %d operations on %s used up the budget of %d steps; "+
			"raise the budget, or leave fewer operations without an answer",
			len(view), q.spec.subject(q.key), q.budget.steps())
	case Violated:
		e := q.explain(found.reach)
		r.Anomaly, r.Detail, r.Ops = e.Anomaly, e.Anomaly+": "+e.Sentence, e.Ops
	}
	return r
}

// everything is a moment after every operation.
const everything = ^uint64(0)

// view is the partition as it was known at a moment: what had not returned by
// then is in doubt, and so are the operations to be doubted. Left out is what
// cannot influence an answer: failed operations, those invoked later, and reads
// in doubt.
func (q *inquiry[S, I, O]) view(until uint64, doubted map[history.ID]bool) []history.Op {
	view := make([]history.Op, 0, len(q.ops))
	for i := range q.ops {
		o := q.ops[i]
		if o.Invoked > until || o.Outcome == history.Failed {
			continue
		}
		if o.Outcome != history.OK || o.Returned > until || doubted[o.ID] {
			o.Outcome, o.Output, o.Returned = history.Unknown, nil, 0
		}
		if o.Outcome == history.Unknown && q.spec.ReadOnly(o.Input.(I)) {
			continue
		}
		view = append(view, o)
	}
	return view
}
