package invariant_test

import (
	"slices"
	"strings"
	"testing"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

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
	{"one enters when the other has left", func(b *bench) {
		b.leaves(1)
		b.enters(2, "l1", 6)
		b.leaves(2)
		b.enters(1, "l1", 7)
	}},
	{"sections of two locks", func(b *bench) { b.enters(2, "l2", 6) }},
	{"one enters when the other has crashed", func(b *bench) {
		b.crash(sim.Client(1))
		b.enters(2, "l1", 6)
		b.boot(sim.Client(1))
	}},
	{"one is in its section still when others do something", func(b *bench) {
		b.looks(sim.Client(1))
		b.looks(sim.Client(2))
		b.looks(sim.Client(1))
	}},
	{"handed over to the first who waits", func(b *bench) {
		for server := range 2 {
			b.does(server+1, frees(invariant.Release, one), grant(two, 6, two, three))
		}
	}},
	{"handed over past one whose lease has ended", func(b *bench) {
		b.ends(1, two)
		b.does(1, frees(invariant.Release, one), grant(three, 6, two, three))
	}},
	{"handed over at the end of a lease", func(b *bench) {
		b.ends(1, one)
		b.does(1, frees(invariant.Lapse, invariant.Owner{}), grant(two, 6, two))
	}},
	{"granted anew in the event that found the lease over", func(b *bench) {
		b.does(1, frees(invariant.Lapse, invariant.Owner{}), grant(one, 6))
	}},
	{"a lease of one lock ends while another of its owner's runs", func(b *bench) {
		d := frees(invariant.Lapse, invariant.Owner{})
		d.Before.Ends = 7
		b.does(1, d)
	}},
	{"an owner who comes and goes within an event", func(b *bench) {
		b.ends(1, one)
		b.does(1, frees(invariant.Release, one), grant(one, 6), invariant.Deed{Kind: invariant.Lapse, Lock: "l1", Before: held(one, 6), After: held(invariant.Owner{}, 6)})
	}},
	{"an owner's write", func(b *bench) {
		d := invariant.Deed{Kind: invariant.Write, Lock: "l1", By: one, Before: held(one, 5), After: held(one, 5)}
		d.After.Value, d.After.Ends = "x", 9
		b.does(1, d)
	}},
	{"a refusal", func(b *bench) { b.does(1, refuse(held(one, 5))) }},
	{"tokens that skip some", func(b *bench) { b.does(1, frees(invariant.Release, one), grant(two, 60)) }},
	{"a smaller token of another lock", func(b *bench) {
		b.does(1, invariant.Deed{Kind: invariant.Grant, Lock: "l2", By: two, After: held(two, 1)})
	}},
	{"a keeper that goes through its log again", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(two, 6))
		b.crash(sim.Server(1))
		b.boot(sim.Server(1))
		b.does(1, grant(one, 5), frees(invariant.Release, one), grant(two, 6))
	}},
	{"a keeper that is behind", func(b *bench) {
		b.does(1, frees(invariant.Release, one), grant(two, 6))
		b.does(2, frees(invariant.Release, one))
		b.does(2, grant(two, 6))
	}},
	{"locks without tokens have any owner", func(b *bench) {
		for server, o := range []invariant.Owner{two, three} {
			b.does(server+1, frees(invariant.Release, one))
			b.does(server+1, invariant.Deed{Kind: invariant.Grant, Lock: "l1", By: o, Before: free, After: held(o, 0)})
		}
	}},
	{"writes under the same token and a larger", func(b *bench) { b.accepts(write(1, 5), write(2, 6), write(2, 6)) }},
	{"a write that nobody was told of is forgotten", func(b *bench) {
		b.accepts(write(2, 9))
		b.recovers(write(1, 5))
		b.accepts(write(2, 6))
	}},
	{"what is found on the disk is older than what was told", func(b *bench) {
		b.accepts(write(2, 6))
		b.tells(write(2, 6))
		b.recovers(write(1, 5), write(2, 6))
		b.accepts(write(2, 6))
	}},
	{"an answer that is repeated after a larger one", func(b *bench) {
		b.accepts(write(2, 6))
		b.tells(write(2, 6))
		b.tells(write(1, 5))
	}},
	{"an answer that leaves within the event that accepted it after a smaller one", func(b *bench) {
		b.tells(write(2, 7))
		b.accepts(write(2, 6), write(2, 7))
	}},
	{"another resource has been told larger tokens", func(b *bench) {
		b.says(sim.Server(2), &answer{write(2, 9), true})
		b.recovers()
		b.accepts(write(2, 6))
	}},
	{"a refusal that tells of nothing and other messages", func(b *bench) {
		b.says(sim.Server(3), &answer{write(2, 9), false})
		b.says(sim.Server(3), "hello")
		b.recovers()
		b.accepts(write(2, 6))
	}},
}

