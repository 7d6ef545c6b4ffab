package faults_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"

	"pgregory.net/rapid"
)

func drawn(m faults.Model, servers int, seed uint64) []faults.Entry {
	w := sim.New(sim.Config{Seed: seed})
	for range servers {
		w.AddServer(func() sim.Node { return &greets{} })
	}
	w.AddClient(func() sim.Node { return &greets{} })
	return faults.Draw(m, w, 10*time.Second)
}

func models() *rapid.Generator[faults.Model] {
	return rapid.Custom(func(t *rapid.T) faults.Model {
		m := faults.Model{
			Holders: rapid.Bool().Draw(t, "holders"),
			Kinds:   rapid.SliceOfDistinct(rapid.SampledFrom(faults.Kinds()), rapid.ID[faults.Kind]).Draw(t, "kinds"),
			MaxDown: rapid.IntRange(0, 3).Draw(t, "down"),
			LossPPM: rapid.Int64Range(0, 1_000_000).Draw(t, "loss"), DuplicatePPM: rapid.Int64Range(0, 1_000_000).Draw(t, "duplicate"),
			Delay:    time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "delay")),
			DriftPPM: rapid.Int64Range(0, 2_000_000).Draw(t, "drift"),
			Step:     time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "step")),
			Offset:   time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "offset")),
			SlewPPM:  rapid.Int64Range(0, 2_000_000).Draw(t, "slew"),
			Slow:     time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "slow")),
			Builds:   rapid.SliceOfDistinct(rapid.SampledFrom([]string{"v1", "v2", "v3"}), rapid.ID[string]).Draw(t, "builds"),
			Each:     rapid.IntRange(0, 9).Draw(t, "each"),
		}
		if rapid.Bool().Draw(t, "lengths") {
			m.Least = time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "least"))
			m.Most = m.Least + time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "most"))
		}
		if rapid.Bool().Draw(t, "moments") {
			m.Moments = []faults.Moment{{Of: sim.Syncing}, {Of: sim.Synced, Name: "a.Vote"}, {Of: sim.Timeout}}
		}
		if rapid.Bool().Draw(t, "client moments") {
			m.ClientMoments = []faults.Moment{{Of: sim.Timeout, Name: "sim.wake"}}
		}
		for _, k := range m.Kinds {
			if slices.Contains(clientKinds(), k) && rapid.Bool().Draw(t, "at clients") {
				m.ClientKinds = append(m.ClientKinds, k)
			}
		}
		if rapid.Bool().Draw(t, "models") {
			m.CrashModels = rapid.SliceOfNDistinct(rapid.SampledFrom([]sim.CrashModel{0, 1, 2, 3}), 1, 4, rapid.ID[sim.CrashModel]).Draw(t, "crash")
		}
		return m
	})
}

func TestDrawnPlansAreSoundAndInsideTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		servers := rapid.IntRange(0, 7).Draw(t, "servers")
		plan := drawn(m, servers, rapid.Uint64().Draw(t, "seed"))
		if plan == nil {
			t.Fatal("a planner that draws nothing must say so with an empty list")
		}
		if err := m.Check(plan); err != nil {
			t.Errorf("outside its own model: %v", err)
		}
		for i, e := range plan {
			if err := e.Check(); err != nil {
				t.Errorf("%v: %v", e, err)
			}
			if i > 0 && plan[i-1].At > e.At {
				t.Errorf("%v comes after %v", e, plan[i-1])
			}
			if e.At >= sim.Time(10*time.Second) || e.At%sim.Time(100*time.Microsecond) != 0 {
				t.Errorf("%v: its instant is outside the chaos, or not round", e)
			}
		}
	})
}

func TestPlannersMixKindsAndAimAtLeaders(t *testing.T) {
	const seeds = 400
	counts, first, leaders, targets := map[faults.Kind]int{}, map[faults.Kind]int{}, 0, 0
	for seed := range uint64(seeds) {
		seen := map[faults.Kind]bool{}
		m := everything()
		m.MaxDown = 3 // many kinds stop machines: each must have room
		for _, e := range drawn(m, 5, seed) {
			counts[e.Fault.Kind()]++
			seen[e.Fault.Kind()] = true
			if s := e.Fault.String(); strings.Contains(s, "target") {
				targets++
				if strings.Contains(s, "leader") || strings.Contains(s, "dirty") {
					leaders++
				}
			}
		}
		for k := range seen {
			first[k]++
		}
	}
	for _, k := range faults.Kinds() {
		if share := first[k] * 100 / seeds; share < 35 || share > 60 {
			t.Errorf("%s is on in %d%% of the runs (%d faults), want about half", k, share, counts[k])
		}
	}
	if share := leaders * 100 / targets; share < 40 {
		t.Errorf("%d%% of the targets are leaders or dirty, want 40%% or more", share)
	}
}

