package scenarios

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"distsim/faults"
)

// Over the same faults a leader that answers from memory gives old values in
// most runs, and one that asks a quorum first never does.
func TestStaleReadTwins(t *testing.T) {
	const seeds = 60
	stale := 0
	for seed := uint64(1); seed <= seeds; seed++ {
		plan := faults.Plan{Version: faults.Version, Seed: seed}
		broken, fixed := mustRun(t, staleRead(), plan, Options{}), mustRun(t, staleReadIndex(), plan, Options{})
		for i := range broken.Plan.Faults {
			if a, b := symbolic(broken.Plan).Faults[i], symbolic(fixed.Plan).Faults[i]; !reflect.DeepEqual(a, b) {
				t.Fatalf("seed %d: the twins have the faults %v and %v", seed, a, b)
			}
		}
		if p, bad := fixed.Report.Violated(); bad {
			t.Errorf("seed %d: %s by index: %s", seed, p.Name, p.Detail)
		}
		p, bad := broken.Report.Violated()
		if !bad {
			continue
		}
		stale++
		if p.Name != linearizable || !strings.HasPrefix(p.Detail, "stale read: ") {
			t.Errorf("seed %d: %s: %s", seed, p.Name, p.Detail)
		}
	}
	t.Logf("%d of %d seeds have a stale read", stale, seeds)
	if stale < seeds/2 {
		t.Errorf("only %d of %d seeds have a stale read", stale, seeds)
	}
}

// ReadIndex, PreVote and CheckQuorum keep their promises under all faults that
// Raft must survive, in groups of every size.
func TestKnobsOfRaftHold(t *testing.T) { knobsHold(t, 25) }

// TestSweepKnobsOfRaft is the long version.
func TestSweepKnobsOfRaft(t *testing.T) { sweepOnly(t); knobsHold(t, 1000) }

func knobsHold(t *testing.T, seeds uint64) {
	for _, nodes := range []string{"1", "2", "3", "4", "5"} {
		for _, on := range [][2]string{{"true", "true"}, {"true", "false"}, {"false", "true"}, {"false", "false"}} {
			set := []Value{{"nodes", nodes}, {"reads", "index"}, {"prevote", on[0]}, {"checkquorum", on[1]}}
			h := Hunt{Scenario: raftScenario(), Params: set, From: 1, To: seeds, Workers: 2}
			r, err := h.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Failures {
				t.Errorf("%v, seed %d: %s: %s", set, f.Seed, f.Property, f.Detail)
			}
			if r.Exit() != 0 {
				t.Errorf("%v: exit %d over seeds %s", set, r.Exit(), r.Covered)
			}
		}
	}
}

// What the read scenarios declare fits other parameters too.
func TestStaleReadIndexHoldsForAllParameters(t *testing.T) {
	for _, set := range [][]Value{
		{{"nodes", "3"}}, {{"nodes", "4"}}, {{"nodes", "9"}}, {{"clients", "2"}}, {{"clients", "12"}, {"ops", "1200"}},
		{{"keys", "1"}}, {{"keys", "100"}}, {{"ops", "1"}},
	} {
		for _, s := range []*Scenario{staleRead(), staleReadIndex()} {
			h := Hunt{Scenario: s, Params: set, From: 1, To: 20, Workers: 2}
			if r, err := h.Run(context.Background()); err != nil || len(r.Failures) > 0 || r.Missing > 0 {
				t.Errorf("%s %v: %v, %+v", s.Name, set, err, r)
			}
		}
	}
}
