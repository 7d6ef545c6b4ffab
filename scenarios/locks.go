package scenarios

import (
	"fmt"
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/nodes/lock/resource"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// The lock scenarios share their workload, resource and judge: clients take locks of a
// replicated service, and write in their critical sections to a resource beside it.

// The properties of locks that matter most; package nodes/lock/invariant has them all.
const (
	oneHolder    = "lock.one-holder"     // in true time
	noStaleWrite = "lock.no-stale-write" // at the resource
)

// The figures that are taken of every run.
const (
	handOver   = "hand-over"     // from when a holder gives back to when the next has it
	grantTook  = "granted after" // from when a client asked to when it had the lock
	notInTime  = "not in time"   // of all that waited for a lock
	overtaken  = "overtaken"     // grants to others who had asked later, for each grant
	twoHolders = "two holders"   // runs in which there were
)

// lockServers keep the locks; the resource is the server after them.
const lockServers = 3

// lockParams are the knobs of every lock scenario.
func lockParams(ops string) []Param {
	return []Param{
		{Name: "clients", Default: "4", Min: 1, Max: 99, Help: "clients, each with one session and one operation at a time"},
		{Name: "locks", Default: "2", Min: 1, Max: 100, Help: "locks that the clients share"},
		{Name: "ops", Default: ops, Min: 1, Max: 100_000, Help: "operations in all, dealt out evenly; releases are not counted"},
		{Name: "ttl", Kind: Duration, Default: "1s", Min: int64(100 * time.Millisecond), Max: int64(time.Minute), Help: "how long a session lasts that is not renewed"},
		{Name: "bound", Default: "50000", Min: 1, Max: 500_000, Help: "the clock-rate bound that clients rely on, in parts per million"},
	}
}

// leaseFits makes sure that a client can renew its lease a few times before it ends.
func leaseFits(v Values) error { return viewFits(v, lockConfig(v)) }

func viewFits(v Values, cfg lock.Config) error {
	if view := cfg.View(); view < 50*time.Millisecond {
		return fmt.Errorf("ttl=%v, bound=%d: a client could believe in its lease for %v only; want 50ms or more", v.Duration("ttl"), v.Int("bound"), view)
	}
	return nil
}

func lockConfig(v Values) lock.Config {
	return lock.Config{Servers: lockServers, TTL: v.Duration("ttl"), Drift: int64(v.Int("bound"))}
}

// lockWorld is what a lock scenario is made of.
type lockWorld struct {
	cfg      lock.Config
	client   lock.Client      // a template
	resource *resource.Config // what holders write to; nil: nothing
	zombies  bool             // holders may be paused
	lasting  bool             // every other client stays in its sections for longer than a lease
}

// build adds the servers under their invariants, the clients, and the measures.
func (l *lockWorld) build(b *Build) {
	w := b.World
	for range lockServers {
		w.AddServer(l.cfg.Server)
	}
	if l.resource != nil {
		l.client.Resource = w.AddServer(l.resource.Server)
	}
	w.AddInvariant(lock.Invariants(invariant.System{Zombies: l.zombies})...)
	l.client.Config, l.client.Locks = l.cfg, b.Values.Int("locks")
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := l.client
		c.Ops = (total + n - 1 - i) / n
		if l.lasting && i%2 == 1 {
			c.Work, c.Pieces = sim.Uniform(2*time.Millisecond, 20*time.Millisecond), 100
		}
		w.AddClient(c.Node)
	}
	b.Asks(total)
	lapses := &lock.Lapses{}
	w.AddInvariant(lapses.Observe())
	b.JudgeBy(func() ([]checker.Result, error) { return judgeLocks(w.History(), lapses.All) })
	measureLocks(b)
}

// lockModel is what the service must survive: failures of its servers of all kinds, and
// clocks anywhere that keep within the bound on their rate. Wall clocks may do what they
// like. Clocks of servers may stand still: that ends leases late.
func lockModel(v Values) faults.Model {
	m := raftModel(lockServers + 1)
	m.Kinds = []faults.Kind{"partition", "partition_one_way", "isolate", "loss", "delay", "duplicate", "reorder", "corrupt",
		"bandwidth", "bridge", "hold", "clog", "swizzle_clog", "flap", "filter",
		"crash", "pause", "slow",
		"clock_drift", "clock_step", "clock_offset", "clock_slew", "clock_freeze",
		"sync_fail", "read_error", "disk_full", "disk_stall"}
	m.ClientKinds = []faults.Kind{"crash", "isolate", "partition_one_way", "delay", "duplicate", "clock_drift", "clock_step", "clock_offset", "clock_slew"}
	m.MaxDown, m.Holders = lockServers+1, true
	m.Builds = nil
	bound := int64(v.Int("bound"))
	m.DriftPPM, m.SlewPPM = bound-bound/10, max(bound/10, 1)
	m.Delay, m.Most = max(m.Delay, v.Duration("ttl")*3/2), max(m.Most, 2*v.Duration("ttl"))
	m.Types = []string{"locks/lock.KeepAlive", "locks/lock.Kept", "raft/raft.Append", "raft/raft.AppendReply"}
	return m
}

