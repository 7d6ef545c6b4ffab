package faults_test

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// barely is a model in which every bound is the least that lets its kinds be drawn.
func barely() faults.Model {
	return faults.Model{
		MaxDown: 1, LossPPM: 1, Delay: 2 * time.Millisecond, DuplicatePPM: 1, Window: 100 * time.Microsecond, CorruptPPM: 1,
		Bandwidth: 1, Types: []string{"a.B"}, Slow: 100 * time.Microsecond, Builds: []string{"v2"}, DriftPPM: 1,
		Step: time.Millisecond, Offset: time.Millisecond, SlewPPM: 1000, Least: time.Millisecond, Most: time.Second,
		CrashModels: []sim.CrashModel{sim.LoseAll},
	}
}

// wanting lists ways to take a bound away from barely, by field.
func wanting() map[string]func(m *faults.Model) {
	return map[string]func(m *faults.Model){
		"MaxDown":      func(m *faults.Model) { m.MaxDown-- },
		"LossPPM":      func(m *faults.Model) { m.LossPPM-- },
		"Delay":        func(m *faults.Model) { m.Delay-- },
		"DuplicatePPM": func(m *faults.Model) { m.DuplicatePPM-- },
		"Window":       func(m *faults.Model) { m.Window-- },
		"CorruptPPM":   func(m *faults.Model) { m.CorruptPPM-- },
		"Bandwidth":    func(m *faults.Model) { m.Bandwidth-- },
		"Types":        func(m *faults.Model) { m.Types = nil },
		"Slow":         func(m *faults.Model) { m.Slow-- },
		"Builds":       func(m *faults.Model) { m.Builds = nil },
		"DriftPPM":     func(m *faults.Model) { m.DriftPPM-- },
		"Step":         func(m *faults.Model) { m.Step-- },
		"Offset":       func(m *faults.Model) { m.Offset-- },
		"SlewPPM":      func(m *faults.Model) { m.SlewPPM = 0 },
		"Most":         func(m *faults.Model) { m.Most = 999 * time.Millisecond },
	}
}

// everDrawn reports whether one of many seeds, or of many answers, draws a fault.
func everDrawn(m faults.Model) bool {
	for seed := range uint64(100) {
		if len(drawn(m, 5, seed)) > 0 {
			return true
		}
	}
	for seed := range uint64(200) {
		answer := func(what string, n int64) int64 {
			x := sim.Draw(seed, sim.Identity{Name: what})
			return []int64{0, n - 1, int64(x % uint64(n))}[x>>8%3] // bounds are met at the ends
		}
		if len(m.Fit([]faults.Entry{faults.DrawBy(answer, m, 5, time.Second)})) > 0 {
			return true
		}
	}
	return false
}

// What CheckKinds asks for is what the planners ask for: with it a kind is drawn,
// without it never, and nothing else is needed.
func TestCheckKindsAsksForWhatPlannersNeed(t *testing.T) {
	for _, k := range faults.Kinds() {
		m := barely()
		m.Kinds = []faults.Kind{k}
		if err := m.CheckKinds(); err != nil || !everDrawn(m) {
			t.Errorf("%s with all that it needs: %v, ever drawn: %t", k, err, everDrawn(m))
		}
		for field, take := range wanting() {
			m := m
			take(&m)
			err := m.CheckKinds()
			if needed := strings.Contains(faults.Needs(k), field+" of "); needed != (err != nil) || everDrawn(m) == needed {
				t.Errorf("%s without %s: %v; it needs %q; ever drawn: %t", k, field, err, faults.Needs(k), everDrawn(m))
			}
		}
	}
}

