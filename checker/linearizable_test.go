package checker_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func judge(t testing.TB, h []history.Op, budget checker.Budget) []checker.Result {
	t.Helper()
	results, err := checker.Linearizable(h, spec.KV(), budget)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestUnknownAndFailedOutcomes(t *testing.T) {
	for _, c := range []struct {
		name string
		h    []history.Op
		want checker.Verdict
	}{
		{"no operations", nil, checker.Holds},
		{"only one in doubt", []history.Op{Doubt(1, 1, 1, Put("a"))}, checker.Holds},
		{"in doubt, took effect", []history.Op{Doubt(1, 1, 1, Put("a")), Done(2, 1, 2, 3, Get(), Saw("a"))}, checker.Holds},
		{"in doubt, never happened", []history.Op{Doubt(1, 1, 1, Put("a")), Done(2, 1, 2, 3, Get(), Nil())}, checker.Holds},
		{"in doubt, took effect late", []history.Op{
			Doubt(1, 1, 1, Put("a")), Done(2, 1, 2, 3, Get(), Nil()), Done(2, 2, 4, 5, Get(), Saw("a")),
		}, checker.Holds},
		{"in doubt, undone", []history.Op{
			Doubt(1, 1, 1, Put("a")), Done(2, 1, 2, 3, Get(), Saw("a")), Done(2, 2, 4, 5, Get(), Nil()),
		}, checker.Violated},
		{"in doubt, seen before it was asked", []history.Op{
			Done(2, 1, 1, 2, Get(), Saw("a")), Doubt(1, 1, 3, Put("a")),
		}, checker.Violated},
		{"failed, no effect", []history.Op{Refused(1, 1, 1, 2, Put("a")), Done(2, 1, 3, 4, Get(), Nil())}, checker.Holds},
		{"failed, yet seen", []history.Op{Refused(1, 1, 1, 2, Put("a")), Done(2, 1, 3, 4, Get(), Saw("a"))}, checker.Violated},
		{"at the same instant", []history.Op{Done(1, 1, 1, 3, Put("a"), Ok()), Done(2, 1, 3, 4, Get(), Nil())}, checker.Holds},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checker.Merge(judge(t, c.h, 0)).Verdict; got != c.want || Linearizable(c.h) != (c.want == checker.Holds) {
				t.Errorf("verdict %v, want %v (brute force: linearizable %v)", got, c.want, Linearizable(c.h))
			}
		})
	}
}

func TestOneResultPerKey(t *testing.T) {
	h := []history.Op{
		Done(1, 1, 1, 2, On("k2", Put("a")), Ok()),
		Done(1, 2, 3, 4, On("k1", Put("b")), Ok()),
		Done(1, 3, 5, 6, On("k2", Get()), Nil()),
	}
	results := judge(t, h, 0)
	if len(results) != 2 || results[0].Key != "k1" || results[0].Verdict != checker.Holds ||
		results[1].Key != "k2" || results[1].Verdict != checker.Violated || results[1].Checked != 2 {
		t.Errorf("results are %+v, want k1 to hold and k2 to be violated", results)
	}
}

// The last answer of the shortest impossible prefix is to blame, however long
// the history goes on.
func TestCulpritEndsTheShortestImpossiblePrefix(t *testing.T) {
	for seed := range uint64(120) {
		h := Random(Shape{Clients: 3, Keys: 1, Ops: 40, Doubt: 10, Lies: 4}, rand.New(rand.NewPCG(seed, 3)).IntN)
		r := checker.Merge(judge(t, h, 0))
		if r.Verdict != checker.Violated {
			continue
		}
		culprit := r.Ops[0]
		if got := checker.Merge(judge(t, until(h, culprit.Returned), 0)).Verdict; got != checker.Violated {
			t.Fatalf("seed %d: the prefix up to %v is %v", seed, culprit, got)
		}
		if got := checker.Merge(judge(t, until(h, culprit.Returned-1), 0)).Verdict; got != checker.Holds {
			t.Fatalf("seed %d: the prefix just before %v returned is %v", seed, culprit, got)
		}
	}
}

// until cuts a history off: what had not returned by then is in doubt.
func until(h []history.Op, moment uint64) []history.Op {
	var cut []history.Op
	for _, o := range h {
		if o.Invoked > moment || o.Outcome == history.Failed {
			continue
		}
		if o.Returned > moment {
			o.Outcome, o.Output, o.Returned = history.Unknown, nil, 0
		}
		cut = append(cut, o)
	}
	return cut
}

