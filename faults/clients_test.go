package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// clientKinds are the kinds that planners may aim at clients.
func clientKinds() []faults.Kind {
	return slices.DeleteFunc(faults.Kinds(), func(k faults.Kind) bool {
		return slices.Contains([]faults.Kind{"partition", "bridge", "majorities_ring", "swizzle_clog", "filter", "upgrade"}, k)
	})
}

// lockModel is what a lock service that is well may meet: its clients' clocks and pauses.
func lockModel() faults.Model {
	return faults.Model{
		Kinds: []faults.Kind{"isolate", "pause", "crash", "clock_drift", "clock_step", "clock_freeze"}, MaxDown: 2, Servers: 5,
		ClientKinds: []faults.Kind{"pause", "crash", "clock_drift", "clock_step"}, Clients: 1, Holders: true,
		DriftPPM: 100, Step: time.Second, Each: 5,
	}
}

func TestModelsSayWhatMayHitClients(t *testing.T) {
	holder, other := faults.Aim(faults.Holder), lockModel()
	pause := func(who faults.Target) faults.Entry { return between(0, 1000*ms, faults.Pause{Target: who}) }
	both := list(pause(faults.On(n(1), n(2))), pause(holder))
	wantJudged(t, lockModel(), []judged{
		{"a client", list(pause(faults.On(c1()))), ""},
		{"a holder", list(from1s(faults.ClockStep{Target: holder, By: time.Second})), ""},
		{"another kind", list(from1s(faults.Isolate{Target: faults.On(c1())})), "it may hit a client (c1), and the fault model aims only pause, crash, clock_drift, clock_step at clients"},
		{"another kind at a holder", list(from1s(faults.ClockFreeze{Target: holder})), "it may hit a client (holder)"},
		{"too far", list(from1s(faults.ClockDrift{Target: faults.On(c1()), PPM: 101})), "ppm is 101, at most 100"},
		{"clients are not down", list(pause(faults.On(n(1), n(2), c1())), crash(faults.On(c1()), 0, 1000)), ""},
		{"nor are holders", both, ""},
		{"servers are", append(both[:2:2], pause(faults.Aim(faults.Any))), "fault 3 (pause): 3 servers"},
	})
	other.Holders = false
	wantJudged(t, other, []judged{
		{"a holder may be a server", both, "fault 2 (pause): 3 servers"},
		{"this one was a client", list(both[0], pause(faults.Target{Who: faults.Holder, Was: []sim.NodeID{c1()}})), ""},
	})
}

// atClient reports whether a fault is aimed at a client by name, or at a holder.
func atClient(e faults.Entry) (named, holder bool) {
	s := e.Fault.String()
	return strings.Contains(s, "target: c1") || strings.Contains(s, "target: c2") || strings.Contains(s, "target: c3"), strings.Contains(s, "target: holder")
}

// Half of the faults of a kind that may hit clients do, two in three of them holders;
// all others are what they were without.
func TestPlannersAimAtClientsAndHolders(t *testing.T) {
	all := everything()
	all.MaxDown, all.LossPPM, all.DuplicatePPM, all.CorruptPPM = 1000, 1_000_000, 1_000_000, 1_000_000
	all.Slow, all.SlewPPM, all.Offset, all.Delay, all.Window = time.Hour, 500_000, time.Hour, time.Hour, time.Hour
	all.Kinds = clientKinds()
	some := all
	some.ClientKinds, some.Holders = slices.DeleteFunc(clientKinds(), func(k faults.Kind) bool { return k == "pause" }), true
	kinds, named, holders, total := map[faults.Kind]bool{}, 0, 0, 0
	for seed := range uint64(150) {
		without := drawn(all, 5, seed)
		with := drawn(some, 5, seed)
		if len(with) != len(without) {
			t.Fatalf("seed %d: %d faults, without clients %d", seed, len(with), len(without))
		}
		for i, e := range with {
			byName, held := atClient(e)
			switch old := without[i]; {
			case !byName && !held && e.String() != old.String():
				t.Errorf("seed %d: %v, without clients %v", seed, e, old)
			case e.At != old.At || e.For != old.For || e.Fault.Kind() != old.Fault.Kind():
				t.Errorf("seed %d: %v in place of %v", seed, e, old)
			case (byName || held) && e.Fault.Kind() == "pause", held && e.At == 0:
				t.Errorf("seed %d: %v", seed, e)
			}
			if e.Fault.Kind() == "pause" || !strings.Contains(e.Fault.String(), "target") {
				continue
			}
			total++
			if byName || held {
				kinds[e.Fault.Kind()] = true
			}
			if byName {
				named++
			}
			if held {
				holders++
			}
		}
	}
	t.Logf("of %d targets %d are clients by name and %d holders", total, named, holders)
	if share := (named + holders) * 100 / total; share < 45 || share > 55 {
		t.Errorf("%d%% of the targets are clients, want half", share)
	}
	if share := holders * 100 / (named + holders); share < 55 || share > 75 {
		t.Errorf("%d%% of those are holders, want two in three", share)
	}
	if len(kinds) != len(clientKinds())-1 {
		t.Errorf("only %v are aimed at clients", kinds)
	}
}

