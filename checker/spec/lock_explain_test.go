package spec_test

import (
	"slices"
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// impossibleLocks are histories of the lock l1, one or more for each rule.
var impossibleLocks = []struct {
	name     string
	h        []history.Op
	ended    []Ended
	detail   string
	evidence string
}{
	{
		name:     "an answer to something else",
		h:        []history.Op{Done(1, 1, 1, 2, Acquire(), Said(ops.Busy))},
		detail:   `impossible answer: c1#1 acquire(l1,1s) was answered busy, which it cannot be in any state`,
		evidence: "c1#1",
	},
	{
		name: "two holders",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Acquire(), Grant(8)),
		},
		detail:   `two holders: c2#1 acquire(l1,1s) was granted 8 while c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "two holders before the lease of the first ended",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Acquire(), Grant(8)),
		},
		ended:    []Ended{LeaseOver(1, 7, 5)},
		detail:   `two holders: c2#1 acquire(l1,1s) was granted 8 while c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "two holders at once",
		h: []history.Op{
			Done(1, 1, 1, 4, Try(), Grant(7)),
			Done(2, 1, 2, 3, Try(), Grant(8)),
			Done(2, 2, 5, 6, Release(8), Said(ops.Released)),
		},
		detail:   `two holders: c1#1 try(l1) was granted 7 and c2#1 try(l1) was granted 8, and for a while neither had released or lapsed`,
		evidence: "c1#1 c2#1",
	},
	{
		name: "granted to its holder",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Try(), Grant(8)),
		},
		detail:   `granted to its holder: c1#2 try(l1) was granted 8 while c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c1#2 c1#1",
	},
	{
		name: "a token again",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(2, 1, 5, 6, Try(), Grant(7)),
		},
		detail:   `token not increasing: c2#1 try(l1) was granted 7 although c1#1 try(l1) was granted 7 before c2#1 began`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "a token less than one seen",
		h: []history.Op{
			Doubt(1, 1, 1, Try()),
			Done(3, 1, 3, 4, Inspect(), SeenUnder(7)),
			Done(2, 1, 5, 6, Try(), Grant(6)),
		},
		detail:   `token not increasing: c2#1 try(l1) was granted 6 although c3#1 inspect(l1) saw it held 7 before c2#1 began`,
		evidence: "c2#1 c3#1",
	},
	{
		name: "no token after one",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(2, 1, 5, 6, Try(), Grant(0)),
		},
		detail:   `token not increasing: c2#1 try(l1) was granted although c1#1 try(l1) was granted 7 before c2#1 began`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "the same token at once",
		h: []history.Op{
			Done(1, 1, 1, 4, Try(), Grant(7)),
			Done(2, 1, 2, 3, Try(), Grant(7)),
		},
		detail:   `token not increasing: c1#1 try(l1) was granted 7, and so was c2#1 try(l1)`,
		evidence: "c1#1 c2#1",
	},
	{
		name: "released by another",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Release(7), Said(ops.Released)),
		},
		detail:   `released by another: c2#1 release(l1,7) was accepted although c1#1 try(l1) was granted 7`,
		evidence: "c2#1 c1#1",
	},
	{
		name:     "released without a grant",
		h:        []history.Op{Done(2, 1, 3, 4, Release(7), Said(ops.Released))},
		detail:   `released without a grant: c2#1 release(l1,7) was accepted although its process had never been granted it`,
		evidence: "c2#1",
	},
	{
		name: "released twice",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(1, 3, 5, 6, Release(7), Said(ops.Released)),
		},
		detail:   `released twice: c1#3 release(l1,7) was accepted although c1#2 release(l1,7) was accepted before c1#3 began`,
		evidence: "c1#3 c1#2",
	},
	{
		name: "released by a holder whose lease had ended, when another held the lock",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 4, 5, Try(), Grant(8)),
			Done(1, 2, 6, 7, Release(7), Said(ops.Released)),
		},
		ended:    []Ended{LeaseOver(1, 7, 3)},
		detail:   `stale release: c1#2 release(l1,7) was accepted although c2#1 try(l1) was granted 8 before c1#2 began`,
		evidence: "c1#2 c2#1",
	},
	{
		name: "the holder may not release",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Try(), Said(ops.Busy)),
			Done(1, 2, 5, 6, Release(7), Said(ops.NotOwner)),
		},
		detail:   `holder refused: c1#2 release(l1,7) was refused although c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c1#2 c1#1",
	},
	{
		name: "the holder is told that another holds the lock",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Try(), Said(ops.Busy)),
		},
		detail:   `holder refused: c1#2 try(l1) was answered busy although c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c1#2 c1#1",
	},
	{
		name: "already held, and released before",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(1, 3, 5, 6, Try(), Said(ops.AlreadyHeld)),
		},
		detail:   `not the holder: c1#3 try(l1) was answered already held although c1#2 release(l1,7) was accepted before c1#3 began`,
		evidence: "c1#3 c1#2",
	},
	{
		name: "already held, by another",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Try(), Said(ops.AlreadyHeld)),
		},
		detail:   `not the holder: c2#1 try(l1) was answered already held although its process had never been granted the lock`,
		evidence: "c2#1",
	},
	{
		name: "free although held",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(2, 1, 3, 4, Inspect(), SeenFree()),
		},
		detail:   `free although held: c2#1 inspect(l1) saw it free although c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "seen under another token",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Doubt(3, 1, 3, Try()),
			Done(2, 1, 4, 5, Inspect(), SeenUnder(8)),
		},
		detail:   `wrong holder: c2#1 inspect(l1) saw it held 8 although c1#1 try(l1), granted 7, had neither released nor lapsed`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "seen held after it was released",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(2, 1, 5, 6, Inspect(), SeenUnder(7)),
		},
		detail:   `stale inspect: c2#1 inspect(l1) saw it held 7 although c1#2 release(l1,7) was accepted before c2#1 began`,
		evidence: "c2#1 c1#2",
	},
	{
		name: "seen in the past",
		h: []history.Op{
			Doubt(1, 1, 1, Try()),
			Doubt(2, 1, 2, Try()),
			Done(3, 1, 3, 4, Inspect(), SeenUnder(8)),
			Done(3, 2, 5, 6, Inspect(), SeenUnder(7)),
		},
		detail:   `stale inspect: c3#2 inspect(l1) saw it held 7 although c3#1 inspect(l1) saw it held 8 before c3#2 began`,
		evidence: "c3#2 c3#1",
	},
	{
		name: "seen under a token that nobody was granted",
		h: []history.Op{
			Done(1, 1, 1, 3, Try(), Grant(7)),
			Done(2, 1, 2, 4, Inspect(), SeenUnder(8)),
		},
		detail:   `phantom token: c2#1 inspect(l1) saw it held 8, which nobody can have been granted`,
		evidence: "c2#1",
	},
	{
		name: "seen under a token that was granted later",
		h: []history.Op{
			Done(2, 1, 1, 2, Inspect(), SeenUnder(7)),
			Done(1, 1, 3, 4, Try(), Grant(7)),
		},
		detail:   `read from the future: c2#1 inspect(l1) saw it held 7 before c1#1 try(l1), which was granted it, began`,
		evidence: "c2#1 c1#1",
	},
	{
		name:     "busy although nobody ever held it",
		h:        []history.Op{Done(1, 1, 1, 2, Try(), Said(ops.Busy)), Doubt(2, 1, 3, Try())},
		detail:   `busy although free: c1#1 try(l1) was answered busy although nobody can have been granted the lock by then`,
		evidence: "c1#1",
	},
	{
		name: "busy although released",
		h: []history.Op{
			Done(1, 1, 1, 2, Try(), Grant(7)),
			Done(1, 2, 3, 4, Release(7), Said(ops.Released)),
			Done(2, 1, 5, 6, Try(), Said(ops.Busy)),
		},
		detail: `busy although free: c2#1 try(l1) was answered busy although c1#2 release(l1,7) was accepted before c2#1 began ` +
			`and nobody can have been granted the lock since`,
		evidence: "c2#1 c1#2",
	},
	{
		name: "busy because of one who got nothing",
		h: []history.Op{
			Done(1, 1, 1, 4, Acquire(), Said(ops.TimedOut)),
			Done(2, 1, 2, 3, Try(), Said(ops.Busy)),
		},
		detail:   `busy although free: c2#1 try(l1) was answered busy although nobody can have been granted the lock by then`,
		evidence: "c2#1",
	},
	{
		name: "free in between, seen too late",
		h: []history.Op{
			Done(1, 1, 1, 4, Try(), Grant(7)),
			Done(2, 1, 2, 3, Inspect(), SeenUnder(7)),
			Done(2, 2, 5, 9, Try(), Grant(8)),
			Done(1, 2, 6, 7, Release(7), Said(ops.Released)),
			Done(3, 1, 8, 10, Inspect(), SeenFree()),
			Done(4, 1, 11, 12, Inspect(), SeenFree()),
		},
		detail:   `free although held: c4#1 inspect(l1) saw it free although c2#2 try(l1), granted 8, had neither released nor lapsed`,
		evidence: "c4#1 c2#2",
	},
	{
		name: "an order of tokens that the answers exclude",
		h: []history.Op{
			Done(1, 1, 1, 6, Try(), Grant(1)),
			Doubt(2, 1, 2, Try()),
			Done(3, 1, 3, 4, Inspect(), SeenUnder(2)),
			Done(1, 2, 7, 8, Release(1), Said(ops.Released)),
		},
		detail: `unexplainable answer: no order of the 3 operations on l1 up to c1#1 explains its answer, ` +
			`try(l1) -> granted 1, together with c3#1 inspect(l1) -> held 2`,
		evidence: "c1#1 c3#1",
	},
}

