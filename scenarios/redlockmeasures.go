package scenarios

import (
	"cmp"
	"slices"
	"time"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// The measures of locks without tokens: the same as of those with, in whose history
// tokens say who came next.

// retries is how often clients asked again, for each lock that they asked for.
const retries = "retries per acquire"

// measureRedlock takes the figures of every run.
func measureRedlock(b *Build) {
	w := b.World
	b.SamplesOf(grantTook, func(add func(time.Duration)) {
		for _, g := range grantsOf(w.History()) {
			add(g.op.ReturnedAt - g.op.InvokedAt)
		}
	})
	b.SamplesOf(handOver, func(add func(time.Duration)) { turnsTaken(w.History(), add) })
	b.Ratio(notInTime, func() (num, den int64) {
		for _, op := range w.History() {
			if answered(op) == ops.TimedOut {
				num++
			}
		}
		return num, acquires(w.History())
	})
	b.Ratio(overtaken, func() (num, den int64) { return overtakes(w.History()) })
	b.Ratio(retries, func() (num, den int64) {
		for _, id := range w.Clients() {
			if c, ok := w.Node(id).(interface{ Attempts() int64 }); ok {
				num += c.Attempts()
			}
		}
		den = acquires(w.History())
		return num - den, den
	})
	measureOverlap(b)
}

// acquires counts the operations that ask for a lock and wait.
func acquires(h []history.Op) (n int64) {
	for _, op := range h {
		if l, ok := op.Input.(ops.Lock); ok && l.Kind == ops.Acquire {
			n++
		}
	}
	return n
}

// answered is the answer to an operation on a lock, 0 without one.
func answered(op history.Op) ops.LockAnswer {
	r, _ := op.Output.(ops.LockResult)
	return r.Answer
}

// turn is an end of an operation, or its beginning.
type turn struct {
	seq   uint64
	at    time.Duration
	op    history.Op
	begin bool
}

// turnsTaken are the times from when a holder asks to give its lock back, and somebody
// waits for it, to when the next has it.
func turnsTaken(h []history.Op, add func(time.Duration)) {
	type state struct {
		waiting  int
		released time.Duration
		free     bool // it was released while somebody waited, and not granted since
	}
	locks := map[string]*state{}
	for _, t := range turns(h) {
		l := t.op.Input.(ops.Lock)
		if locks[l.Name] == nil {
			locks[l.Name] = &state{}
		}
		s := locks[l.Name]
		switch {
		case l.Kind == ops.Release && t.begin:
			s.free, s.released = s.waiting > 0, t.at
		case l.Kind != ops.Acquire:
		case t.begin:
			s.waiting++
		default:
			s.waiting--
			if s.free && answered(t.op) == ops.Granted {
				s.free = false
				add(t.at - s.released)
			}
		}
	}
}

// turns are the beginnings and ends of all operations on locks, in order.
func turns(h []history.Op) (all []turn) {
	for _, op := range h {
		if _, ok := op.Input.(ops.Lock); !ok {
			continue
		}
		all = append(all, turn{op.Invoked, op.InvokedAt, op, true})
		if op.Returned != 0 {
			all = append(all, turn{op.Returned, op.ReturnedAt, op, false})
		}
	}
	slices.SortFunc(all, func(a, b turn) int { return cmp.Compare(a.seq, b.seq) })
	return all
}