func TestFaultsOfOneKindAreDrawnApart(t *testing.T) {
	seen := map[string]bool{}
	total := 0
	for seed := range uint64(100) {
		m := everything()
		m.Kinds, m.Each = []faults.Kind{"isolate"}, 5
		for _, e := range drawn(m, 5, seed) {
			seen[e.At.String()] = true
			total++
		}
	}
	if len(seen) < total*9/10 || total < 100 {
		t.Errorf("%d isolations begin at %d instants", total, len(seen))
	}
}

// The number of faults of one kind, and what other kinds there are, move no
// draw of a kind.
func TestDrawsOfOneKindDoNotMoveOthers(t *testing.T) {
	of := func(plan []faults.Entry, k faults.Kind) []string {
		var out []string
		for _, e := range plan {
			if e.Fault.Kind() == k {
				out = append(out, e.String())
			}
		}
		return out
	}
	for seed := range uint64(50) {
		m := everything()
		m.MaxDown = 100 // so that nothing is left out for being too much
		m.LossPPM = 1_000_000
		all := drawn(m, 5, seed)
		for _, k := range []faults.Kind{"isolate", "crash", "clock_drift"} {
			alone := m
			alone.Kinds = []faults.Kind{k}
			if got, want := of(drawn(alone, 5, seed), k), of(all, k); !slices.Equal(got, want) {
				t.Fatalf("seed %d: alone %s draws %v, among others %v", seed, k, got, want)
			}
		}
	}
}

// judged is a list of faults and what a model says of it: "" if it is within.
type judged struct {
	name    string
	entries []faults.Entry
	want    string
}

// declared is a model with bounds of all kinds.
func declared() faults.Model {
	return faults.Model{
		Kinds: []faults.Kind{"isolate", "crash", "pause", "loss", "delay", "clock_drift", "clock_step",
			"clock_offset", "clock_slew", "slow", "wipe", "upgrade"},
		MaxDown: 2, Servers: 5, LossPPM: 300_000, Delay: 50 * time.Millisecond, DriftPPM: 100, Step: time.Second, Most: 2 * time.Second,
		Offset: time.Second, SlewPPM: 1000, Slow: 10 * time.Millisecond, Builds: []string{"v1", "v2"},
	}
}

func list(es ...faults.Entry) []faults.Entry { return es }

func crash(who faults.Target, from, to sim.Time) faults.Entry {
	return between(from*ms, to*ms, faults.Crash{Target: who})
}

