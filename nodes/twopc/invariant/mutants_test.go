package invariant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// Every invariant must be able to fail: each of these scripts makes hand-fed
// machines do what it forbids, after a prologue that it accepts.
func TestMutantsAreRejected(t *testing.T) {
	for _, m := range slices.Concat(decisionMutants, promiseMutants, doubtMutants) {
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
			if len(v.Nodes) == 0 || len(v.Fields) != len(v.Nodes) {
				t.Errorf("evidence is missing: %+v", v)
			}
			if v.Detail != m.detail {
				t.Errorf("got  %q\nwant %q", v.Detail, m.detail)
			}
			for name := range b.found {
				if name != m.rejected && !slices.Contains(m.also, name) {
					t.Errorf("rejected by %s as well: %s", name, b.found[name].Detail)
				}
			}
		})
	}
}

type mutant struct {
	rejected string // the invariant that must reject it
	what     string
	script   func(b *bench)
	detail   string   // the evidence
	also     []string // others that may
}

var decisionMutants = []mutant{
	{"twopc.agreement", "a participant aborts what the coordinator has committed", func(b *bench) {
		b.commits(tx)
		b.ends(2, tx, invariant.Aborted)
	}, "n2 aborts c1#1@1, which n1 has committed", nil},
	{"twopc.agreement", "a participant commits what the other has aborted", func(b *bench) {
		b.ends(2, tx, invariant.Aborted)
		b.ends(3, tx, invariant.Committed)
	}, "n3 commits c1#1@1, which n2 has aborted", nil},
	{"twopc.agreement", "an abort on disk counts after a crash", func(b *bench) {
		b.ends(2, tx, invariant.Aborted)
		b.crash(2)
		b.commits(tx)
	}, "n1 commits c1#1@1, which n2 has aborted", nil},
	{"twopc.agreement", "a commit that was told counts after a crash", func(b *bench) {
		b.commits(tx)
		b.says(1, tx, invariant.Committed)
		b.crash(1)
		b.ends(2, tx, invariant.Aborted)
	}, "n2 aborts c1#1@1, which n1 has committed", nil},
	{"twopc.no-reversal", "a participant aborts what it has committed", func(b *bench) {
		b.ends(2, tx, invariant.Committed)
		b.becomes(2, tx, invariant.Aborted)
	}, "n2 had committed c1#1@1, and now it is aborted there", []string{"twopc.agreement"}},
	{"twopc.no-reversal", "a participant commits what it has aborted", func(b *bench) {
		b.ends(2, tx, invariant.Aborted)
		b.becomes(2, tx, invariant.Committed)
	}, "n2 had aborted c1#1@1, and now it is committed there", []string{"twopc.agreement"}},
	{"twopc.no-reversal", "a participant prepares again what it has aborted", func(b *bench) {
		b.ends(2, tx, invariant.Aborted)
		b.becomes(2, tx, invariant.Prepared)
	}, "n2 had aborted c1#1@1, and now it is prepared there", nil},
	{"twopc.no-reversal", "an abort on disk that is forgotten in a crash", func(b *bench) {
		b.ends(2, tx, invariant.Aborted)
		b.crash(2)
		b.boot(2, tx)
	}, "n2 had aborted c1#1@1, and now it is prepared there", nil},
	{"twopc.no-reversal", "a coordinator aborts what has ended", func(b *bench) {
		b.commits(tx)
		b.becomes(1, tx, invariant.Ended)
		b.becomes(1, tx, invariant.Aborted)
	}, "n1 had ended c1#1@1, and now it is aborted there", []string{"twopc.agreement", "twopc.no-needless-abort"}},
	{"twopc.all-voted-yes", "a commit without a vote", func(b *bench) {
		b.becomes(1, other, invariant.Waiting)
		b.prepares(2, other)
		b.commits(other)
	}, "n1 commits c2#1@1, and n3 has not voted yes", nil},
	{"twopc.all-voted-yes", "a commit on a vote that is not on disk", func(b *bench) {
		b.becomes(1, other, invariant.Waiting)
		b.prepares(2, other)
		b.becomes(3, other, invariant.Prepared)
		b.commits(other)
	}, "n1 commits c2#1@1, and the promise of n3 is not on its disk", nil},
	{"twopc.all-voted-yes", "a participant that commits by itself", func(b *bench) {
		b.prepares(2, other)
		b.ends(2, other, invariant.Committed)
	}, "n2 commits c2#1@1, and n3 has not voted yes", nil},
	{"twopc.no-needless-abort", "a coordinator aborts after yes from all", func(b *bench) {
		b.becomes(1, tx, invariant.Aborted)
	}, "n1 aborts c1#1@1, although it has heard yes from all 2 participants", nil},
}

