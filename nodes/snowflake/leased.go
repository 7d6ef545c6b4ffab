package snowflake

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"distsim/nodes/lock"
	lockinvariant "distsim/nodes/lock/invariant"
	"distsim/nodes/snowflake/invariant"
	"distsim/sim"
)

// Lease is where generators have their worker ids from that have none of their own: each
// worker id is a lock of the service, and its mark the value that is kept with it. Who has
// the lock may move the mark on; who had it no longer can, as the service looks at the
// token, and finds that out. So whoever is granted a worker id knows a mark that nobody
// has gone beyond, or ever will: uniqueness rests on no clock at all, and on no lease that
// ends in time.
type Lease struct {
	Service    lock.Config
	Datacenter uint8
	Workers    int // worker ids 0 … Workers−1 of the datacenter; 0: all 32
}

// Leased is a build function for a generator that leases a worker id; for World.AddServer,
// after the servers of the service.
func (c Config) Leased(l Lease) func() sim.Node {
	l.Workers = cmp.Or(l.Workers, MaxWorker+1)
	return func() sim.Node { return newServer(c, &leased{lease: l}) }
}

// LeasedInvariants are the properties that must hold among such generators, and of the
// service. Pass them to one world only.
func (c Config) LeasedInvariants() []sim.Invariant {
	all := append(lock.Invariants(lockinvariant.System{Zombies: true}), invariant.All(invariant.System{Epoch: c.complete().Epoch})...)
	return append(all, newStored())
}

// leased is a worker id as long as its lease runs.
type leased struct {
	lease   Lease
	env     *sim.Env
	owner   owner
	session *lock.Session
	number  int    // of the worker id that it has, or tries
	tried   int    // worker ids in a row that others have
	token   uint64 // under which it has the worker id; 0: it has none
	mark    Milli  // is to be kept; 0: none
	asks    bool   // the session has a request under way
}

// leasePart is the part that the session runs as.
const leasePart = "worker"

// leaseDue is when to ask again what was not answered, or refused.
type leaseDue struct{}

// leasePause is how long that takes.
const leasePause = 50 * time.Millisecond

func (l *leased) boot(env *sim.Env, o owner) {
	l.env, l.owner = env, o
	l.number = env.ID().Ordinal() % l.lease.Workers
	l.session = lock.NewSession(l.lease.Service, l)
	env.Part(leasePart).Attach(l.session)
	l.next()
}

func (l *leased) extend(mark Milli) {
	l.mark = mark
	l.next()
}

func (l *leased) step(_ sim.NodeID, m sim.Message) {
	if _, ok := m.(leaseDue); ok {
		l.next()
	}
}

// next asks for a worker id, or for a mark to be kept, whichever is missing.
func (l *leased) next() {
	switch {
	case l.asks:
	case l.token == 0:
		l.asks = true
		l.session.Try(l.name())
	case l.mark > 0:
		l.asks = true
		l.session.Put(l.name(), l.token, strconv.FormatInt(int64(l.mark), 10))
	}
}

// worker is the worker id that it has, or tries.
func (l *leased) worker() Worker { return Worker{l.lease.Datacenter, uint8(l.number)} }

// name is the lock of that.
func (l *leased) name() string { return fmt.Sprintf(lockOf, l.lease.Datacenter, l.number) }

// lockOf is how the lock of a worker id is called.
const lockOf = "worker %d/%d"

// Answered is what the service says. What it has not done is asked for again a little
// later: the session may be about to say that it has lapsed.
func (l *leased) Answered(a lock.Answer) {
	l.asks = false
	switch {
	case a.Verb == lock.Try && a.Status == lock.Granted:
		l.token, l.tried = a.Token, 0
		l.owner.acquired(l.worker(), markOf(a.Value))
	case a.Verb == lock.Try && a.Status == lock.Busy:
		l.tryNext()
	case a.Verb == lock.Put && a.Status == lock.Stored:
		mark := l.mark
		l.mark = 0
		l.owner.extended(mark)
	case a.Verb == lock.Put && a.Status == lock.NotOwner:
		l.Lapsed()
	default:
		l.env.Arm(leaseDue{}, leasePause)
	}
}

// Lapsed ends it: another may have the worker id from now on.
func (l *leased) Lapsed() {
	if l.token != 0 {
		l.token, l.mark = 0, 0
		l.owner.lost()
	}
	l.env.Arm(leaseDue{}, leasePause)
}

// tryNext turns to the next worker id, and waits when others have all of them.
func (l *leased) tryNext() {
	l.number = (l.number + 1) % l.lease.Workers
	if l.tried++; l.tried < l.lease.Workers {
		l.next()
		return
	}
	l.tried = 0
	l.env.Arm(leaseDue{}, leasePause)
}

// markOf reads a mark that a lock is kept with; one that nobody has had has none.
func markOf(value string) Milli {
	if value == "" {
		return 0
	}
	m, err := strconv.ParseInt(value, 10, 64)
	if err != nil || m < 1 || m > int64(MaxMilli) {
		panic("snowflake: the mark of a worker id is " + value)
	}
	return Milli(m)
}
