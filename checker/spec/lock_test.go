package spec_test

import (
	"math/rand/v2"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

type lockSpec = checker.Spec[spec.Held, spec.LockOp, ops.LockResult]

func locking(s histories.LockShape, seed uint64) ([]history.Op, []histories.Ended) {
	return histories.RandomLocks(s, rand.New(rand.NewPCG(seed, 1)).IntN)
}

// prepared is what the specification judges.
func prepared(h []history.Op, ended []histories.Ended) []history.Op {
	lapses := make([]spec.Lapse, len(ended))
	for i, e := range ended {
		lapses[i] = spec.Lapse(e)
	}
	return spec.LockOps(h, lapses)
}

func judgeLocks(t testing.TB, h []history.Op, ended []histories.Ended, s lockSpec) checker.Result {
	t.Helper()
	results, err := checker.Linearizable(prepared(h, ended), s, 0)
	if err != nil {
		t.Fatalf("judging %v: %v", h, err)
	}
	return checker.Merge(results)
}

func bruteLocks(h []history.Op, ended []histories.Ended) checker.Verdict {
	if histories.Exclusive(h, ended) {
		return checker.Holds
	}
	return checker.Violated
}

func TestLockAgreesWithBruteForce(t *testing.T) {
	count := map[checker.Verdict]int{}
	doubts, lapses := 0, 0
	for seed := range uint64(2500) {
		shape := histories.SmallLocks(seed)
		h, ended := locking(shape, seed)
		got, want := judgeLocks(t, h, ended, spec.Lock()).Verdict, bruteLocks(h, ended)
		if got != want {
			t.Fatalf("seed %d: verdict %v, brute force says %v: %v, ended %v", seed, got, want, byInvocation(h), ended)
		}
		if shape.Lies == 0 && got != checker.Holds {
			t.Fatalf("seed %d: a correct service is faulted: %v, ended %v", seed, byInvocation(h), ended)
		}
		count[got]++
		doubts += min(1, history.Count(h).Unknown)
		lapses += min(1, len(ended))
	}
	if count[checker.Holds] < 1000 || count[checker.Violated] < 600 || doubts < 1600 || lapses < 700 {
		t.Errorf("generator is lopsided: %v, %d with operations in doubt, %d with lapses", count, doubts, lapses)
	}
	t.Log(count, doubts, lapses)
}

// Narrowing down what is in doubt must change no verdict.
func TestMattersChangesNoVerdictOnLocks(t *testing.T) {
	count := map[checker.Verdict]int{}
	for seed := range uint64(1500) {
		shape := histories.SmallLocks(seed)
		shape.Ops, shape.Lies, shape.Doubts = 16, 4, 6
		h, ended := locking(shape, seed)
		plain := spec.Lock()
		plain.Matters = nil
		got, want := judgeLocks(t, h, ended, spec.Lock()).Verdict, judgeLocks(t, h, ended, plain).Verdict
		if got != want {
			t.Fatalf("seed %d: %v, without Matters %v: %v, ended %v", seed, got, want, h, ended)
		}
		count[got]++
	}
	if count[checker.Holds] < 300 || count[checker.Violated] < 300 {
		t.Errorf("generator is lopsided: %v", count)
	}
}

// possibleLocks are corners of legality.
var possibleLocks = map[string]struct {
	h     []history.Op
	ended []histories.Ended
}{
	"a lapsed hold is taken over": {
		h: []history.Op{
			histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(7)),
			histories.Done(2, 1, 4, 5, histories.Try(), histories.Grant(9)),
			histories.Done(1, 2, 6, 7, histories.Release(7), histories.Said(ops.NotOwner)),
		},
		ended: []histories.Ended{histories.LeaseOver(1, 7, 3)},
	},
	"a lapsed hold stays until its holder, in another session, asks again": {
		h: []history.Op{
			histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(7)),
			histories.Done(1, 2, 4, 5, histories.Release(7), histories.Said(ops.NotOwner)),
			histories.Done(1, 3, 6, 7, histories.Try(), histories.Said(ops.Busy)),
			histories.Done(2, 1, 8, 9, histories.Inspect(), histories.SeenUnder(7)),
			histories.Done(1, 4, 10, 11, histories.Try(), histories.Grant(8)),
		},
		ended: []histories.Ended{histories.LeaseOver(1, 7, 3)},
	},
	"a lease that ends while another waits": {
		h: []history.Op{
			histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(7)),
			histories.Done(2, 1, 3, 6, histories.Acquire(), histories.Grant(8)),
			histories.Done(3, 1, 4, 7, histories.Inspect(), histories.SeenUnder(7)),
		},
		ended: []histories.Ended{histories.LeaseOver(1, 7, 5)},
	},
	"a release never answered took effect": {
		h: []history.Op{
			histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(7)),
			retiring(histories.Doubt(1, 2, 3, histories.Release(7)), 1),
			histories.Done(2, 1, 4, 5, histories.Try(), histories.Said(ops.Busy)),
			histories.Done(2, 2, 6, 7, histories.Try(), histories.Grant(8)),
		},
	},
	"held by one who was never told, and then not": {
		h: []history.Op{
			histories.Doubt(1, 1, 1, histories.Acquire()),
			histories.Done(2, 1, 2, 3, histories.Try(), histories.Said(ops.Busy)),
			histories.Done(2, 2, 4, 5, histories.Inspect(), histories.SeenUnder(7)),
			histories.Done(2, 3, 6, 7, histories.Acquire(), histories.Grant(8)),
		},
	},
	"two who were never told, between two tokens": {
		h: []history.Op{
			histories.Doubt(1, 1, 1, histories.Acquire()),
			histories.Doubt(3, 1, 2, histories.Acquire()),
			histories.Done(2, 1, 3, 4, histories.Inspect(), histories.SeenUnder(7)),
			histories.Done(2, 2, 5, 6, histories.Inspect(), histories.SeenUnder(8)),
			histories.Done(2, 3, 7, 8, histories.Acquire(), histories.Grant(9)),
		},
	},
	"a lock without tokens, which one who was never told may have held": {
		h: []history.Op{
			histories.Doubt(3, 1, 1, histories.Acquire()),
			histories.Done(1, 1, 2, 3, histories.Try(), histories.Grant(0)),
		},
	},
	"a lock without tokens": {
		h: []history.Op{
			histories.Done(1, 1, 2, 3, histories.Try(), histories.Grant(0)),
			histories.Done(2, 1, 4, 5, histories.Try(), histories.Said(ops.Busy)),
			histories.Done(1, 2, 6, 7, histories.Release(0), histories.Said(ops.Released)),
			histories.Done(1, 3, 8, 9, histories.Try(), histories.Grant(0)),
			histories.Done(2, 2, 10, 11, histories.Try(), histories.Said(ops.Busy)),
			histories.Done(2, 3, 13, 14, histories.Acquire(), histories.Grant(0)),
		},
		ended: []histories.Ended{histories.LeaseOver(1, 0, 12)},
	},
}

