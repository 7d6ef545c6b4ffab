package lock

import (
	"fmt"
	"strconv"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/lock/resource"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Client is one user of locks: it takes one, does some work in its critical section,
// gives it back, and records what it asked and heard.
//
//	w.AddClient(lock.Client{Config: cfg, Ops: 20}.Node)
//
// It begins a piece of work only if its lease outlasts it, as far as it knows, and
// leaves the section at the latest when its lease ends.
type Client struct {
	Config Config
	Ops    int      // how many operations it draws, releases not counted
	Locks  int      // among l1 … lLocks; 0: 1
	Mix    Mix      // of which kinds; zero: acquire only
	Wait   sim.Dist // how long it waits for a lock at most; zero: 2s
	Think  sim.Dist // pause before each operation
	Work   sim.Dist // how long a piece of work takes; zero: 5ms..50ms
	Pieces int      // of work in a section, at most; 0: 3
	Once   bool     // it ends when it has been granted a lock and done its work

	// Resource is where each piece of work ends in a write; 0: nowhere.
	Resource sim.NodeID
}

// Mix weighs the kinds of operations that a client draws. After a Watch it tries.
type Mix struct{ Acquire, Try, Watch, Inspect int }

// user is a running Client.
type user struct {
	Client
	*sim.Proc
	locks   *Blocking
	section invariant.Section
	inside  bool
	grants  []Granting
	writes  uint64 // to the resource
}

// Granting is a grant as its user has recorded it.
type Granting struct {
	Grant
	Process int // in the history
}

// Node builds the client's node, anew for every incarnation; for World.AddClient.
func (c Client) Node() sim.Node {
	u := &user{Client: c}
	u.Proc = sim.NewProc(u.run)
	return u
}

// run is the client's life.
func (u *user) run(p *sim.Proc) {
	u.setDefaults()
	u.locks = Attach(p, u.Config, u.leave)
	for i := 0; i < u.Ops && !(u.Once && len(u.grants) > 0); i++ {
		id := p.NextOp()
		if u.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", u.Think))
		}
		u.do(p, ops.Lock{Kind: u.Mix.pick(p), Name: "l" + strconv.Itoa(1+p.Intn("lock", u.Locks))}, id.N)
	}
	u.locks.Close()
}

func (u *user) setDefaults() {
	orElse(&u.Locks, 1)
	orElse(&u.Mix, Mix{Acquire: 1})
	orElse(&u.Wait, sim.Fixed(2*time.Second))
	orElse(&u.Work, sim.Uniform(5*time.Millisecond, 50*time.Millisecond))
	orElse(&u.Pieces, 3)
}

// watchKind is drawn like the kinds of operations.
const watchKind ops.LockKind = 0

func (m Mix) pick(p *sim.Proc) ops.LockKind {
	kinds := [...]ops.LockKind{ops.Acquire, ops.Try, watchKind, ops.Inspect}
	weights := [...]int{m.Acquire, m.Try, m.Watch, m.Inspect}
	x := p.Intn("kind", m.Acquire+m.Try+m.Watch+m.Inspect)
	for i, w := range weights {
		if x < w {
			return kinds[i]
		}
		x -= w
	}
	return ops.Acquire
}

// do carries out what was drawn.
func (u *user) do(p *sim.Proc, op ops.Lock, n int) {
	switch op.Kind {
	case ops.Inspect:
		u.record(p, op, n, func() { u.locks.Inspect(op.Name) })
		return
	case watchKind:
		u.watch(p, op.Name, n)
		op.Kind, n = ops.Try, p.NextOp().N
	case ops.Acquire:
		op.Wait = p.Duration("wait", u.Wait)
	}
	if a := u.record(p, op, n, u.taking(op)); a.Status == Granted {
		u.work(p, a)
	}
}

func (u *user) taking(op ops.Lock) func() {
	if op.Kind == ops.Try {
		return func() { u.locks.Try(op.Name) }
	}
	return func() { u.locks.Acquire(op.Name, op.Wait) }
}

