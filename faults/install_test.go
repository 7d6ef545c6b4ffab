package faults_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"

	"pgregory.net/rapid"
)

// everything is a model under which any fault may strike.
func everything() faults.Model {
	return faults.Model{
		Kinds: faults.Kinds(), MaxDown: 2, LossPPM: 300_000, DuplicatePPM: 200_000, Delay: 200 * time.Millisecond,
		DriftPPM: 200_000, Window: 100 * time.Millisecond, CorruptPPM: 300_000, Undetected: true, Bandwidth: 500,
		Types: []string{"faults_test.hello", "a.B"}, Step: 5 * time.Second, Each: 4,
		Offset: 5 * time.Second, SlewPPM: 200_000, Slow: 50 * time.Millisecond, Builds: []string{"v1", "v2"},
		CrashModels: []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepAll, sim.TornTail},
	}
}

// busy is a club whose leader moves on and whose disks have work.
func busy(seed uint64) *club {
	club := newClub(5, sim.Config{Seed: seed, Disk: sim.DiskConfig{Sync: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 9*time.Millisecond)}})
	for i := range 40 {
		id := n(1 + i%5)
		club.world.At(sim.Time(i)*100*ms, func(w *sim.World) {
			clear(club.roles)
			club.roles[id], club.terms[id] = "leader", int64(i)
			env := club.nodes[id].env
			env.File("data").Append([]byte("work"))
			env.File("data").Sync()
			env.SyncDir()
		})
	}
	return club
}

// A recorded plan replays the run, and its faults are what it says they were.
func TestResolvedPlansReplayExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		play := func(entries []faults.Entry) (*sim.World, *faults.Installed) {
			club := busy(seed)
			if entries == nil {
				entries = faults.Draw(everything(), club.world, 4*time.Second)
			}
			in, err := faults.Install(club.world, entries)
			if err != nil {
				t.Fatalf("Install: %v", err)
			}
			club.runTo(4000 * ms)
			in.HealAll()
			club.runTo(4500 * ms)
			club.world.Close()
			return club.world, in
		}
		first, in := play(nil)
		again, in2 := play(in.Resolved())
		if first.Hash() != again.Hash() {
			t.Errorf("the hash is %x, replayed %x", first.Hash(), again.Hash())
		}
		if !reflect.DeepEqual(in.Resolved(), in2.Resolved()) || !reflect.DeepEqual(in.Skips(), in2.Skips()) {
			t.Errorf("resolved %v skips %v, replayed %v skips %v", in.Resolved(), in.Skips(), in2.Resolved(), in2.Skips())
		}
	})
}

// Whatever has struck, in whatever overlap: after HealAll everything runs,
// reaches everything and keeps time.
func TestHealAllLeavesNothingBroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		club := busy(seed)
		model := everything()
		model.MaxDown = 5
		if rapid.Bool().Draw(t, "clients too") {
			model.ClientKinds = clientKinds()
		}
		in, err := faults.Install(club.world, faults.Draw(model, club.world, 4*time.Second))
		if err != nil {
			t.Fatalf("Install: %v", err)
		}
		club.runTo(sim.Time(rapid.Int64Range(0, 4_000).Draw(t, "heal at")) * ms)
		in.HealAll()
		club.runTo(5000 * ms)
		before, client := club.elapsed(n(1)), club.elapsed(c1())
		club.runTo(6000 * ms)
		if got := club.elapsed(n(1)) - before; got != time.Second {
			t.Errorf("n1's clock goes %v in a second", got)
		}
		if got := club.elapsed(c1()) - client; got != time.Second {
			t.Errorf("c1's clock goes %v in a second", got)
		}
		all := append(club.world.Servers(), c1())
		for _, id := range all {
			if !club.world.Up(id) || club.world.Paused(id) {
				t.Errorf("%v is up: %v, paused: %v", id, club.world.Up(id), club.world.Paused(id))
			}
			for _, to := range all {
				if to != id && !club.hears(to, id) {
					t.Errorf("%v does not hear %v", to, id)
				}
			}
		}
	})
}

func TestNothingStrikesAfterTheChaos(t *testing.T) {
	club := newClub(3, sim.Config{})
	in := club.install(t,
		faults.Entry{Fault: faults.Crash{Target: faults.On(n(1))}, At: 2000 * ms},
		faults.Entry{Fault: faults.CrashAt(n(2), 1), After: timer(n(2), 200)},
		faults.Entry{Fault: faults.Pause{Target: faults.On(n(3))}, After: timer(n(3), 200)},
	)
	club.runTo(1000 * ms)
	in.HealAll()
	club.runTo(3000 * ms)
	club.wantReach(t, "after", nothingCut)
	if club.world.Incarnation(n(1)) != 1 || club.world.Incarnation(n(2)) != 1 {
		t.Error("a crash struck after HealAll")
	}
}

func TestInstallRefusesWhatDoesNotFit(t *testing.T) {
	at := func(f faults.Fault) faults.Entry { return faults.Entry{Fault: f, At: ms} }
	for _, c := range []struct {
		entry faults.Entry
		want  string
	}{
		{at(faults.Isolate{Target: faults.On(n(4))}), "fault 2 (isolate): there is no node n4"},
		{at(faults.Isolate{Target: faults.On(sim.Client(2))}), "there is no node c2"},
		{at(faults.Isolate{Target: faults.Target{Who: faults.Leader, Was: []sim.NodeID{n(9)}}}), "there is no node n9"},
		{at(faults.Partition{Groups: [][]sim.NodeID{{n(1)}, {n(7)}}}), "there is no node n7"},
		{at(faults.Loss{PPM: 1, Scope: faults.Scope{Target: faults.On(n(1)), Peers: []sim.NodeID{n(8)}}}), "there is no node n8"},
		{faults.Entry{Fault: faults.Isolate{Target: faults.On(n(1))}, After: timer(n(6), 1)}, "there is no node n6"},
		{at(faults.Isolate{}), "target is missing"},
		{at(nil), "there is no fault"},
		{faults.Entry{Fault: faults.Isolate{Target: faults.On(n(1))}, At: -1}, "at is -1ns"},
		{faults.Entry{Fault: faults.Isolate{Target: faults.On(n(1))}, At: 1, After: timer(n(1), 1)}, "both set"},
		{faults.Entry{Fault: faults.ClockStep{Target: faults.On(n(1)), By: 1}, For: 1}, "a clock_step stays"},
		{faults.Entry{Fault: faults.Isolate{Target: faults.On(n(1))}, After: sim.Identity{Subject: sim.OfCrash, Node: n(1), K: 1}}, "after cannot wait for crash n1 #1"},
		{at(faults.CrashAt(n(1), 1)), "before_effect goes with after"},
	} {
		club := newClub(3, sim.Config{})
		_, err := faults.Install(club.world, []faults.Entry{at(faults.Pause{Target: faults.On(n(1))}), c.entry})
		var entry *faults.EntryError
		if !errors.As(err, &entry) || entry.Index != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Install says %v, want fault 2 and %q", err, c.want)
		}
		club.runTo(10 * ms)
		if club.world.Paused(n(1)) {
			t.Error("a list that was refused struck all the same")
		}
	}
}