func wantJudged(t *testing.T, m faults.Model, cases []judged) {
	t.Helper()
	for _, c := range cases {
		err := m.Check(c.entries)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v, want it inside", c.name, err)
			}
			continue
		}
		var entry *faults.EntryError
		if !errors.As(err, &entry) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestModelsRefuseWhatTheyDoNotAllow(t *testing.T) {
	loss := func(ppm int64, from, to sim.Time) faults.Entry { return between(from*ms, to*ms, faults.Loss{PPM: ppm}) }
	wantJudged(t, declared(), []judged{
		{"nothing", nil, ""},
		{"a kind it lacks", list(from1s(faults.Isolate{Target: faults.On(n(1))}), from1s(faults.Duplicate{PPM: 1})), "fault 2 (duplicate): the fault model has no duplicate"},
		{"too long", list(between(0, 2001*ms, faults.Isolate{Target: faults.On(n(1))})), "it lasts 2.001s, at most 2s is allowed"},
		{"drift may last", list(between(0, 9000*ms, faults.ClockDrift{Target: faults.On(n(1)), PPM: -100})), ""},
		{"drift too far", list(from1s(faults.ClockDrift{Target: faults.On(n(1)), PPM: -101})), "ppm is -101, at most 100"},
		{"step too far", list(faults.Entry{Fault: faults.ClockStep{Target: faults.On(n(1)), By: -2 * time.Second}}), "by is -2s, at most 1s"},
		{"delay too long", list(from1s(faults.Delay{Extra: sim.Uniform(0, 51*time.Millisecond)})), "extra is 51ms, at most 50ms"},
		{"wrong crash", list(from1s(faults.Crash{Target: faults.On(n(1)), Model: sim.TornTail})), "model is torn-tail, allowed are [lose-all]"},
		{"losses in turn", list(loss(200_000, 0, 1000), loss(200_000, 1001, 2000)), ""},
		{"losses at once", list(loss(200_000, 0, 1000), loss(200_000, 1000, 2000)), "fault 2 (loss): with others in force at 1s they add up to 400000, at most 300000"},
		{"losses listed backwards", list(loss(200_000, 500, 1000), loss(200_000, 0, 600)), "fault 2 (loss)"},
		{"two down", list(crash(faults.On(n(1)), 0, 1000), crash(faults.On(n(2)), 0, 1000)), ""},
		{"three down", list(crash(faults.On(n(1)), 0, 1000), crash(faults.On(n(2)), 0, 1000), crash(faults.Aim(faults.Any), 999, 1100)), "fault 3 (crash): 3 servers may be down or paused at 999ms, at most 2 are allowed"},
		{"three in turn", list(crash(faults.On(n(1)), 0, 1000), crash(faults.On(n(2)), 0, 1000), crash(faults.On(n(3)), 1001, 1100)), ""},
		{"one node twice", list(crash(faults.On(n(1)), 0, 1000), crash(faults.On(n(1), n(2)), 0, 1000), between(0, 1000*ms, faults.Pause{Target: faults.On(n(2))})), ""},
		{"a client", list(from1s(faults.Isolate{Target: faults.On(n(1), c1())})), "fault 1 (isolate): it may hit a client ([n1, c1]), and the fault model aims nothing at clients"},
		{"a client that was any", list(from1s(faults.Pause{Target: faults.Target{Who: faults.Any, Was: []sim.NodeID{c1()}}})), "it may hit a client (any)"},
		{"a holder", list(from1s(faults.ClockDrift{Target: faults.Aim(faults.Holder), PPM: 1})), "it may hit a client (holder)"},
		{"a holder that was a server", list(from1s(faults.Pause{Target: faults.Target{Who: faults.Holder, Was: []sim.NodeID{n(1)}}})), ""},
		{"links of clients", list(from1s(faults.Isolate{Target: faults.On(n(1)), Clients: true}), from1s(faults.Loss{PPM: 1, Scope: faults.Scope{Target: faults.On(n(1)), Peers: []sim.NodeID{c1()}}})), ""},
		{"crashed and paused", list(crash(faults.On(n(1), n(2)), 0, 1000), between(500*ms, 600*ms, faults.Pause{Target: faults.On(n(3))})), "fault 2 (pause): 3 servers"},
		{"a minority", list(crash(faults.Aim(faults.Minority), 0, 1000)), ""},
		{"a majority", list(crash(faults.Aim(faults.Majority), 0, 1000)), "3 servers may be down"},
		{"dirty may wait", list(crash(faults.Aim(faults.Dirty), 0, 1000), crash(faults.On(n(1), n(2)), 1050, 1100)), "fault 2 (crash): 3 servers"},
		{"an event may come at any time", list(crash(faults.On(n(1), n(2)), 500, 510), faults.Entry{Fault: faults.Crash{Target: faults.On(n(3))}, After: timer(n(1), 9), For: time.Millisecond}), "fault 2 (crash): 3 servers"},
		{"down for good", list(faults.Entry{Fault: faults.Crash{Target: faults.On(n(1), n(2))}, At: ms}, crash(faults.On(n(3)), 9000, 9001)), "fault 2 (crash): 3 servers"},
	})
}

func TestModelsBoundClocksAndProcesses(t *testing.T) {
	on1 := faults.On(n(1))
	offset := func(by time.Duration, from, to sim.Time) faults.Entry {
		return between(from*ms, to*ms, faults.ClockOffset{Target: on1, By: by * time.Millisecond})
	}
	slew := func(by time.Duration, ppm int64) faults.Entry {
		return from1s(faults.ClockSlew{Target: on1, By: by, PPM: ppm})
	}
	slow := func(by time.Duration) faults.Entry {
		return from1s(faults.Slow{Target: on1, By: sim.Uniform(0, by*time.Millisecond)})
	}
	wantJudged(t, declared(), []judged{
		{"offset may last", list(offset(-1000, 0, 9000)), ""},
		{"offset too far", list(offset(1001, 0, 900)), "by is 1.001s, at most 1s"},
		{"offsets at once", list(offset(600, 0, 900), offset(-600, 500, 900)), "fault 2 (clock_offset): with others in force at 500ms they add up"},
		{"offsets in turn", list(offset(600, 0, 400), offset(-600, 500, 900)), ""},
		{"slew", list(slew(time.Second, 1000)), ""},
		{"slew that does not say", list(slew(-time.Second, 0)), ""},
		{"slew too far", list(slew(-2*time.Second, 5)), "by is -2s, at most 1s"},
		{"slew too fast", list(slew(time.Second, 1001)), "ppm is 1001, at most 1000"},
		{"slews at once", list(slew(5, 600), slew(5, 0)), "fault 2 (clock_slew): with others in force at 1s they add up to 1100, at most 1000"},
		{"too slow", list(slow(11)), "by is 11ms, at most 10ms"},
		{"slow and slower", list(slow(6), slow(5)), "fault 2 (slow): with others in force at 1s they add up"},
		{"no such build", list(from1s(faults.Upgrade{Target: faults.On(n(1)), To: "v3"})), "to is v3, allowed are [v1 v2]"},
		{"wiped and upgraded", list(crash(faults.On(n(1)), 0, 1500), from1s(faults.Upgrade{Target: faults.On(n(2)), To: "v2"}), from1s(faults.Wipe{Target: faults.On(n(3))})), "fault 3 (wipe): 3 servers may be down"},
		{"wiped for good", list(from1s(faults.Wipe{Target: faults.On(n(1), n(2))})), ""},
	})
}

