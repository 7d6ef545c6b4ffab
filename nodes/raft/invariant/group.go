package invariant

import (
	"fmt"

	"distsim/sim"
)

// Group says where a Raft group is to be found.
type Group struct {
	Part string      // of every server; "": the servers are the nodes
	File string      // in that part, what Disk reads; "": log
	Disk func() Disk // makes the reader of one node's file
}

// All is every invariant of a group, for one world.
func All(g Group) []sim.Invariant {
	if g.File == "" {
		g.File = "log"
	}
	prefix := ""
	if g.Part != "" {
		g.File, prefix = g.Part+"/"+g.File, g.Part+"."
	}
	k := &knowledge{group: g, prefix: prefix, leaders: map[uint64]sim.NodeID{}, others: map[position]sighting{}}
	k.committed = make([]commitment, 1, 64)
	k.applied = make([]application, 1, 64)
	k.sighted = make([]sighting, 1, 64)
	var all []sim.Invariant
	for i, j := range judges {
		all = append(all, &check{knowledge: k, name: prefix + j.name, bit: 1 << i, judge: j.judge})
	}
	return all
}

// judges, in the order in which they see an event.
var judges = [...]struct {
	name  string
	judge func(*knowledge, *member) *sim.Violation
}{
	{"one-leader-per-term", (*knowledge).oneLeaderPerTerm},
	{"leader-append-only", (*knowledge).leaderAppendOnly},
	{"log-matching", (*knowledge).logMatching},
	{"leader-completeness", (*knowledge).leaderCompleteness},
	{"state-machine-safety", (*knowledge).stateMachineSafety},
	{"durable-term-and-vote", (*knowledge).durableTermAndVote},
	{"applied-commit-last", (*knowledge).appliedCommitLast},
	{"commit-on-disk", (*knowledge).commitOnDisk},
	{"match-is-true", (*knowledge).matchIsTrue},
	{"read-is-current", (*knowledge).readIsCurrent},
}

// check is one invariant. They share what they know: the first that is asked
// about an event brings it up to date.
type check struct {
	*knowledge
	name  string
	bit   uint32
	judge func(*knowledge, *member) *sim.Violation
}

// Name is the invariant's name, behind the part's if there is one.
func (c *check) Name() string { return c.name }

// Check judges the event that touched a node.
func (c *check) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	if !node.IsServer() {
		return nil
	}
	k := c.knowledge
	if k.asked&c.bit != 0 || k.node != node {
		k.asked = 0
	}
	if k.asked == 0 {
		k.look(w, node)
	}
	k.asked |= c.bit
	if k.current == nil {
		return nil
	}
	return c.judge(k, k.current)
}

// knowledge is what the invariants of a group share: mirrors of its members and
// all that ever was.
type knowledge struct {
	group   Group
	prefix  string
	node    sim.NodeID // of the event being judged
	asked   uint32     // the invariants that have judged it
	current *member    // nil: the event changed nothing
	members []*member  // by ordinal − 1

	leaders   map[uint64]sim.NodeID // R1: by term
	sighted   []sighting            // R3: the first entry seen at each index
	others    map[position]sighting // R3: entries of other terms at the same index
	committed []commitment          // R4, R8: by index
	grown     bool                  // this event committed something new
	earlier   uint64                // R10: the last entry committed before this event
	applied   []application         // R5: by index
	recanted  *sim.Violation        // R6: found while reading a disk
}

// place is an entry and, as a running hash, all before it.
type place struct {
	term uint64
	hash uint64
}

type position struct{ index, term uint64 }

type sighting struct {
	place
	by sim.NodeID
}

// commitment is an entry that somebody committed.
type commitment struct {
	place
	in uint64 // the term of the node that first did
	by sim.NodeID
}

// application is an entry that somebody applied, and the state it led to.
type application struct {
	place
	state uint64
	by    sim.NodeID
}

// look brings the mirror of a node up to date, and what was ever committed.
func (k *knowledge) look(w *sim.World, id sim.NodeID) {
	k.node, k.current, k.grown, k.earlier = id, nil, false, uint64(len(k.committed))-1
	m := k.member(w, id)
	if !m.update(w) {
		return
	}
	k.current = m
	if m.now.Term != m.was.Term || m.now.Vote != m.was.Vote || m.node == nil {
		k.readDisk(m) // others are read when something rests on them
	}
	for i := uint64(len(k.committed)); i <= m.now.Commit && m.has(i); i++ {
		k.committed = append(k.committed, commitment{m.log[i], m.now.Term, id})
		k.grown = true
	}
}

func (k *knowledge) member(w *sim.World, id sim.NodeID) *member {
	i := id.Ordinal()
	for len(k.members) < i {
		next := sim.Server(len(k.members) + 1)
		k.members = append(k.members, &member{id: next, world: w, part: k.group.Part, file: k.group.File, disk: k.group.Disk(),
			log: make([]place, 1, 64), stored: make([]place, 1, 64)})
	}
	return k.members[i-1]
}

// violation is evidence that rests on fields of the named nodes.
func (k *knowledge) violation(fields []string, nodes []sim.NodeID, format string, args ...any) *sim.Violation {
	v := &sim.Violation{Detail: fmt.Sprintf(format, args...), Nodes: nodes}
	for _, id := range nodes {
		for _, f := range fields {
			v.Fields = append(v.Fields, sim.Place{Node: id, Field: k.prefix + f})
		}
	}
	return v
}