// hard is a history whose refutation must try every subset of n deletions in
// doubt.
func hard(n int) []history.Op {
	var h []history.Op
	at := uint64(1)
	for i := range n {
		h = append(h, Doubt(9, i+1, at, Delete()))
		at++
	}
	for i := range n {
		v := fmt.Sprintf("v%d", i)
		h = append(h, Done(1, 2*i+1, at, at+1, Put(v), Ok()), Done(1, 2*i+2, at+2, at+5, Get(), Saw(v)),
			Done(2, i+1, at+3, at+4, Get(), Nil()), Done(3, i+1, at+6, at+7, Get(), Nil()))
		at += 8
	}
	return append(h, Done(1, 2*n+1, at, at+1, Put("last"), Ok()), Done(1, 2*n+2, at+2, at+3, Get(), Nil()))
}

// For any budget the verdict is the true one or unknown; with a large one it is
// the true one.
func TestBudgetNeverChangesTheVerdict(t *testing.T) {
	legal := hard(6)[:6+6*4]
	for name, h := range map[string][]history.Op{"violated": hard(6), "holds": legal} {
		full := checker.Merge(judge(t, h, 0))
		if full.Verdict.String() != name {
			t.Fatalf("%s: %v", full.Verdict, full.Detail)
		}
		for budget := checker.Budget(1); budget <= checker.Budget(full.Steps)+1; budget += 1 + checker.Budget(full.Steps)/200 {
			got := checker.Merge(judge(t, h, budget))
			enough := int64(budget) >= full.Steps
			switch {
			case enough && got.Verdict != full.Verdict, !enough && got.Verdict != checker.Unknown, got.Steps > int64(budget):
				t.Fatalf("budget %d of %d steps: %v after %d", budget, full.Steps, got.Verdict, got.Steps)
			}
		}
	}
}

func TestOutOfBudgetSaysWhatToDo(t *testing.T) {
	got := checker.Merge(judge(t, hard(25), 10_000))
	want := "undecided: searching an order of the 127 operations on k1 used up the budget of 10000 steps; " +
		"raise the budget, or leave fewer operations without an answer"
	if got.Verdict != checker.Unknown || got.Detail != want || len(got.Ops) > 0 {
		t.Errorf("%v: %q, want unknown: %q", got.Verdict, got.Detail, want)
	}
}

// The same history, the same bytes: over and over, whatever the number of
// processors, and for every kind of verdict.
func TestSameHistorySameBytes(t *testing.T) {
	shape := Shape{Clients: 4, Keys: 3, Ops: 120, Doubt: 10, Lies: 3}
	h := Random(shape, rand.New(rand.NewPCG(8, 3)).IntN)
	for i, o := range hard(25) {
		o.Input, o.ID.Client, o.Process = On("k9", o.Input.(ops.Op)), 100+o.ID.Client, 10_000+o.Process+i
		h = append(h, o)
	}
	report := func() string { return fmt.Sprintf("%+v", judge(t, h, 20_000)) }
	want := report()
	for _, verdict := range []string{"Verdict:unknown", "Verdict:violated"} {
		if !strings.Contains(want, verdict) {
			t.Fatalf("no partition with %s in %s", verdict, want)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i := range 100 {
		runtime.GOMAXPROCS(1 + i%3)
		if got := report(); got != want {
			t.Fatalf("run %d gave\n%s, want\n%s", i, got, want)
		}
	}
}

// The general sentence is true too: the answers it names exclude each other even
// if every other operation is in doubt, and none can be spared.
func TestGeneralExplanationIsMinimal(t *testing.T) {
	plain := spec.KV()
	plain.Explain = nil
	sizes := map[int]int{}
	for seed := range uint64(600) {
		h := Random(Shape{Clients: 3, Keys: 1, Ops: 7, Lies: 20}, rand.New(rand.NewPCG(seed, 4)).IntN)
		results, err := checker.Linearizable(h, plain, 0)
		if err != nil {
			t.Fatal(err)
		}
		r := checker.Merge(results)
		if r.Verdict != checker.Violated {
			continue
		}
		sizes[len(r.Ops)]++
		if Linearizable(onlyAnswers(h, r.Ops, -1)) {
			t.Fatalf("seed %d: %s\n%v", seed, r.Detail, h)
		}
		for i := 1; i < len(r.Ops); i++ {
			if !Linearizable(onlyAnswers(h, r.Ops, i)) {
				t.Fatalf("seed %d: %v can be spared: %s\n%v", seed, r.Ops[i], r.Detail, h)
			}
		}
	}
	if sizes[1] == 0 || sizes[2] == 0 || sizes[3] == 0 {
		t.Errorf("sizes of evidence are %v, want small and large ones", sizes)
	}
}

// onlyAnswers is the history up to the culprit, with all in doubt but the
// evidence, less one.
func onlyAnswers(h, evidence []history.Op, less int) []history.Op {
	answered := map[history.ID]bool{}
	for i, o := range evidence {
		answered[o.ID] = i != less
	}
	h = until(h, evidence[0].Returned)
	for i := range h {
		if !answered[h[i].ID] {
			h[i].Outcome, h[i].Output, h[i].Returned = history.Unknown, nil, 0
		}
	}
	return h
}
