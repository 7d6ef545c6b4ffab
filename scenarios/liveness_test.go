package scenarios

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

func seeded(seed uint64) faults.Plan { return faults.Plan{Version: faults.Version, Seed: seed} }

// unanimous is a mutant: Raft that wants everybody's vote. Whenever somebody is
// down for good it cannot go on.
func unanimous() *Scenario {
	s := raftFamily("unanimous", "", counting(func(n int) int { return n }))
	s.Params = kvParams("5", 1)
	return s
}

// Progress is promised while a minority has failed for good, and a system that
// needs the minority is caught in every run.
func TestProgressFails(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		r := mustRun(t, unanimous(), seeded(seed), Options{}).Report
		i := slices.IndexFunc(r.Properties, func(p PropertyReport) bool { return p.Name == progress })
		p := r.Properties[i]
		if p.Verdict != "stalled" || r.Verdict != "stalled" || r.Exit() != 1 || !p.Undeclared() {
			t.Errorf("seed %d: progress %s, run %s, exit %d; want stalled, not as declared", seed, p.Verdict, r.Verdict, r.Exit())
		}
		l := r.Liveness
		if l == nil || l.AnsweredNS != nil || len(l.Core) != 3 || l.NoLasso == "" {
			t.Errorf("seed %d: liveness %+v", seed, l)
		}
		if last := r.Phases[len(r.Phases)-1]; last.Name != "core" {
			t.Errorf("seed %d: a stalled run ends in its core phase, not in %s", seed, last.Name)
		} else if bound := last.FromNS + l.BoundNS; p.AtNS != bound {
			t.Errorf("seed %d: stalled at %d, want %d, when the bound had passed", seed, p.AtNS, bound)
		}
	}
}

// onlyFirst is three servers of which only n1 answers, and who is promised to be well.
func onlyFirst(core ...faults.Group) *Scenario {
	return &Scenario{
		Name:   "only-first",
		Params: []Param{{Name: "keys", Default: "1", Min: 1, Max: 1}},
		Declare: func(Values) Declaration {
			return Declaration{Live: &Liveness{Core: core, Bound: 2 * time.Second, Probe: kvProbe}}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}} },
		Build: func(b *Build) {
			for _, well := range []sim.Time{1, 0, 0} {
				b.World.AddServer(func() sim.Node { return &late{well: well} })
			}
		},
		Judge: func(Values, *sim.World) ([]checker.Result, error) { return nil, nil },
	}
}

// A scenario can promise progress while certain servers are well. The mutant that draws
// its core from all stalls when the one that matters is out.
func TestCoreThatSomeServersAreAlwaysIn(t *testing.T) {
	first := faults.Group{Members: []sim.NodeID{sim.Server(1)}, Well: 1}
	stalled := 0
	for seed := uint64(1); seed <= 20; seed++ {
		r := mustRun(t, onlyFirst(first, faults.Group{Well: 1}), seeded(seed), Options{}).Report
		if l := r.Liveness; r.Verdict != "holds" || len(l.Core) != 2 || l.Core[0] != "n1" {
			t.Errorf("seed %d: %s, %+v; want progress with n1 and another", seed, r.Verdict, l)
		}
		if mustRun(t, onlyFirst(faults.AnyOf(2)...), seeded(seed), Options{}).Report.Verdict == "stalled" {
			stalled++
		}
	}
	if stalled < 2 || stalled > 15 {
		t.Errorf("of 20 seeds %d stall when the core is any two, want about a third", stalled)
	}
}

// A core that is too small is asked nothing, and it says who is missing.
func TestProgressIsUnknownWithoutACore(t *testing.T) {
	all := faults.Group{Members: []sim.NodeID{sim.Server(2), sim.Server(3), sim.Server(4)}, Well: 3}
	r := mustRun(t, onlyFirst(all), seeded(1), Options{}).Report
	want := "of [n2, n3, n4] only 2 can still run, and 3 are needed"
	if p := r.Properties[0]; p.Name != progress || p.Verdict != "unknown" || p.Detail != want || r.Exit() != 3 {
		t.Errorf("%s is %s (%s), exit %d; want unknown, %q", p.Name, p.Verdict, p.Detail, r.Exit(), want)
	}
}

