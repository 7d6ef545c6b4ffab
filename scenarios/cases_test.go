package scenarios

import (
	"context"
	"testing"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/explore"
)

// Nothing is left out, nothing counted twice, and whatever the number of workers the
// report is the same.
func TestCasesAreCounted(t *testing.T) {
	s, _ := Find(All(), "twopc-exhaustive")
	given := []Value{{"protocol", "alone"}, {"participants", "2"}}
	var done uint64
	r, err := s.Explore(context.Background(), given, 1, 2, func(n uint64) { done = n })
	if err != nil {
		t.Fatal(err)
	}
	f := r.Families[0]
	if len(r.Families) != 1 || !f.Complete || !f.AsDeclared || r.Exit() != 0 {
		t.Errorf("got %d families, complete %t, as declared %t, exit %d", len(r.Families), f.Complete, f.AsDeclared, r.Exit())
	}
	sum := 0
	for _, b := range f.By {
		sum += b.Cases
		if b.Crashes > f.Crashes || b.Losses > f.Losses || b.Cases == 0 {
			t.Errorf("%d cases with %d crashes and %d losses, within %d and %d", b.Cases, b.Crashes, b.Losses, f.Crashes, f.Losses)
		}
	}
	if sum != f.Cases || f.Holds != f.Cases || uint64(f.Cases) != done || f.Cases < 1000 {
		t.Errorf("%d cases by sort, %d in all, %d hold, %d were executed", sum, f.Cases, f.Holds, done)
	}
}

// broken is the scenario with a property that fails when a participant has ever crashed.
func brokenByCrash() *Scenario {
	s := twopcExhaustive()
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		b.World.AddInvariant(sim.Assert("nobody-crashes", func(w *sim.World, _ sim.NodeID) error {
			if w.Incarnation(sim.Server(2)) > 1 {
				return context.Canceled
			}
			return nil
		}))
	}
	return s
}