func TestLockAccepts(t *testing.T) {
	for name, c := range possibleLocks {
		if r := judgeLocks(t, c.h, c.ended, spec.Lock()); r.Verdict != checker.Holds {
			t.Errorf("%s: %v: %s", name, r.Verdict, r.Detail)
		}
		if !histories.Exclusive(c.h, c.ended) {
			t.Errorf("%s: brute force disagrees", name)
		}
		part := prepared(c.h, c.ended)
		if e := spec.Lock().Explain(part[len(part)-1], part); e.Sentence != "" {
			t.Errorf("%s: is called %s: %s", name, e.Anomaly, e.Sentence)
		}
	}
}

// retiring is the operation as the last of a process.
func retiring(o history.Op, process int) history.Op {
	o.Process = process
	return o
}

// A lapse belongs to the last grant under that token that was asked for before. Without
// tokens that matters: the second hold here may lapse, and the first may not.
func TestALapseOfALockBelongsToOneGrant(t *testing.T) {
	h := []history.Op{
		histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(0)),
		histories.Done(2, 1, 3, 4, histories.Try(), histories.Grant(0)),
		histories.Done(1, 2, 5, 6, histories.Try(), histories.Grant(0)),
	}
	for _, seq := range []uint64{7, 2} {
		r := judgeLocks(t, h, []histories.Ended{histories.LeaseOver(1, 0, seq)}, spec.Lock())
		if r.Verdict != checker.Violated {
			t.Errorf("a lease that ended at %d: %v, want violated, as one of two holds was taken away before its lease ended", seq, r.Verdict)
		}
	}
	both := []histories.Ended{histories.LeaseOver(1, 0, 2), histories.LeaseOver(2, 0, 4), histories.LeaseOver(2, 0, 9)}
	if r := judgeLocks(t, h, both, spec.Lock()); r.Verdict != checker.Holds {
		t.Errorf("both leases ended in time: %v: %s", r.Verdict, r.Detail)
	}
}

func TestLockJudgesLocksOneByOne(t *testing.T) {
	other := histories.Try()
	other.Name = "l2"
	h := []history.Op{
		histories.Done(1, 1, 1, 2, histories.Try(), histories.Grant(7)),
		histories.Done(2, 1, 3, 4, other, histories.Grant(7)),
	}
	results, err := checker.Linearizable(spec.LockOps(h, nil), spec.Lock(), 0)
	if err != nil || len(results) != 2 || checker.Merge(results).Verdict != checker.Holds {
		t.Errorf("got %v, %v, want two results that hold", results, err)
	}
}

func TestLockRejectsWhatIsNoOperationOnALock(t *testing.T) {
	unprepared := []history.Op{histories.Doubt(1, 1, 1, histories.Try())}
	for want, h := range map[string][]history.Op{
		"operation c1#1: input is a ops.Lock, the specification of the lock wants spec.LockOp": unprepared,
		"operation c1#1: input is a ops.Op, the specification of the lock wants spec.LockOp":   spec.LockOps([]history.Op{histories.Doubt(1, 1, 1, histories.Get())}, nil),
		"operation c1#1: 9 is not a kind of operation on a lock":                               spec.LockOps([]history.Op{histories.Doubt(1, 1, 1, ops.Lock{Kind: 9})}, nil),
		"operation c1#1: process -1 is negative":                                               spec.LockOps([]history.Op{retiring(unprepared[0], -1)}, nil),
	} {
		_, err := checker.Linearizable(h, spec.Lock(), 0)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, same := unprepared[0].Input.(ops.Lock); !same {
		t.Errorf("LockOps changed the history that it was given")
	}
}
