package scenarios

import (
	"context"
	"fmt"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim/history"
)

// The knobs of twopc that its defaults leave alone: each way to keep decisions, with an
// even number of participants (half of them is no majority), in batches, and without
// cooperative termination.
func TestSweepTwopcKnobs(t *testing.T) {
	sweepOnly(t)
	for _, decisions := range keepings {
		for _, more := range [][]Value{nil, {{"participants", "2"}, {"batch", "3"}}, {{"participants", "4"}, {"peers", "false"}, {"clients", "6"}}} {
			params := append([]Value{{"decisions", decisions}}, more...)
			t.Run(fmt.Sprint(params), func(t *testing.T) {
				s, _ := Find(All(), "twopc")
				r, err := (&Hunt{Scenario: s, Params: params, From: 1, To: 1000, Workers: 2}).Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if r.Exit() != 0 {
					t.Errorf("exit %d over %s: %+v, %d undecided", r.Exit(), r.Covered, r.Failures, r.Undecided)
				}
			})
		}
	}
}

// A paused coordinator comes back, and nothing it does counts: also for those who have
// it for a pause what others have for a crash.
func TestPausedCoordinatorsAreFenced(t *testing.T) {
	for name, want := range map[string]string{"twopc-backup": "replaced", "twopc-raft": "active"} {
		s, _ := Find(All(), name)
		seen := 0
		for seed := uint64(1); seed <= 20; seed++ {
			run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed, Params: []faults.Param{{Name: "failure", Value: "pause"}}}, Options{})
			if run.Report.Verdict != "holds" {
				t.Errorf("%s, seed %d: %s", name, seed, run.Report.Verdict)
			}
			if run.World.Reached()[want] > 0 {
				seen++
			}
		}
		if seen < 18 {
			t.Errorf("%s: of 20 runs only in %d somebody was %s", name, seen, want)
		}
	}
}

// AC4: where nothing fails and nobody is in anybody's way, every transaction for which
// there is money commits; and it takes exactly the textbook's messages and syncs.
func TestTextbookCosts(t *testing.T) {
	s, _ := Find(All(), "twopc-batch")
	for _, n := range []int{2, 3, 5} {
		params := []faults.Param{{Name: "participants", Value: fmt.Sprint(n)}, {Name: "accounts", Value: fmt.Sprint(64 * n)}}
		run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: 1, Params: params, Faults: []faults.Entry{}}, Options{})
		if c := history.Count(run.World.History()); c.OK != 640 || committed(run.World) != 640 {
			t.Errorf("%d participants: of 640 transactions %+v, %d committed", n, c, committed(run.World))
		}
		for _, m := range run.Report.Measures {
			switch m.Name {
			case messagesPerTx:
				if m.Num != int64(4*n*640) {
					t.Errorf("%d participants: %d messages for 640 transactions, want %d", n, m.Num, 4*n*640)
				}
			case syncsPerTx: // and at boot one of the coordinator's, and of everybody a name's
				if extra := m.Num - int64((2*n+1)*640); extra < 0 || extra > int64(2+n) {
					t.Errorf("%d participants: %d syncs for 640 transactions, %d more than %d each", n, m.Num, extra, 2*n+1)
				}
			}
		}
	}
}

// What blocks is told with the locks that are held meanwhile, and for how long is
// measured to the end of the run.
func TestBlockingIsMeasured(t *testing.T) {
	s, _ := Find(All(), "twopc-blocking")
	run := mustRun(t, s, seeded(1), Options{})
	v, ok := run.Report.Violated()
	if !ok || v.Name != inDoubt || len(v.Nodes) != 1 {
		t.Fatalf("got %+v", v)
	}
	for _, m := range run.Report.Measures {
		if m.Name == longestInDoubt && (m.Took == nil || time.Duration(*m.Took.Value) < 8*time.Second) {
			t.Errorf("longest in doubt: %+v", m.Took)
		}
	}
	if want := " locked"; len(v.Detail) < 20 || v.Detail[len(v.Detail)-len(want):] != want {
		t.Errorf("the detail does not say what is locked: %s", v.Detail)
	}
}
