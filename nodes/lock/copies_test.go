package lock

import (
	"testing"
	"time"

	"distsim/sim"
)

// caller says what a test wants, and notes the last answer to each of its requests.
type caller struct {
	env   *sim.Env
	heard map[uint64]*Reply
}

func (c *caller) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		c.env, c.heard = env, map[uint64]*Reply{}
	case *Reply:
		c.heard[m.N] = m
	}
}

// counter is a service of one server, which leads, and some who call it.
type counter struct {
	*sim.World
	callers []*caller
}

func newCounter(t *testing.T, callers int) *counter {
	c := &counter{World: sim.New(sim.Config{FreezeCheck: true})}
	t.Cleanup(c.Close)
	c.AddServer(Config{Servers: 1, TTL: time.Minute}.Server)
	for range callers {
		x := &caller{}
		c.callers = append(c.callers, x)
		c.AddClient(func() sim.Node { return x })
	}
	c.RunUntil(sim.Time(time.Second))
	return c
}

// asks sends a request of a caller's only session to the leader, and waits.
func (c *counter) asks(who int, r Request) {
	x := c.callers[who-1]
	r.Session = SessionID{Client: x.env.ID(), Session: 1}
	r.Term, r.TTL = c.Node(sim.Server(1)).(*Server).raft.Term(), time.Minute
	x.env.Send(sim.Server(1), &r)
	c.RunUntil(c.Now() + sim.Time(200*time.Millisecond))
}

// A copy of a request that comes after later ones takes nothing from them.
func TestALateCopyLeavesALaterWatch(t *testing.T) {
	for _, late := range []Request{{N: 1, Verb: Watch, Lock: "l1", Token: 1}, {N: 1, Verb: Inspect, Lock: "l1"}} {
		c := newCounter(t, 2)
		c.asks(1, Request{Verb: Open})
		c.asks(1, Request{N: 1, Verb: Try, Lock: "l1"})
		c.asks(1, Request{N: 2, Verb: Try, Lock: "l2"})
		watch := Request{N: 2, Verb: Watch, Lock: "l2", Token: 2}
		c.asks(2, late)
		c.asks(2, watch)
		if a := c.callers[1].heard[2]; a == nil || a.Status != Queued {
			t.Fatalf("the watch is answered %v, want queued", a)
		}
		c.asks(2, late)
		c.asks(1, Request{N: 3, Verb: Release, Lock: "l2", Token: 2})
		if a := c.callers[1].heard[2]; a.Status != Seen || a.Token != 0 {
			t.Errorf("after a late copy of %v the watch is answered %v when the lock is free, want seen, free", late.Verb, a.Status)
		}
	}
}
