package faults_test

import (
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"

	"pgregory.net/rapid"
)

func TestFaultsPrintAsTheyAreWritten(t *testing.T) {
	leader := faults.Target{Who: faults.Leader, Was: []sim.NodeID{n(2)}}
	for want, f := range map[string]faults.Fault{
		"partition: {groups: [[n1, n2], [n3, c1]]}":                  faults.Partition{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), c1()}}},
		"partition: {target: minority, with: leader, was: [n2, n4]}": faults.Partition{Target: faults.Target{Who: faults.Minority, With: faults.Leader, Was: []sim.NodeID{n(2), n(4)}}},
		"partition_one_way: {target: leader, was: n2, way: out}":     faults.PartitionOneWay{Scope: faults.Scope{Target: leader, Way: faults.Out}},
		"isolate: {target: leader, was: n2}":                         faults.Isolate{Target: leader},
		"isolate: {target: n1, clients: true}":                       faults.Isolate{Target: faults.On(n(1)), Clients: true},
		"loss: {ppm: 100000}":                                        faults.Loss{PPM: 100_000},
		"loss: {ppm: 5, target: [n1, n2], way: in, peers: [n3]}":     faults.Loss{PPM: 5, Scope: faults.Scope{Target: faults.On(n(1), n(2)), Way: faults.In, Peers: []sim.NodeID{n(3)}}},
		"delay: {extra: 1ms..50ms}":                                  faults.Delay{Extra: sim.Uniform(time.Millisecond, 50*time.Millisecond)},
		"duplicate: {ppm: 1000, target: any}":                        faults.Duplicate{PPM: 1000, Scope: faults.Scope{Target: faults.Aim(faults.Any)}},
		"crash: {target: n3, before_effect: 2}":                      faults.CrashAt(n(3), 2),
		"crash: {target: dirty, model: torn-tail}":                   faults.Crash{Target: faults.Aim(faults.Dirty), Model: sim.TornTail},
		"pause: {target: majority}":                                  faults.Pause{Target: faults.Aim(faults.Majority)},
		"clock_drift: {target: n1, ppm: -20000}":                     faults.ClockDrift{Target: faults.On(n(1)), PPM: -20_000},
		"clock_offset: {target: n1, by: 2s}":                         faults.ClockOffset{Target: faults.On(n(1)), By: 2 * time.Second},
		"clock_slew: {target: any, by: -1ms}":                        faults.ClockSlew{Target: faults.Aim(faults.Any), By: -time.Millisecond},
		"clock_slew: {target: n1, by: 1s, ppm: 50000}":               faults.ClockSlew{Target: faults.On(n(1)), By: time.Second, PPM: 50_000},
		"clock_freeze: {target: leader, was: n2}":                    faults.ClockFreeze{Target: leader},
		"slow: {target: n1, by: 1ms..50ms}":                          faults.Slow{Target: faults.On(n(1)), By: sim.Uniform(time.Millisecond, 50*time.Millisecond)},
		"slow: {target: n1, by: 5ms}":                                faults.Slow{Target: faults.On(n(1)), By: sim.Fixed(5 * time.Millisecond)},
		"wipe: {target: dirty}":                                      faults.Wipe{Target: faults.Aim(faults.Dirty)},
		"upgrade: {target: [n1, n2], to: v2}":                        faults.Upgrade{Target: faults.On(n(1), n(2)), To: "v2"},
		"upgrade: {target: n1, to: \"2.0 beta\"}":                    faults.Upgrade{Target: faults.On(n(1)), To: "2.0 beta"},
		"clock_step: {target: n1, by: -1.5s}":                        faults.ClockStep{Target: faults.On(n(1)), By: -1500 * time.Millisecond},
	} {
		if got := f.String(); got != want {
			t.Errorf("it prints as %s, want %s", got, want)
		}
		if err := f.Check(); err != nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestKindsAreKnownByName(t *testing.T) {
	for _, k := range faults.Kinds() {
		f, ok := faults.OfKind(k)
		if !ok || f.Kind() != k {
			t.Errorf("OfKind(%s) is %v, %v", k, f, ok)
		}
		whole := k == "hold" || k == "majorities_ring" // mean all links, all servers
		if (f.Check() == nil) != whole {
			t.Errorf("the zero %s is said to be complete", k)
		}
	}
	if _, ok := faults.OfKind("earthquake"); ok {
		t.Error("there is an earthquake")
	}
}

func TestParseDistReadsWhatDistPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(faults.MaxDuration)).Draw(t, name))
		}
		a, b, c, e := d("a"), d("b"), d("c"), d("e")
		a, b, c, e = min(a, b), max(a, b), min(c, e), max(c, e)
		ppm := rapid.Uint32Range(0, 1_000_000).Draw(t, "ppm")
		for _, want := range []sim.Dist{sim.Fixed(a), sim.Uniform(a, b), sim.Exponential(a, c, b), sim.Bimodal(a, b, c, e, ppm)} {
			if got, err := faults.ParseDist(want.String()); err != nil || got != want {
				t.Errorf("ParseDist(%q) = %v, %v", want, got, err)
			}
		}
	})
}

func TestParseDistRefuses(t *testing.T) {
	for _, s := range []string{"", "5", "-5ms", "10ms..5ms", "..", "1ms..", "exp(1ms)", "exp(5ms+1ms..2ms)", "exp(1ms+1s..2ms", "1ms|2ms@1ppm",
		"1ms..2ms|4ms..3ms@1ppm", "1ms..2ms|3ms..4ms@1000001ppm", "1ms..2ms|3ms..4ms@99999999999ppm", "99999999h", "1ms...2ms", "NaN"} {
		if d, err := faults.ParseDist(s); err == nil {
			t.Errorf("ParseDist(%q) = %v, want an error", s, d)
		}
	}
}
