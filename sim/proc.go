package sim

import (
	"fmt"
	"iter"
	"runtime/debug" //simlint:allow os only captures a panicking Proc's stack
	"time"
)

// Proc is straight-line code on a machine: a client, a nemesis, a coordinator.
// It runs as a coroutine of the scheduler, never in parallel with anything. A
// Proc is a Node; its Env's effects work as in a handler.
type Proc struct {
	*Env
	fn      func(*Proc)
	next    func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
	mailbox []Envelope
	wants   wants
	got     Envelope
	timeout bool // the last wait ended by its timer
	running bool // its code is on the scheduler's stack
	ended   bool
}

// Envelope is a message with where its answer goes.
type Envelope struct {
	From    NodeID
	Message Message
	ReplyTo ReplyTo
}

// wants says what a suspended Proc waits for.
type wants uint8

const (
	wantsNothing wants = iota
	wantsMessage       // a message or timer key, or the timeout
	wantsReply         // the answer to the call, or the timeout
	wantsTime          // the timeout only
	wantsSync          // the notice of a blocking Sync
)

// Go is a build function whose node runs fn as a Proc from its boot on.
func Go(fn func(p *Proc)) func() Node {
	return func() Node { return NewProc(fn) }
}

// NewProc is a Proc that runs fn when it is booted; for Env.Attach.
func NewProc(fn func(p *Proc)) *Proc { return &Proc{fn: fn} }

// ProcPanic is a panic of a Proc's code, with the stack it happened on.
type ProcPanic struct {
	Value any
	Stack []byte
}

// Error makes an uncaught ProcPanic print what happened where.
func (p *ProcPanic) Error() string { return fmt.Sprintf("%v\n%s", p.Value, p.Stack) }

// killed unwinds a Proc that a fault has ended.
type killed struct{}

// procDue is the private timer of Sleep and of timeouts, procDone the notice of
// a blocking Sync.
type (
	procDue  struct{}
	procDone struct{}
)

func (procDue) TypeName() string  { return "sim.wake" }
func (procDone) TypeName() string { return "sim.durable" }

// Step is the scheduler's side: it starts the coroutine and wakes it when what
// it waits for has come.
func (p *Proc) Step(env *Env, from NodeID, m Message) {
	switch m.(type) {
	case Boot:
		p.start(env)
		return
	case procDue:
		p.timeout = true
	case procDone:
		assert(p.wants == wantsSync, "a Proc was told of a sync it did not wait for")
	default:
		if !p.deliver(Envelope{from, m, env.replyTo}, env.gotReply) {
			return
		}
	}
	// Straight from here into the coroutine: a processor predicts where a function
	// returns to by who called it, and each return that a switch of stacks has come
	// between is predicted wrong. So every call in between would cost dear.
	p.wants = wantsNothing
	p.proceed()
}

// deliver gives the Proc a message that it waits for, or keeps it until Recv. It
// reports whether the wait is over.
func (p *Proc) deliver(e Envelope, reply bool) bool {
	switch {
	case p.ended:
		return false
	case reply || p.wants == wantsMessage:
		p.got = e
		return true
	default:
		p.mailbox = append(p.mailbox, e)
		return false
	}
}

func (p *Proc) start(env *Env) {
	p.Env = env
	env.proc = p
	if env.m.id.IsClient() {
		env.w.open++
	}
	p.next, p.stop = iter.Pull(p.body)
	p.proceed()
}

// body is the coroutine.
func (p *Proc) body(yield func(struct{}) bool) {
	p.yield = yield
	defer func() {
		p.finish()
		switch r := recover(); r.(type) {
		case nil, killed:
		case *ProcPanic:
			panic(r)
		default:
			if !p.dead { // a process that is dead cannot panic any more
				panic(&ProcPanic{r, debug.Stack()})
			}
		}
	}()
	p.fn(p)
}

func (p *Proc) finish() {
	p.ended = true
	if p.m.id.IsClient() {
		p.w.open--
	}
}