var promiseMutants = []mutant{
	{"twopc.no-stray-lock", "a lock that is kept after the commit", func(b *bench) {
		b.commits(tx)
		b.writes(2, tx, invariant.Committed)
		b.becomes(2, tx, invariant.Committed)
	}, "n2 keeps a1 locked for c1#1@1, which is committed there", nil},
	{"twopc.no-stray-lock", "a lock that is kept after an abort", func(b *bench) {
		b.writes(2, tx, invariant.Aborted)
		b.becomes(2, tx, invariant.Aborted)
	}, "n2 keeps a1 locked for c1#1@1, which is aborted there", nil},
	{"twopc.no-stray-lock", "a lock of one that has not voted", func(b *bench) {
		b.lock(2, "a2", other)
		b.ends(2, tx, invariant.Aborted)
	}, "n2 keeps a2 locked for c2#1@1, which is unknown there", nil},
	{"twopc.no-stray-lock", "a lock that is back after a crash without its promise", func(b *bench) {
		b.becomes(3, other, invariant.Prepared)
		b.crash(3)
		b.lock(3, "a2", other)
		b.boot(3, tx)
	}, "n3 keeps a2 locked for c2#1@1, which is unknown there", nil},
	{"twopc.saved-before-said", "a vote before it is on disk", func(b *bench) {
		b.becomes(2, other, invariant.Prepared)
		b.says(2, other, invariant.Prepared)
	}, "n2 tells n1 that c2#1@1 is prepared, and does not have that on its disk", nil},
	{"twopc.saved-before-said", "a decision before it is on disk", func(b *bench) {
		b.becomes(1, tx, invariant.Deciding)
		b.says(1, tx, invariant.Committed)
	}, "n1 tells n1 that c1#1@1 is committed, and does not have that on its disk", nil},
	{"twopc.saved-before-said", "an acknowledgement with only the promise on disk", func(b *bench) {
		b.says(3, tx, invariant.Committed)
	}, "n3 tells n1 that c1#1@1 is committed, and does not have that on its disk", nil},
	{"twopc.saved-before-said", "a no that a crash could make it forget", func(b *bench) {
		b.becomes(2, other, invariant.Aborted)
		b.says(2, other, invariant.Aborted)
	}, "n2 tells n1 that c2#1@1 is aborted, and does not have that on its disk", nil},
}

var doubtMutants = []mutant{
	{"in-doubt", "a participant that never hears of the decision", func(b *bench) {
		b.ends(3, tx, invariant.Committed)
		b.passes(patience+1, 1)
	}, "n2 has been in doubt about c1#1@1 for more than 1s, with a1 locked", nil},
	{"in-doubt", "a crash in between that does not end it", func(b *bench) {
		b.ends(3, tx, invariant.Committed)
		b.passes(patience/2, 1)
		b.crash(2)
		b.boot(2, tx)
		b.passes(patience/2+1, 2)
	}, "n2 has been in doubt about c1#1@1 for more than 1s, with a1 locked", nil},
	{"in-doubt", "a participant that is down when the time is over", func(b *bench) {
		b.ends(3, tx, invariant.Committed)
		b.crash(2)
		b.passes(patience+1, 3)
	}, "n2 has been in doubt about c1#1@1 for more than 1s", nil},
}

// What looks alike but is allowed is accepted.
func TestLookAlikesAreAccepted(t *testing.T) {
	for _, c := range lookAlikes {
		t.Run(strings.ReplaceAll(c.what, " ", "-"), func(t *testing.T) {
			b := newBench(t)
			c.script(b)
			if len(b.found) > 0 {
				t.Errorf("rejected: %v", b.found)
			}
		})
	}
}

