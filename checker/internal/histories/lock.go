package histories

import (
	"fmt"
	"slices"
	"time"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// LockState is a lock at a service that does what it is told.
type LockState struct {
	Owner Caller // zero: free
	Token uint64 // granted last
}

// Caller is a session of a client; from 1.
type Caller struct{ Client, Session int }

// Decide carries out an operation on the lock. An acquisition that has to wait is
// answered TimedOut.
func (l LockState) Decide(by Caller, in ops.Lock) (LockState, ops.LockResult) {
	free, mine := l.Owner == Caller{}, l.Owner == by
	switch {
	case in.Kind == ops.Inspect && free:
		return l, SeenFree()
	case in.Kind == ops.Inspect:
		return l, SeenUnder(l.Token)
	case in.Kind == ops.Release && mine && l.Token == in.Token:
		return LockState{Token: l.Token}, Said(ops.Released)
	case in.Kind == ops.Release:
		return l, Said(ops.NotOwner)
	case free:
		return LockState{by, l.Token + 1}, Grant(l.Token + 1)
	case mine:
		return l, Said(ops.AlreadyHeld)
	case in.Kind == ops.Try:
		return l, Said(ops.Busy)
	default:
		return l, Said(ops.TimedOut)
	}
}

// LockShape says what a random history of locks looks like. Shares are in percent.
type LockShape struct {
	Clients, Locks, Ops int
	Inspects            int  // share of inspections
	Doubt               int  // share of operations never answered; half of them take effect later
	Doubts              int  // and how many at most; 0 means any number
	Failed              int  // share of operations refused
	Lies                int  // share of answers that a broken service might give
	Lapses              int  // share of turns in which a client's lease ends
	SameSession         bool // a client whose lease ended goes on with its session

	// Broken replaces Decide, if not nil.
	Broken func(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult)
}

// SmallLocks are such that brute force can judge them.
func SmallLocks(seed uint64) LockShape {
	return LockShape{
		Clients: 3, Locks: 1, Ops: 7, Inspects: 15 * int(seed%2), Doubt: 20, Doubts: 3, Failed: 5,
		Lies: 20 * int(seed%3), Lapses: 15, SameSession: seed%5 == 0,
	}
}

// RandomLocks runs closed-loop clients against a service, each operation taking effect
// somewhere between its ends, and then lies about some answers. Leases end when they do, and
// the service ends the hold some time later. It tells the ends of leases, too.
func RandomLocks(s LockShape, draw func(n int) int) ([]history.Op, []Ended) {
	k := &locksmith{LockShape: s, draw: draw, locks: make([]LockState, s.Locks), clients: make([]lockClient, s.Clients)}
	for i := range k.clients {
		k.clients[i].session = 1
		k.clients[i].held = make([]uint64, s.Locks)
		k.clients[i].once = make([]uint64, s.Locks)
	}
	for k.begun < s.Ops || slices.ContainsFunc(k.clients, func(c lockClient) bool { return c.stage != idle }) {
		k.turn(draw(s.Clients))
	}
	return k.done, k.ended
}

type locksmith struct {
	LockShape
	draw    func(int) int
	locks   []LockState
	clients []lockClient
	begun   int
	doubts  int
	clock   uint64
	done    []history.Op
	ended   []Ended
	late    []lateLock // in doubt and still to take effect
	over    []Caller   // sessions whose holds the service may end
}

type lockClient struct {
	client
	session int
	lock    int      // of the operation under way
	held    []uint64 // tokens, as it sees it
	once    []uint64 // tokens that it has held
}

type lateLock struct {
	by   Caller
	lock int
	in   ops.Lock
}

func (k *locksmith) chance(percent int) bool { return percent > 0 && k.draw(100) < percent }

// turn moves one client on, and perhaps time.
func (k *locksmith) turn(i int) {
	c := &k.clients[i]
	switch {
	case k.chance(k.Lapses) && k.mayLapse(c):
		k.lapse(i)
	case c.stage == idle && k.begun == k.Ops:
	case c.stage == idle:
		k.ask(i)
	case c.stage == asked:
		k.effect(i)
	default:
		k.answer(i)
	}
	if len(k.late) > 0 && k.chance(20) {
		l := k.late[0]
		k.late = k.late[1:]
		k.decide(l.lock, l.by, l.in)
		k.over = append(k.over, l.by)
	}
	if len(k.over) > 0 && k.chance(15) {
		k.end(k.over[k.draw(len(k.over))])
	}
}

// mayLapse: what is asked for when a lease ends is not granted afterwards.
func (k *locksmith) mayLapse(c *lockClient) bool {
	in, _ := c.op.Input.(ops.Lock)
	return slices.Max(c.held) > 0 && (c.stage == idle || !acquires(in))
}

// lapse ends the client's lease as the client sees it.
func (k *locksmith) lapse(i int) {
	c := &k.clients[i]
	k.clock++
	for l, token := range c.held {
		if token > 0 {
			k.ended = append(k.ended, Ended{lockName(l), k.process(i), token, k.clock})
			c.held[l] = 0
		}
	}
	k.over = append(k.over, Caller{i + 1, c.session})
	if !k.SameSession {
		c.session++
	}
}

// end ends all holds of a session.
func (k *locksmith) end(by Caller) {
	for i := range k.locks {
		c := &k.clients[by.Client-1]
		granted := c.held[i] == k.locks[i].Token || c.stage == applied && c.lock == i
		live := c.session == by.Session && granted // a lapsed one that goes on, and was granted it again
		if k.locks[i].Owner == by && !live {
			k.locks[i].Owner = Caller{}
		}
	}
}

func lockName(i int) string { return fmt.Sprintf("l%d", i+1) }

func (k *locksmith) process(i int) int { return i + 1 + k.Clients*k.clients[i].proc }

func (k *locksmith) ask(i int) {
	c := &k.clients[i]
	k.begun++
	k.clock++
	c.n++
	c.stage, c.lock = asked, k.draw(k.Locks)
	id := history.ID{Client: i + 1, N: c.n}
	c.op = history.Op{ID: id, Process: k.process(i), Input: k.input(c), Invoked: k.clock}
}

func (k *locksmith) input(c *lockClient) ops.Lock {
	in := ops.Lock{Name: lockName(c.lock)}
	held, once := c.held[c.lock], c.once[c.lock]
	switch {
	case k.chance(k.Inspects):
		in.Kind = ops.Inspect
	case k.chance(5): // of a token that it may never have seen
		in.Kind, in.Token = ops.Release, 1+uint64(k.draw(1+int(k.locks[c.lock].Token)))
	case held > 0 && !k.chance(10):
		in.Kind, in.Token = ops.Release, held
	case once > 0 && k.chance(15):
		in.Kind, in.Token = ops.Release, once
	case k.draw(2) == 0:
		in.Kind = ops.Try
	default:
		in.Kind, in.Wait = ops.Acquire, time.Second
	}
	return in
}

func (k *locksmith) decide(lock int, by Caller, in ops.Lock) (out ops.LockResult) {
	decide := LockState.Decide
	if k.Broken != nil {
		decide = k.Broken
	}
	k.locks[lock], out = decide(k.locks[lock], by, in)
	return out
}

func (k *locksmith) effect(i int) {
	c := &k.clients[i]
	in, by := c.op.Input.(ops.Lock), Caller{i + 1, c.session}
	c.stage = applied
	switch {
	case k.chance(k.Failed):
		c.op.Outcome = history.Failed
	case (k.Doubts == 0 || k.doubts < k.Doubts) && k.chance(k.Doubt):
		k.doubts++
		if k.draw(2) == 0 {
			k.late = append(k.late, lateLock{by, c.lock, in})
		}
	case in.Kind == ops.Acquire && k.waits(c.lock, by):
		c.stage = asked
	default:
		c.op.Output, c.op.Outcome = k.decide(c.lock, by, in), history.OK
	}
	if c.stage == applied && c.op.Outcome != history.Failed && in.Kind == ops.Release && in.Token == c.held[c.lock] {
		c.held[c.lock] = 0
	}
}

// waits reports whether an acquisition waits on.
func (k *locksmith) waits(lock int, by Caller) bool {
	owner := k.locks[lock].Owner
	return owner != Caller{} && owner != by && k.chance(70)
}

func (k *locksmith) answer(i int) {
	c := &k.clients[i]
	c.stage = idle
	k.clock++
	if c.op.Outcome == history.Unknown {
		k.done = append(k.done, c.op)
		k.retire(i)
		return
	}
	if c.op.Outcome == history.OK && k.chance(k.Lies) {
		c.op.Output = k.lie(c)
	}
	c.op.Returned = k.clock
	k.done = append(k.done, c.op)
	if out, _ := c.op.Output.(ops.LockResult); out.Answer == ops.Granted {
		c.held[c.lock], c.once[c.lock] = out.Token, out.Token
	}
}

// retire goes on as another process, with another session.
func (k *locksmith) retire(i int) {
	c := &k.clients[i]
	session := c.session
	k.lapse(i)
	c.session, c.proc = session+1, c.proc+1
}

// lie is an answer such as a broken service might give.
func (k *locksmith) lie(c *lockClient) ops.LockResult {
	in := c.op.Input.(ops.Lock)
	answers := answersTo(in.Kind)
	out := ops.LockResult{Answer: answers[k.draw(len(answers))]}
	if out.Answer == ops.Granted || out.Answer == ops.Seen && k.draw(3) > 0 {
		token := k.locks[c.lock].Token
		out.Token = max(1, token+1-min(token, uint64(k.draw(3))))
	}
	return out
}

// Operations on the lock l1, and their answers.

func Try() ops.Lock                             { return ops.Lock{Kind: ops.Try, Name: "l1"} }
func Acquire() ops.Lock                         { return ops.Lock{Kind: ops.Acquire, Name: "l1", Wait: time.Second} }
func Release(token uint64) ops.Lock             { return ops.Lock{Kind: ops.Release, Name: "l1", Token: token} }
func Inspect() ops.Lock                         { return ops.Lock{Kind: ops.Inspect, Name: "l1"} }
func Grant(token uint64) ops.LockResult         { return ops.LockResult{Answer: ops.Granted, Token: token} }
func SeenUnder(token uint64) ops.LockResult     { return ops.LockResult{Answer: ops.Seen, Token: token} }
func SeenFree() ops.LockResult                  { return ops.LockResult{Answer: ops.Seen} }
func Said(answer ops.LockAnswer) ops.LockResult { return ops.LockResult{Answer: answer} }

// LeaseOver is the end of a lease on l1, as its process saw it.
func LeaseOver(process int, token, seq uint64) Ended {
	return Ended{Lock: "l1", Process: process, Token: token, Seq: seq}
}
