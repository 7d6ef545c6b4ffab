package spec_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

type kvSpec = checker.Spec[spec.Cell, ops.Op, ops.Result]

// small are histories that brute force can still judge.
var small = histories.Shape{Clients: 3, Keys: 1, Ops: 6, Doubt: 25, Failed: 8, Lies: 30, Letters: true}

func verdict(t testing.TB, h []history.Op, s kvSpec) checker.Verdict {
	t.Helper()
	results, err := checker.Linearizable(h, s, 0)
	if err != nil {
		t.Fatalf("judging %v: %v", h, err)
	}
	return checker.Merge(results).Verdict
}

func bruteVerdict(h []history.Op) checker.Verdict {
	if histories.Linearizable(h) {
		return checker.Holds
	}
	return checker.Violated
}

// seeded draws histories by number: many cheap cases, each repeatable.
func seeded(s histories.Shape, seed uint64) []history.Op {
	return histories.Random(s, rand.New(rand.NewPCG(seed, 1)).IntN)
}

func TestKVAgreesWithBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := small
		shape.Letters = rapid.Bool().Draw(t, "letters")
		shape.Keys = rapid.IntRange(1, 2).Draw(t, "keys")
		h := histories.Random(shape, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") })
		results, err := checker.Linearizable(h, spec.KV(), 0)
		if err != nil {
			t.Fatalf("judging %v: %v", h, err)
		}
		if got, want := checker.Merge(results).Verdict, bruteVerdict(h); got != want {
			t.Fatalf("verdict %v, brute force says %v: %v", got, want, h)
		}
	})
}

// The same over many seeds, with a count of both verdicts: a generator that only
// makes one kind would test nothing.
func TestKVAgreesWithBruteForceOnManySeeds(t *testing.T) {
	count := map[checker.Verdict]int{}
	doubts := 0
	for seed := range uint64(6000) {
		shape := small
		shape.Letters = seed%2 == 0
		h := seeded(shape, seed)
		got, want := verdict(t, h, spec.KV()), bruteVerdict(h)
		if got != want {
			t.Fatalf("seed %d: verdict %v, brute force says %v: %v", seed, got, want, h)
		}
		count[got]++
		if history.Count(h).Unknown > 0 {
			doubts++
		}
	}
	if count[checker.Holds] < 1500 || count[checker.Violated] < 1500 || doubts < 3000 {
		t.Errorf("generator is lopsided: %v, %d with operations in doubt", count, doubts)
	}
}

// A wrong specification must be noticed by the test above, whichever clause is
// wrong.
func TestBrokenSpecsDisagreeWithBruteForce(t *testing.T) {
	for name, broken := range brokenSteps() {
		t.Run(name, func(t *testing.T) {
			s := spec.KV()
			right := s.Step
			s.Step = func(c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
				return broken(right, c, in, out, known)
			}
			for seed := range uint64(3000) {
				if h := seeded(small, seed); verdict(t, h, s) != bruteVerdict(h) {
					return
				}
			}
			t.Error("no history told it from the right specification")
		})
	}
}

type kvStep = func(spec.Cell, ops.Op, ops.Result, bool) (spec.Cell, bool)

type brokenStep func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool)

func brokenSteps() map[string]brokenStep {
	return map[string]brokenStep{
		"any read is right": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			return right(c, in, out, known && in.Kind != ops.Get)
		},
		"put of an existing key is ignored": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			next, ok := right(c, in, out, known)
			if in.Kind == ops.Put && c.Found {
				next = c
			}
			return next, ok
		},
		"append overwrites": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			if in.Kind == ops.Append {
				c = spec.Cell{}
			}
			return right(c, in, out, known)
		},
		"delete leaves an empty text": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			next, ok := right(c, in, out, known)
			if in.Kind == ops.Delete {
				next.Found = true
			}
			return next, ok
		},
		"cas always writes": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			if in.Kind == ops.CAS {
				return spec.Cell{Text: in.Value, Found: true}, true
			}
			return right(c, in, out, known)
		},
		"cas of an absent key is refused": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			if in.Kind == ops.CAS && !c.Found {
				return c, !known || !out.OK && !out.Found
			}
			return right(c, in, out, known)
		},
		"what is in doubt never happened": func(right kvStep, c spec.Cell, in ops.Op, out ops.Result, known bool) (spec.Cell, bool) {
			if !known {
				return c, true
			}
			return right(c, in, out, known)
		},
	}
}

// Narrowing down what is in doubt is an optimisation: it must change no verdict.
func TestMattersChangesNoVerdict(t *testing.T) {
	shape := histories.Shape{Clients: 3, Keys: 1, Ops: 14, Doubt: 35, Lies: 8}
	for seed := range uint64(1500) {
		shape.Letters = seed%3 == 0
		h := seeded(shape, seed)
		plain := spec.KV()
		plain.Matters = nil
		if got, want := verdict(t, h, spec.KV()), verdict(t, h, plain); got != want {
			t.Fatalf("seed %d: %v, without Matters %v: %v", seed, got, want, h)
		}
	}
}

// What it is for: impossible histories with much in doubt.
func TestMattersMakesDoubtAffordable(t *testing.T) {
	var with, without int64
	for seed := range uint64(8) {
		h := seeded(histories.Shape{Clients: 3, Keys: 1, Ops: 150, Doubt: 20, Lies: 2, Kinds: putsAndGets}, seed)
		plain := spec.KV()
		plain.Matters, plain.Explain = nil, nil
		a, _ := checker.Linearizable(h, spec.KV(), 200_000)
		b, err := checker.Linearizable(h, plain, 200_000)
		if err != nil {
			t.Fatal(err)
		}
		with, without = with+a[0].Steps, without+b[0].Steps
	}
	if with*5 > without {
		t.Errorf("%d steps with Matters, %d without: want a fifth at most", with, without)
	}
}

// Locality (Herlihy and Wing 1990, section 3.2): judging key by key and judging
// the whole store at once must agree. The store is also an example of a state
// that needs Equal.
func TestKeyByKeyAgreesWithWholeStore(t *testing.T) {
	type store = map[string]string
	whole := checker.Spec[store, ops.Op, ops.Result]{
		Name: "store",
		Init: func() store { return store{} },
		Step: func(s store, in ops.Op, out ops.Result, known bool) (store, bool) {
			next, right := histories.Execute(s, in)
			return next, !known || out == right
		},
		Equal: maps.Equal[store, store],
	}
	shape := histories.Shape{Clients: 3, Keys: 3, Ops: 14, Doubt: 8, Lies: 6}
	count := map[checker.Verdict]int{}
	for seed := range uint64(400) {
		h := seeded(shape, seed)
		results, err := checker.Linearizable(h, whole, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, want := verdict(t, h, spec.KV()), checker.Merge(results).Verdict
		if got != want {
			t.Fatalf("seed %d: key by key %v, whole store %v: %v", seed, got, want, h)
		}
		count[got]++
	}
	if count[checker.Holds] < 80 || count[checker.Violated] < 80 {
		t.Errorf("generator is lopsided: %v", count)
	}
}
