package invariant

import (
	"fmt"

	"distsim/sim"
)

// System says how to judge the machines of a world.
type System struct {
	Prefix string // of the invariants' names; "": lock.
	Field  string // of a keeper's view, that shows who holds what; "": held

	// Zombies is that processes may be paused in their critical sections, and go on later.
	// Then no lease can promise one-holder, and it is not judged.
	Zombies bool
}

// All is every invariant of locks, for one world.
func All(s System) []sim.Invariant {
	if s.Prefix == "" {
		s.Prefix = "lock."
	}
	if s.Field == "" {
		s.Field = "held"
	}
	k := &knowledge{
		field: s.Field, zombies: s.Zombies, inside: map[sim.NodeID]Section{}, within: map[string][]sim.NodeID{},
		keepers: map[sim.NodeID]*keeper{}, granted: map[grantOf]Owner{},
	}
	var all []sim.Invariant
	for r, name := range names {
		if rule(r) != oneHolder || !s.Zombies {
			all = append(all, &check{k, s.Prefix + name, rule(r)})
		}
	}
	return append(all, &staleWrite{s.Prefix + "no-stale-write", map[sim.NodeID]*resource{}, map[toldOf]told{}})
}

// rule is one of the invariants that judge what machines have done.
type rule uint8

const (
	oneHolder rule = iota
	tokensIncrease
	ownerRemoves
	failedTry
	noStrayLock
	firstCome
	rules
)

var names = [rules]string{"one-holder", "tokens-increase", "owner-removes", "failed-try-changes-nothing", "no-stray-lock", "first-come-first-served"}

// check is one invariant. They share what they know: the first that is asked about
// an event judges all that it has done, by every rule.
type check struct {
	*knowledge
	name string
	rule rule
}

// Name is the invariant's name.
func (c *check) Name() string { return c.name }

// Check judges what the event has done on a node.
func (c *check) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	k, bit := c.knowledge, uint32(1)<<c.rule
	if k.asked == 0 || k.asked&bit != 0 || k.node != node || k.at != w.Events() {
		k.look(w, node)
	}
	k.asked |= bit
	return k.found[c.rule]
}

// knowledge is what the invariants share.
type knowledge struct {
	node    sim.NodeID // of the event being judged
	at      uint64     // which event that is
	asked   uint32     // the rules that have been asked about it
	found   [rules]*sim.Violation
	field   string // that shows who holds what
	zombies bool   // one-holder is not judged

	inside  map[sim.NodeID]Section  // who is in a critical section
	within  map[string][]sim.NodeID // and the other way round
	keepers map[sim.NodeID]*keeper
	granted map[grantOf]Owner // to whom each token of each lock went
}

// grantOf is one grant of one lock, at whichever keeper.
type grantOf struct {
	lock  string
	token uint64
}

// look brings what is known up to date, and judges it.
func (k *knowledge) look(w *sim.World, id sim.NodeID) {
	k.node, k.at, k.asked = id, w.Events(), 0
	k.found = [rules]*sim.Violation{}
	node := w.Node(id)
	process, _ := node.(Process)
	k.lookAtProcess(id, process)
	if node, ok := node.(Keeper); ok {
		k.lookAtKeeper(w, id, node)
	}
}

// report enters what was found: the evidence rests on what processes show of their
// sections, or keepers of their locks.
func (k *knowledge) report(r rule, v *sim.Violation) {
	switch {
	case v == nil || k.found[r] != nil:
		return
	case r == oneHolder:
		k.found[r] = rests(v, "section")
	default:
		k.found[r] = rests(v, k.field)
	}
}

func violation(nodes []sim.NodeID, format string, args ...any) *sim.Violation {
	return &sim.Violation{Detail: fmt.Sprintf(format, args...), Nodes: nodes}
}

// rests says which field of its nodes shows it.
func rests(v *sim.Violation, field string) *sim.Violation {
	for _, id := range v.Nodes {
		v.Fields = append(v.Fields, sim.Place{Node: id, Field: field})
	}
	return v
}