// The most servers that were ever down or paused at once, measured on the
// world, stay within what the model declares.
func TestNoMoreAreDownThanTheModelSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := everything()
		m.Kinds = []faults.Kind{"crash", "pause", "isolate"}
		m.MaxDown, m.Each = rapid.IntRange(0, 3).Draw(t, "down"), 9
		m.ClientKinds = rapid.SampledFrom([][]faults.Kind{nil, {"pause"}, {"pause", "crash"}}).Draw(t, "at clients")
		m.Holders = m.ClientKinds != nil && rapid.Bool().Draw(t, "holders")
		club := busy(rapid.Uint64().Draw(t, "seed"))
		club.locks[c1()] = "l1"
		if _, err := faults.Install(club.world, faults.Draw(m, club.world, 4*time.Second)); err != nil {
			t.Fatalf("Install: %v", err)
		}
		for at := sim.Time(0); at < 5000*ms; at += 5 * ms {
			club.runTo(at)
			down := 0
			for _, id := range club.world.Servers() {
				if !club.world.Up(id) || club.world.Paused(id) {
					down++
				}
			}
			if down > m.MaxDown {
				t.Fatalf("%d servers are down or paused at %v, at most %d are allowed", down, at, m.MaxDown)
			}
		}
	})
}

func TestWeakerFaultsAreSoundAndEndSomewhere(t *testing.T) {
	for seed := range uint64(50) {
		for _, e := range drawn(everything(), 5, seed) {
			f := e.Fault
			for steps := 0; ; steps++ {
				weaker := f.Weaker()
				if len(weaker) == 0 {
					break
				}
				if steps > 200 {
					t.Fatalf("%v can be weakened for ever", e.Fault)
				}
				for _, g := range weaker {
					if err := g.Check(); err != nil || g.Kind() != f.Kind() {
						t.Fatalf("%v weakened is %v: %v", f, g, err)
					}
					if within := f.Within(everything()); within == nil && g.Within(everything()) != nil && g.Kind() != "crash" {
						t.Fatalf("%v is within the model, weakened to %v it is not", f, g)
					}
				}
				f = weaker[len(weaker)-1]
			}
		}
	}
}

// The nemesis aims at every moment and role, with whatever can hit one machine,
// and often cuts the leader off first.
func TestTheNemesisAims(t *testing.T) {
	m := everything()
	m.Moments = []faults.Moment{{Of: sim.Syncing, Name: "a.Vote"}, {Of: sim.Synced, Name: "a.Vote"}, {Of: sim.Timeout}}
	moments, roles, kinds, unseats := map[faults.Moment]int{}, map[string]int{}, map[faults.Kind]int{}, 0
	for seed := range uint64(400) {
		plan := drawn(m, 5, seed)
		for i, e := range plan {
			if e.Moment.Of == 0 {
				continue
			}
			moments[e.Moment]++
			kinds[e.Fault.Kind()]++
			for _, role := range []string{"leader", "follower", "candidate", "any"} {
				if strings.Contains(e.Fault.String(), "target: "+role) {
					roles[role]++
				}
			}
			if i > 0 && plan[i-1].At == e.At && plan[i-1].Fault.String() == "isolate: {target: leader}" {
				unseats++
			}
		}
	}
	t.Logf("moments %v, roles %v, kinds %v, %d with the leader cut off", moments, roles, kinds, unseats)
	if len(moments) != 3 || len(roles) != 4 || kinds["crash"] == 0 || kinds["pause"] == 0 || unseats < 20 {
		t.Errorf("not all is aimed at: moments %v, roles %v, kinds %v, %d with the leader cut off", moments, roles, kinds, unseats)
	}
}
