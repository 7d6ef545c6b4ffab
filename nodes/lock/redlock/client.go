package redlock

import (
	"strconv"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Client is a process that needs locks: it acquires one, is in its critical section for
// a while, and gives it back, again and again. It records what it asked and heard.
//
//	w.AddClient(redlock.Client{Config: cfg, Ops: 20}.Node)
type Client struct {
	Config     Config
	Ops        int           // how many locks it asks for
	Locks      int           // among l1, l2, …; 0: 1
	Wait       time.Duration // for one of them: no attempt begins later; 0: ten times TTL
	Hold       sim.Dist      // how long the work in a section takes; zero: up to TTL/2
	Think      sim.Dist      // pause before it asks
	Extensions int           // how often it extends a lock in one section, at most
}

// Node builds the client's node, anew for every incarnation; for World.AddClient.
func (c Client) Node() sim.Node {
	u := &user{Client: c.withDefaults()}
	u.Proc = sim.NewProc(u.run)
	return u
}

func (c Client) withDefaults() Client {
	c.Config = c.Config.withDefaults()
	if c.Locks == 0 {
		c.Locks = 1
	}
	if c.Wait == 0 {
		c.Wait = 10 * c.Config.TTL
	}
	if c.Hold == (sim.Dist{}) {
		c.Hold = sim.Uniform(0, c.Config.TTL/2)
	}
	return c
}

// user is a client that runs.
type user struct {
	*sim.Proc
	Client
	nodes    []sim.NodeID
	asked    uint64 // questions to all nodes, in this incarnation
	attempts int64
	lease    lease
	inside   bool // the critical section
}

// lease is a lock that the client holds, or tries to acquire.
type lease struct {
	lock  string
	value Value
	until time.Duration // on the client's monotonic clock, its validity; 0: it does not hold the lock
}

// run is the client's life.
func (u *user) run(p *sim.Proc) {
	assert(len(p.Servers()) >= u.Config.Nodes, "%d nodes are to keep locks, and there are %d servers", u.Config.Nodes, len(p.Servers()))
	u.nodes = p.Servers()[:u.Config.Nodes]
	for range u.Ops {
		id := p.NextOp()
		if u.Think != (sim.Dist{}) {
			p.Sleep(p.Duration("think", u.Think))
		}
		lock := "l" + strconv.Itoa(1+p.Intn("lock", u.Locks))
		acquiring := p.Invoke(id, ops.Lock{Kind: ops.Acquire, Name: lock, Wait: u.Wait})
		if !u.acquire(lock) {
			acquiring.OK(ops.LockResult{Answer: ops.TimedOut})
			continue
		}
		acquiring.OK(ops.LockResult{Answer: ops.Granted})
		u.work(p.Duration("hold", u.Hold))
		u.giveBack()
	}
}

// acquire makes attempts until one succeeds or the client has waited for long enough.
func (u *user) acquire(lock string) bool {
	for begun := u.Elapsed(); ; {
		if u.attempt(lock) {
			return true
		}
		u.Sleep(u.Duration("retry", u.Config.Retry))
		if u.Elapsed()-begun >= u.Wait {
			return false
		}
	}
}

// attempt asks all nodes for the lock. It has it if a majority has set the key and some
// validity is left, and else removes what it has set, where it knows that it has not too:
// the answer may have been lost.
func (u *user) attempt(lock string) bool {
	u.attempts++
	u.lease = lease{lock: lock, value: Value(u.Uint64("value"))}
	start := u.Elapsed()
	set := u.ask(start+u.Config.Timeout, func(h Head) command { return &Set{h, u.Config.TTL} })
	if u.valid(set, start) {
		return true
	}
	u.tell(&Delete{u.head()})
	u.lease = lease{}
	return false
}

// valid reports whether a majority has set or extended the key, as asked at start, early
// enough. Then the client holds the lock until its validity ends.
func (u *user) valid(v votes, start time.Duration) bool {
	validity := Validity(u.Config.TTL, u.Elapsed()-start)
	if v.done < u.Config.majority() || validity <= 0 {
		return false
	}
	u.lease.until = u.Elapsed() + validity
	return true
}

// work is the critical section: it is over when the work is done, and at the latest when
// the lock's validity ends.
func (u *user) work(hold time.Duration) {
	u.inside = true
	end := u.Elapsed() + hold
	for i := 0; i < u.Extensions && u.Elapsed() < u.lease.until && u.lease.until < end; i++ {
		u.sleepUntil(u.lease.until - u.Config.TTL/2)
		u.extend()
	}
	u.sleepUntil(min(end, u.lease.until))
	u.inside = false
}

func (u *user) sleepUntil(at time.Duration) { u.Sleep(at - u.Elapsed()) }

// extend lets the lock live for another TTL, if a majority of the nodes still has it.
// While it asks the client is still inside, so it does not wait beyond the validity.
func (u *user) extend() {
	start := u.Elapsed()
	extended := u.ask(min(start+u.Config.Timeout, u.lease.until), func(h Head) command { return &Extend{h, u.Config.TTL} })
	u.valid(extended, start)
}

// giveBack removes the lock's key from all nodes. The client held the lock if a majority
// still had the key: then nobody else can have had one.
func (u *user) giveBack() {
	releasing := u.Invoke(u.NextOp(), ops.Lock{Kind: ops.Release, Name: u.lease.lock})
	deleted := u.ask(u.Elapsed()+u.Config.Timeout, func(h Head) command { return &Delete{h} })
	u.lease = lease{}
	switch {
	case deleted.done >= u.Config.majority():
		releasing.OK(ops.LockResult{Answer: ops.Released})
	case deleted.refused >= u.Config.majority():
		releasing.OK(ops.LockResult{Answer: ops.NotOwner})
	default:
		releasing.Unknown("no majority of the nodes says one thing")
	}
}

// Section says which critical section the client is in; for the invariants.
func (u *user) Section() (s invariant.Section, in bool) {
	return invariant.Section{Lock: u.lease.lock}, u.inside
}

// Attempts counts how often it has asked the nodes for a lock.
func (u *user) Attempts() int64 { return u.attempts }

// View shows what the client is up to.
func (u *user) View(v *sim.View) {
	role, lock, value := "idle", "-", "-"
	switch {
	case u.inside:
		role = "holder"
	case u.lease.until != 0:
		role = "releasing"
	case u.lease.lock != "":
		role = "asking"
	}
	if u.lease.lock != "" {
		lock, value = u.lease.lock, u.lease.value.String()
	}
	v.Text("role", role)
	v.Text("lock", lock)
	v.Text("value", value)
	section := "-"
	if u.inside {
		section = lock
	}
	v.Text("section", section)
}