// lockLive promises that a fresh client is granted a lock that others use too.
//
// The bound, which the network's losses of 1 % decide, for four clients:
//
//   - A leader that is well is unseated when two or three heartbeats in a row are lost, at
//     most 4e-6 of all times. In the 200 s that the rest takes at most that is 0.016
//     elections, and more than four with a chance of 1e-11.
//   - Five elections, the first included, take 300 s (kvLive, with three servers: rounds of
//     290 ms, each of which succeeds with a chance of 0.1/3): more than those 1,000 rounds
//     with a chance below 1e-9.
//   - Users that are gone, and sessions that their users have given up, hold locks and
//     places in line until the leader ends them, all at once: a TTL after each election,
//     and as long after a user has lost four renewals in a row, which is 7e-4 users, and
//     more than two with a chance of 1e-10. One more is for clocks that were slow.
//   - A section ends, and its lock is given back, within 12 s, however often the lease is
//     renewed meanwhile: it has at most 100 pieces, of 20 ms of work, 26 ms for a write,
//     and at most 20 attempts of 300 ms that are lost (2 % each: more with a chance of
//     1e-12). What can not be given back is closed.
//   - The client is behind each of the others once, and once more whenever its own session
//     ends, at an election or as its renewals are lost: at most four times.
//
// Runs need less than 10 s in fact.
func lockLive(v Values) *Liveness {
	return &Liveness{
		Core:  []faults.Group{{Members: servers(1, lockServers), Well: lockServers/2 + 1}, {Members: servers(lockServers+1, 1), Well: 1}},
		Bound: seconds(300+5*12*v.Int("clients")) + 8*v.Duration("ttl"),
		Why:   "elections as for Raft, 300 s; then all other clients are ahead in line at most five times, for sections of 12 s; 8 TTL for sessions whose users are gone; false alarm below 1e-9",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			c := lock.Client{Config: lockConfig(b.Values), Ops: 1_000_000, Locks: b.Values.Int("locks"), Once: true, Wait: sim.Fixed(patience)}
			return b.World.AddClient(c.Node)
		},
	}
}

// judgeLocks asks Porcupine whether the history is that of locks with one holder each, if
// no lease ends before its user sees it end.
func judgeLocks(h []history.Op, ended []lock.Lapse) ([]checker.Result, error) {
	lapses := make([]spec.Lapse, len(ended))
	for i, l := range ended {
		lapses[i] = spec.Lapse(l)
	}
	results, err := checker.Linearizable(spec.LockOps(h, lapses), spec.Lock(), 0)
	if err != nil {
		return nil, err
	}
	merged := checker.Merge(results)
	merged.Property = linearizable
	return []checker.Result{merged}, nil
}

// measureLocks takes the figures of every run.
func measureLocks(b *Build) {
	w := b.World
	b.SamplesOf(grantTook, func(add func(time.Duration)) {
		for _, g := range grantsOf(w.History()) {
			add(g.op.ReturnedAt - g.op.InvokedAt)
		}
	})
	b.SamplesOf(handOver, func(add func(time.Duration)) { handOvers(w.History(), add) })
	b.Ratio(notInTime, func() (num, den int64) {
		for _, op := range w.History() {
			if r, _ := op.Output.(ops.LockResult); op.Input.(ops.Lock).Kind == ops.Acquire && op.Outcome == history.OK {
				den++
				if r.Answer == ops.TimedOut {
					num++
				}
			}
		}
		return num, den
	})
	b.Ratio(overtaken, func() (num, den int64) { return overtakes(w.History()) })
	measureOverlap(b)
}

// granted is an operation that was granted a lock.
type granted struct {
	op    history.Op
	lock  string
	token uint64
}

func grantsOf(h []history.Op) []granted {
	var all []granted
	for _, op := range h {
		if r, ok := op.Output.(ops.LockResult); ok && r.Answer == ops.Granted && op.Outcome == history.OK {
			all = append(all, granted{op, op.Input.(ops.Lock).Name, r.Token})
		}
	}
	return all
}

// handOvers are the times from when a holder asks to give its lock back to when the
// next has it, who was waiting by then.
func handOvers(h []history.Op, add func(time.Duration)) {
	next := map[string][]granted{}
	for _, g := range grantsOf(h) {
		next[g.lock] = append(next[g.lock], g)
	}
	for _, op := range h {
		l := op.Input.(ops.Lock)
		if l.Kind != ops.Release || op.Outcome != history.OK || op.Output.(ops.LockResult).Answer != ops.Released {
			continue
		}
		if g := successor(next[l.Name], l.Token); g != nil && g.op.InvokedAt <= op.InvokedAt {
			add(max(0, g.op.ReturnedAt-op.InvokedAt)) // two may hold it
		}
	}
}

// successor is the grant that came next after a token's.
func successor(all []granted, token uint64) (next *granted) {
	for i := range all {
		if g := &all[i]; g.token > token && (next == nil || g.token < next.token) {
			next = g
		}
	}
	return next
}

// overtakes counts for each grant those to others who had begun to wait for the lock later,
// and had it earlier.
func overtakes(h []history.Op) (num, den int64) {
	all := grantsOf(h)
	for _, late := range all {
		den++
		for _, early := range all {
			if early.lock == late.lock && early.before(late) && early.op.InvokedAt > late.op.InvokedAt {
				num++
			}
		}
	}
	return num, den
}

// before reports which grant came first: tokens tell, and without them the answers.
func (g granted) before(other granted) bool {
	if g.token == other.token {
		return g.op.Returned < other.op.Returned
	}
	return g.token < other.token
}