// When nothing has changed, looking costs no memory; nor do deeds about known locks.
func TestLookingAllocatesNothing(t *testing.T) {
	b := newBench(t)
	k := b.keepers[0]
	d := refuse(held(one, 5))
	k.deeds = slices.Grow(k.deeds, 1000)
	b.resource.accepted = slices.Grow(b.resource.accepted, 1000)
	told := &answer{write(1, 5), true}
	step := func() {
		k.deeds = append(k.deeds, d)
		b.resource.accepted = append(b.resource.accepted, write(1, 5))
		b.says(sim.Server(3), told)
		for _, id := range []sim.NodeID{sim.Server(1), sim.Server(2), sim.Server(3), sim.Client(1), sim.Client(2)} {
			b.looks(id)
		}
		*b.processes[1] = process{invariant.Section{Lock: "l2", Token: 7}, !b.processes[1].in}
	}
	step()
	step()
	if n := testing.AllocsPerRun(100, step); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if len(b.found) > 0 {
		t.Errorf("rejected: %v", b.found)
	}
}

func TestNamesAndTheField(t *testing.T) {
	w := sim.New(sim.Config{})
	t.Cleanup(w.Close)
	k := &keeper{deeds: []invariant.Deed{grant(one, 1)}}
	w.AddServer(func() sim.Node { return k })
	w.AddClient(func() sim.Node { return &process{} })
	w.RunUntil(0)
	var names []string
	for _, inv := range invariant.All(invariant.System{Prefix: "redlock.", Field: "keys"}) {
		names = append(names, inv.Name())
		if v := inv.Check(w, sim.Server(1)); v != nil && v.Fields[0].Field != "keys" {
			t.Errorf("%s rests on %v", inv.Name(), v.Fields)
		} else if found := v != nil; found != (inv.Name() == "redlock.no-stray-lock") {
			t.Errorf("%s: found %v", inv.Name(), v)
		}
	}
	want := []string{"redlock.one-holder", "redlock.tokens-increase", "redlock.owner-removes", "redlock.failed-try-changes-nothing",
		"redlock.no-stray-lock", "redlock.first-come-first-served", "redlock.no-stale-write"}
	if !slices.Equal(names, want) {
		t.Errorf("names are %v, want %v", names, want)
	}
}

// Where processes may be paused in their sections, nobody says that only one is in one;
// the rest is judged.
func TestZombiesAreNotJudgedByOneHolder(t *testing.T) {
	for _, zombies := range []bool{true, false} {
		b := newBench(t)
		b.all = invariant.All(invariant.System{Zombies: zombies})
		b.looks(sim.Client(1))
		b.enters(2, "l1", 6)
		b.accepts(write(2, 6), write(1, 5))
		_, two := b.found["lock.one-holder"]
		_, late := b.found["lock.no-stale-write"]
		if two == zombies || !late || len(b.all) != map[bool]int{true: 6, false: 7}[zombies] {
			t.Errorf("zombies: %v: %d invariants, found %v", zombies, len(b.all), b.found)
		}
	}
}

// Of a user that shows no critical sections, one-holder would hold whatever happens: that
// is a mistake of who judges it, unless it is left out.
func TestWhoIsGrantedALockMustShowItsSections(t *testing.T) {
	granted := func(zombies bool) (panicked any) {
		w := sim.New(sim.Config{Invariants: invariant.All(invariant.System{Zombies: zombies})})
		defer w.Close()
		k := &keeper{}
		w.AddServer(func() sim.Node { return k })
		w.AddClient(sim.Go(func(*sim.Proc) {}))
		w.RunUntil(0)
		k.alive = []invariant.Owner{one}
		k.deeds = []invariant.Deed{grant(one, 5)}
		defer func() { panicked = recover() }()
		for _, inv := range invariant.All(invariant.System{Zombies: zombies}) {
			inv.Check(w, sim.Server(1))
		}
		return nil
	}
	if granted(false) == nil {
		t.Error("a client without sections is granted a lock, and nobody minds")
	}
	if p := granted(true); p != nil {
		t.Errorf("one-holder is not judged, and yet: %v", p)
	}
}