// proceed runs the coroutine until it waits again.
func (p *Proc) proceed() {
	p.running = true
	p.next()
	p.running = false
}

// wait suspends the coroutine until Step wakes it.
func (p *Proc) wait(what wants) {
	p.wants = what
	if p.dead || !p.yield(struct{}{}) || p.dead {
		unwind()
	}
}

// waitFor is wait that ends after d on the machine's monotonic clock.
func (p *Proc) waitFor(what wants, d time.Duration) (inTime bool) {
	p.Arm(procDue{}, max(d, 0))
	p.timeout = false
	p.wait(what)
	p.disarm(procDue{})
	return !p.timeout
}

func (p *Proc) suspend() {
	if !p.yield(struct{}{}) || p.dead {
		unwind()
	}
}

// unwind ends the code of a Proc that is dead.
func unwind() { panic(killed{}) }

// running is the Proc whose code runs on m now, or nil. Where one Proc booted
// another that has not waited yet it is the outer one: suspending that one
// suspends both.
func (m *machine) running() *Proc {
	for _, e := range m.envs {
		if e != nil && e.proc != nil && e.proc.running {
			return e.proc
		}
	}
	return nil
}

// kill ends a Proc. From outside, its coroutine is stopped and unwinds; from
// its own code it must not be (the coroutine would wait for itself, and leak),
// so there the caller panics with killed, or the next wait does.
func (p *Proc) kill() {
	if !p.running && p.stop != nil {
		p.stop()
	}
}

// Recv waits for the next message or timer key.
func (p *Proc) Recv() Envelope {
	if len(p.mailbox) == 0 {
		p.wait(wantsMessage)
		return p.took(p.got)
	}
	return p.take()
}

// RecvTimeout is Recv that gives up after d; ok is false then.
func (p *Proc) RecvTimeout(d time.Duration) (e Envelope, ok bool) {
	if len(p.mailbox) > 0 {
		return p.take(), true
	}
	if !p.waitFor(wantsMessage, d) {
		return Envelope{}, false
	}
	return p.took(p.got), true
}

func (p *Proc) take() Envelope {
	e := p.mailbox[0]
	p.mailbox = p.mailbox[1:]
	return p.took(e)
}

func (p *Proc) took(e Envelope) Envelope {
	p.Env.replyTo = e.ReplyTo
	return e
}

// Sleep waits for d on the machine's monotonic clock.
func (p *Proc) Sleep(d time.Duration) { p.waitFor(wantsTime, d) }

// Sync makes the earlier writes of a file durable and waits until they are.
func (p *Proc) Sync(f File) error { return p.durable(f.Sync()) }

// SyncDir makes creations, renames and removals durable and waits until they are.
func (p *Proc) SyncDir() error { return p.durable(p.Env.SyncDir()) }

// durable waits for the sync that was just issued: a message to oneself leaves
// when it is done.
func (p *Proc) durable(err error) error {
	if err == nil {
		p.Send(p.ID(), procDone{})
		p.wait(wantsSync)
	}
	return err
}

// Call sends a request and waits for its answer, at most timeout on the
// caller's monotonic clock. A later answer is dropped and recorded as late;
// other messages wait in the mailbox. An answer that is not an R is a bug and
// panics.
func Call[R any](p *Proc, to NodeID, req Message, timeout time.Duration) (R, bool) {
	reply, ok := p.call(to, req, timeout)
	if !ok {
		var none R
		return none, false
	}
	r, is := reply.(R)
	if !is {
		panic(fmt.Sprintf("sim: %v answered %T with %T, want %T", to, req, reply, r))
	}
	return r, true
}

func (p *Proc) call(to NodeID, req Message, timeout time.Duration) (Message, bool) {
	if p.effect() {
		p.m.calls++
		p.awaiting = p.m.calls
		p.w.send(&outgoing{env: p.Env, to: to, part: p.part, msg: req, cause: p.w.cause, cause2: p.w.cause2, call: p.awaiting})
	}
	answered := p.waitFor(wantsReply, timeout)
	p.awaiting = 0
	return p.got.Message, answered
}