// Where no server may be down, what stops machines is for clients.
func TestWithoutServersThatMayBeDownClientsAre(t *testing.T) {
	m := lockModel()
	m.MaxDown, m.Kinds = 0, []faults.Kind{"pause", "crash"}
	m.ClientKinds = m.Kinds
	if err := m.CheckKinds(); err != nil {
		t.Errorf("CheckKinds: %v", err)
	}
	for _, holders := range []bool{true, false} {
		m.Holders = holders
		seen := map[string]int{}
		for seed := range uint64(100) {
			for _, e := range drawn(m, 5, seed) {
				seen[string(e.Fault.Kind())+" "+aimOf(e)]++
			}
		}
		for _, want := range []string{"pause c1", "crash c1"} {
			if seen[want] < 20 {
				t.Errorf("holders %v: drawn are %v, want %s among them", holders, seen, want)
			}
		}
		if kinds := map[bool]int{true: 4, false: 2}[holders]; len(seen) != kinds {
			t.Errorf("holders %v: drawn are %v", holders, seen)
		}
	}
}

// Nor are there servers in a world of clients only, and the model knows.
func TestAWorldOfClientsOnly(t *testing.T) {
	m := lockModel()
	m.Kinds = []faults.Kind{"clock_step", "clock_freeze"}
	m.ClientKinds = []faults.Kind{"clock_step"}
	if err := m.CheckWorld(0); err != nil {
		t.Errorf("CheckWorld: %v", err)
	}
	steps := 0
	for seed := range uint64(50) {
		for _, e := range drawn(m, 0, seed) {
			named, held := atClient(e)
			if e.Fault.Kind() == "clock_step" {
				steps++
			}
			if (named || held) != (e.Fault.Kind() == "clock_step") {
				t.Errorf("seed %d: %v", seed, e)
			}
		}
	}
	m.Kinds, m.ClientKinds = m.Kinds[1:], nil
	if steps < 20 || m.CheckWorld(0) == nil {
		t.Errorf("%d steps are drawn; CheckWorld without ClientKinds: %v", steps, m.CheckWorld(0))
	}
}

// aimOf is how the entry's target is spelled.
func aimOf(e faults.Entry) string {
	_, after, _ := strings.Cut(e.Fault.String(), "target: ")
	return strings.FieldsFunc(after, func(r rune) bool { return r == ',' || r == '}' })[0]
}

