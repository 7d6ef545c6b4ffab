package redlock

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// Node keeps keys in memory, each until its time is over on the wall clock.
type Node struct {
	cfg        Config
	recovering bool
	keys       []entry // ascending by name
	deeds      uint64
	latest     [2]invariant.Deed // a command ends a lease at most, and does one thing itself
}

// entry is one key. As an owner's session stands the value that it put there.
type entry struct {
	name  string
	state invariant.State
}

// NewNode makes one node.
func NewNode(cfg Config) *Node { return &Node{cfg: cfg.withDefaults()} }

// Step handles one message.
func (n *Node) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		n.onBoot(env)
	case recovered:
		n.recovering = false
	case command:
		n.onCommand(env, from, m)
	}
}

// onBoot keeps a node that has been up before out of it for a while. When it crashed it
// does not know, so the time counts from now; that is on the safe side.
func (n *Node) onBoot(env *sim.Env) {
	if env.Incarnation() > 1 && n.cfg.Restart > 0 {
		n.recovering = true
		env.Arm(recovered{}, n.cfg.Restart)
	}
}

func (n *Node) onCommand(env *sim.Env, from sim.NodeID, m command) {
	h := m.head()
	answer := &Answer{Re: h.Re, Outcome: Recovering}
	if !n.recovering {
		n.expire(h.Key, env.Now())
		answer.Outcome, answer.Value = n.obey(env.Now(), from, m)
	}
	env.Reply(env.ReplyTo(), answer)
}

// expire removes a key whose time is over by the wall clock. Redis does that when a key
// is asked for, and now and then; whoever asks cannot tell.
func (n *Node) expire(key string, now int64) {
	if s := n.at(key); held(s) && s.Ends <= now {
		n.put(invariant.Deed{Kind: invariant.Lapse, Lock: key})
	}
}

// obey carries a command out.
func (n *Node) obey(now int64, from sim.NodeID, m command) (Outcome, Value) {
	h := m.head()
	d := invariant.Deed{Lock: h.Key, By: invariant.Owner{Client: from, Session: uint64(h.Value)}}
	s := n.at(h.Key)
	mine := held(s) && s.Owner.Session == uint64(h.Value)
	switch m := m.(type) {
	case *Get:
		return Done, Value(s.Owner.Session)
	case *Set:
		if !held(s) {
			d.Kind, d.After = invariant.Grant, ending(d.By, now, m.TTL)
		}
	case *Extend:
		if mine {
			d.Kind, d.After = invariant.Write, ending(s.Owner, now, m.TTL)
		}
	case *Delete:
		if mine {
			d.Kind = invariant.Release
		}
	}
	if d.Kind == 0 {
		d.Kind, d.After = invariant.Refuse, s
		n.put(d)
		return Refused, 0
	}
	n.put(d)
	return Done, 0
}

// held reports whether there is something under the key.
func held(s invariant.State) bool { return s.Owner != invariant.Owner{} }

// ending is a key that somebody has from now on.
func ending(owner invariant.Owner, now int64, ttl time.Duration) invariant.State {
	return invariant.State{Owner: owner, Ends: now + int64(ttl)}
}

// at is what is under a key; zero: nothing.
func (n *Node) at(key string) invariant.State {
	if i, found := n.find(key); found {
		return n.keys[i].state
	}
	return invariant.State{}
}

// put makes a deed's outcome what is under its key, and tells of it.
func (n *Node) put(d invariant.Deed) {
	d.Before = n.at(d.Lock)
	switch i, found := n.find(d.Lock); {
	case !held(d.After) && found:
		n.keys = slices.Delete(n.keys, i, i+1)
	case held(d.After) && found:
		n.keys[i].state = d.After
	case held(d.After):
		n.keys = slices.Insert(n.keys, i, entry{d.Lock, d.After})
	}
	n.latest[n.deeds%2] = d
	n.deeds++
}

func (n *Node) find(key string) (at int, found bool) {
	return slices.BinarySearchFunc(n.keys, key, func(e entry, key string) int { return strings.Compare(e.name, key) })
}

// Deeds counts what it has done in this incarnation; for the invariants.
func (n *Node) Deeds() uint64 { return n.deeds }

// Deed is the i-th of them, from 1; the last two are kept.
func (n *Node) Deed(i uint64) invariant.Deed { return n.latest[(i-1)%2] }

// Alive reports whether some key of the owner's has not been found to have ended.
func (n *Node) Alive(o invariant.Owner) bool {
	return slices.ContainsFunc(n.keys, func(e entry) bool { return e.state.Owner == o })
}

// View shows who holds which keys.
func (n *Node) View(v *sim.View) {
	role := "keeper"
	if n.recovering {
		role = "recovering"
	}
	v.Text("role", role)
	var keys []string
	for _, e := range n.keys {
		keys = append(keys, e.name+"="+Value(e.state.Owner.Session).String()+" of "+e.state.Owner.Client.String())
	}
	v.Text("held", cmp.Or(strings.Join(keys, " "), "-"))
}
