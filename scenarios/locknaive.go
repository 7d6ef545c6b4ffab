package scenarios

import (
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/nodes/lock/naive"
	"distsim/sim"
)

// The naive locks get one call of the store wrong each. Nothing else does: messages
// arrive, clocks run at one rate, the store stays up. The knob of each puts the call
// right, and then all holds.

// lockNaivePut takes a lock by putting its key.
func lockNaivePut() *Scenario {
	s := naiveLock("lock-naive-put", "a lock taken by a put that looks at what was there before: who fails has taken the owner's place, and lets the lock go when it gives up")
	s.Params = append(s.Params, Param{Name: "take", Kind: Choice, Default: "put", Words: []string{"put", "if-absent"},
		Help: "how a lock is taken: by a put, or by a put only if there is no key"})
	s.Declare = func(v Values) Declaration {
		p := naivePromise(v.Choice("take") == "put", v.Int("locks") == 1 && v.Int("ops") >= 10)
		return Declaration{
			Properties: []Declared{{oneHolder, p}, {linearizable, p}, {"lock.failed-try-changes-nothing", p}, {"lock.owner-removes", p}},
			Chaos:      time.Minute,
			Quiet:      time.Minute,
		}
	}
	s.Script = func(Values, uint64) []faults.Entry { return []faults.Entry{} }
	s.Build = func(b *Build) {
		c := naive.Client{Take: naive.ByPut, GiveBack: naive.ByRevoking}
		if b.Values.Choice("take") != "put" {
			c.Take = naive.IfAbsent
		}
		addNaiveLock(b, c)
	}
	return s
}

// lockNaiveDelete gives a lock back by reading whose it is and then deleting it.
func lockNaiveDelete() *Scenario {
	s := naiveLock("lock-naive-delete", "a lock given back by a read and then a delete: a delete that is on its way for longer than the lease lasts deletes the lock of the next owner")
	s.Params = append(s.Params,
		Param{Name: "unlock", Kind: Choice, Default: "delete", Words: []string{"delete", "compare"},
			Help: "how a lock is deleted once it was read: as it is by then, or only if it is still what was read"},
		Param{Name: "delays", Default: "8", Min: 1, Max: 100, Help: "how many deletes of the first client are late"})
	s.Declare = func(v Values) Declaration {
		p := naivePromise(v.Choice("unlock") == "delete", enoughToHit(v))
		return Declaration{
			Model:      lateMessages(v),
			Properties: []Declared{{oneHolder, p}, {linearizable, p}, {"lock.owner-removes", p}},
			Chaos:      time.Minute,
			Quiet:      time.Minute,
		}
	}
	s.Script = slowDeletes
	s.Build = func(b *Build) {
		c := naive.Client{Take: naive.IfAbsent, GiveBack: naive.ReadThenDelete}
		if b.Values.Choice("unlock") != "delete" {
			c.GiveBack = naive.CompareAndDelete
		}
		addNaiveLock(b, c)
	}
	return s
}

// naiveLock is what they have in common.
func naiveLock(name, shows string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"split-brain", "single-writer"},
		Twin:     "lock",
		Params: []Param{
			{Name: "clients", Default: "4", Min: 2, Max: 8, Help: "clients, each with one lock at a time"},
			{Name: "locks", Default: "1", Min: 1, Max: 10, Help: "locks that the clients share"},
			{Name: "ops", Default: "120", Min: 6, Max: 10_000, Help: "locks asked for in all, dealt out evenly; giving back is not counted"},
			{Name: "ttl", Kind: Duration, Default: "500ms", Min: int64(100 * time.Millisecond), Max: int64(10 * time.Second), Help: "how long a lease lasts that is not renewed"},
		},
		Config: func(Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 4*time.Millisecond)}}
		},
	}
}

// naivePromise is what they declare: nothing is violated once the mistake is put right.
func naivePromise(mistaken, busy bool) Promise {
	switch {
	case !mistaken:
		return Holds
	case busy:
		return Always
	default:
		return Sometimes
	}
}

// enoughToHit is so many late deletes, of one lock that others want all the time, that
// one of them hits the lock of another. With the defaults each lets two into a section
// with a chance of 0.8.
func enoughToHit(v Values) bool {
	c := v.Int("clients")
	return v.Int("delays") >= 8 && v.Int("locks") == 1 && c >= 3 && v.Int("ops") >= 30*c && v.Duration("ttl") <= time.Second
}

// lateMessages is that deletes are late, or whatever else is. Delays that wait for an
// event count as if they came at once.
func lateMessages(v Values) faults.Model {
	kinds := []faults.Kind{"delay"}
	return faults.Model{Kinds: kinds, ClientKinds: kinds, Delay: time.Duration(2*v.Int("delays")) * v.Duration("ttl"), Most: time.Minute}
}

// addNaiveLock adds the store and its clients.
func addNaiveLock(b *Build, c naive.Client) {
	w := b.World
	w.AddServer(naive.NewStore)
	w.AddInvariant(invariant.All(invariant.System{})...)
	c.TTL, c.Locks = b.Values.Duration("ttl"), b.Values.Int("locks")
	c.Timeout = time.Minute // nothing is lost: nobody needs to give up
	c.Wait = sim.Uniform(c.TTL, 4*c.TTL)
	c.Retry = sim.Uniform(5*time.Millisecond, 15*time.Millisecond)
	c.Think = sim.Uniform(0, 20*time.Millisecond)
	c.Work = sim.Uniform(20*time.Millisecond, 60*time.Millisecond)
	c.Pieces = 5
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c.Ops = (total + n - 1 - i) / n
		w.AddClient(c.Node)
	}
	b.Asks(total)
	lapses := &lock.Lapses{}
	w.AddInvariant(lapses.Observe())
	b.JudgeBy(func() ([]checker.Result, error) { return judgeLocks(w.History(), lapses.All) })
	measureOverlap(b)
}

// slowDeletes slows one client down when it has asked whose a lock is and that is still
// its own: the delete that follows is on its way for longer than the lease lasts. The
// answer takes 4 ms at most, and nothing else leaves the client meanwhile.
func slowDeletes(v Values, seed uint64) []faults.Entry {
	var plan []faults.Entry
	who := sim.Client(1)
	for k := range v.Int("delays") {
		least := drawnTime(seed, "delay", k+1, v.Duration("ttl"), 2*v.Duration("ttl"))
		plan = append(plan, faults.Entry{
			Fault: faults.Delay{Extra: sim.Fixed(least), Scope: faults.Scope{Target: faults.On(who), Way: faults.Out}},
			After: sim.Identity{Subject: sim.OfMessage, Node: who, Peer: sim.Server(1), Name: "naive.Get", K: uint64(1 + k)},
			For:   5 * time.Millisecond,
		})
	}
	return plan
}
