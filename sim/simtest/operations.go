package simtest

import (
	"fmt"
	"reflect"
	"slices"

	"distsim/sim"
	"distsim/sim/history"
)

// Operations is some operations of a run's clients, for assertions. The methods that
// select can be chained; Want, Some, None, WantOutcomes, WantOutputs and Before fail
// the test.
type Operations struct{ selected[history.Op] }

// History selects all operations of a run, in the order in which they were asked.
//
//	simtest.History(t, w).By(c1).OK().Want(3)
//	simtest.History(t, w).By(c2).WantOutcomes(history.OK, history.Unknown)
func History(t T, w *sim.World) Operations {
	say := func(o history.Op) string {
		if o.Note != "" {
			return fmt.Sprintf("%v (%s)", o, o.Note)
		}
		return o.String()
	}
	return Operations{selected[history.Op]{t, "operations", w.History(), say}}
}

// Where keeps the operations that fit; what completes the sentence of a message.
func (s Operations) Where(what string, fits func(o *history.Op) bool) Operations {
	return Operations{s.where(what, fits)}
}

// By keeps those of a client.
func (s Operations) By(client sim.NodeID) Operations {
	return s.Where("by "+client.String(), func(o *history.Op) bool {
		return client.IsClient() && o.ID.Client == client.Ordinal()
	})
}

// OK keeps those that were answered.
func (s Operations) OK() Operations { return s.outcome(history.OK) }

// Failed keeps those that were refused for good.
func (s Operations) Failed() Operations { return s.outcome(history.Failed) }

// Unknown keeps those that nobody answered.
func (s Operations) Unknown() Operations { return s.outcome(history.Unknown) }

func (s Operations) outcome(want history.Outcome) Operations {
	return s.Where("that are "+want.String(), func(o *history.Op) bool { return o.Outcome == want })
}

// Asking keeps those that asked one of some things: ops.Op{Kind: ops.Get, Key: "k"}.
func (s Operations) Asking(inputs ...any) Operations {
	return s.Where("asking "+quoted(inputs), func(o *history.Op) bool {
		return slices.ContainsFunc(inputs, func(in any) bool { return reflect.DeepEqual(in, o.Input) })
	})
}

// WantOutcomes fails unless they ended so, in this order.
func (s Operations) WantOutcomes(outcomes ...history.Outcome) {
	s.t.Helper()
	got := func(o history.Op) history.Outcome { return o.Outcome }
	wantEach(s.selected, outcomes, got, func(a, b history.Outcome) bool { return a == b })
}

// WantOutputs fails unless they were answered so, in this order.
func (s Operations) WantOutputs(outputs ...any) {
	s.t.Helper()
	got := func(o history.Op) any { return o.Output }
	wantEach(s.selected, outputs, got, reflect.DeepEqual)
}

// Before fails unless there are some of both and each of these was answered before
// any of those was asked.
func (s Operations) Before(those Operations) {
	s.t.Helper()
	s.Some()
	those.Some()
	for _, a := range s.list {
		for _, b := range those.list {
			if a.Outcome == history.Unknown || a.Returned >= b.Invoked {
				s.t.Errorf("%s are not all before %s:\n  %s\n  %s", s.what, those.what, s.say(a), s.say(b))
				return
			}
		}
	}
}
