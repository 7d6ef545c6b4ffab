package invariant_test

import (
	"slices"
	"strings"
	"testing"

	"distsim/nodes/raft/invariant"
	"distsim/sim"
)

// Every invariant must be able to fail: each of these scripts makes hand-fed
// nodes do what it forbids, after a prologue that it accepts.
func TestMutantsAreRejected(t *testing.T) {
	for _, m := range slices.Concat(electionMutants, logMutants, diskMutants, readMutants) {
		t.Run(m.rejected+"/"+strings.ReplaceAll(m.what, " ", "-"), func(t *testing.T) {
			g := newGroup(t)
			if len(g.found) > 0 {
				t.Fatalf("the prologue is rejected: %v", g.found)
			}
			m.script(g)
			v, found := g.found[m.rejected]
			if !found {
				t.Fatalf("accepted; rejected by others: %v", g.found)
			}
			if v.Detail == "" || len(v.Nodes) == 0 || len(v.Fields) == 0 {
				t.Errorf("evidence is missing: %+v", v)
			}
			t.Log(v.Detail)
		})
	}
}

type mutant struct {
	rejected string // the invariant that must reject it
	what     string
	script   func(g *group)
}

var electionMutants = []mutant{
	{"one-leader-per-term", "a second leader of the term", func(g *group) {
		g.nodes[1].lead(1)
		g.looks(2)
	}},
	{"one-leader-per-term", "a second leader after the first has crashed", func(g *group) {
		g.crash(1)
		g.nodes[1].lead(1)
		g.looks(2)
	}},
	{"leader-append-only", "a leader that cuts its log", func(g *group) {
		g.nodes[0].append(1, "d")
		g.looks(1)
		g.nodes[0].cut(4)
		g.looks(1)
	}},
	{"leader-append-only", "a leader that replaces an entry", func(g *group) {
		g.nodes[0].append(1, "d")
		g.looks(1)
		g.nodes[0].cut(4)
		g.nodes[0].append(1, "e")
		g.looks(1)
	}},
	{"leader-completeness", "a leader without what was committed", func(g *group) {
		g.nodes[1].cut(3)
		g.nodes[1].lead(2)
		g.looks(2)
	}},
	{"leader-completeness", "a leader with something else there", func(g *group) {
		g.nodes[1].cut(3)
		g.nodes[1].append(2, "x")
		g.nodes[1].lead(3)
		g.looks(2)
	}},
	{"leader-completeness", "a commitment that the leader of a later term lacks", func(g *group) {
		g.nodes[2].lead(5)
		g.looks(3)
		g.nodes[0].append(1, "d")
		g.nodes[0].write()
		g.nodes[1].append(1, "d")
		g.nodes[1].write()
		g.nodes[0].commit(4)
		g.looks(1)
	}},
}

var logMutants = []mutant{
	{"log-matching", "another command at the same index and term", func(g *group) {
		g.nodes[0].append(1, "d")
		g.looks(1)
		g.nodes[1].append(1, "e")
		g.looks(2)
	}},
	{"log-matching", "an equal entry after a different one", func(g *group) {
		g.nodes[2].cut(2)
		g.nodes[2].append(1, "x")
		g.nodes[2].append(1, "c")
		g.looks(3)
	}},
	{"log-matching", "an entry that turns out to be of two histories after a crash", func(g *group) {
		g.crash(3)
		g.nodes[2].log = nil
		for _, c := range []string{"a", "b", "x"} {
			g.nodes[2].append(1, c)
		}
		g.boot(3)
	}},
	{"state-machine-safety", "two entries applied at one index", func(g *group) {
		g.nodes[2].cut(3)
		g.nodes[2].append(2, "x")
		g.nodes[2].commit(3)
		g.looks(3)
	}},
	{"state-machine-safety", "equal entries, different states", func(g *group) {
		g.nodes[2].salt = 1
		g.nodes[2].commit(3)
		g.looks(3)
	}},
	{"state-machine-safety", "states that differ in between only", func(g *group) {
		g.nodes[2].saltAt, g.nodes[2].salt = 2, 1
		g.nodes[2].commit(3)
		g.looks(3)
	}},
	{"applied-commit-last", "applied beyond commit", func(g *group) {
		g.nodes[2].state.Applied = 2
		g.looks(3)
	}},
	{"applied-commit-last", "commit beyond the log", func(g *group) {
		g.nodes[2].state.Commit = 4
		g.looks(3)
	}},
	{"applied-commit-last", "commit that falls", func(g *group) {
		g.nodes[0].state.Commit, g.nodes[0].state.Applied = 2, 2
		g.looks(1)
	}},
	{"applied-commit-last", "applied that falls", func(g *group) {
		g.nodes[0].state.Applied = 2
		g.looks(1)
	}},
}

