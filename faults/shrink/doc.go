// Package shrink reduces a failing plan to the few faults that matter.
//
//	result, err := shrink.Shrink(plan, func(p faults.Plan) bool {
//		return violates(run(p), "linearizable")
//	}, shrink.Options{})
//	// result.Plan: no single fault can go; the rest is as short and mild as it gets
//
// What holds: the result fails as judged by the caller, no single fault,
// override or listed operation of it can be removed (unless the budget ran out,
// which it says), and the same input gives the same result with the same number
// of re-runs. Limits: it is a local minimum, not the least there is; and it is
// only as good as the identities that keep the rest of a run as it was when one
// fault is removed.
//
// Contents: shrink.go the order of things · list.go removing from a list ·
// milder.go shorter and weaker faults.
package shrink
