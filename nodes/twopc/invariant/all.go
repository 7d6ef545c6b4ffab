package invariant

import (
	"fmt"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// System says how to judge the machines of a world.
type System struct {
	Prefix string // of the invariants' names; "": twopc.

	// File is what Disk reads; "": log.
	File string
	// Disk makes the reader of one machine's file. Nil for a machine means that what
	// it says need not be on its own disk, or is judged by others, such as those of a
	// Raft group.
	Disk func(id sim.NodeID) Disk

	// CrashStop is that machines crash for good, and save nothing: what a dead machine
	// had decided, or has said, counts for ever. Then a message must say what its sender
	// has noted, in place of what it has saved: noted-before-said.
	CrashStop bool
}

// All is every invariant of a system, for one world.
func All(s System) []sim.Invariant {
	if s.Prefix == "" {
		s.Prefix = "twopc."
	}
	if s.File == "" {
		s.File = "log"
	}
	k := &knowledge{system: s, fates: map[bank.Tx]*fate{}, members: map[sim.NodeID]*member{}}
	var all []sim.Invariant
	for r, name := range names {
		all = append(all, &check{knowledge: k, name: s.Prefix + name, rule: rule(r)})
	}
	w := &witness{knowledge: k}
	w.hears = w.hear
	return append(all, w)
}

// rule is one of the invariants that judge changes.
type rule uint8

const (
	agreement rule = iota
	noReversal
	allVotedYes
	noNeedlessAbort
	noStrayLock
	rules
)

var names = [rules]string{"agreement", "no-reversal", "all-voted-yes", "no-needless-abort", "no-stray-lock"}

// check is one invariant. They share what they know: the first that is asked about
// an event judges all that it has changed, by every rule.
type check struct {
	*knowledge
	name string
	rule rule
}

// Name is the invariant's name.
func (c *check) Name() string { return c.name }

// Check judges the changes that the event has made on a node.
func (c *check) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	if !node.IsServer() {
		return nil
	}
	k, bit := c.knowledge, uint32(1)<<c.rule
	if k.asked == 0 || k.asked&bit != 0 || k.node != node || k.at != w.Events() {
		k.look(w, node)
	}
	k.asked |= bit
	return k.found[c.rule]
}

// knowledge is what the invariants share.
type knowledge struct {
	system  System
	node    sim.NodeID // of the event being judged
	at      uint64     // which event that is
	asked   uint32     // the rules that have been asked about it
	found   [rules]*sim.Violation
	fates   map[bank.Tx]*fate
	members map[sim.NodeID]*member
}

// fate is all that is known of a transaction.
type fate struct {
	participants []sim.NodeID
	promised     []sim.NodeID // who has voted yes
	committed    []sim.NodeID // who has, and has not forgotten it
	aborted      []sim.NodeID // likewise
	told         []sim.NodeID // who has told others that it has committed
}

// look brings what is known up to date, and judges it.
func (k *knowledge) look(w *sim.World, id sim.NodeID) {
	k.node, k.at, k.asked = id, w.Events(), 0
	k.found = [rules]*sim.Violation{}
	m := k.member(w, id)
	fresh := m.update(w, k)
	for i := range fresh {
		k.judge(m, &fresh[i])
	}
	if len(fresh) > 0 {
		k.report(noStrayLock, m.strayLock())
	}
}

func (k *knowledge) report(r rule, v *sim.Violation) {
	if k.found[r] == nil {
		k.found[r] = v
	}
}

func (k *knowledge) member(w *sim.World, id sim.NodeID) *member {
	m := k.members[id]
	if m == nil {
		m = &member{id: id, world: w, state: map[bank.Tx]State{}, disk: map[bank.Tx]saved{}}
		if k.system.Disk != nil {
			m.reader = k.system.Disk(id)
		}
		m.file = k.system.File
		k.members[id] = m
	}
	return m
}

func (k *knowledge) fate(tx bank.Tx) *fate {
	f := k.fates[tx]
	if f == nil {
		f = &fate{}
		k.fates[tx] = f
	}
	return f
}

// violation is evidence that rests on what nodes show of their transactions.
func violation(nodes []sim.NodeID, format string, args ...any) *sim.Violation {
	v := &sim.Violation{Detail: fmt.Sprintf(format, args...), Nodes: nodes}
	for _, id := range nodes {
		v.Fields = append(v.Fields, sim.Place{Node: id, Field: "transactions"})
	}
	return v
}