var diskMutants = []mutant{
	{"durable-term-and-vote", "a term on disk that falls", func(g *group) {
		g.nodes[2].write(invariant.Record{Term: 9})
		g.nodes[2].write(invariant.Record{Term: 8})
		g.nodes[2].state.Term = 9
		g.looks(3)
	}},
	{"durable-term-and-vote", "two votes in one term on disk", func(g *group) {
		g.nodes[2].write(invariant.Record{Term: 9, Vote: sim.Server(1)})
		g.nodes[2].write(invariant.Record{Term: 9, Vote: sim.Server(2)})
		g.nodes[2].state.Term, g.nodes[2].state.Vote = 9, sim.Server(2)
		g.looks(3)
	}},
	{"durable-term-and-vote", "a vote forgotten in a crash", func(g *group) {
		g.nodes[2].write(invariant.Record{Term: 9, Vote: sim.Server(1)})
		g.crash(3)
		g.nodes[2].state.Term = 9
		g.nodes[2].state.Vote = sim.Server(2)
		g.boot(3)
	}},
	{"durable-term-and-vote", "a term forgotten in a crash", func(g *group) {
		g.nodes[2].write(invariant.Record{Term: 9})
		g.crash(3)
		g.boot(3)
	}},
	{"commit-on-disk", "a commit on one disk of three", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[1].append(1, "d")
		g.nodes[0].write()
		g.nodes[0].commit(4)
		g.looks(1)
	}},
	{"commit-on-disk", "a commit on disks that hold something else", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[0].write()
		g.nodes[1].write(invariant.Record{Index: 4, Term: 1, Command: []byte("e")})
		g.nodes[0].commit(4)
		g.looks(1)
	}},
	{"match-is-true", "a follower credited with what it has in memory only", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[1].append(1, "d")
		g.nodes[0].credit(2, 4)
		g.looks(1)
	}},
	{"match-is-true", "a leader that credits itself before its disk", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[0].credit(1, 4)
		g.looks(1)
	}},
	{"match-is-true", "a follower credited with a different suffix", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[0].write()
		g.nodes[2].append(0, "y")
		g.nodes[2].write()
		g.nodes[0].credit(3, 4)
		g.looks(1)
	}},
}

var readMutants = []mutant{
	{"read-is-current", "a fresh leader that has committed nothing in its term", func(g *group) {
		g.nodes[1].lead(2)
		g.nodes[1].commit(2) // entry 3 is on its log, and n1 has acknowledged it
		g.reads(2)
		g.serves(2, 2)
	}},
	{"read-is-current", "a deposed leader that counts old replies", func(g *group) {
		g.reads(1)
		g.serves(1, 3)
		g.succeeds(2)
		g.reads(1)
		g.serves(1, 3)
	}},
	{"read-is-current", "a leader that was deposed between two reads of one round", func(g *group) {
		g.reads(1)
		g.succeeds(2)
		g.reads(1)
		g.serves(1, 3)
	}},
	{"read-is-current", "a read index below the leader's own commit", func(g *group) {
		g.reads(1)
		g.serves(1, 1)
	}},
}

// What looks alike but is allowed is accepted.
func TestLookAlikesAreAccepted(t *testing.T) {
	for _, c := range lookAlikes {
		t.Run(strings.ReplaceAll(c.what, " ", "-"), func(t *testing.T) {
			g := newGroup(t)
			c.script(g)
			if len(g.found) > 0 {
				t.Errorf("rejected: %v", g.found)
			}
		})
	}
}

var lookAlikes = []struct {
	what   string
	script func(g *group)
}{
	{"a late leader of an old term lacks later commitments", func(g *group) {
		g.nodes[1].lead(7)
		g.looks(2)
		g.nodes[1].append(7, "d")
		g.nodes[1].write()
		g.nodes[2].append(7, "d")
		g.nodes[2].write()
		g.nodes[1].commit(4)
		g.looks(2)
		g.crash(1)
		g.nodes[0].state.Term, g.nodes[0].state.Vote = 6, 0
		g.boot(1)
		g.nodes[0].lead(6)
		g.looks(1)
	}},
	{"a follower of a later term has replaced what it acknowledged", func(g *group) {
		g.nodes[0].append(1, "d")
		g.looks(1)
		g.nodes[2].write(invariant.Record{Term: 2})
		g.nodes[2].write(invariant.Record{Index: 4, Term: 2, Command: []byte("e")})
		g.nodes[0].credit(3, 4)
		g.looks(1)
	}},
	{"a follower cuts its log", func(g *group) {
		g.nodes[2].append(1, "d")
		g.looks(3)
		g.nodes[2].cut(4)
		g.nodes[2].append(2, "e")
		g.looks(3)
	}},
	{"a deposed leader serves what was asked before its successor committed", func(g *group) {
		g.reads(1)
		g.succeeds(2)
		g.serves(1, 3)
	}},
	{"reads that are never served, and a restart that counts from anew", func(g *group) {
		g.reads(1)
		g.succeeds(2)
		g.reads(1)
		g.crash(1)
		g.nodes[0].state.Asked, g.nodes[0].state.Commit, g.nodes[0].state.Applied, g.nodes[0].state.Leads = 0, 0, 0, false
		g.boot(1)
		g.reads(2)
		g.serves(2, 4)
		g.nodes[0].append(2, "d")
		g.nodes[0].commit(4)
		g.nodes[0].lead(3)
		g.looks(1)
		g.reads(1)
		g.serves(1, 4)
	}},
	{"an entry committed in the event that asks", func(g *group) {
		g.nodes[0].append(1, "d")
		g.nodes[0].write()
		g.nodes[1].append(1, "d")
		g.nodes[1].write()
		g.nodes[0].commit(4)
		g.reads(1)
		g.serves(1, 3)
	}},
	{"a restart begins with nothing applied", func(g *group) {
		g.crash(1)
		g.nodes[0].state.Commit, g.nodes[0].state.Applied, g.nodes[0].state.Leads = 0, 0, false
		g.boot(1)
		g.nodes[0].commit(3)
		g.looks(1)
	}},
}

// When nothing has changed, looking costs no memory.
func TestLookingAllocatesNothing(t *testing.T) {
	g := newGroup(t)
	if n := testing.AllocsPerRun(100, func() { g.looks(1); g.looks(2) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNamesCarryThePart(t *testing.T) {
	var names []string
	for _, i := range invariant.All(invariant.Group{Part: "g1", Disk: func() invariant.Disk { return &script{} }}) {
		names = append(names, i.Name())
	}
	if len(names) != 10 || !slices.Contains(names, "g1.log-matching") {
		t.Errorf("names are %v", names)
	}
}
