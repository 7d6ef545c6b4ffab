package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/sim"
)

// How wrong may clocks be before two hold one lock? A holder that is cut off from the
// service goes by its own clock, the service by that of its leader. While clocks keep
// within the bound that holders rely on, nothing happens. Beyond it, mutual exclusion
// breaks as soon as the one is slower than the other is fast by more than the bound
// allows for and the hand-over takes. Here every clock is wrong by an amount of its own.

// lockSkew lets clocks drift apart.
func lockSkew() *Scenario {
	s := skewed("lock-skew", "clocks that drift apart: from which rate on two hold one lock, when leases are judged on monotonic clocks and holders rely on a bound")
	s.Params = append(s.Params,
		Param{Name: "ppm", Default: "100000", Max: 500_000, Help: "by how much a clock may be fast or slow, in parts per million; for each it is drawn"})
	s.Declare = func(v Values) Declaration { return declareSkew(v, v.Int("ppm") <= v.Int("bound")) }
	s.Script = func(v Values, seed uint64) []faults.Entry { return append(cutOffHolder(v, seed), drifts(v, seed)...) }
	s.Build = func(b *Build) { addSkewed(b, lockConfig(b.Values)) }
	s.Vary = &Vary{Param: "ppm", Values: []string{"0", "20000", "40000", "50000", "60000", "80000", "100000", "150000", "200000", "300000"},
		Seeds: 200, Measures: []string{twoHolders, overlap}, Threshold: true}
	return s
}

// lockSkewStep sets clocks.
func lockSkewStep() *Scenario {
	s := skewed("lock-skew-step", "clocks that are set: from which step on two hold one lock, when leases are judged on wall clocks and holders rely on a bound")
	s.Params = append(defaults(s.Params, Value{"bound", "1000"}),
		Param{Name: "step", Kind: Duration, Default: "300ms", Max: int64(10 * time.Second), Help: "how far a clock may jump, ahead or back, while the holder is cut off; for each it is drawn"},
		Param{Name: "margin", Kind: Duration, Default: "100ms", Max: int64(10 * time.Second), Help: "the bound on steps that clients rely on"})
	s.Declare = func(v Values) Declaration { return declareSkew(v, v.Duration("step") <= v.Duration("margin")) }
	s.Script = func(v Values, seed uint64) []faults.Entry { return append(cutOffHolder(v, seed), steps(v, seed)...) }
	s.Build = func(b *Build) { addSkewed(b, wallConfig(b.Values)) }
	s.Validate = func(v Values) error { return viewFits(v, wallConfig(v)) }
	s.Vary = &Vary{Param: "step", Values: []string{"0s", "50ms", "100ms", "150ms", "200ms", "300ms", "400ms", "600ms", "800ms"},
		Seeds: 200, Measures: []string{twoHolders, overlap}, Threshold: true}
	return s
}

func skewed(name, shows string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"split-brain", "single-writer"},
		Twin:     "lock-fencing",
		Params:   defaults(lockParams("12"), Value{"clients", "3"}, Value{"locks", "1"}, Value{"ttl", "2s"}),
		Validate: leaseFits,
		Config:   func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
	}
}

func wallConfig(v Values) lock.Config {
	cfg := lockConfig(v)
	cfg.Clock, cfg.Step = lock.Wall, v.Duration("margin")
	return cfg
}

// addSkewed adds clients that hold for long.
func addSkewed(b *Build, cfg lock.Config) {
	l := &lockWorld{cfg: cfg, client: lock.Client{
		Wait:   sim.Fixed(30 * time.Second),
		Think:  sim.Uniform(0, 20*time.Millisecond),
		Work:   sim.Uniform(5*time.Millisecond, 15*time.Millisecond),
		Pieces: 400,
	}}
	l.build(b)
}

func declareSkew(v Values, within bool) Declaration {
	promise := Open
	if within {
		promise = Holds
	}
	m := faults.Model{
		Kinds:       []faults.Kind{"isolate", "clock_drift", "clock_step"},
		ClientKinds: []faults.Kind{"isolate", "clock_drift", "clock_step"},
		Most:        time.Minute, DriftPPM: 500_000, Step: 10 * time.Second,
	}
	return Declaration{
		Model:      m,
		Properties: []Declared{{oneHolder, promise}, {linearizable, promise}},
		Chaos:      seconds(120),
		Quiet:      seconds(60),
	}
}

// cutOffHolder cuts whoever is in a critical section off from the service, for longer than
// a lease.
func cutOffHolder(v Values, seed uint64) []faults.Entry {
	at := time.Second + drawnTime(seed, "holder cut off", 1, 0, 2*time.Second)
	return []faults.Entry{{Fault: faults.Isolate{Target: faults.Aim(faults.Holder)}, At: sim.Time(at), For: 2 * v.Duration("ttl")}}
}

// drifts makes every clock wrong for the whole run.
func drifts(v Values, seed uint64) (plan []faults.Entry) {
	most := int64(v.Int("ppm"))
	for k, id := range machines(v) {
		if ppm := drawnWithin(seed, "drift", k, most); ppm != 0 {
			plan = append(plan, faults.Entry{Fault: faults.ClockDrift{Target: faults.On(id), PPM: ppm}})
		}
	}
	return plan
}

// steps sets every clock, each at a time of its own in the first lease after the holder is
// cut off.
func steps(v Values, seed uint64) (plan []faults.Entry) {
	most := int64(v.Duration("step") / time.Millisecond)
	cut := cutOffHolder(v, seed)[0].At
	for k, id := range machines(v) {
		by := time.Duration(drawnWithin(seed, "step", k, most)) * time.Millisecond
		if at := cut + sim.Time(drawnTime(seed, "set", k, 0, v.Duration("ttl")/2)); by != 0 {
			plan = append(plan, faults.Entry{Fault: faults.ClockStep{Target: faults.On(id), By: by}, At: at})
		}
	}
	return plan
}

// drawnWithin draws a number between −most and most.
func drawnWithin(seed uint64, what string, k int, most int64) int64 {
	id := sim.Identity{Subject: sim.OfPlanner, Name: what, K: uint64(k)}
	return int64(sim.Draw(seed, id)%uint64(2*most+1)) - most
}

// machines are all whose clocks matter.
func machines(v Values) []sim.NodeID {
	return append(servers(1, lockServers), clients(v.Int("clients"))...)
}

// clients are the first n of them.
func clients(n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.Client(i + 1)
	}
	return ids
}
