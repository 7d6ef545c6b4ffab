package spec_test

import (
	"cmp"
	"slices"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// contended is what a scenario records: 300 operations of six clients on two locks, up to
// 12 of them in doubt, and leases that end.
func contended(inspects, lapses, lies int) histories.LockShape {
	return histories.LockShape{
		Clients: 6, Locks: 2, Ops: 300, Inspects: inspects, Doubt: 8, Doubts: 12, Failed: 3, Lapses: lapses, Lies: lies,
	}
}

// A correct service is not faulted, by the search or by any rule: Explain tries all
// answers up to the one that it is given.
func TestRunsOfLocksAreDecidedCheaply(t *testing.T) {
	for seed := range uint64(120) {
		h, ended := locking(contended(20*int(seed%2), int(seed%4), 0), seed)
		r := judgeLocks(t, h, ended, spec.Lock())
		if r.Verdict != checker.Holds || r.Steps > int64(checker.DefaultBudget)/20 {
			t.Errorf("seed %d: %v after %d steps, want holds within a twentieth of the budget: %s", seed, r.Verdict, r.Steps, r.Detail)
		}
		part := byInvocation(prepared(h, ended))
		part = slices.DeleteFunc(part, func(o history.Op) bool { return o.Input.(spec.LockOp).Name != "l1" })
		last := slices.MaxFunc(part, func(a, b history.Op) int { return cmp.Compare(answeredAt(a), answeredAt(b)) })
		if e := spec.Lock().Explain(last, part); e.Sentence != "" {
			t.Errorf("seed %d: %s: %s", seed, e.Anomaly, e.Sentence)
		}
	}
}

// answeredAt is when an answer came; 0: none did.
func answeredAt(o history.Op) uint64 {
	if o.Outcome != history.OK {
		return 0
	}
	return o.Returned
}

// As much in doubt and on one lock, and an answer that may be wrong.
func TestImpossibleRunsOfLocksAreDecidedCheaply(t *testing.T) {
	count := map[checker.Verdict]int{}
	for seed := range uint64(60) {
		shape := contended(15, 2, 1)
		shape.Locks, shape.Doubt = 1, 15
		h, ended := locking(shape, seed)
		r := judgeLocks(t, h, ended, spec.Lock())
		if count[r.Verdict]++; r.Verdict == checker.Unknown || r.Steps > int64(checker.DefaultBudget)/4 {
			t.Errorf("seed %d: %v after %d steps, want a verdict within a quarter of the budget", seed, r.Verdict, r.Steps)
		}
	}
	if count[checker.Violated] < 40 {
		t.Errorf("too few are impossible: %v", count)
	}
}

// What Matters is for: if nobody was told that the lock is held by another, it makes no
// difference who else was granted it.
func TestMattersMakesDoubtAffordableOnLocks(t *testing.T) {
	var with, without int64
	for seed := range uint64(30) {
		shape := contended(0, 2, 1)
		shape.Locks, shape.Doubt = 1, 15
		h, ended := locking(shape, seed)
		h = slices.DeleteFunc(h, func(o history.Op) bool { return o.Output == histories.Said(ops.Busy) })
		s, plain := spec.Lock(), spec.Lock()
		plain.Matters = nil
		with += judgeLocks(t, h, ended, s).Steps
		without += judgeLocks(t, h, ended, plain).Steps
	}
	if with*4 > without {
		t.Errorf("%d steps with Matters, %d without: want a quarter at most", with, without)
	}
	t.Log(with, without)
}

// Steps over a thousand histories of each kind; run with -benchtime 1x.
func BenchmarkLock(b *testing.B) {
	for _, c := range []struct {
		name  string
		shape histories.LockShape
	}{
		{"legal", contended(15, 2, 0)},
		{"never-inspected", contended(0, 2, 0)},
		{"no-lease-ends", contended(15, 0, 0)},
		{"lies", contended(15, 2, 1)},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				measureSteps(b, func(seed uint64) checker.Result {
					h, ended := locking(c.shape, seed)
					return judgeLocks(b, h, ended, spec.Lock())
				})
			}
		})
	}
}
