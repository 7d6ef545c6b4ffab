package simtest

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distsim/faults"
	"distsim/sim"
)

// vacuous lists models under which no run would have the faults that they name, with
// what is said of them. Each is tried on a world of one server.
func vacuous() map[string]faults.Model {
	return map[string]faults.Model{
		`simtest: Config.Faults: there is no fault "crsh"; did you mean crash?`:       {Kinds: []faults.Kind{"crsh"}, MaxDown: 1},
		`simtest: Config.Faults: crash needs MaxDown of 1 or more, which is 0`:        {Kinds: []faults.Kind{"crash"}},
		`simtest: Config.Faults: loss needs LossPPM of 1 or more, which is 0`:         {Kinds: []faults.Kind{"crash", "loss"}, MaxDown: 1},
		`simtest: Config.Faults: Least is 1s and Most 1ms`:                            {Kinds: []faults.Kind{"isolate"}, Least: time.Second, Most: time.Millisecond},
		`simtest: Config.Faults: the world has 1 server, and a fault among partition`: {Kinds: []faults.Kind{"partition"}},
	}
}

func under(m faults.Model) Config {
	cfg := calm()
	cfg.Faults = m
	return cfg
}

// A test that would pass without having tried anything is an error, wherever plans
// come from.
func TestVacuousModelsAreErrors(t *testing.T) {
	build := func(w *sim.World) { serve(durable)(nil, w) }
	for want, m := range vacuous() {
		for how, try := range map[string]func(){
			"Try":   func() { Try(under(m), 1, build) },
			"Plans": func() { Plans(under(m), 1) },
		} {
			if said := panicOf(try); !strings.Contains(said, want) {
				t.Errorf("%s says %q, want %q", how, said, want)
			}
		}
		if _, err := under(m).inWorld(build); err == nil || !strings.Contains("simtest: "+err.Error(), want) {
			t.Errorf("Check and Fuzz say %v, want %q", err, want)
		}
	}
	m := newModule(t)
	for _, system := range []string{"mistyped", "mistyped under any plan"} {
		m.fails(t, system, "RAPID_NOFAILFILE=true", `simtest: Config.Faults: there is no fault "crsh"; did you mean crash?`)
	}
	m.fails(t, "without servers", "", "simtest: Config.Faults: the world has 0 servers, and a fault among crash needs 1: no run would have one")
}

// panicOf is what f panics with, as text; "" if it returns.
func panicOf(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text, _ = r.(string)
		}
	}()
	f()
	return ""
}

// A script strikes whatever the model says, and a model without kinds is no mistake.
func TestModelsThatAreNotVacuous(t *testing.T) {
	build := func(w *sim.World) { serve(durable)(nil, w) }
	cfg := bolt()
	cfg.Faults = faults.Model{}
	if o := Try(cfg, 1, build); o.Failed() || len(o.Plan.Faults) != 1 {
		t.Errorf("%v, with faults %v", o, o.Plan.Faults)
	}
	rapid.Check(t, func(t *rapid.T) {
		cfg := under(faults.Model{Kinds: []faults.Kind{"majorities_ring", "crash"}, MaxDown: 1})
		if o, err := Replay(cfg, Plans(cfg, 1).Draw(t, "plan"), build); err != nil || o.Failed() {
			t.Errorf("%v, %v", o, err)
		}
	})
}
