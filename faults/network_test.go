package faults_test

import (
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

func crosses(side ...sim.NodeID) func(from, to sim.NodeID) bool {
	return func(from, to sim.NodeID) bool {
		return from.IsServer() && to.IsServer() && slices.Contains(side, from) != slices.Contains(side, to)
	}
}

// What each kind of cut cuts while it lasts, and that nothing is cut after.
func TestCutsCutWhatTheySayAndHeal(t *testing.T) {
	for _, c := range []struct {
		fault faults.Fault
		cut   func(from, to sim.NodeID) bool
	}{
		{faults.Partition{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4), n(5)}}}, crosses(n(1), n(2))},
		{faults.Partition{Groups: [][]sim.NodeID{{n(1)}, {n(2)}}}, func(from, to sim.NodeID) bool { return from+to == n(1)+n(2) && from.IsServer() && to.IsServer() }},
		{faults.Partition{Groups: [][]sim.NodeID{{n(1), c1()}, {n(2)}, {n(3)}}}, func(from, to sim.NodeID) bool {
			group := map[sim.NodeID]int{n(1): 1, c1(): 1, n(2): 2, n(3): 3}
			return group[from] != 0 && group[to] != 0 && group[from] != group[to]
		}},
		{faults.Partition{Target: faults.On(n(2), n(4))}, crosses(n(2), n(4))},
		{faults.Isolate{Target: faults.On(n(3))}, crosses(n(3))},
		{faults.Isolate{Target: faults.On(n(1), n(3))}, crosses(n(1), n(3))},
		{faults.Isolate{Target: faults.On(n(3)), Clients: true}, func(from, to sim.NodeID) bool { return from == n(3) || to == n(3) }},
		{faults.Isolate{Target: faults.On(c1())}, func(from, to sim.NodeID) bool { return from == c1() || to == c1() }},
		{faults.PartitionOneWay{Scope: faults.Scope{Target: faults.On(n(1)), Way: faults.Out}}, func(from, to sim.NodeID) bool { return from == n(1) && to.IsServer() }},
		{faults.PartitionOneWay{Scope: faults.Scope{Target: faults.On(n(1)), Way: faults.In}}, func(from, to sim.NodeID) bool { return to == n(1) && from.IsServer() }},
		{faults.PartitionOneWay{Scope: faults.Scope{Target: faults.On(n(1)), Way: faults.In, Peers: []sim.NodeID{n(2), c1()}}}, func(from, to sim.NodeID) bool { return to == n(1) && (from == n(2) || from == c1()) }},
		{faults.Loss{PPM: 1_000_000}, func(_, _ sim.NodeID) bool { return true }},
		{faults.Loss{PPM: 1_000_000, Scope: faults.Scope{Target: faults.On(n(1))}}, func(from, to sim.NodeID) bool { return from == n(1) || to == n(1) }},
		{faults.Loss{PPM: 1_000_000, Scope: faults.Scope{Target: faults.On(n(1), n(2)), Way: faults.Out}}, func(from, _ sim.NodeID) bool { return from == n(1) || from == n(2) }},
		{faults.Loss{PPM: 1_000_000, Scope: faults.Scope{Target: faults.On(n(1), n(2)), Peers: []sim.NodeID{n(2), n(3)}}}, func(from, to sim.NodeID) bool {
			of, peers := []sim.NodeID{n(1), n(2)}, []sim.NodeID{n(2), n(3)}
			return slices.Contains(of, from) && slices.Contains(peers, to) || slices.Contains(peers, from) && slices.Contains(of, to)
		}},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			club := newClub(5, sim.Config{})
			club.install(t, from1s(c.fault))
			club.runTo(999 * ms)
			club.wantReach(t, "before", nothingCut)
			club.runTo(1999 * ms)
			club.wantReach(t, "during", c.cut)
			club.runTo(2030 * ms)
			club.wantReach(t, "after", nothingCut)
		})
	}
}

func TestACutLosesWhatIsInFlight(t *testing.T) {
	club := newClub(2, sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(5 * time.Millisecond)}})
	club.install(t, between(1002*ms, 1004*ms, faults.Isolate{Target: faults.On(n(1))}), between(1013*ms, 1018*ms, faults.Isolate{Target: faults.On(n(1))}))
	club.runTo(1009 * ms) // sent at 1000, cut at 1002, healed at 1004, due at 1005
	if got := club.nodes[n(2)].heard[n(1)]; got != 100 {
		t.Errorf("n2 heard hello %d by 1009ms, want 100: a cut that heals in time loses nothing", got)
	}
	club.runTo(1019 * ms) // sent at 1010, due at 1015, cut then
	if got := club.nodes[n(2)].heard[n(1)]; got != 100 {
		t.Errorf("n2 heard hello %d by 1019ms, want 100 still: the cut was in force when 101 arrived", got)
	}
}