// A property that is broken in some cases is undeclared, and the first of them replays.
func TestBrokenCasesReplay(t *testing.T) {
	s := brokenByCrash()
	r, err := s.Explore(context.Background(), []Value{{"protocol", "alone"}, {"participants", "2"}}, 1, 1, func(uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	f := r.Families[0]
	if f.Violated == 0 || f.Violated+f.Holds != f.Cases || f.AsDeclared || r.Exit() != 1 {
		t.Fatalf("%d violated, %d hold of %d, as declared %t", f.Violated, f.Holds, f.Cases, f.AsDeclared)
	}
	p := r.FirstBroken()
	if p == nil || p.Property != "nobody-crashes" || p.Cases != f.Violated {
		t.Fatalf("first broken: %+v", p)
	}
	run := mustRun(t, s, p.Plan, Options{})
	if v, ok := run.Report.Violated(); !ok || v.Name != p.Property || v.Detail != p.Detail {
		t.Errorf("the plan of %s: %+v", p.First, v)
	}
	if len(run.Report.Unapplied) > 0 {
		t.Errorf("not applied: %v", run.Report.Unapplied)
	}
}

// What is declared always, and does not come in one of the cases, is not as declared; what
// no checker could judge is undecided.
func TestCasesAreAsDeclared(t *testing.T) {
	for _, c := range []struct {
		name  string
		cheat func(s *Scenario)
		exit  int
	}{
		{"never", func(s *Scenario) {
			s.Declare = also(s.Declare, Declared{"nobody-crashes", Always})
		}, 1},
		{"unknown", func(s *Scenario) {
			s.Judge = func(Values, *sim.World) ([]checker.Result, error) {
				return []checker.Result{{Property: settled, Verdict: checker.Unknown}}, nil
			}
		}, 3},
	} {
		s := twopcExhaustive()
		c.cheat(s)
		r, err := s.Explore(context.Background(), []Value{{"protocol", "3pc"}, {"participants", "2"}}, 1, 1, func(uint64) {})
		if err != nil {
			t.Fatal(err)
		}
		if f := r.Families[0]; r.Exit() != c.exit || f.AsDeclared != (c.exit != 1) {
			t.Errorf("%s: exit %d, as declared %t, want exit %d", c.name, r.Exit(), f.AsDeclared, c.exit)
		}
	}
}

// also declares one more property.
func also(declare func(Values) Declaration, more Declared) func(Values) Declaration {
	return func(v Values) Declaration {
		d := declare(v)
		d.Properties = append(d.Properties, more)
		return d
	}
}

// Interrupted, the report has what was done and says that it is not all.
func TestInterruptedCases(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, _ := Find(All(), "twopc-exhaustive")
	r, err := s.Explore(ctx, []Value{{"protocol", "alone"}}, 1, 1, func(n uint64) {
		if n == 100 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Families[0]; f.Cases != 100 || f.Complete || r.Exit() != 130 {
		t.Errorf("%d cases, complete %t, exit %d", f.Cases, f.Complete, r.Exit())
	}
	if f := r.Families[1]; f.Cases != 0 || f.Complete || f.By == nil {
		t.Errorf("%d cases, complete %t, by %v, of the family that was not begun", f.Cases, f.Complete, f.By)
	}
}

// The plan of a case has the case's hash: exploring writes the same records.
func TestCasesAndTheirPlans(t *testing.T) {
	s, _ := Find(All(), "twopc-exhaustive")
	base := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: 1, Faults: []faults.Entry{}}, Options{})
	if base.Report.Verdict != "holds" {
		t.Errorf("without deviations: %s", base.Report.Verdict)
	}
}

// The case that is kept is the first that tells most: of something that should hold,
// else of what is broken only sometimes, else of what always is.
func TestFirstBroken(t *testing.T) {
	of := func(name string, p Promise) CasesOf { return CasesOf{Property: name, declared: p} }
	for _, c := range []struct {
		families []FamilyCases
		want     string
	}{
		{[]FamilyCases{{Properties: []CasesOf{of("a", Always), of("b", Sometimes), of("c", Open)}}}, "b"},
		{[]FamilyCases{{Properties: []CasesOf{of("a", Always), of("b", Sometimes)}}, {Properties: []CasesOf{of("c", Holds), of("d", Holds)}}}, "c"},
		{[]FamilyCases{{}, {Properties: []CasesOf{of("a", Always), of("b", Always)}}}, "a"},
	} {
		if got := (&CasesReport{Families: c.families}).FirstBroken(); got == nil || got.Property != c.want {
			t.Errorf("got %+v, want %s", got, c.want)
		}
	}
	if got := (&CasesReport{Families: []FamilyCases{{}}}).FirstBroken(); got != nil {
		t.Errorf("nothing is broken, and the first is %+v", got)
	}
}

// Every protocol that can lose a message without breaking its assumptions is tried with
// every single loss, and all with every single crash, with two and with three participants.
func TestFamiliesHaveCrashesAndLosses(t *testing.T) {
	crashes, losses := map[string]int{}, map[string]int{}
	for _, f := range families() {
		crashes[f.Params[0].Text] += f.Bounds.Crashes
		losses[f.Params[0].Text] += f.Bounds.Losses
	}
	for _, name := range protocolNames() {
		want := 2
		if name == "3pc" {
			want = 0 // its messages are on time
		}
		if crashes[name] != 2 || losses[name] != want {
			t.Errorf("%s: %d families with a crash, %d with a loss, want 2 and %d", name, crashes[name], losses[name], want)
		}
	}
}

// Over Raft a crash and a loss in one run are too many cases for every day: here they are.
func TestSweepEveryCaseOverRaft(t *testing.T) {
	sweepOnly(t)
	s := twopcExhaustive()
	s.Cases.Of = nil
	for _, n := range []string{"2", "3"} {
		bounds := explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: (&protocol{}).restarts()}
		s.Cases.Of = append(s.Cases.Of, Family{[]Value{{"protocol", "raft"}, {"participants", n}}, bounds})
	}
	r, err := s.Explore(context.Background(), nil, 1, 2, func(uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Families {
		if !f.Complete || f.Holds != f.Cases || f.Cases < 90_000 {
			t.Errorf("%s: %d of %d cases hold, complete %t: %+v", f.Name(), f.Holds, f.Cases, f.Complete, f.Properties)
		}
		t.Logf("%s: %d cases", f.Name(), f.Cases)
	}
}