// The nemesis aims at holders and clients at their moments, and at servers at theirs.
func TestTheNemesisAimsAtClients(t *testing.T) {
	servers, clients := faults.Moment{Of: sim.Syncing, Name: "a.Vote"}, faults.Moment{Of: sim.Timeout, Name: "sim.wake"}
	for _, moments := range [][]faults.Moment{nil, {servers}} {
		m := lockModel()
		m.Moments, m.ClientMoments = moments, []faults.Moment{clients}
		seen, stray := map[string]int{}, 0
		for seed := range uint64(300) {
			for _, e := range drawn(m, 5, seed) {
				named, held := atClient(e)
				switch {
				case e.Moment == clients && (named || held):
					seen[string(e.Fault.Kind())+" "+aimOf(e)]++
				case e.Moment == servers && !named && !held && moments != nil:
					seen["servers"]++
				case e.Moment.Of != 0:
					stray++
					t.Errorf("%v", e)
				}
			}
		}
		t.Logf("%v", seen)
		for _, want := range []string{"pause holder", "pause c1", "crash holder", "clock_drift c1"} {
			if seen[want] == 0 {
				t.Errorf("with moments %v for servers nothing is like %q: %v", moments, want, seen)
			}
		}
		if (seen["servers"] > 0) != (moments != nil) {
			t.Errorf("with moments %v for servers %d faults are aimed at them", moments, seen["servers"])
		}
	}
}

// No play is lost to machines or kinds that have no moments: half of the runs have one.
func TestTheNemesisPlaysForClientsAlone(t *testing.T) {
	m := lockModel()
	m.Kinds, m.ClientKinds = []faults.Kind{"isolate", "clock_freeze", "pause"}, []faults.Kind{"pause"}
	m.ClientMoments = []faults.Moment{{Of: sim.Timeout, Name: "sim.wake"}}
	const seeds = 400
	plays := 0
	for seed := range uint64(seeds) {
		if slices.ContainsFunc(drawn(m, 5, seed), func(e faults.Entry) bool { return e.Moment.Of != 0 }) {
			plays++
		}
	}
	if share := plays * 100 / seeds; share < 45 || share > 55 {
		t.Errorf("%d%% of the runs have a play, want half", share)
	}
}

// Whom a drawn fault names exists, with as many clients as there are.
func TestDrawnClientsExist(t *testing.T) {
	m := everything()
	m.ClientKinds = clientKinds()
	seen := map[string]bool{}
	for seed := range uint64(60) {
		club := newClub(3, sim.Config{Seed: seed})
		for range seed % 3 {
			club.world.AddClient(func() sim.Node { return &greets{club: club} })
		}
		plan := faults.Draw(m, club.world, time.Second)
		if _, err := faults.Install(club.world, plan); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, e := range plan {
			if named, _ := atClient(e); named {
				seen[aimOf(e)] = true
			}
		}
		club.world.Close()
	}
	if len(seen) != 3 {
		t.Errorf("drawn are %v, want c1, c2 and c3", seen)
	}
}

// A client that has crashed starts from the beginning of its Proc. Its operations are
// numbered on; one that was under way is never answered, and whoever goes on is another
// process for the checkers. A crash between two operations leaves no such trace.
func TestWhatACrashOfAClientLeaves(t *testing.T) {
	asks := func(p *sim.Proc) {
		for range 2 {
			op := p.Invoke(p.NextOp(), "ask")
			p.Sleep(10 * time.Millisecond)
			op.OK("yes")
			p.Sleep(5 * time.Millisecond)
		}
	}
	for at, want := range map[sim.Time]string{
		18 * ms: "c1#1 1 ok, c1#2 1 unknown, c1#3 1048577 ok, c1#4 1048577 ok", // in its second operation
		12 * ms: "c1#1 1 ok, c1#2 1 ok, c1#3 1 ok",                             // after its first
		40 * ms: "c1#1 1 ok, c1#2 1 ok",                                        // it was done, and nobody waits for it
	} {
		w := sim.New(sim.Config{})
		w.AddServer(func() sim.Node { return still{} })
		w.AddClient(sim.Go(asks))
		in := install(t, w, between(at, at+20*ms, faults.Crash{Target: faults.On(c1())}))
		w.RunClients(1000 * ms)
		in.HealAll() // when it is down, nobody else is under way, and the chaos is over
		w.RunClients(1000 * ms)
		var got []string
		for _, op := range w.History() {
			got = append(got, fmt.Sprintf("%v %d %v", op.ID, op.Process, op.Outcome))
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("crashed at %v:\n got %s\nwant %s", at, got, want)
		}
		w.Close()
	}
}
