package invariant_test

import (
	"slices"
	"strings"
	"testing"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// Every invariant must be able to fail: each of these scripts makes hand-fed
// machines do what it forbids, after a prologue that it accepts.
func TestMutantsAreRejected(t *testing.T) {
	for _, m := range slices.Concat(sectionMutants, tokenMutants, ownerMutants, writeMutants) {
		t.Run(m.rejected+"/"+strings.ReplaceAll(m.what, " ", "-"), func(t *testing.T) {
			b := newBench(t)
			if len(b.found) > 0 {
				t.Fatalf("the prologue is rejected: %v", b.found)
			}
			m.script(b)
			v, found := b.found[m.rejected]
			if !found {
				t.Fatalf("accepted; rejected by others: %v", b.found)
			}
			m.examine(t, &v)
			if len(b.found) > 1 {
				t.Errorf("rejected by others as well: %v", b.found)
			}
		})
	}
}

type mutant struct {
	rejected string // the invariant that must reject it, and no other
	what     string
	script   func(b *bench)
	detail   string // the evidence
}

func (m *mutant) examine(t *testing.T, v *sim.Violation) {
	field := "held"
	switch m.rejected {
	case "lock.one-holder":
		field = "section"
	case "lock.no-stale-write":
		field = "written"
	}
	if len(v.Nodes) == 0 || len(v.Fields) != len(v.Nodes) || v.Fields[0] != (sim.Place{Node: v.Nodes[0], Field: field}) {
		t.Errorf("evidence is missing: %+v", v)
	}
	if v.Detail != m.detail {
		t.Errorf("got  %q\nwant %q", v.Detail, m.detail)
	}
}

var sectionMutants = []mutant{
	{"lock.one-holder", "another enters", func(b *bench) {
		b.enters(2, "l1", 6)
	}, "c2 enters the critical section of l1 under token 6 while c1 is in it under token 5"},
	{"lock.one-holder", "another enters without a token", func(b *bench) {
		b.leaves(1)
		b.enters(1, "l1", 0)
		b.enters(2, "l1", 0)
	}, "c2 enters the critical section of l1 while c1 is in it"},
	{"lock.one-holder", "a process goes straight from one section to another's", func(b *bench) {
		b.enters(2, "l2", 6)
		b.enters(1, "l2", 7)
	}, "c1 enters the critical section of l2 under token 7 while c2 is in it under token 6"},
	{"lock.one-holder", "a paused process stays where it is", func(b *bench) {
		b.w.Pause(sim.Client(1))
		b.looks(sim.Client(1))
		b.enters(2, "l1", 6)
	}, "c2 enters the critical section of l1 under token 6 while c1 is in it under token 5"},
	{"lock.one-holder", "a process that entered anew under a larger token", func(b *bench) {
		b.enters(1, "l1", 6)
		b.enters(2, "l1", 7)
	}, "c2 enters the critical section of l1 under token 7 while c1 is in it under token 6"},
	{"lock.one-holder", "a process that has left and is back", func(b *bench) {
		b.leaves(1)
		b.enters(1, "l1", 5)
		b.enters(2, "l1", 6)
	}, "c2 enters the critical section of l1 under token 6 while c1 is in it under token 5"},
}

var tokenMutants = []mutant{
	{"lock.tokens-increase", "a smaller token", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(two, 4))
	}, "at n1 l1 is granted under token 4 after 5"},
	{"lock.tokens-increase", "the same token again", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(one, 5))
	}, "at n1 l1 is granted under token 5 after 5"},
	{"lock.tokens-increase", "another owner at another keeper", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(two, 6))
		b.does(2, frees(invariant.Release, one), grant(three, 6))
	}, "at n2 token 6 of l1 goes to c3/1, elsewhere to c2/1"},
	{"lock.tokens-increase", "another owner after a crash", func(b *bench) {
		b.crash(sim.Server(1))
		b.boot(sim.Server(1))
		b.does(1, grant(two, 5))
	}, "at n1 token 5 of l1 goes to c2/1, elsewhere to c1/1"},
	{"lock.tokens-increase", "another session of the same machine", func(b *bench) {
		b.crash(sim.Server(1))
		again := invariant.Owner{Client: sim.Client(1), Session: 2<<32 | 7}
		b.keepers[0].alive = append(b.keepers[0].alive, again)
		b.boot(sim.Server(1))
		b.does(1, grant(again, 5))
	}, "at n1 token 5 of l1 goes to c1/2.7, elsewhere to c1/1"},
	{"lock.first-come-first-served", "the second of those who wait", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(three, 6, two, three))
	}, "at n1 l1 goes to c3/1, though c2/1 has waited for it longer"},
	{"lock.first-come-first-served", "somebody who has not waited", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(one, 6, two))
	}, "at n1 l1 goes to c1/1, though c2/1 has waited for it longer"},
	{"lock.first-come-first-served", "the third after one whose lease has ended", func(b *bench) {
		b.ends(1, two)
		b.does(1, frees(invariant.Release, one), grant(one, 6, two, three, one))
	}, "at n1 l1 goes to c1/1, though c3/1 has waited for it longer"},
}