func TestOverlappingCutsHealOneByOne(t *testing.T) {
	club := newClub(5, sim.Config{})
	club.install(t,
		between(1000*ms, 2000*ms, faults.Isolate{Target: faults.On(n(1))}),
		between(1500*ms, 2500*ms, faults.Partition{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4), n(5)}}}),
		between(1500*ms, 2500*ms, faults.Partition{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4), n(5)}}}),
	)
	club.runTo(1999 * ms)
	club.wantReach(t, "both", func(from, to sim.NodeID) bool { return crosses(n(1))(from, to) || crosses(n(1), n(2))(from, to) })
	club.runTo(2499 * ms)
	club.wantReach(t, "the second alone", crosses(n(1), n(2)))
	club.runTo(2530 * ms)
	club.wantReach(t, "after both", nothingCut)
}

// A delay is added once to each message of its scope, also within the target.
func TestDelayIsAddedAndTakenAway(t *testing.T) {
	for _, scope := range []faults.Scope{
		{}, {Target: faults.On(n(1)), Way: faults.Out}, {Target: faults.On(n(1), n(2))},
		{Target: faults.On(n(1), n(2)), Peers: []sim.NodeID{n(2), n(3)}},
	} {
		club := newClub(3, sim.Config{Records: true})
		club.install(t, from1s(faults.Delay{Extra: sim.Fixed(40 * time.Millisecond), Scope: scope}))
		club.runTo(3000 * ms)
		for _, r := range club.world.Trace().Records() {
			if r.Kind != sim.KindSend {
				continue
			}
			want := ms
			if r.At >= 1000*ms && r.At < 2000*ms && within(scope, r.Node, r.Peer) {
				want = 41 * ms
			}
			if r.Due-r.At != want {
				t.Fatalf("%v: from %v to %v at %v takes %v, want %v", scope, r.Node, r.Peer, r.At, r.Due-r.At, want)
			}
		}
	}
}

// within says in its own way whether a link belongs to a scope.
func within(c faults.Scope, from, to sim.NodeID) bool {
	of := func(id sim.NodeID) bool { return slices.Contains(c.Target.Nodes, id) }
	peer := func(id sim.NodeID) bool { return c.Peers == nil || slices.Contains(c.Peers, id) }
	out, in := of(from) && peer(to), of(to) && peer(from)
	switch {
	case c.Target.None():
		return true
	case c.Way == faults.Out:
		return out
	case c.Way == faults.In:
		return in
	default:
		return out || in
	}
}

func TestDuplicateDoublesAndStops(t *testing.T) {
	club := newClub(3, sim.Config{Records: true})
	club.install(t, from1s(faults.Duplicate{PPM: 1_000_000, Scope: faults.Scope{Target: faults.On(n(1), n(2))}}))
	club.runTo(3000 * ms)
	copies := map[[3]uint64]int{}
	for _, r := range club.world.Trace().Records() {
		if r.Kind == sim.KindDeliver {
			copies[[3]uint64{uint64(r.Peer), uint64(r.Node), r.K}]++
		}
	}
	for key, got := range copies {
		want := 1
		touched := key[0] <= 2 || key[1] <= 2
		if k := key[2]; touched && k >= 100 && k < 200 {
			want = 2
		}
		if got != want {
			t.Errorf("message %d from %d to %d was delivered %d times, want %d", key[2], key[0], key[1], got, want)
		}
	}
}

// Overlapping losses add up, and each takes away only its own.
func TestLossesAddUp(t *testing.T) {
	club := newClub(2, sim.Config{Seed: 3})
	in := club.install(t,
		faults.Entry{Fault: faults.Loss{PPM: 500_000}, At: 1000 * ms, For: 3 * time.Second},
		faults.Entry{Fault: faults.Loss{PPM: 500_000}, At: 2000 * ms, For: time.Second},
	)
	heard := func() int { return club.nodes[n(2)].heard[n(1)] }
	club.runTo(2005 * ms)
	at2 := heard()
	club.runTo(2995 * ms)
	if heard() > at2 {
		t.Errorf("half and half lost still let hello %d through", heard())
	}
	club.runTo(3995 * ms)
	if heard() <= 300 {
		t.Errorf("with one half lost nothing was heard after 3s")
	}
	in.HealAll()
	club.runTo(4100 * ms)
	club.wantReach(t, "healed", nothingCut)
}
