package faults_test

import (
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// leave runs a world of servers and a client into its core phase.
func leave(t *testing.T, seed uint64, servers int, plan []faults.Entry, groups ...faults.Group) (*sim.World, *faults.Installed, []sim.NodeID) {
	t.Helper()
	w := sim.New(sim.Config{Seed: seed})
	t.Cleanup(w.Close)
	for range servers {
		w.AddServer(func() sim.Node { return mute{} })
	}
	w.AddClient(func() sim.Node { return mute{} })
	in, err := faults.Install(w, plan)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(sim.Time(time.Second))
	in.HealAll()
	w.RunUntil(w.Now())
	core, lacking := in.LeaveCore(groups...)
	if lacking != "" {
		t.Fatal(lacking)
	}
	return w, in, core
}

type mute struct{}

func (mute) Step(*sim.Env, sim.NodeID, sim.Message) {}

// well reports whether a server runs and can talk to everybody in the list.
func well(w *sim.World, id sim.NodeID, with []sim.NodeID) bool {
	for _, other := range with {
		if !w.Reachable(id, other) || !w.Reachable(other, id) {
			return false
		}
	}
	return w.Up(id) && !w.Paused(id)
}

// Whatever has struck before, the core is well and the others are not; in each way
// that there is, over a few seeds.
func TestLeaveCore(t *testing.T) {
	ways := map[string]int{}
	members := map[sim.NodeID]int{}
	for seed := uint64(1); seed <= 40; seed++ {
		w, in, core := leave(t, seed, 5, []faults.Entry{
			{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, At: 1},
			{Fault: faults.Pause{Target: faults.On(sim.Server(2))}, At: 1},
			{Fault: faults.Partition{Groups: [][]sim.NodeID{serverIDs(1, 2, 3), serverIDs(4, 5)}}, At: 1},
		}, faults.AnyOf(3)...)
		if len(core) != 3 || !slices.IsSorted(core) {
			t.Fatalf("seed %d: the core is %v, want three servers in order", seed, core)
		}
		talk := append(slices.Clone(core), sim.Client(1))
		for _, id := range w.Servers() {
			if got, want := well(w, id, talk), slices.Contains(core, id); got != want {
				t.Errorf("seed %d: %v is well: %t, want %t (core %v)", seed, id, got, want, core)
			}
			switch {
			case slices.Contains(core, id):
				members[id]++
			case !w.Up(id):
				ways["crashed"]++
			case w.Paused(id):
				ways["paused"]++
			default:
				ways["cut off"]++
			}
		}
		in.HealAll()
		w.RunUntil(w.Now())
		for _, id := range w.Servers() {
			if !well(w, id, w.Servers()) {
				t.Errorf("seed %d: %v is not well after HealAll", seed, id)
			}
		}
	}
	if len(ways) != 3 || len(members) != 5 {
		t.Errorf("others failed in these ways: %v; in the core were %v: want all of both", ways, members)
	}
}

// Of each group so many are well, and each of its members is among them or not; one of
// no group never is. A server that two groups list is of the first.
func TestLeaveCoreOfGroups(t *testing.T) {
	groups := []faults.Group{
		{Members: serverIDs(4, 5), Well: 2},
		{Members: serverIDs(1, 2, 3, 4), Well: 2},
	}
	times := map[sim.NodeID]int{}
	for seed := uint64(1); seed <= 40; seed++ {
		w, _, core := leave(t, seed, 6, nil, groups...)
		if len(core) != 4 || !slices.IsSorted(core) {
			t.Fatalf("seed %d: the core is %v, want four servers in order", seed, core)
		}
		for _, id := range w.Servers() {
			in := slices.Contains(core, id)
			if in {
				times[id]++
			}
			if got := well(w, id, core); got != in {
				t.Errorf("seed %d: %v is well: %t, want %t (core %v)", seed, id, got, in, core)
			}
		}
	}
	for i, always := range []bool{false, false, false, true, true} {
		if n := times[sim.Server(i+1)]; always != (n == 40) || n == 0 {
			t.Errorf("n%d is in %d cores of 40, want it in all: %t", i+1, n, always)
		}
	}
	if n := times[sim.Server(6)]; n > 0 {
		t.Errorf("n6, of no group, is in %d cores", n)
	}
}

// A group without members is all servers that no group before it lists.
func TestLeaveCoreOfOneAndAnyOthers(t *testing.T) {
	times := map[sim.NodeID]int{}
	for seed := uint64(1); seed <= 40; seed++ {
		_, _, core := leave(t, seed, 5, nil, faults.Group{Members: serverIDs(2), Well: 1}, faults.Group{Well: 2})
		for _, id := range core {
			times[id]++
		}
	}
	for _, id := range serverIDs(1, 3, 4, 5) {
		if times[id] == 0 || times[id] == 40 {
			t.Errorf("%v is in %d cores of 40, want some", id, times[id])
		}
	}
	if times[sim.Server(2)] != 40 {
		t.Errorf("n2 is in %d cores of 40, want all", times[sim.Server(2)])
	}
}

// Machines that ended themselves for good cannot be in a core.
func TestLeaveCoreFindsTooFew(t *testing.T) {
	w := sim.New(sim.Config{})
	t.Cleanup(w.Close)
	w.AddServer(func() sim.Node { return halting{} })
	w.AddServer(func() sim.Node { return mute{} })
	in, err := faults.Install(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(1)
	for want, groups := range map[string][]faults.Group{
		"only 1 server can still run, and 2 are needed":      faults.AnyOf(2),
		"of n1 only 0 can still run, and 1 is needed":        {{Members: serverIDs(1), Well: 1}, {Well: 1}},
		"of [n1, n2] only 1 can still run, and 2 are needed": {{Members: serverIDs(1, 2), Well: 2}},
	} {
		core, lacking := in.LeaveCore(groups...)
		if !slices.Equal(core, serverIDs(2)) || lacking != want {
			t.Errorf("the core is %v and %q, want n2 alone, for n1 has ended itself: %q", core, lacking, want)
		}
		in.HealAll()
	}
}

type halting struct{}

func (halting) Step(env *sim.Env, _ sim.NodeID, _ sim.Message) { env.Fatal("the disk is corrupt") }

// serverIDs names servers by their ordinals.
func serverIDs(ordinals ...int) []sim.NodeID {
	var out []sim.NodeID
	for _, n := range ordinals {
		out = append(out, sim.Server(n))
	}
	return out
}