func TestLockRejectsAndExplains(t *testing.T) {
	for _, c := range impossibleLocks {
		t.Run(c.name, func(t *testing.T) {
			got := judgeLocks(t, c.h, c.ended, spec.Lock())
			if got.Verdict != checker.Violated || Exclusive(c.h, c.ended) {
				t.Fatalf("verdict %v, brute force says legal: %v", got.Verdict, Exclusive(c.h, c.ended))
			}
			if got.Detail != c.detail || names(got.Ops) != c.evidence {
				t.Errorf("got\n%s\n(%s), want\n%s\n(%s)", got.Detail, names(got.Ops), c.detail, c.evidence)
			}
		})
	}
}

// As TestExplanationsAreProofs: with any answer as the culprit, no explanation may be
// given for a history that has a legal order.
func TestExplanationsOfLocksAreProofs(t *testing.T) {
	count, innocent := map[string]int{}, 0
	for seed := range uint64(4000) {
		h, ended := locking(SmallLocks(seed), seed)
		legal := Exclusive(h, ended)
		part := byInvocation(prepared(h, ended))
		for _, culprit := range part {
			if culprit.Outcome != history.OK {
				continue
			}
			e := spec.Lock().Explain(culprit, part)
			switch {
			case legal && e.Sentence != "":
				t.Fatalf("seed %d: a legal history is called impossible: %s: %s\n%v %v", seed, e.Anomaly, e.Sentence, part, ended)
			case legal:
				innocent++
			default:
				count[e.Anomaly]++
			}
		}
	}
	for _, anomaly := range []string{
		"two holders", "granted to its holder", "token not increasing", "released by another", "released without a grant", "released twice",
		"stale release", "holder refused", "not the holder", "free although held", "wrong holder", "stale inspect", "phantom token",
		"read from the future", "busy although free",
	} {
		if count[anomaly] < 5 {
			t.Errorf("%q was given %d times, too few to prove anything", anomaly, count[anomaly])
		}
	}
	if innocent < 10000 {
		t.Errorf("only %d answers of legal histories", innocent)
	}
	t.Log(count, innocent)
}

