package simtest

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
)

// The life of a failure: found, kept, first next time, replayed, fixed.
func TestFailureLeavesAPlanThatReplaysIt(t *testing.T) {
	m := newModule(t)
	first := m.fails(t, "forgetful", "",
		"--- FAIL: TestInChild/seed-1 ",
		"child_test.go:", ": linearizable violated at ", "ms, seed 1\n", "  stale read: c1#", " read() returned 0 although c1#1 write(1) was acknowledged before",
		"c1#1 write(1) -> ok",
		"at 20ms crash: {target: any, was: n1} for 5ms",
		"records until then",
		"trace hash ",
		"plan: testdata/sim/TestInChild/seed-1.yaml",
		"replay: SIM_PLAN=testdata/sim/TestInChild/seed-1.yaml go test -run '^TestInChild$' ./store",
	)
	if n := strings.Count(first, "linearizable violated"); n != 1 {
		t.Errorf("the violation is told %d times, want once:\n%s", n, first)
	}
	if got := strings.Join(m.plans(t), " "); got != "seed-1.yaml" {
		t.Fatalf("plans: got %q, want seed-1.yaml alone", got)
	}

	again := m.fails(t, "forgetful", "", "linearizable violated", "the very run that was recorded: the trace hashes are equal")
	if got := subtests(again); got != "seed-1.yaml" {
		t.Errorf("next time it ran %q, want the plan alone", got)
	}
	if a, b := hashLine(first), hashLine(again); a == "" || a != b {
		t.Errorf("found with %q, run again with %q", a, b)
	}

	for _, file := range []string{"testdata/sim/TestInChild/seed-1.yaml", "store/testdata/sim/TestInChild/seed-1.yaml"} {
		replay := m.fails(t, "forgetful", "SIM_PLAN="+file, "linearizable violated", "the very run that was recorded")
		if got := subtests(replay); got != "replay" {
			t.Errorf("with SIM_PLAN it ran %q, want the replay alone", got)
		}
	}

	fixed := m.passes(t, "durable", "", "seed-1.yaml holds now; keep it as a regression test, or delete it", "seed 1: holds")
	if got := subtests(fixed); !strings.HasPrefix(got, "seed-1.yaml seed-1 seed-2 ") {
		t.Errorf("after the fix it ran %q, want the plan first, then the seeds", got)
	}
	if got := strings.Join(m.plans(t), " "); got != "seed-1.yaml" {
		t.Errorf("plans after the fix: got %q, want seed-1.yaml kept", got)
	}
}