func TestCheckKindsSaysWhatToDo(t *testing.T) {
	for want, m := range map[string]faults.Model{
		"":                                      {MaxDown: 3},
		`no fault "crsh"; did you mean crash?`:  {Kinds: []faults.Kind{"pause", "crsh"}, MaxDown: 1},
		`no fault "Crash"; did you mean crash?`: {Kinds: []faults.Kind{"Crash"}, MaxDown: 1},
		`no fault "xyz"; there are partition, pa`:                               {Kinds: []faults.Kind{"xyz"}},
		`no fault ""; there are partition, parti`:                               {Kinds: []faults.Kind{""}},
		"crash needs MaxDown of 1 or more, which is 0: it would never be drawn": {Kinds: []faults.Kind{"crash"}},
		"loss needs LossPPM of 1 or more, which is 0":                           {Kinds: []faults.Kind{"isolate", "loss"}},
		"clock_step needs Step of 1ms or more, which is 1µs":                    {Kinds: []faults.Kind{"clock_step"}, Step: time.Microsecond},
		"crash needs CrashModels of one or more, or nil, which is []":           {Kinds: []faults.Kind{"crash"}, MaxDown: 1, CrashModels: []sim.CrashModel{}},
		"ClientKinds has crash, and Kinds does not: it would never be drawn":    {Kinds: []faults.Kind{"pause"}, MaxDown: 1, ClientKinds: []faults.Kind{"crash"}},
		"ClientKinds has bridge, which no planner aims at clients":              {Kinds: []faults.Kind{"bridge"}, ClientKinds: []faults.Kind{"bridge"}},
		"Holders is set, and ClientKinds is empty":                              {Kinds: []faults.Kind{"bridge"}, Holders: true},
		"ClientMoments needs a kind among ClientKinds that ends":                {Kinds: []faults.Kind{"clock_step", "pause"}, MaxDown: 1, Step: time.Second, ClientKinds: []faults.Kind{"clock_step"}, ClientMoments: []faults.Moment{{Of: sim.Timeout}}},
		"clock_drift needs DriftPPM of 1 or more":                               {Kinds: []faults.Kind{"clock_drift"}, ClientKinds: []faults.Kind{"clock_drift"}},
		"Least is 2s and Most 1s: no fault lasts that long":                     {Kinds: []faults.Kind{"isolate"}, Least: 2 * time.Second, Most: time.Second},
		"Most is 1µs, less than the 100µs":                                      {Kinds: []faults.Kind{"isolate"}, Most: time.Microsecond},
		"Least is -1ns and Most 0s: a fault cannot":                             {Kinds: []faults.Kind{"isolate"}, Least: -1},
	} {
		if err := m.CheckKinds(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// In a world that is large enough some run has a fault that strikes, in a smaller one
// none has.
func TestCheckWorldCountsServers(t *testing.T) {
	for _, k := range faults.Kinds() {
		m := barely()
		m.Kinds, m.SlewPPM = []faults.Kind{k}, 100_000
		for servers := range 5 {
			struck := false
			for seed := range uint64(60) {
				struck = struck || strikes(t, m, servers, seed)
			}
			if k == "swizzle_clog" && servers == 0 {
				struck = false // it strikes a minority of nobody
			}
			if err := m.CheckWorld(servers); (err == nil) != struck {
				t.Errorf("%s in a world of %d servers: %v, ever struck: %t", k, servers, err, struck)
			}
		}
	}
	both := faults.Model{Kinds: []faults.Kind{"majorities_ring", "crash"}}
	if err := both.CheckWorld(3); err != nil {
		t.Errorf("a crash has all it needs: %v", err)
	}
	want := "the world has 0 servers, and a fault among majorities_ring, crash needs 1: no run would have one"
	if err := both.CheckWorld(0); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// still saves a byte, and does nothing more.
type still struct{}

func (still) Step(env *sim.Env, _ sim.NodeID, _ sim.Message) {
	env.File("data").Append([]byte{1})
	env.File("data").Sync()
	env.SyncDir()
}

// strikes reports whether a drawn fault of a seed strikes.
func strikes(t *testing.T, m faults.Model, servers int, seed uint64) bool {
	w := sim.New(sim.Config{Seed: seed})
	defer w.Close()
	for range servers {
		id := w.AddServer(func() sim.Node { return still{} })
		w.AddBuild(id, "v2", func() sim.Node { return still{} })
	}
	w.AddClient(func() sim.Node { return still{} })
	plan := faults.Draw(m, w, time.Second)
	installed, err := faults.Install(w, plan)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(sim.Time(5 * time.Second))
	return len(plan) > len(installed.Skips())
}
