package cli_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/scenarios"
	"distsim/sim"
	"distsim/sim/explore"
)

// thorough is a search of all cases of a question and its answer. A server that has started
// twice is taken for a mistake, which the hasty family declares and the calm one does not
// come to.
func thorough() *scenarios.Scenario {
	s := fixture{name: "thorough", shows: "a search of all cases"}.scenario()
	s.Params = append(s.Params, scenarios.Param{Name: "mood", Kind: scenarios.Choice, Default: "calm",
		Words: []string{"calm", "hasty", "sad"}, Help: "whether the server crashes"})
	s.Declare = func(v scenarios.Values) scenarios.Declaration {
		d := scenarios.Declaration{Model: faults.Model{Kinds: []faults.Kind{"crash"}, MaxDown: 1}, Chaos: time.Minute, Quiet: time.Minute}
		if v.Choice("mood") == "hasty" {
			d.Properties = []scenarios.Declared{{Property: "never-again", Promise: scenarios.Sometimes}}
		}
		return d
	}
	s.Script = func(scenarios.Values, uint64) []faults.Entry { return []faults.Entry{} }
	build := s.Build
	s.Build = func(b *scenarios.Build) {
		build(b)
		b.World.AddInvariant(sim.Assert("never-again", func(w *sim.World, id sim.NodeID) error {
			if w.Incarnation(sim.Server(1)) > 1 {
				return errors.New("n1 has started again")
			}
			return nil
		}))
	}
	family := func(mood string, crashes int) scenarios.Family {
		return scenarios.Family{Params: []scenarios.Value{{Name: "mood", Text: mood}, {Name: "asks", Text: "1"}},
			Bounds: explore.Bounds{Crashes: crashes, Losses: 1, RestartAfter: []time.Duration{5 * time.Millisecond}}}
	}
	s.Cases = &scenarios.Cases{Of: []scenarios.Family{family("calm", 0), family("hasty", 1)}}
	return s
}

// The first case in which something was broken becomes a plan, which replays.
func TestCasesLeaveAPlan(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	if r := in.run("run", "thorough", "--out", "case.yaml"); r.code != 0 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := in.run("replay", "case.yaml"); r.code != 0 || !strings.Contains(r.stdout, "VIOLATED never-again") {
		t.Errorf("replay: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := in.run("run", "thorough", "--plan", "case.yaml"); r.code != 0 || !strings.Contains(r.stdout, "thorough, seed 1: violated, as declared") {
		t.Errorf("run --plan: exit %d\n%s", r.code, r.stdout)
	}
	r := in.run("run", "thorough", "--set", "mood=calm", "--out", "none.yaml")
	if r.code != 0 || !strings.Contains(r.stderr, "no property was broken in any case; nothing is written") {
		t.Errorf("exit %d, %s", r.code, r.stderr)
	}
}

// What makes no sense for all cases is refused, and so are systems that there are not.
func TestCasesRefuse(t *testing.T) {
	refuses(t, on(t, "run", "thorough", "--check-determinism"), "thorough is many runs")
	refuses(t, on(t, "run", "thorough", "--set", "mood=sad"), "no family of cases with these parameters")
	refuses(t, on(t, "run", "thorough", "--set", "mood=odd"), "mood=odd: want one of calm, hasty, sad")
	refuses(t, on(t, "run", "thorough", "--out", "missing/case.yaml"), "missing")
}

// The document has the counts of each family.
func TestCasesAsJSON(t *testing.T) {
	r := decode[casesDocument](t, on(t, "run", "thorough", "--json").stdout)
	if len(r.Families) != 2 || r.Families[0].Violated != 0 || r.Families[1].Violated == 0 || !r.Families[1].Complete {
		t.Errorf("got %+v", r)
	}
	for _, f := range r.Families {
		sum := 0
		for _, b := range f.By {
			sum += b.Cases
		}
		if sum != f.Cases || f.Holds+f.Violated != f.Cases {
			t.Errorf("%v: %d cases by sort, %d by verdict, of %d", f.Params, sum, f.Holds+f.Violated, f.Cases)
		}
	}
}

type casesDocument struct {
	Scenario string
	Seed     int
	Families []struct {
		Params                                   map[string]string
		Crashes, Losses                          int
		Cases, Holds, Violated, Stalled, Unknown int
		Complete                                 bool
		Declared                                 string
		By                                       []struct{ Crashes, Losses, Cases int }
		Properties                               []struct {
			Property, First, Detail string
			Cases                   int
		}
		AsDeclared bool `json:"as_declared"`
	}
}