// The general explanation names answers that exclude each other: they do even if whatever
// else was known by then is in doubt, and all processes go on.
func TestAnswersNamedOfALockExcludeEachOther(t *testing.T) {
	tried := 0
	for seed := range uint64(1500) {
		shape := SmallLocks(seed)
		shape.Ops, shape.Doubts = 5, 1
		h, ended := locking(shape, seed)
		s := spec.Lock()
		s.Explain = nil
		r := judgeLocks(t, h, ended, s)
		if r.Verdict != checker.Violated || grantedTwice(h) {
			continue
		}
		if tried++; Exclusive(doubting(h, r.Ops), ended) {
			t.Fatalf("seed %d: they do not: %s\n%v\n%v", seed, r.Detail, h, ended)
		}
	}
	if tried < 200 {
		t.Errorf("only %d histories", tried)
	}
}

// grantedTwice: then brute force cannot tell to which of two grants a lapse belongs.
func grantedTwice(h []history.Op) bool {
	type grant struct {
		process int
		out     any
	}
	seen := map[grant]bool{}
	for _, o := range h {
		g := grant{o.Process, o.Output}
		if out, _ := o.Output.(ops.LockResult); out.Answer == ops.Granted && seen[g] {
			return true
		}
		seen[g] = true
	}
	return false
}

// doubting is the history up to the first of the answers named, with all others in doubt.
func doubting(h, named []history.Op) []history.Op {
	var view []history.Op
	for _, o := range h {
		isNamed := slices.ContainsFunc(named, func(n history.Op) bool { return n.ID == o.ID })
		switch {
		case o.Outcome == history.Failed || o.Invoked > named[0].Returned:
			continue
		case !isNamed:
			o.Outcome, o.Output, o.Returned = history.Unknown, nil, 0
		}
		view = append(view, o)
	}
	return view
}