var lookAlikes = []struct {
	what   string
	script func(b *bench)
}{
	{"a commit that everybody carries out", func(b *bench) {
		b.commits(tx)
		for _, server := range []int{2, 3} {
			b.says(1, tx, invariant.Committed)
			b.ends(server, tx, invariant.Committed)
			b.says(server, tx, invariant.Committed)
		}
		b.becomes(1, tx, invariant.Ended)
		b.passes(2*patience, 2)
	}},
	{"an abort after one yes of two", func(b *bench) {
		b.becomes(1, other, invariant.Waiting)
		b.prepares(2, other)
		b.votes(2, other)
		b.becomes(1, other, invariant.Aborted)
		b.ends(2, other, invariant.Aborted)
	}},
	{"an abort after one yes that came twice", func(b *bench) {
		b.becomes(1, other, invariant.Waiting)
		b.prepares(2, other)
		b.votes(2, other)
		b.votes(2, other)
		b.becomes(1, other, invariant.Aborted)
	}},
	{"votes that a crash has made the coordinator forget", func(b *bench) {
		b.crash(1)
		b.boot(1)
		b.becomes(1, tx, invariant.Aborted)
	}},
	{"an abort that was not saved is forgotten in a crash and presumed again", func(b *bench) {
		b.unlock(2, tx)
		b.becomes(2, tx, invariant.Aborted)
		b.crash(2)
		b.boot(2, tx)
		b.ends(2, tx, invariant.Aborted)
	}},
	{"an abort that was not saved and that nobody heard of is forgotten, then it commits", func(b *bench) {
		b.becomes(2, other, invariant.Aborted)
		b.crash(2)
		b.boot(2, tx)
		b.prepares(2, other)
		b.prepares(3, other)
		b.becomes(1, other, invariant.Waiting)
		b.commits(other)
	}},
	{"a commit that was not saved is forgotten in a crash and told again", func(b *bench) {
		b.commits(tx)
		b.unlock(2, tx)
		b.becomes(2, tx, invariant.Committed)
		b.crash(2)
		b.boot(2, tx)
		b.ends(2, tx, invariant.Committed)
	}},
	{"a decision that a crash prevents from being saved and said, then all presume the abort", func(b *bench) {
		b.becomes(1, tx, invariant.Deciding)
		b.becomes(1, tx, invariant.Committed)
		b.crash(1)
		b.boot(1)
		b.ends(2, tx, invariant.Aborted)
		b.ends(3, tx, invariant.Aborted)
	}},
	{"a participant that coordinates too and hears of a vote while it holds its own locks", func(b *bench) {
		b.votes(3, tx)
		b.changes(2, invariant.Change{Tx: tx, State: invariant.Voted, By: sim.Server(3)})
	}},
	{"a vote that a pause holds back until later records are on disk", func(b *bench) {
		b.commits(tx)
		b.ends(2, tx, invariant.Committed)
		b.says(2, tx, invariant.Prepared)
	}},
	{"a promise that has become a commit when the coordinator hears of it", func(b *bench) {
		b.ends(2, tx, invariant.Committed)
		b.ends(3, tx, invariant.Committed)
		b.commits(tx)
	}},
	{"a lock of a transaction that waits for the other decision", func(b *bench) {
		b.lock(2, "a2", other)
		b.prepares(2, other)
		b.ends(2, tx, invariant.Aborted)
	}},
	{"in doubt for just as long as is allowed", func(b *bench) {
		b.passes(patience, 1)
	}},
	{"what clients and bystanders say binds nobody", func(b *bench) {
		for _, inv := range b.all {
			if w, ok := inv.(sim.Witness); ok {
				b.note(inv, w.Leaves(b.w, sim.Client(1), sim.Server(1), &word{other, invariant.Committed}))
				b.note(inv, w.Leaves(b.w, sim.Server(2), sim.Server(1), "hello"))
			}
		}
	}},
}

