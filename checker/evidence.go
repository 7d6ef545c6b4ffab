package checker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"distsim/sim/history"
)

// explain finds the answer that made the history impossible, and words for it:
// the specification's own if it has any, else the general ones.
func (q *inquiry[S, I, O]) explain(reach uint64) Explanation {
	culprit := q.culprit(reach)
	if q.spec.Explain != nil {
		if e := q.spec.Explain(culprit, q.ops); e.Sentence != "" {
			return e
		}
	}
	return q.generalExplanation(culprit)
}

// culprit returns the operation whose answer completed the shortest prefix, by
// return, that has no legal order. A prefix of an orderable history is
// orderable, so doubling steps and then bisection find it; and the answers
// before reach are known to be orderable, so few steps are needed. A prefix too
// hard to decide counts as orderable: the prefix found is impossible all the
// same, only perhaps not the shortest.
func (q *inquiry[S, I, O]) culprit(reach uint64) history.Op {
	answers := q.answersUntil(everything)
	slices.SortStableFunc(answers, func(a, b history.Op) int { return cmp.Compare(a.Returned, b.Returned) })
	first, _ := slices.BinarySearchFunc(answers, reach, func(o history.Op, r uint64) int { return cmp.Compare(o.Returned, r) })
	last := len(answers) - 1 // the prefix that ends with answers[last] is impossible
	for stride := 1; first+stride <= last; stride *= 2 {
		if q.impossible(answers[first+stride-1].Returned) {
			last = first + stride - 1
			break
		}
		first += stride
	}
	for first < last {
		mid := first + (last-first)/2
		if q.impossible(answers[mid].Returned) {
			last = mid
		} else {
			first = mid + 1
		}
	}
	return answers[last]
}

// impossible reports that the prefix that ends at a moment has no legal order.
func (q *inquiry[S, I, O]) impossible(until uint64) bool {
	return q.spec.decide(q.view(until, nil), q.budget).verdict == Violated
}

func (q *inquiry[S, I, O]) answersUntil(until uint64) []history.Op {
	var list []history.Op
	for _, o := range q.ops {
		if o.Outcome == history.OK && o.Returned <= until {
			list = append(list, o)
		}
	}
	return list
}

// generalExplanation names a set of answers that exclude each other, none of
// which can be spared (as far as the budget reached).
func (q *inquiry[S, I, O]) generalExplanation(culprit history.Op) Explanation {
	n := len(q.view(culprit.Returned, nil))
	others := q.core(culprit)
	e := Explanation{
		Anomaly: "unexplainable answer",
		Ops:     append([]history.Op{culprit}, others...),
	}
	start := fmt.Sprintf("no order of the %d operations on %s up to %v explains its answer, %v -> %v",
		n, q.spec.subject(q.key), culprit.ID, culprit.Input, culprit.Output)
	switch {
	case len(others) == 0:
		e.Sentence = start + ", whatever the others answered"
	case len(others) <= 5:
		e.Sentence = fmt.Sprintf("%s, together with %s", start, list(others))
	default:
		e.Sentence = fmt.Sprintf("%s, together with %d earlier ones", start, len(others))
	}
	return e
}

// Sparing answers is a kindness to the reader and must not cost more than a
// verdict: so many steps for each attempt, and for all of them.
const (
	attemptBudget Budget = 20_000
	coreBudget    Budget = 400_000
)

// core returns the answers that are needed for the contradiction with the
// culprit's, by invocation. It puts ever smaller groups of the others in doubt
// and keeps them there as long as no order exists even so.
func (q *inquiry[S, I, O]) core(culprit history.Op) []history.Op {
	needed := q.answersUntil(culprit.Returned)
	needed = slices.DeleteFunc(needed, func(o history.Op) bool { return o.ID == culprit.ID })
	left := min(coreBudget, Budget(q.budget.steps()))
	doubted := map[history.ID]bool{}
	for size := len(needed); size > 0 && left > 0; size /= 2 {
		for from := 0; from < len(needed) && left > 0; {
			group := needed[from:min(from+size, len(needed))]
			if q.spared(culprit.Returned, doubted, group, &left) {
				needed = slices.Delete(needed, from, from+len(group))
			} else {
				from += len(group)
			}
		}
	}
	return needed
}

// spared adds the group to the doubted answers if the contradiction survives,
// and takes the steps this needed off what is left.
func (q *inquiry[S, I, O]) spared(until uint64, doubted map[history.ID]bool, group []history.Op, left *Budget) bool {
	for i := range group {
		doubted[group[i].ID] = true
	}
	found := q.spec.decide(q.view(until, doubted), min(attemptBudget, *left))
	*left -= Budget(found.steps)
	if found.verdict == Violated {
		return true
	}
	for i := range group {
		delete(doubted, group[i].ID)
	}
	return false
}

// list enumerates operations: a, b and c.
func list(ops []history.Op) string {
	words := make([]string, len(ops))
	for i, o := range ops {
		words[i] = o.String()
	}
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