// hashLine is the line that gives the trace hash of a run.
func hashLine(output string) string {
	for _, l := range strings.Split(output, "\n") {
		if strings.Contains(l, "trace hash ") && strings.Contains(l, "after") {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

func TestPlanListsItsFaults(t *testing.T) {
	m := newModule(t)
	m.fails(t, "forgetful", "SIM_SEED=1")
	data, err := os.ReadFile(filepath.Join(m.dir, "testdata/sim/TestInChild/seed-1.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(data), "version: 1\n", "scenario: go-test/distsim/sim/simtest.TestInChild\n", "seed: 1\n",
		"  - crash: {target: any, was: n1}\n    at: ", "expect: {verdict: violated, properties: {linearizable: violated}, hash: ")
}

func TestEnvironmentChoosesSeeds(t *testing.T) {
	for _, c := range []struct{ env, want string }{
		{"SIM_SEED=4", "seed-4"},
		{"SIM_SEEDS=3", "seed-1 seed-2 seed-3"},
		{"SIM_SEEDS=7-9", "seed-7 seed-8 seed-9"},
		{"SIM_SEEDS=7-9 SIM_TIME=1m", "seed-7 seed-8 seed-9"},
		{"SIM_SEEDS=7-900000000 SIM_TIME=1ns", "seed-7"},
	} {
		if got := subtests(newModule(t).passes(t, "durable", c.env)); got != c.want {
			t.Errorf("with %s it ran %q, want %q", c.env, got, c.want)
		}
	}
	if got := subtests(newModule(t).passes(t, "in parallel", "SIM_SEED=4")); got != "seed-4" {
		t.Errorf("in parallel, with SIM_SEED=4 it ran %q, want seed-4", got)
	}
	for env, want := range map[string]string{
		"SIM_SEED=seven":    `simtest: SIM_SEED=seven: want a number such as 7`,
		"SIM_SEEDS=9-3":     "simtest: SIM_SEEDS=9-3: want a range",
		"SIM_TIME=soon":     "simtest: SIM_TIME=soon: want a duration",
		"SIM_PLAN=gone.yml": "simtest: cannot read a plan: open gone.yml: no such file",
	} {
		newModule(t).fails(t, "durable", env, want)
	}
}

// Who chooses seeds wants those: a plan that still fails does not come before them.
func TestChosenSeedsRunWithoutSavedPlans(t *testing.T) {
	for env, want := range map[string]string{
		"SIM_SEED=3": "seed-3", "SIM_SEEDS=2-4": "seed-2", "SIM_SEEDS=5-9 SIM_TIME=1m": "seed-5",
		"SIM_TIME=1m": "seed-1.yaml", "": "seed-1.yaml",
	} {
		m := newModule(t)
		m.fails(t, "forgetful", "")
		if got := subtests(m.fails(t, "forgetful", env)); got != want {
			t.Errorf("with %q it ran %q, want %q", env, got, want)
		}
	}
}

// SIM_TIME goes on to seeds beyond those that are configured, until time is up.
func TestTimeGoesBeyondTheSeeds(t *testing.T) {
	output := newModule(t).passes(t, "in a storm", "SIM_TIME=300ms", "seeds 1-")
	if n := len(strings.Fields(subtests(output))); n <= storm.Seeds {
		t.Errorf("in 300ms it ran %d seeds, want more than the %d configured", n, storm.Seeds)
	}
}

// A plan that cannot be run never passes in silence.
func TestBadPlans(t *testing.T) {
	const head = "version: 1\nscenario: go-test/distsim/sim/simtest.TestInChild\nseed: 1\n"
	for name, c := range map[string]struct{ plan, want string }{
		"not a plan":       {"hello\n", "TestInChild/bad.yaml:1:1: "},
		"unknown key":      {head + "sneeds: 4\n", "TestInChild/bad.yaml:4:1: "},
		"other test":       {"version: 1\nscenario: go-test/example.com/app.TestOld\nseed: 1\n", "TestInChild/bad.yaml: scenario: it is a plan of go-test/example.com/app.TestOld"},
		"no such node":     {head + "faults:\n  - crash: {target: n7}\n    at: 1ms\n", "TestInChild/bad.yaml:5:21: crash: there is no node n7"},
		"params":           {head + "params: {nodes: 5}\n", "TestInChild/bad.yaml: the plan has params"},
		"listed workload":  {head + "workload: []\n", "TestInChild/bad.yaml: the plan lists a workload"},
		"of another build": {head + "faults: [{crash: {target: n1}, at: 50ms, for: 9ms}]\nexpect: {verdict: violated, hash: 0123456789abcdef, build: other}\n", "another build recorded the plan"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newModule(t)
			file := filepath.Join(m.dir, "testdata/sim/TestInChild/bad.yaml")
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, file, c.plan)
			m.fails(t, "forgetful", "", c.want)
		})
	}
}

// An override that nothing asks for is told: the plan is stale.
func TestIdleOverride(t *testing.T) {
	m := newModule(t)
	write(t, filepath.Join(m.dir, "p.yaml"), `version: 1
scenario: go-test/distsim/sim/simtest.TestInChild
seed: 1
faults: []
overrides:
  - message: {from: c1, to: n1, type: "spec.RegisterOp[uint8]", k: 999}
    lost: true
`)
	m.passes(t, "durable", "SIM_PLAN=p.yaml", "not applied: override 1 (message c1>n1 spec.RegisterOp[uint8] #999")
}

func TestPanicIsAProperty(t *testing.T) {
	output := newModule(t).fails(t, "panicking", "", "panic violated at ", "three is too many", "simtest.loseTemper(", "child_test.go:")
	if strings.Contains(output, "sim.(*World).step(") {
		t.Errorf("the stack shows the scheduler:\n%s", output)
	}
}

// t.FailNow inside a Proc ends the subtest, and its run is kept all the same.
func TestFatalInsideAProc(t *testing.T) {
	m := newModule(t)
	output := m.fails(t, "failing itself", "", "the client has had enough", "test violated at 12ms, seed 1",
		"plan: testdata/sim/TestInChild/seed-1.yaml")
	if n := strings.Count(output, "had enough"); n != 1 {
		t.Errorf("the test's own message is there %d times, want once:\n%s", n, output)
	}
	m.fails(t, "failing itself", "SIM_PLAN=testdata/sim/TestInChild/seed-1.yaml", "the very run that was recorded")
}

func TestFailureBeforeTheRunLeavesNoPlan(t *testing.T) {
	for system, want := range map[string]string{
		"failing in build": "no such system",
		"misscripted":      "simtest: fault 1 (crash): there is no node n7",
		"no seeds":         "simtest: Config.Seeds is -1: no seeds would prove nothing",
	} {
		m := newModule(t)
		m.fails(t, system, "", want)
		if plans := m.plans(t); len(plans) > 0 {
			t.Errorf("%s: it left %v", system, plans)
		}
	}
}

// A system that does not repeat itself is found out when its failure is.
func TestUnsteadySystem(t *testing.T) {
	newModule(t).fails(t, "unsteady", "", "deterministic violated", "run again, the same plan took another course: ",
		"record 4 differs: 2ms timer c1 sim.wake #1 | 3ms timer c1", "also: panic violated")
}

// Where no file can be written, the message holds the plan.
func TestPlanThatCannotBeKept(t *testing.T) {
	m := newModule(t)
	write(t, filepath.Join(m.dir, "testdata"), "in the way")
	m.fails(t, "forgetful", "SIM_SEED=1", "the plan could not be kept: ", "here it is", "\n        version: 1\n", "  - crash: {target: any, was: n1}")
}

// A plan that was edited is not overwritten by what its seed finds.
func TestEditedPlanIsKept(t *testing.T) {
	m := newModule(t)
	m.fails(t, "forgetful", "SIM_SEED=1")
	m.fails(t, "forgetful", "SIM_SEED=1")
	if got := len(m.plans(t)); got != 1 {
		t.Errorf("the same failure twice left %v", m.plans(t))
	}
	edited := filepath.Join(m.dir, "testdata/sim/TestInChild/seed-1.yaml")
	const mine = "version: 1\nscenario: go-test/distsim/sim/simtest.TestInChild\nseed: 1\nfaults: []\n"
	write(t, edited, mine)
	m.fails(t, "forgetful", "SIM_SEED=1")
	if data, err := os.ReadFile(edited); err != nil || string(data) != mine {
		t.Errorf("the edited plan is gone: %v\n%s", err, data)
	}
	if got := m.plans(t); len(got) != 2 || !strings.HasPrefix(got[0], "seed-1-") {
		t.Errorf("plans: got %v, want the new one beside the edited one", got)
	}
}

// Seeds that run in parallel do not disturb each other.
func TestParallelSeedsAreTheSameRuns(t *testing.T) {
	hashes := func(parallel bool) map[uint64]uint64 {
		var mu sync.Mutex
		out := map[uint64]uint64{}
		cfg := storm
		cfg.Seeds, cfg.Parallel = 40, parallel
		cfg.Check = func(w *sim.World) error {
			mu.Lock()
			defer mu.Unlock()
			out[w.Seed()] = w.Hash()
			return ClientsDone(w)
		}
		t.Run("", func(t *testing.T) { Run(t, cfg, systems["durable"].build) })
		return out
	}
	alone, together := hashes(false), hashes(true)
	if len(alone) != 40 || len(together) != 40 {
		t.Fatalf("ran %d seeds alone and %d together, want 40 each", len(alone), len(together))
	}
	for seed, hash := range alone {
		if together[seed] != hash {
			t.Errorf("seed %d: alone %016x, together %016x", seed, hash, together[seed])
		}
	}
}

func TestPhases(t *testing.T) {
	var healed sim.Time
	cfg := Config{
		Net:   sim.NetConfig{Latency: sim.Fixed(100 * time.Microsecond)},
		Chaos: 50 * time.Millisecond, Quiet: 70 * time.Millisecond,
		Check:  ClientsDone,
		Script: []faults.Entry{{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, At: 10}},
	}
	outcome := Try(cfg, 3, func(w *sim.World) {
		w.AddServer(func() sim.Node { return &memory{} })
		w.AddClient(sim.Go(func(p *sim.Proc) {
			for p.Incarnation() == 1 {
				if _, ok := sim.Call[answer](p, sim.Server(1), ask{Access: spec.Read}, time.Millisecond); ok && p.Elapsed() > time.Millisecond {
					healed = sim.Time(p.Elapsed())
				}
			}
		}))
	})
	if healed < sim.Time(50*time.Millisecond) || outcome.World.Now() != sim.Time(120*time.Millisecond) {
		t.Errorf("the server answers again at %v and the run ends at %v, want from 50ms on and 120ms", healed, outcome.World.Now())
	}
	contains(t, outcome.String(), "check violated at 120ms: a client is still waiting at 120ms, after the quiet phase")
}

// A loop in which no time passes is found, not waited for.
func TestStandstill(t *testing.T) {
	outcome := Try(Config{}, 1, func(w *sim.World) {
		w.AddServer(func() sim.Node { return &memory{} })
		w.AddClient(sim.Go(func(p *sim.Proc) {
			p.Sleep(time.Second)
			for {
				sim.Call[answer](p, sim.Server(1), ask{Access: spec.Read}, time.Second)
			}
		}))
	})
	contains(t, outcome.Report(), "standstill violated at 1s, seed 1\n  100000 events and no time has passed")
}

// What Check and the callback's invariants find is told together.
func TestCheckAndInvariants(t *testing.T) {
	cfg := calm()
	cfg.Check = func(*sim.World) error { return os.ErrInvalid }
	outcome := Try(cfg, 1, func(w *sim.World) {
		w.AddInvariant(sim.Assert("quiet", func(w *sim.World, _ sim.NodeID) error {
			if w.Now() > sim.Time(20*time.Millisecond) {
				return os.ErrClosed
			}
			return nil
		}))
		serve(func() sim.Node { return &memory{} })(nil, w)
	})
	contains(t, outcome.Report(), "quiet violated at 2", "file already closed", "also: check violated at ", "invalid argument")
}

// What a checker cannot decide does not pass, and neither does a history that
// no run can have produced.
func TestVerdictsThatAreNotHolds(t *testing.T) {
	for want, judge := range map[string]Judge{
		"seed 1: linearizable undecided: out of steps": func([]history.Op) ([]checker.Result, error) {
			return []checker.Result{{Property: "linearizable", Verdict: checker.Unknown, Detail: "out of steps"}}, nil
		},
		"history violated at ": func([]history.Op) ([]checker.Result, error) { return nil, os.ErrInvalid },
	} {
		cfg := calm()
		cfg.Judge = judge
		outcome := Try(cfg, 1, func(w *sim.World) { serve(durable)(nil, w) })
		contains(t, outcome.String(), want)
		if verdict := outcome.Findings[0].Verdict.String(); outcome.expect().Verdict != verdict {
			t.Errorf("the plan expects %s of a run that is %s", outcome.expect().Verdict, verdict)
		}
	}
}

func TestReplayOfAnOutcome(t *testing.T) {
	build := func(w *sim.World) { serve(forgetful)(nil, w) }
	found := Try(storm, 1, build)
	for seed := uint64(2); !found.Failed() && seed < 50; seed++ {
		found = Try(storm, seed, build)
	}
	if !found.Failed() || len(found.Plan.Faults) == 0 {
		t.Fatalf("%v, with faults %v: want a failure and the faults that were drawn", found, found.Plan.Faults)
	}
	again, err := Replay(storm, found.Plan, build)
	if err != nil || again.Hash() != found.Hash() || again.Report() != found.Report() {
		t.Errorf("replay: %v\n%s\nwant\n%s", err, again.Report(), found.Report())
	}
	plan := found.Plan
	plan.Faults = []faults.Entry{}
	if calm, err := Replay(storm, plan, build); err != nil || calm.Failed() {
		t.Errorf("without its faults: %v, %v", calm, err)
	}
}
