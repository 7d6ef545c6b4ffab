package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distsim/faults"
	"distsim/sim"
)

// Every plan is one that a file can hold and the model allows, and its world takes.
func TestPlansAreSoundAndInsideTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Faults: everything(), Chaos: time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "chaos"))}
		cfg.Faults.Kinds = rapid.SliceOfDistinct(rapid.SampledFrom(faults.Kinds()), rapid.ID[faults.Kind]).Draw(t, "kinds")
		cfg.Faults.MaxDown = rapid.IntRange(1, 3).Draw(t, "down")
		servers := rapid.IntRange(1, 7).Draw(t, "servers")
		if cfg.Faults.CheckWorld(servers) != nil {
			t.Skip("too few servers for any of these kinds")
		}
		plan := Plans(cfg, servers).Draw(t, "plan")
		plan.Scenario = "test"
		model := cfg.Faults
		model.Servers = servers
		if err := plan.Check(); err != nil || plan.Faults == nil {
			t.Errorf("%#v: %v", plan, err)
		}
		if err := model.Check(plan.Faults); err != nil {
			t.Errorf("%#v is outside its model: %v", plan, err)
		}
		w := sim.New(sim.Config{})
		for range servers {
			w.AddServer(durable)
		}
		if _, err := faults.Install(w, plan.Faults); err != nil {
			t.Errorf("%#v: %v", plan, err)
		}
	})
}

// Nothing that the model allows is left out: kinds, roles, names, moments.
func TestPlansHaveEverything(t *testing.T) {
	model := everything()
	model.ClientKinds, model.Clients, model.Holders = []faults.Kind{"pause", "clock_drift"}, 2, true
	model.ClientMoments = []faults.Moment{{Of: sim.Timeout, Name: "sim.wake"}}
	plans := Plans(Config{Faults: model, Chaos: time.Second}, 5)
	all := strings.Builder{}
	none, late := 0, 0
	for i := range 400 {
		plan := plans.Example(i)
		all.WriteString(plan.GoString() + "\n")
		if len(plan.Faults) == 0 {
			none++
		}
		for _, e := range plan.Faults {
			if e.At > sim.Time(450*time.Millisecond) {
				late++
			}
		}
	}
	var want []string
	for _, kind := range faults.Kinds() {
		want = append(want, " "+string(kind)+": {")
	}
	for _, who := range faults.WhoNames() {
		want = append(want, "target: "+who)
	}
	want = append(want, "target: n1", "target: n5", "target: c1", "target: c2", "when timeout: sim.wake", "when syncing: any", "when synced: any", "when timeout: any", "model: torn-tail")
	contains(t, all.String(), want...)
	if none < 20 || none > 100 || late < 400 {
		t.Errorf("of 400 plans %d are without faults, and %d faults strike late", none, late)
	}
}

// Without kinds there are no faults, but still seeds.
func TestPlansWithoutFaults(t *testing.T) {
	for i := range 10 {
		if plan := Plans(Config{}, 3).Example(i); plan.Faults == nil || len(plan.Faults) > 0 {
			t.Errorf("got %#v, want no faults", plan)
		}
	}
}

// To drop a fault is to drop it: any two of a plan are left as they were when rapid
// drops all the others.
func TestDroppingAFaultMovesNoOther(t *testing.T) {
	setRapid(t, "nofailfile", "true")
	plans := Plans(Config{Faults: everything(), Chaos: time.Second}, 5)
	most := 0
	for base := 1; base <= 3; base++ {
		setRapid(t, "seed", fmt.Sprint(1000*base))
		var first, last []faults.Entry
		rapid.Check(&recorder{}, func(rt *rapid.T) {
			now := plans.Draw(rt, "plan").Faults
			if first == nil && len(now) >= 2 {
				first = now
			}
			if first != nil && common(now, first) >= 2 {
				last = now
				rt.Fatal("two of the first faults are there")
			}
		})
		most = max(most, len(first))
		if len(last) != 2 {
			t.Errorf("base seed %d: of\n%v\nremain\n%v\nwant two", base, first, last)
		}
	}
	if most < 6 {
		t.Errorf("the longest plan had %d faults", most)
	}
}

// common counts the faults that are in both plans.
func common(a, b []faults.Entry) (n int) {
	for _, e := range a {
		if slices.ContainsFunc(b, func(x faults.Entry) bool { return x.String() == e.String() }) {
			n++
		}
	}
	return n
}
