package naive

import (
	"strconv"
	"time"

	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Client is one user of locks: it takes one, works in its critical section, gives it back,
// and records what it asked and heard.
//
//	w.AddClient(naive.Client{Take: naive.ByPut, Ops: 20}.Node)
type Client struct {
	Take     Take
	GiveBack GiveBack
	Ops      int           // locks that it asks for
	Locks    int           // among l1 … lLocks; 0: 1
	TTL      time.Duration // of its leases; 0: 500ms
	Timeout  time.Duration // until it takes a call for lost; 0: 100ms
	Wait     sim.Dist      // how long it tries to take a lock; zero: once
	Retry    sim.Dist      // pause before it tries again; zero: 5ms..30ms
	Think    sim.Dist      // pause before it asks for a lock
	Work     sim.Dist      // how long a piece of work takes; zero: 5ms..50ms
	Pieces   int           // of work in a section, at most; 0: 3
}

// store is the one server there is.
var store = sim.Server(1)

// user is a running Client.
type user struct {
	Client
	*sim.Proc
	section invariant.Section
	inside  bool
	holding *holding // what it has not given back yet
	grants  []lock.Granting
}

// holding is a lock that a user was granted, as far as it knows.
type holding struct {
	lock  string
	value string // which only this try has put
	lease Lease
	ends  time.Duration // when its lease does, on the user's clock: no later than on the store's
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
	for range u.Ops {
		id := p.NextOp()
		if u.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", u.Think))
		}
		if h, ok := u.acquire(p, id, "l"+strconv.Itoa(1+p.Intn("lock", u.Locks))); ok {
			u.holding = &h
			u.work(p, &h)
			u.release(p, &h)
			u.holding = nil
		}
	}
}

func (u *user) setDefaults() {
	orElse(&u.Locks, 1)
	orElse(&u.TTL, 500*time.Millisecond)
	orElse(&u.Timeout, 100*time.Millisecond)
	orElse(&u.Retry, sim.Uniform(5*time.Millisecond, 30*time.Millisecond))
	orElse(&u.Work, sim.Uniform(5*time.Millisecond, 50*time.Millisecond))
	orElse(&u.Pieces, 3)
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// acquire tries to take a lock until it has it or has waited long enough, and records
// that. Of a try that was not answered in time nobody knows whether it has taken the lock;
// its lease is left to end by itself.
func (u *user) acquire(p *sim.Proc, id history.ID, name string) (holding, bool) {
	op := ops.Lock{Kind: ops.Try, Name: name}
	if u.Wait != (sim.Dist{}) {
		op.Kind, op.Wait = ops.Acquire, p.Duration("wait", u.Wait)
	}
	record := p.Invoke(id, op)
	for until := p.Elapsed() + op.Wait; ; {
		h, became := u.try(p, name)
		switch {
		case became == taken:
			record.OK(ops.LockResult{Answer: ops.Granted})
			u.grants = append(u.grants, lock.Granting{Grant: h.grant(p.ID()), Process: p.Process()})
			return h, true
		case became == inDoubt:
			record.Unknown("the put was not answered before the lease was over")
			return h, false
		case p.Elapsed() >= until:
			record.OK(ops.LockResult{Answer: tooLong(op.Kind)})
			return h, false
		}
		p.Sleep(min(p.Duration("retry", u.Retry), max(until-p.Elapsed(), 0)))
	}
}

// tooLong is the answer to who has not been granted the lock.
func tooLong(k ops.LockKind) ops.LockAnswer {
	if k == ops.Try {
		return ops.Busy
	}
	return ops.TimedOut
}

// work is the critical section: it ends at the latest when the lease does.
func (u *user) work(p *sim.Proc, h *holding) {
	pieces := 1 + p.Intn("pieces", u.Pieces)
	u.section, u.inside = invariant.Section{Lock: h.lock}, true
	for i := range pieces {
		if i > 0 && !u.renewed(p, h) {
			break
		}
		p.Sleep(min(p.Duration("work", u.Work), h.ends-p.Elapsed()))
	}
	u.section, u.inside = invariant.Section{}, false
}

// renewed keeps a lease alive of which less than half is left, and reports whether it
// still runs.
func (u *user) renewed(p *sim.Proc, h *holding) bool {
	sent := p.Elapsed()
	switch left := h.ends - sent; {
	case left <= 0:
		return false
	case left >= u.TTL/2:
		return true
	}
	r, ok := sim.Call[*Alive](p, store, &KeepAlive{h.lease}, h.ends-sent)
	if !ok || !r.Alive {
		return false
	}
	h.ends = sent + u.TTL
	return p.Elapsed() < h.ends
}

// release gives the lock back and records that.
func (u *user) release(p *sim.Proc, h *holding) {
	id := p.NextOp()
	record := p.Invoke(id, ops.Lock{Kind: ops.Release, Name: h.lock})
	switch u.giveBack(p, h) {
	case taken:
		record.OK(ops.LockResult{Answer: ops.Released})
	case refused:
		record.OK(ops.LockResult{Answer: ops.NotOwner})
	case inDoubt:
		record.Unknown("the store did not answer")
	}
}

// Section is the critical section that the client is in.
func (u *user) Section() (invariant.Section, bool) { return u.section, u.inside }

// Grants are those that the client has recorded in this incarnation.
func (u *user) Grants() []lock.Granting { return u.grants }

// Runs reports whether the client has not given a grant back, and its own view of the
// lease has not ended.
func (u *user) Runs(g lock.Grant) bool {
	h := u.holding
	return h != nil && h.grant(u.ID()) == g && u.Elapsed() < h.ends
}

func (h *holding) grant(to sim.NodeID) lock.Grant {
	return lock.Grant{Session: lock.SessionID{Client: to, Session: uint64(h.lease)}, Lock: h.lock, Value: h.value}
}

// View shows the critical section.
func (u *user) View(v *sim.View) { v.Text("section", u.section.Lock) }