var ownerMutants = []mutant{
	{"lock.owner-removes", "another gives it back", func(b *bench) {
		b.does(1, frees(invariant.Release, two))
	}, "at n1 a release by c2/1 takes l1 from c1/1, which has neither given it back nor lost its lease"},
	{"lock.owner-removes", "a later session of its owner's gives it back", func(b *bench) {
		b.does(1, frees(invariant.Release, invariant.Owner{Client: one.Client, Session: 2}))
	}, "at n1 a release by c1/2 takes l1 from c1/1, which has neither given it back nor lost its lease"},
	{"lock.owner-removes", "a grant of what is held", func(b *bench) {
		d := grant(two, 6)
		d.Before = held(one, 5)
		b.does(1, d)
	}, "at n1 a grant by c2/1 takes l1 from c1/1, which has neither given it back nor lost its lease"},
	{"lock.owner-removes", "a write that takes it", func(b *bench) {
		b.does(1, invariant.Deed{Kind: invariant.Write, Lock: "l1", By: two, Before: held(one, 5), After: held(two, 5)})
	}, "at n1 a write by c2/1 takes l1 from c1/1, which has neither given it back nor lost its lease"},
	{"lock.owner-removes", "it lapses while the lease lasts", func(b *bench) {
		b.does(1, frees(invariant.Lapse, invariant.Owner{}))
	}, "at n1 locks are taken from c1/1 as if its lease had ended, and it has not"},
	{"lock.owner-removes", "it lapses while the lease lasts and goes to another", func(b *bench) {
		b.does(1, frees(invariant.Lapse, invariant.Owner{}), grant(two, 6))
	}, "at n1 locks are taken from c1/1 as if its lease had ended, and it has not"},
	{"lock.failed-try-changes-nothing", "a longer lease", func(b *bench) {
		b.does(1, refuse(invariant.State{Owner: one, Token: 5, Ends: 9}))
	}, "at n1 c2/1 was refused l1, and has changed it: it was c1/1 token 5, and is c1/1 token 5 until 9"},
	{"lock.failed-try-changes-nothing", "another token", func(b *bench) {
		b.does(1, refuse(held(one, 6)))
	}, "at n1 c2/1 was refused l1, and has changed it: it was c1/1 token 5, and is c1/1 token 6"},
	{"lock.failed-try-changes-nothing", "another value", func(b *bench) {
		b.does(1, refuse(invariant.State{Owner: one, Token: 5, Value: "x"}))
	}, `at n1 c2/1 was refused l1, and has changed it: it was c1/1 token 5, and is c1/1 token 5 value "x"`},
	{"lock.failed-try-changes-nothing", "an owner of what was free", func(b *bench) {
		b.does(1, frees(invariant.Release, one), invariant.Deed{Kind: invariant.Refuse, Lock: "l1", By: two, Before: free, After: held(two, 5)})
	}, "at n1 c2/1 was refused l1, and has changed it: it was free token 5, and is c2/1 token 5"},
	{"lock.no-stray-lock", "a lock of one whose lease ended while it waited", func(b *bench) {
		b.ends(1, two)
		b.does(1, frees(invariant.Release, one), grant(two, 6, two))
	}, "at n1 l1 belongs to c2/1, whose lease has ended"},
	{"lock.no-stray-lock", "a lock that outlives its lease", func(b *bench) {
		b.ends(1, one)
		b.does(1, refuse(held(one, 5)))
	}, "at n1 l1 belongs to c1/1, whose lease has ended"},
	{"lock.no-stray-lock", "the second of two locks", func(b *bench) {
		b.ends(1, one)
		lapse := frees(invariant.Lapse, invariant.Owner{})
		other := invariant.Deed{Kind: invariant.Grant, Lock: "l2", By: one, After: held(one, 6)}
		b.does(1, other, lapse)
	}, "at n1 l2 belongs to c1/1, whose lease has ended"},
}

var writeMutants = []mutant{
	{"lock.no-stale-write", "a smaller token", func(b *bench) {
		b.accepts(write(2, 6))
		b.accepts(write(1, 5))
	}, "n3 accepts a write of c1 under token 5 of l1, after one of c2 under token 6"},
	{"lock.no-stale-write", "a smaller token in the same event", func(b *bench) {
		b.accepts(write(2, 7), write(1, 6), write(2, 7))
	}, "n3 accepts a write of c1 under token 6 of l1, after one of c2 under token 7"},
	{"lock.no-stale-write", "a smaller token after a smaller one of another lock", func(b *bench) {
		b.accepts(invariant.Acceptance{Lock: "l2", Token: 1, By: sim.Client(1)}, write(1, 4))
	}, "n3 accepts a write of c1 under token 4 of l1, after one of c1 under token 5"},
	{"lock.no-stale-write", "a crash makes it forget what was told", func(b *bench) {
		b.recovers()
		b.accepts(write(2, 4))
	}, "n3 accepts a write of c2 under token 4 of l1, after one of c1 under token 5"},
	{"lock.no-stale-write", "a second crash does", func(b *bench) {
		b.recovers()
		b.accepts(invariant.Acceptance{Lock: "l2", Token: 1, By: sim.Client(1)})
		b.tells(write(2, 3))
		b.recovers()
		b.accepts(write(2, 4))
	}, "n3 accepts a write of c2 under token 4 of l1, after one of c1 under token 5"},
	{"lock.no-stale-write", "an answer is repeated before the crash", func(b *bench) {
		b.accepts(write(2, 6))
		b.tells(write(2, 6))
		b.tells(write(1, 5))
		b.recovers(write(1, 5))
		b.accepts(write(1, 5))
	}, "n3 accepts a write of c1 under token 5 of l1, after one of c2 under token 6"},
	{"lock.no-stale-write", "a bar that was found on the disk", func(b *bench) {
		b.accepts(write(2, 6))
		b.recovers(write(1, 5), write(2, 6))
		b.accepts(write(1, 5))
	}, "n3 accepts a write of c1 under token 5 of l1, after one of c2 under token 6"},
	{"lock.no-stale-write", "a disk that holds what should not have been accepted", func(b *bench) {
		b.recovers(write(2, 6), write(1, 5))
	}, "n3 accepts a write of c1 under token 5 of l1, after one of c2 under token 6"},
}