// Spells of doubt are reported with how long they took, crashes included.
func TestDoubtIsMeasured(t *testing.T) {
	b := newBench(t)
	var spells []time.Duration
	d := &invariant.InDoubt{Ended: func(at sim.NodeID, of bank.Tx, lasted time.Duration) {
		if at != sim.Server(2) || of != tx {
			t.Errorf("%v was in doubt about %v", at, of)
		}
		spells = append(spells, lasted)
	}}
	b.all = append(b.all, d.Watch())
	b.looks(2)
	if open := d.Open(); len(open) != 1 || open[0] != (invariant.Doubt{At: sim.Server(2), Tx: tx}) {
		t.Errorf("in doubt: %v", open)
	}
	b.passes(300*time.Millisecond, 1)
	b.crash(2)
	b.passes(100*time.Millisecond, 1)
	b.boot(2, tx)
	b.passes(50*time.Millisecond, 2)
	b.ends(2, tx, invariant.Aborted)
	if len(d.Open()) > 0 || !slices.Equal(spells, []time.Duration{450 * time.Millisecond}) {
		t.Errorf("in doubt for %v, and still %v", spells, d.Open())
	}
}

// The event that ends a doubt can be the first after the bound: it was too long all the
// same, and a doubt that ends at the bound was not.
func TestDoubtThatEndsTooLate(t *testing.T) {
	for lasted, want := range map[time.Duration]int{patience: 0, patience + 1: 1} {
		b := newBench(t)
		b.commits(tx)
		b.ends(3, tx, invariant.Committed)
		b.w.RunUntil(b.w.Now() + sim.Time(lasted))
		b.ends(2, tx, invariant.Committed)
		if len(b.found) != want {
			t.Errorf("in doubt for %v, with a bound of %v: found %v", lasted, patience, b.found)
		}
	}
}

// A machine whose disk is judged by others may say what it likes, and is not asked
// for its promises.
func TestAMachineWithoutADiskIsNotAskedForOne(t *testing.T) {
	w := sim.New(sim.Config{})
	t.Cleanup(w.Close)
	f := &fake{}
	w.AddServer(func() sim.Node { return f })
	w.RunUntil(0)
	for _, inv := range invariant.All(invariant.System{Disk: func(sim.NodeID) invariant.Disk { return nil }}) {
		f.changes = []invariant.Change{
			{Tx: tx, State: invariant.Prepared, Of: []sim.NodeID{sim.Server(1)}},
			{Tx: tx, State: invariant.Committed},
		}
		if v := inv.Check(w, sim.Server(1)); v != nil {
			t.Errorf("%s: %v", inv.Name(), v.Detail)
		}
		if s, ok := inv.(sim.Witness); ok && s.Leaves(w, sim.Server(1), sim.Server(2), &word{tx, invariant.Committed}) != nil {
			t.Errorf("%s rejects what it cannot judge", inv.Name())
		}
	}
}

// When nothing has changed, looking costs no memory.
func TestLookingAllocatesNothing(t *testing.T) {
	b := newBench(t)
	b.looks(1)
	if n := testing.AllocsPerRun(100, func() { b.looks(1); b.looks(2); b.looks(3) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Nor does listening to what is on disk already.
func TestListeningAllocatesNothing(t *testing.T) {
	b := newBench(t)
	said := &word{tx, invariant.Prepared}
	for _, inv := range b.all {
		if w, ok := inv.(sim.Witness); ok {
			hear := func() { b.note(inv, w.Leaves(b.w, sim.Server(2), sim.Server(1), said)) }
			if n := testing.AllocsPerRun(100, hear); n > 0 {
				t.Errorf("%s: %v allocations", inv.Name(), n)
			}
		}
	}
	if len(b.found) > 0 {
		t.Errorf("rejected: %v", b.found)
	}
}

func TestNamesCarryThePrefix(t *testing.T) {
	var names []string
	for _, i := range invariant.All(invariant.System{Prefix: "naive."}) {
		names = append(names, i.Name())
	}
	want := []string{"naive.agreement", "naive.no-reversal", "naive.all-voted-yes", "naive.no-needless-abort",
		"naive.no-stray-lock", "naive.saved-before-said"}
	if !slices.Equal(names, want) {
		t.Errorf("names are %v, want %v", names, want)
	}
}
