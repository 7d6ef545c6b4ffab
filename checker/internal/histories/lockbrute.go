package histories

import (
	"maps"
	"slices"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Ended is the instant, by sequence number, at which a process saw its lease end on the
// hold of a lock that it was granted under a token.
type Ended struct {
	Lock    string
	Process int
	Token   uint64
	Seq     uint64
}

// Exclusive is Linearizable for locks with leases. The end of a lease is an instant of its
// own here, which has its place in the order; and so has the lapse of the hold,
// which may follow at any time after it, or never.
func Exclusive(h []history.Op, ended []Ended) bool {
	parts := map[string][]history.Op{}
	for _, o := range h {
		name := o.Input.(ops.Lock).Name
		parts[name] = append(parts[name], o)
		if acquires(o.Input.(ops.Lock)) && o.Outcome == history.Unknown {
			parts[name] = append(parts[name], Doubt(0, 0, o.Invoked, lapse{process: o.Process, untold: true}))
		}
	}
	for _, e := range ended {
		parts[e.Lock] = append(parts[e.Lock],
			Done(0, 0, e.Seq, e.Seq, leaseEnd{e.Process, e.Token}, nil),
			Doubt(0, 0, e.Seq, lapse{process: e.Process, token: e.Token}))
	}
	for _, part := range parts {
		start := hold{ended: map[leaseEnd]bool{}}
		bound := greatestToken(part) + uint64(len(part))
		if !place(part, make([]bool, len(part)), start, func(l hold, o history.Op) []hold { return l.after(o, bound) }) {
			return false
		}
	}
	return true
}

func acquires(in ops.Lock) bool { return in.Kind == ops.Try || in.Kind == ops.Acquire }

func greatestToken(part []history.Op) uint64 {
	var greatest uint64
	for _, o := range part {
		in, _ := o.Input.(ops.Lock)
		out, _ := o.Output.(ops.LockResult)
		greatest = max(greatest, in.Token, out.Token)
	}
	return greatest
}

// leaseEnd and lapse are what happens to a hold without anybody asking for it.
type (
	leaseEnd struct {
		process int
		token   uint64
	}
	lapse struct {
		process int
		token   uint64
		untold  bool // the hold is of an acquisition that was never answered; its token is not known
	}
)

// hold is one lock.
type hold struct {
	held   bool
	by     int
	token  uint64
	untold bool   // granted, and nobody told
	last   uint64 // token
	shown  bool   // a token was shown to somebody
	ended  map[leaseEnd]bool
}

// after gives the states that an operation may leave.
func (l hold) after(o history.Op, bound uint64) []hold {
	switch in := o.Input.(type) {
	case leaseEnd:
		l.ended = maps.Clone(l.ended)
		l.ended[in] = true
		return []hold{l}
	case lapse:
		itsOwn := l.held && l.by == in.process && l.untold == in.untold && (in.untold || l.token == in.token)
		return only(l.free(), itsOwn)
	case ops.Lock:
		if o.Outcome != history.OK {
			return l.afterSilence(in, o.Process, bound)
		}
		return l.afterAnswer(in, o.Process, o.Output.(ops.LockResult))
	}
	panic("no operation on a lock")
}

func (l hold) free() hold {
	l.held, l.by, l.token, l.untold = false, 0, 0, false
	return l
}

// afterSilence: an operation that was never answered, and took effect.
func (l hold) afterSilence(in ops.Lock, process int, bound uint64) []hold {
	switch {
	case in.Kind == ops.Release:
		return only(l.free(), l.held && l.by == process && l.token == in.Token)
	case in.Kind == ops.Inspect || l.held:
		return nil
	}
	var next []hold
	for token := l.last + 1; token <= bound; token++ {
		n := l
		n.held, n.by, n.untold, n.token, n.last = true, process, true, token, token
		next = append(next, n)
	}
	return next
}

func (l hold) afterAnswer(in ops.Lock, process int, out ops.LockResult) []hold {
	mine := l.held && l.by == process
	over := l.ended[leaseEnd{process, l.token}] // of what is mine, as I saw it
	if !slices.Contains(answersTo(in.Kind), out.Answer) || out.Answer < ops.Granted {
		return nil
	}
	next, right := l, true
	switch out.Answer {
	case ops.Granted:
		right = !l.held && (out.Token > l.last || out.Token == 0 && !l.shown)
		next.held, next.by, next.token, next.last = true, process, out.Token, max(l.last, out.Token)
		next.shown = l.shown || out.Token > 0
	case ops.Busy:
		right = l.held && (!mine || over)
	case ops.AlreadyHeld:
		right = mine
	case ops.Released:
		right = mine && l.token == in.Token
		next = l.free()
	case ops.NotOwner:
		right = !mine || l.token != in.Token || over
	case ops.Seen:
		right = l.held == (out.Token != 0) && (!l.held || l.token == out.Token)
		next.shown = l.shown || out.Token > 0
	}
	return only(next, right)
}

// answersTo lists the answers that operations of a kind can have.
func answersTo(k ops.LockKind) []ops.LockAnswer {
	return map[ops.LockKind][]ops.LockAnswer{
		ops.Try:     {ops.Granted, ops.Busy, ops.AlreadyHeld},
		ops.Acquire: {ops.Granted, ops.TimedOut, ops.AlreadyHeld},
		ops.Release: {ops.Released, ops.NotOwner},
		ops.Inspect: {ops.Seen},
	}[k]
}
