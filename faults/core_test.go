package faults_test

import (
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// leave runs a world of servers and a client into its core phase.
func leave(t *testing.T, seed uint64, servers, core int, plan []faults.Entry) (*sim.World, *faults.Installed, []sim.NodeID) {
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
	return w, in, in.LeaveCore(core)
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
		w, in, core := leave(t, seed, 5, 3, []faults.Entry{
			{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, At: 1},
			{Fault: faults.Pause{Target: faults.On(sim.Server(2))}, At: 1},
			{Fault: faults.Partition{Groups: [][]sim.NodeID{serverIDs(1, 2, 3), serverIDs(4, 5)}}, At: 1},
		})
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
	if core := in.LeaveCore(2); !slices.Equal(core, serverIDs(2)) {
		t.Errorf("the core is %v, want n2 alone: n1 has ended itself", core)
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