// A run that never came to the question has no answer.
func TestProgressIsUnknownAfterAPanic(t *testing.T) {
	s := *raftScenario()
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		b.World.At(sim.Time(time.Second), func(*sim.World) { panic("a bug") })
	}
	r := mustRun(t, &s, seeded(1), Options{}).Report
	for _, p := range r.Properties {
		if p.Name == progress && (p.Verdict != "unknown" || p.Detail == "") {
			t.Errorf("progress is %s (%s), want unknown", p.Verdict, p.Detail)
		}
	}
	if r.Verdict != "violated" {
		t.Errorf("the run is %s, want violated: it panicked", r.Verdict)
	}
}

// A livelock is a lasso that begins where the bound ends and lasts one election
// timeout, whatever the number of servers; a recorded run shows the same one.
func TestLivelockIsALasso(t *testing.T) {
	for _, nodes := range []string{"2", "5", "9"} {
		plan := seeded(1)
		plan.Params = []faults.Param{{Name: "nodes", Value: nodes}, {Name: "timeout", Value: "200ms"}}
		for _, records := range []bool{false, true} {
			l := mustRun(t, livelock(), plan, Options{Records: records}).Report.Liveness.Lasso
			if l == nil || l.To-l.From != sim.Time(200*time.Millisecond) {
				t.Fatalf("%s nodes: got %+v, want a lasso of 200ms", nodes, l)
			}
			if state := strings.Join(l.State, "\n"); strings.Count(state, "role=candidate") != int(nodes[0]-'0') {
				t.Errorf("%s nodes: not all are candidates:\n%s", nodes, state)
			}
		}
	}
}

// One server that is quicker than the others ends it.
func TestLivelockEndsWithAnyDifference(t *testing.T) {
	s := *livelock()
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		b.World.Drift(sim.Server(2), 200_000)
	}
	r := mustRun(t, &s, seeded(1), Options{}).Report
	if r.Liveness.AnsweredNS == nil {
		t.Errorf("n2's clock runs a fifth faster, and still nobody leads: %+v", r.Liveness)
	}
}

// The bound of the Raft scenarios against what happens: the slowest of many runs
// needs a small part of it.
func TestSweepProgressBound(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("thousands of runs: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	for _, nodes := range []string{"1", "3", "5", "9"} {
		var took []int64
		for seed := uint64(1); seed <= 500; seed++ {
			plan := seeded(seed)
			plan.Params = []faults.Param{{Name: "nodes", Value: nodes}}
			l := mustRun(t, raftScenario(), plan, Options{}).Report.Liveness
			if l == nil || l.AnsweredNS == nil {
				t.Fatalf("%s nodes, seed %d: %+v", nodes, seed, l)
			}
			took = append(took, *l.AnsweredNS)
		}
		slices.Sort(took)
		t.Logf("%s nodes: p50 %v, p99 %v, max %v", nodes, time.Duration(took[250]), time.Duration(took[495]), time.Duration(took[499]))
		if bound := raftScenario().Declare(mustValues(t, nodes)).Live.Bound; time.Duration(took[499]) > bound/4 {
			t.Errorf("%s nodes: the slowest of 500 runs took %v, more than a quarter of the bound %v", nodes, time.Duration(took[499]), bound)
		}
	}
}

func mustValues(t *testing.T, nodes string) Values {
	t.Helper()
	v, err := raftScenario().Resolve([]Value{{"nodes", nodes}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Clients that have nothing to do, because a plan lists no operations, do not end the
// chaos before the plan's faults have struck.
func TestListedFaultsStrikeWithoutOperations(t *testing.T) {
	plan := seeded(1)
	plan.Workload = &faults.Workload{}
	plan.Faults = []faults.Entry{{Fault: faults.Isolate{Target: faults.On(sim.Server(1))}, At: sim.Time(2 * time.Second), For: time.Second}}
	run := mustRun(t, raftScenario(), plan, Options{Records: true})
	struck := slices.ContainsFunc(run.World.Trace().Records(), func(r sim.Record) bool {
		return r.Kind == sim.KindFault && r.At == sim.Time(2*time.Second)
	})
	if chaos := run.Report.Phases[0]; !struck || chaos.ToNS != int64(3*time.Second) {
		t.Errorf("struck is %t, and chaos ends at %v; want the fault to strike and to end", struck, time.Duration(chaos.ToNS))
	}
}
