package spec

import (
	"math/rand/v2"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

type brokenLock = func(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool)

// answering is a specification that is wrong about one kind of answer.
func answering(a ops.LockAnswer, broken brokenLock) brokenLock {
	return func(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
		if known && out.Answer == a {
			return broken(l, in, out, known)
		}
		return stepLock(l, in, out, known)
	}
}

// seeing is a specification that takes the state for another.
func seeing(change func(l Held) Held) brokenLock {
	return func(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
		next, ok := stepLock(change(l), in, out, known)
		return next, ok
	}
}

func always(l Held, _ LockOp, _ ops.LockResult, _ bool) (Held, bool) { return l, true }

func wrongAt(a ops.LockAnswer, change func(l Held, in LockOp) (Held, LockOp)) brokenLock {
	return answering(a, func(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
		l, in = change(l, in)
		return stepLock(l, in, out, known)
	})
}

// brokenLocks are specifications with one rule left out.
var brokenLocks = map[string]brokenLock{
	"a lapse needs no instant":             seeing(func(l Held) Held { l.since = 0; return l }),
	"a hold may lapse at any time":         seeing(func(l Held) Held { l.ends = 0; return l }),
	"no lease ends":                        seeing(noLeaseEnds),
	"a hold nobody was told of stays":      seeing(untoldStays),
	"tokens may decrease":                  wrongAt(ops.Granted, func(l Held, in LockOp) (Held, LockOp) { l.last, l.later = 0, 0; return l, in }),
	"nobody else was granted a token":      seeing(func(l Held) Held { l.later = 0; return l }),
	"the holder is granted the lock again": wrongAt(ops.Granted, freeIfMine),
	"anybody may be granted the lock":      wrongAt(ops.Granted, func(l Held, in LockOp) (Held, LockOp) { return l.free(), in }),
	"anybody may release":                  wrongAt(ops.Released, func(l Held, in LockOp) (Held, LockOp) { in.process = l.owner; return l, in }),
	"any token may be released":            wrongAt(ops.Released, func(l Held, in LockOp) (Held, LockOp) { in.Token = l.token; return l, in }),
	"a release leaves the lock held":       answering(ops.Released, releasesNothing),
	"busy is always right":                 answering(ops.Busy, always),
	"a lapsed holder is never busy":        wrongAt(ops.Busy, lapsesNever),
	"a holder is busy at any time":         wrongAt(ops.Busy, lapsesAtOnce),
	"already held is always right":         answering(ops.AlreadyHeld, always),
	"not owner is always right":            answering(ops.NotOwner, always),
	"a lapsed holder is the owner":         wrongAt(ops.NotOwner, lapsesNever),
	"a lapsed holder never was the owner":  wrongAt(ops.NotOwner, lapsesAtOnce),
	"whatever an inspection saw":           answering(ops.Seen, always),
	"an inspection teaches nothing":        answering(ops.Seen, teachesNothing),
	"a lapsed hold is seen":                wrongAt(ops.Seen, lapsesNever),
	"what is in doubt never happened":      inDoubt(always),
	"what is in doubt takes the lock":      inDoubt(takesAnyway),
	"what is in doubt is granted no token": inDoubt(grantsNoToken),
	"one only may be in doubt":             inDoubt(onlyTheFirst),
}

func noLeaseEnds(l Held) Held {
	if l.owner >= 0 {
		l.ends = never
	}
	return l
}

func untoldStays(l Held) Held {
	if l.owner == retired && l.token != 0 {
		l.ends = never
	}
	return l
}

func freeIfMine(l Held, in LockOp) (Held, LockOp) {
	if l.owner == in.process {
		l = l.free()
	}
	return l, in
}

func lapsesNever(l Held, in LockOp) (Held, LockOp) { return stay(l), in }

func stay(l Held) Held {
	l.ends = never
	return l
}

func lapsesAtOnce(l Held, in LockOp) (Held, LockOp) {
	if l.ends != never {
		l.ends = 0
	}
	return l, in
}

func releasesNothing(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	_, ok := stepLock(l, in, out, known)
	return l, ok
}

func teachesNothing(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	next, ok := stepLock(l, in, out, known)
	if next.owner == nobody {
		return next, ok
	}
	return l, ok
}

func inDoubt(broken brokenLock) brokenLock {
	return func(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
		if !known {
			return broken(l, in, out, known)
		}
		return stepLock(l, in, out, known)
	}
}

func onlyTheFirst(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	if in.rank > 1 {
		return l, true
	}
	return stepLock(l, in, out, known)
}

func takesAnyway(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	return stepLock(l.free(), in, out, known)
}

func grantsNoToken(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	next, ok := stepLock(l, in, out, known)
	next.later = l.later
	return next, ok
}

// A wrong specification must be noticed by TestLockAgreesWithBruteForce, whichever rule is
// wrong.
func TestBrokenLocksDisagreeWithBruteForce(t *testing.T) {
	var cases []lockCase
	for name, broken := range brokenLocks {
		t.Run(name, func(t *testing.T) {
			s := Lock()
			s.Step, s.Explain = broken, nil
			for seed := 0; seed < 4000; seed++ {
				if seed == len(cases) {
					cases = append(cases, smallCase(uint64(seed)))
				}
				results, err := checker.Linearizable(cases[seed].h, s, 0)
				if err != nil {
					t.Fatal(err)
				}
				if (checker.Merge(results).Verdict == checker.Holds) != cases[seed].legal {
					return
				}
			}
			t.Error("no history told it from the right specification")
		})
	}
}

type lockCase struct {
	h     []history.Op
	legal bool
}

func smallCase(seed uint64) lockCase {
	h, ended := histories.RandomLocks(histories.SmallLocks(seed), rand.New(rand.NewPCG(seed, 1)).IntN)
	lapses := make([]Lapse, len(ended))
	for i, e := range ended {
		lapses[i] = Lapse(e)
	}
	return lockCase{LockOps(h, lapses), histories.Exclusive(h, ended)}
}
