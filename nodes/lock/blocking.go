package lock

import (
	"time"

	"distsim/sim"
)

// Blocking lets straight-line code use a Session: each call waits for its answer. While
// it waits, other messages than those of the session are kept for later.
type Blocking struct {
	*Session
	p      *sim.Proc
	lapsed func()
	kept   []sim.Envelope
	got    *Answer
}

// part is the part that sessions of Procs run as.
const part = "locks"

// Attach gives a Proc a Session, which renews itself whatever the Proc waits for, in Ask,
// in sim.Call or asleep. Lapsed is called as soon as the lease has ended, in the middle of
// that. A Proc that was paused may go on before it is called, with what was due earlier: so
// look at Left, which is right at any time, before each act that wants the lock.
func Attach(p *sim.Proc, cfg Config, lapsed func()) *Blocking {
	b := &Blocking{p: p, lapsed: lapsed}
	b.Session = NewSession(cfg, b)
	p.Part(part).Attach(b.Session)
	return b
}

// notice wakes the Proc: its session has something to say.
type notice struct{}

// TypeName is what traces call it.
func (notice) TypeName() string { return "lock.notice" }

// Answered is the session's call.
func (b *Blocking) Answered(a Answer) {
	b.got = &a
	b.wake()
}

// Lapsed is the session's call.
func (b *Blocking) Lapsed() {
	b.lapsed()
	b.wake()
}

func (b *Blocking) wake() { b.p.Env.Send(b.p.ID(), notice{}) }

// Ask begins a request and waits for its answer:
//
//	a := b.Ask(func() { b.Try("l1") })
func (b *Blocking) Ask(begin func()) Answer {
	b.got = nil
	begin()
	for b.got == nil {
		b.keep(b.p.Recv())
	}
	return *b.got
}

// Rest waits for a time, or until done says so, which is asked whenever the session has had
// something to say.
func (b *Blocking) Rest(d time.Duration, done func() bool) {
	for end := b.p.Elapsed() + d; !done() && b.p.Elapsed() < end; {
		e, ok := b.p.RecvTimeout(end - b.p.Elapsed())
		if !ok {
			return
		}
		b.keep(e)
	}
}

// keep puts a message aside that is not the session's.
func (b *Blocking) keep(e sim.Envelope) {
	if _, own := e.Message.(notice); !own {
		b.kept = append(b.kept, e)
	}
}

// Kept are the messages that have come meanwhile.
func (b *Blocking) Kept() []sim.Envelope {
	all := b.kept
	b.kept = nil
	return all
}