// watch waits until a lock that somebody holds is given back.
func (u *user) watch(p *sim.Proc, name string, n int) {
	seen := u.record(p, ops.Lock{Kind: ops.Inspect, Name: name}, n, func() { u.locks.Inspect(name) })
	if seen.Status == Seen && seen.Token != 0 {
		u.locks.Ask(func() { u.locks.Watch(name, seen.Token, u.Wait.Max()) })
	}
}

// record carries out an operation and enters it into the history.
func (u *user) record(p *sim.Proc, op ops.Lock, n int, begin func()) Answer {
	record := p.Invoke(p.Op(n), op)
	a := u.locks.Ask(begin)
	process := p.Process()
	switch r, answered := a.result(); {
	case answered:
		record.OK(r)
	case a.Status == InDoubt:
		record.Unknown("no answer before the session was over")
	default:
		record.Failed("refused")
	}
	if a.Status == Granted {
		u.grants = append(u.grants, Granting{a.Grant(), process})
	}
	return a
}

// work is the critical section, if the lease still runs, and the release.
func (u *user) work(p *sim.Proc, a Answer) {
	g, ok := u.locks.Held(a.Lock)
	if ok {
		u.section, u.inside = invariant.Section{Lock: g.Lock, Token: g.Token}, true
	}
	for i := range 1 + p.Intn("pieces", u.Pieces) {
		if took := p.Duration("work "+strconv.Itoa(i), u.Work); !u.piece(p, g, took) {
			break
		}
	}
	if u.inside && p.Intn("again", 8) == 0 {
		u.next(p, ops.Lock{Kind: ops.Try, Name: g.Lock}, func() { u.locks.Try(g.Lock) })
	}
	lapsed := !u.inside
	u.leave()
	if !lapsed || p.Intn("late release", 2) == 0 {
		u.next(p, ops.Lock{Kind: ops.Release, Name: a.Lock, Token: a.Token}, func() { u.locks.Release(a.Lock, a.Token) })
	}
}

// piece does one piece of work, if the lease outlasts it, and reports whether the section
// goes on.
func (u *user) piece(p *sim.Proc, g Grant, took time.Duration) bool {
	if !u.inside || u.locks.Left() <= took {
		return false
	}
	u.locks.Rest(took, func() bool { return !u.inside })
	if u.inside && u.Resource != 0 {
		u.write(p, g)
	}
	return u.inside
}

// write tells the resource what has been worked out, until it answers or the lease ends.
// Who is refused has lost the lock, and leaves.
func (u *user) write(p *sim.Proc, g Grant) {
	u.writes++
	m := &resource.Write{Process: p.Process(), N: uint64(p.Incarnation())<<32 | u.writes, Lock: g.Lock, Token: g.Token, Value: fmt.Sprintf("%v/%d", p.ID(), u.writes)}
	for again := true; again; again = u.inside {
		w, ok := sim.Call[*resource.Written](p, u.Resource, m, u.locks.cfg.Timeout)
		if ok {
			if !w.Accepted {
				u.leave()
			}
			return
		}
	}
}

// next records an operation under the next number.
func (u *user) next(p *sim.Proc, op ops.Lock, begin func()) Answer {
	return u.record(p, op, p.NextOp().N, begin)
}

// leave leaves the critical section: the work is done, or the lease has ended.
func (u *user) leave() { u.inside, u.section = false, invariant.Section{} }

// Section is the critical section that the client is in.
func (u *user) Section() (invariant.Section, bool) { return u.section, u.inside }

// Grants are those that the client has recorded in this incarnation.
func (u *user) Grants() []Granting { return u.grants }

// Runs reports whether the client's own view of a grant's lease has not ended: what it
// would find if it looked at its clock now.
func (u *user) Runs(g Grant) bool {
	held, ok := u.locks.Held(g.Lock)
	return ok && held.Session == g.Session && held.Token == g.Token
}

// View shows the critical section.
func (u *user) View(v *sim.View) {
	v.Text("section", u.section.Lock)
	v.Int("token", int64(u.section.Token))
}
