package spec

import (
	"fmt"

	"distsim/checker"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Held is the state of one lock.
type Held struct {
	owner int    // a process, or one of the two below
	token uint64 // that it is held under; 0: an unknown one, or none
	ends  uint64 // the hold may lapse from this sequence number on; never: it may not
	last  uint64 // the greatest token known to have been granted
	later uint64 // how many grants came after that one, under tokens unknown
	since uint64 // whatever follows takes effect after this sequence number
	used  int    // how many acquisitions that were never answered took effect
}

// Owners that are no process.
const (
	nobody  = -1 // the lock is free
	retired = -2 // a process that was never answered; all of these are alike
)

// Lock specifies a lock with leases and fencing tokens, over histories prepared by
// LockOps: tokens increase, there is one holder at a time, and it holds the lock
// until it has released it or its hold has lapsed. Locks are judged one by one.
//
// Locks without tokens grant token 0; they cannot be inspected.
//
// A lapse is not an operation. A hold may lapse at any instant after its holder's own
// view of the lease has ended; nobody is told, and a search that had to find the place of
// each lapse would be much longer. Here a hold lapses when an operation needs the lock
// free. Nothing is lost: take a legal order with lapses in it, and put each off until
// right before the first operation that needs the lock free. What it passes over is legal
// of a free lock and does not take it: not busy, already held, released or seen held, which
// are illegal; but timed out, or not owner, and these are legal of the held lock too, not
// owner even for the holder, as its lease has ended. Nothing is gained either: a lapse has
// an instant at its place in the order if and only if all that follow it can be after
// ends, so the state remembers that they must be (since).
func Lock() checker.Spec[Held, LockOp, ops.LockResult] {
	return checker.Spec[Held, LockOp, ops.LockResult]{
		Name:      "lock",
		Init:      func() Held { return Held{owner: nobody} },
		Step:      stepLock,
		Equal:     func(a, b Held) bool { return a == b },
		Hash:      Held.hash,
		Valid:     validLock,
		Partition: func(in LockOp) string { return in.Name },
		ReadOnly:  func(in LockOp) bool { return in.Kind == ops.Inspect },
		Matters:   lockMatters,
		Explain:   explainLock,
	}
}

func validLock(in LockOp) error {
	switch {
	case in.Kind < ops.Try || in.Kind > ops.Inspect:
		return fmt.Errorf("%d is not a kind of operation on a lock", in.Kind)
	case in.process < 0:
		return fmt.Errorf("process %d is negative", in.process)
	}
	return nil
}

func (l Held) hash() uint64 {
	h := uint64(14695981039346656037)
	for _, x := range [...]uint64{uint64(l.owner), l.token, l.last, l.later, l.since, uint64(l.used)} {
		h = (h ^ x) * 1099511628211
	}
	return h
}

func stepLock(l Held, in LockOp, out ops.LockResult, known bool) (Held, bool) {
	switch {
	case !known:
		return l.doubt(in), true
	case in.returned < l.since || !fits(in.Kind, out.Answer):
		return l, false
	}
	mine := l.owner == in.process
	switch out.Answer {
	case ops.Granted:
		return l.grant(in, out.Token)
	case ops.Busy:
		if mine {
			return l.ended(in) // its next session finds that it still holds the lock
		}
		return l, l.owner != nobody
	case ops.AlreadyHeld:
		return l, mine
	case ops.Released:
		under, ok := l.under(in.Token)
		return under.free(), ok && mine
	case ops.NotOwner:
		if mine && l.token == in.Token {
			return l.ended(in)
		}
		return l, true
	case ops.Seen:
		if out.Token == 0 {
			return l.freed(in.returned)
		}
		return l.under(out.Token)
	default: // timed out: others held it for as long as the caller cared
		return l, true
	}
}

// fits reports whether operations of the kind can be answered so.
func fits(k ops.LockKind, a ops.LockAnswer) bool {
	switch a {
	case ops.Granted, ops.AlreadyHeld:
		return k == ops.Try || k == ops.Acquire
	case ops.Busy:
		return k == ops.Try
	case ops.TimedOut:
		return k == ops.Acquire
	case ops.Released, ops.NotOwner:
		return k == ops.Release
	default:
		return a == ops.Seen && k == ops.Inspect
	}
}

// grant takes the lock. A token must leave room for those granted before that nobody
// knows.
func (l Held) grant(in LockOp, token uint64) (Held, bool) {
	next, ok := l.freed(in.returned)
	if !ok || token <= l.last+l.later && (token != 0 || l.last != 0) {
		return l, false
	}
	next.owner, next.token, next.ends = in.process, token, in.ends
	if token != 0 {
		next.last, next.later = token, 0
	}
	return next, true
}

// doubt is the effect of an operation in doubt. Where it can have one it has: that
// it had none here is the same as coming elsewhere.
//
// One that was never answered is told from one that is only doubted for now, whose
// process goes on. LockOps has made the never answered releases lapses. Never answered
// acquisitions may as well take effect in the order of their invocation: nobody can
// tell them apart, so in a legal order with others, the k-th of them can be replaced by
// the k-th invoked. And none need take the place of another whose token nobody has seen.
func (l Held) doubt(in LockOp) Held {
	switch in.Kind {
	case ops.Release:
		if under, ok := l.under(in.Token); ok && in.answered() && l.owner == in.process {
			return under.free()
		}
		return l
	case ops.Inspect:
		return l
	}
	next, ok := l.freed(never)
	next.owner, next.token, next.ends = in.process, 0, 0
	next.later++
	if !in.answered() {
		ok = ok && in.rank == l.used+1 && (l.owner != retired || l.token != 0)
		next.owner, next.used = retired, in.rank
	}
	if !ok {
		return l
	}
	return next
}

// free is the state after the hold.
func (l Held) free() Held {
	l.owner, l.token, l.ends = nobody, 0, 0
	return l
}

// freed is the state if the lock is free for an operation that returned then, by a lapse
// if need be.
func (l Held) freed(returned uint64) (next Held, ok bool) {
	switch {
	case l.owner == nobody:
		return l, true
	case l.ends == never || returned < l.ends:
		return l, false
	}
	l.since = max(l.since, l.ends)
	return l.free(), true
}

// ended is the state if the operation can follow the end of the lease as its holder saw
// it; the hold itself stays.
func (l Held) ended(in LockOp) (next Held, ok bool) {
	if l.ends == never || in.returned < l.ends {
		return l, false
	}
	l.since = max(l.since, l.ends)
	return l, true
}

// under is the state if the lock can be held under the token, which is known from then on.
func (l Held) under(token uint64) (next Held, ok bool) {
	unknown := l.owner != nobody && l.token == 0 && l.ends == 0
	switch {
	case l.owner == nobody:
		return l, false
	case l.token == token:
		return l, true
	case !unknown || token < l.last+l.later:
		return l, false
	}
	l.token, l.last, l.later = token, token, 0
	return l, true
}

// lockMatters implements checker.Spec.Matters for locks. Only acquisitions that were
// never answered can make a difference. In a legal order where each comes as late as it
// can, it is followed at once by an answer that needs its hold, or it is left out: any
// other operation that is legal after it is so before it, as its hold may lapse at any
// time. Such answers are busy, and seen held under a token that no answer granted.
func lockMatters(part []history.Op) func(history.Op) (uint64, bool) {
	granted := map[uint64]bool{}
	for _, o := range part {
		if out, ok := o.Output.(ops.LockResult); ok && out.Answer == ops.Granted {
			granted[out.Token] = true
		}
	}
	var needs []history.Op // by invocation
	for _, o := range part {
		out, ok := o.Output.(ops.LockResult)
		if ok && (out.Answer == ops.Busy || out.Answer == ops.Seen && out.Token != 0 && !granted[out.Token]) {
			needs = append(needs, o)
		}
	}
	return func(unknown history.Op) (from uint64, ever bool) {
		if in := unknown.Input.(LockOp); in.answered() {
			return unknown.Invoked, true // only doubted for now
		} else if in.Kind == ops.Release {
			return 0, false
		}
		for _, x := range needs {
			if x.Returned >= unknown.Invoked {
				return x.Invoked, true
			}
		}
		return 0, false
	}
}
