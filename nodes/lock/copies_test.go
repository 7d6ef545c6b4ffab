package lock

import (
	"slices"
	"testing"
	"time"

	"distsim/sim"
)

// caller says what a test wants, and notes the last answer to each of its requests, and to
// a renewal.
type caller struct {
	env   *sim.Env
	heard map[uint64]*Reply
	kept  *Kept
}

func (c *caller) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		c.env, c.heard = env, map[uint64]*Reply{}
	case *Reply:
		c.heard[m.N] = m
	case *Kept:
		c.kept = m
	}
}

// counter is a service, of which one server leads, and some who call it.
type counter struct {
	*sim.World
	leader  *Server
	callers []*caller
}

func newCounter(t *testing.T, servers, callers int) *counter {
	c := &counter{World: sim.New(sim.Config{FreezeCheck: true})}
	t.Cleanup(c.Close)
	for range servers {
		c.AddServer(Config{Servers: servers, TTL: time.Minute}.Server)
	}
	for range callers {
		x := &caller{}
		c.callers = append(c.callers, x)
		c.AddClient(func() sim.Node { return x })
	}
	c.RunUntil(sim.Time(time.Second))
	for _, id := range c.Servers() {
		if s := c.Node(id).(*Server); s.raft.Leads() {
			c.leader = s
		}
	}
	return c
}

// asks sends a request of a caller's only session to the leader, and waits.
func (c *counter) asks(who int, r Request) {
	x := c.callers[who-1]
	r.Session = SessionID{Client: x.env.ID(), Session: 1}
	r.Term, r.TTL = c.leader.raft.Term(), time.Minute
	x.env.Send(c.leader.env.ID(), &r)
	c.RunUntil(c.Now() + sim.Time(200*time.Millisecond))
}

// renews asks the leader to renew a caller's session, and waits.
func (c *counter) renews(who int) {
	x := c.callers[who-1]
	x.kept = nil
	x.env.Send(c.leader.env.ID(), &KeepAlive{Session: SessionID{Client: x.env.ID(), Session: 1}})
	c.RunUntil(c.Now() + sim.Time(200*time.Millisecond))
}

// A copy of a request that comes after later ones takes nothing from them.
func TestALateCopyLeavesALaterWatch(t *testing.T) {
	for _, late := range []Request{{N: 1, Verb: Watch, Lock: "l1", Token: 1}, {N: 1, Verb: Inspect, Lock: "l1"}} {
		c := newCounter(t, 1, 2)
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

// A leader that is cut off from its group believes that it leads, and must not say so: by
// now another may have ended the session, and given the lock away.
func TestALeaderThatIsCutOffTellsNothing(t *testing.T) {
	c := newCounter(t, 3, 1)
	look := Request{N: 2, Verb: Inspect, Lock: "l1"}
	c.asks(1, Request{Verb: Open})
	c.asks(1, Request{N: 1, Verb: Try, Lock: "l1"})
	c.asks(1, look)
	c.renews(1)
	if a, k := c.callers[0].heard[2], c.callers[0].kept; a == nil || a.Token != 1 || k == nil || k.Status != Renewed {
		t.Fatalf("a leader that is well answers %v, and %v to a renewal", a, k)
	}
	self := c.leader.env.ID()
	rest := slices.DeleteFunc(c.Servers(), func(id sim.NodeID) bool { return id == self })
	heal := c.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{self}, rest}, Cut: true})
	delete(c.callers[0].heard, 2)
	c.asks(1, look)
	c.renews(1)
	if a, k := c.callers[0].heard[2], c.callers[0].kept; !c.leader.raft.Leads() || a != nil || k != nil {
		t.Errorf("leads %v, answers %v, and %v to a renewal; want a leader that says nothing", c.leader.raft.Leads(), a, k)
	}
	heal()
	c.RunUntil(c.Now() + sim.Time(time.Second))
	if a, k := c.callers[0].heard[2], c.callers[0].kept; a == nil || a.Status != Refused || k == nil || k.Status != Refused {
		t.Errorf("once it is deposed it answers %v, and %v to the renewal, want refusals", a, k)
	}
}
