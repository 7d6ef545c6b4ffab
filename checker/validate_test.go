package checker_test

import (
	"strings"
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func TestImpossibleRecordingsAreErrors(t *testing.T) {
	put := Done(1, 1, 1, 2, Put("a"), Ok())
	doubt := Doubt(2, 6, 1, Put("a"))
	doubt.Process = 2
	with := func(change func(*history.Op)) []history.Op {
		o := Done(2, 7, 3, 4, Get(), Saw("a"))
		change(&o)
		return []history.Op{put, o}
	}
	for _, c := range []struct {
		name string
		h    []history.Op
		want string
	}{
		{"input of another type", with(func(o *history.Op) { o.Input = "get" }), "input is a string"},
		{"no input", with(func(o *history.Op) { o.Input = nil }), "input is a <nil>"},
		{"output of another type", with(func(o *history.Op) { o.Output = 3 }), "output is a int"},
		{"no output", with(func(o *history.Op) { o.Output = nil }), "output is a <nil>"},
		{"unheard-of kind", with(func(o *history.Op) { o.Input = ops.Op{Key: "k1"} }), "kind(0) is not an operation"},
		{"ends before it begins", with(func(o *history.Op) { o.Returned = 2 }), "returned at 2, before it was invoked at 3"},
		{"ok without an end", with(func(o *history.Op) { o.Returned = 0 }), "never returned"},
		{"failed without an end", with(func(o *history.Op) { o.Outcome, o.Returned = history.Failed, 0 }), "never returned"},
		{"unknown with an end", with(func(o *history.Op) { o.Outcome = history.Unknown }), "yet it returned at 4"},
		{"no beginning", with(func(o *history.Op) { o.Invoked = 0 }), "has no invocation"},
		{"out of range", with(func(o *history.Op) { o.Returned = 1 << 63 }), "out of range"},
		{"unheard-of outcome", with(func(o *history.Op) { o.Outcome = 7 }), "outcome 7 does not exist"},
		{"same name twice", []history.Op{Done(2, 7, 1, 2, Get(), Nil()), Done(2, 7, 3, 4, Get(), Nil())}, "twice"},
		{"two things at once", []history.Op{Done(2, 6, 1, 3, Get(), Nil()), Done(2, 7, 2, 4, Get(), Nil())},
			"process 2 invoked it at 2, before c2#6 returned at 3"},
		{"process goes on in doubt", []history.Op{doubt, Done(2, 7, 2, 4, Get(), Nil())}, "process 2 goes on after c2#6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := checker.Linearizable(c.h, spec.KV(), 0)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "operation c2#7") {
				t.Errorf("error is %v, want one that names operation c2#7 and says %q", err, c.want)
			}
		})
	}
}

func TestIncompleteSpecs(t *testing.T) {
	if _, err := checker.Linearizable(nil, checker.Spec[int, int, int]{Name: "x"}, 0); err == nil {
		t.Error("a specification without Init and Step was accepted")
	}
	slices := checker.Spec[[]int, int, int]{
		Name: "x",
		Init: func() []int { return nil },
		Step: func(s []int, _, _ int, _ bool) ([]int, bool) { return s, true },
	}
	if _, err := checker.Linearizable(nil, slices, 0); err == nil || !strings.Contains(err.Error(), "needs Equal") {
		t.Errorf("error is %v, want one that asks for Equal", err)
	}
}
