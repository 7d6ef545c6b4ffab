package scenarios

import (
	"slices"
	"testing"

	"distsim/faults"
	"distsim/sim"
)

// valuesOf are a scenario's parameters, some of them set.
func valuesOf(t *testing.T, s *Scenario, set ...Value) Values {
	t.Helper()
	v, err := s.Resolve(set)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What the scripts draw is sound and inside the fault model, for every size.
func TestThreePhaseScriptsAreSound(t *testing.T) {
	for _, s := range []*Scenario{threepcScenario(), threepcPartition()} {
		for _, participants := range []string{"2", "3", "20"} {
			v := valuesOf(t, s, Value{"participants", participants})
			for seed := uint64(1); seed <= 500; seed++ {
				plan := s.Script(v, seed)
				if err := s.Declare(v).Model.Check(plan); err != nil {
					t.Fatalf("%s, %s participants, seed %d: %v", s.Name, participants, seed, err)
				}
				for _, e := range plan {
					if err := e.Check(); err != nil {
						t.Fatalf("%s, %s participants, seed %d: %v", s.Name, participants, seed, err)
					}
				}
			}
		}
	}
}

// The scripts reach what the scenarios are about: coordinators that die while somebody is
// in doubt, backups that die too, and everybody dead.
func TestThreePhaseDeathsAreOfEveryKind(t *testing.T) {
	s, seen := threepcScenario(), map[string]int{}
	for seed := uint64(1); seed <= 100; seed++ {
		run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{Records: true})
		if m := measured(run.Report, orphaned); m.Sampled.Samples > 0 {
			seen["terminated without coordinator"]++
		}
		dead := diedIn(run.World)
		if len(dead) == 4 {
			seen["everybody dies"]++
		}
		if backupDied(run.World) {
			seen["a backup dies at work"]++
		}
	}
	for what, least := range map[string]int{"terminated without coordinator": 25, "everybody dies": 5, "a backup dies at work": 5} {
		if seen[what] < least {
			t.Errorf("%s in %d of 100 runs, want %d or more", what, seen[what], least)
		}
	}
	t.Log(seen)
}

func measured(r *Report, name string) Measured {
	i := slices.IndexFunc(r.Measures, func(m Measured) bool { return m.Name == name })
	return r.Measures[i]
}

// diedIn lists the servers that have crashed.
func diedIn(w *sim.World) (dead []sim.NodeID) {
	for _, r := range w.Trace().Records() {
		if r.Kind == sim.KindCrash && !slices.Contains(dead, r.Node) {
			dead = append(dead, r.Node)
		}
	}
	return dead
}

// backupDied reports whether a participant has crashed that had asked for states.
func backupDied(w *sim.World) bool {
	asked := map[sim.NodeID]bool{}
	records := w.Trace().Records()
	for i := range records {
		switch r := &records[i]; {
		case r.Kind == sim.KindDeliver && w.Trace().Identity(r).Name == "threepc.StateRequest":
			asked[r.Peer] = true
		case r.Kind == sim.KindCrash && asked[r.Node]:
			return true
		}
	}
	return false
}

// A transfer is between two.
func TestOneParticipantIsRefused(t *testing.T) {
	for _, s := range []*Scenario{threepcScenario(), threepcPartition()} {
		if _, err := s.Resolve([]Value{{"participants", "1"}}); err == nil {
			t.Errorf("%s takes one participant", s.Name)
		}
	}
}
