package histories

import (
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Linearizable tries every order of the operations, with every choice of those
// in doubt that take effect. It is exponential: for a handful of operations.
func Linearizable(h []history.Op) bool {
	type store = map[string]string
	return place(h, make([]bool, len(h)), store{}, func(s store, o history.Op) []store {
		next, out := Execute(s, o.Input.(ops.Op))
		return only(next, o.Outcome != history.OK || out == o.Output.(ops.Result))
	})
}

// place reports whether the operations not yet placed can follow in some order.
// next gives the states that an operation may leave, none if its answer is wrong.
func place[S any](h []history.Op, placed []bool, state S, next func(S, history.Op) []S) bool {
	if allAnswersPlaced(h, placed) {
		return true
	}
	for i, o := range h {
		if placed[i] || o.Outcome == history.Failed || !mayBeNext(h, placed, o) {
			continue
		}
		for _, after := range next(state, o) {
			placed[i] = true
			found := place(h, placed, after, next)
			placed[i] = false
			if found {
				return true
			}
		}
	}
	return false
}

// only is the state alone, if it is right.
func only[S any](state S, right bool) []S {
	if !right {
		return nil
	}
	return []S{state}
}

func allAnswersPlaced(h []history.Op, placed []bool) bool {
	for i, o := range h {
		if o.Outcome == history.OK && !placed[i] {
			return false
		}
	}
	return true
}

// mayBeNext: whatever returned before o was invoked comes first.
func mayBeNext(h []history.Op, placed []bool, o history.Op) bool {
	for i, p := range h {
		if p.Outcome == history.OK && !placed[i] && p.Returned < o.Invoked {
			return false
		}
	}
	return true
}

// Execute is a map that does what it is told, on a copy: present keys are in the
// map, absent ones are not.
func Execute(store map[string]string, in ops.Op) (map[string]string, ops.Result) {
	next := make(map[string]string, len(store))
	for k, v := range store {
		next[k] = v
	}
	old, found := store[in.Key]
	ok := ops.Result{OK: true}
	switch {
	case in.Kind == ops.Put:
		next[in.Key] = in.Value
		return next, ok
	case in.Kind == ops.Append:
		next[in.Key] += in.Value
		return next, ok
	case in.Kind == ops.Delete:
		delete(next, in.Key)
		return next, ok
	case in.Kind == ops.CAS && (found && old == in.Expect || !found && in.Expect == ""):
		next[in.Key] = in.Value
		return next, ok
	case found:
		return next, ops.Result{Value: old, Found: true}
	default:
		return next, ops.Result{}
	}
}
