package faults_test

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func wantUnapplied(t *testing.T, got []faults.Unapplied, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("unapplied are %v, want %d: %q", got, len(want), want)
	}
	for i, u := range got {
		if u.String() != want[i] {
			t.Errorf("unapplied:\n got %v\nwant %v", u, want[i])
		}
	}
}

func TestFaultsThatNeverStruckAreListed(t *testing.T) {
	club := newClub(2, sim.Config{})
	never := message(n(1), n(2), 900_000, 0)
	in := club.install(t,
		faults.Entry{Fault: faults.Pause{Target: faults.On(n(1))}, At: sim.Time(100 * ms), For: 5 * time.Millisecond},
		faults.Entry{Fault: faults.Pause{Target: faults.On(n(1))}, At: sim.Time(time.Hour)},
		faults.Entry{Fault: faults.Pause{Target: faults.On(n(1))}, After: never},
		faults.Entry{Fault: faults.CrashAt(n(1), 1), After: never},
		faults.Entry{Fault: faults.Pause{Target: faults.On(n(2))}, Moment: faults.Moment{Of: sim.Synced}},
		faults.Entry{Fault: faults.Isolate{Target: faults.Aim(faults.Candidate)}, At: sim.Time(100 * ms)},
		faults.Entry{Fault: faults.Filter{Type: "faults_test.hello", From: []sim.NodeID{n(1)}}, At: sim.Time(100 * ms)},
		faults.Entry{Fault: faults.Filter{Type: "faults_test.helo"}, At: sim.Time(100 * ms)},
		faults.Entry{Fault: faults.DiskStall{Storage: faults.Storage{Target: faults.On(n(1)), File: "directory"}}, At: sim.Time(100 * ms)},
		faults.Entry{Fault: faults.DiskStall{Storage: faults.Storage{Target: faults.On(n(1)), File: "date"}}, At: sim.Time(100 * ms)},
	)
	club.write(n(1), 300*ms)
	club.runTo(1000 * ms)
	in.HealAll()
	club.runTo(1500 * ms)
	wantUnapplied(t, in.Unapplied(),
		`fault 2 (pause: {target: n1} at 1h0m0s): faults were over at 1s`,
		`fault 3 (pause: {target: n1} after message n1>n2 faults_test.hello #900000): what it waits for never came while faults could strike`,
		`fault 4 (crash: {target: n1, before_effect: 1} after message n1>n2 faults_test.hello #900000): what it waits for never came while faults could strike`,
		`fault 5 (pause: {target: n2} from 0s when synced: any): it had not come to synced: any when faults were over`,
		`fault 6 (isolate: {target: candidate} at 100ms): no server is up as a candidate`,
		`fault 8 (filter: {type: faults_test.helo} at 100ms): no faults_test.helo came its way while it was in force`,
		`fault 10 (disk_stall: {target: n1, file: date} at 100ms): it had nothing to do with a file date while it was in force`)
}

func TestOverridesThatDecidedNothingAreListed(t *testing.T) {
	chooser := faults.Overrides([]faults.Override{
		{message(n(1), n(2), 10, sim.ForLoss), sim.Chance, 1},
		{message(n(1), n(2), 900_000, sim.ForLoss), sim.Chance, 1},
		{message(n(1), n(2), 13, sim.ForLatency), sim.Pick, 1},
	}, nil)
	club := newClub(2, sim.Config{Chooser: chooser})
	club.runTo(300 * ms)
	wantUnapplied(t, chooser.Unapplied(club.world),
		`override 2 (message n1>n2 faults_test.hello #900000 lost: true): the run never came to this decision`,
		`override 3 (message n1>n2 faults_test.hello #13 latency: 1): what is decided there is a duration, not a whole number`)
}

func TestOperationsAndReseedsThatNeverCameAreListed(t *testing.T) {
	club := newClub(1, sim.Config{})
	load := &faults.Workload{Calls: []faults.Call{{ID: history.ID{Client: 1, N: 1}, Op: ops.Op{Kind: ops.Get, Key: "k"}, At: sim.Time(time.Hour)}}}
	reseed := &faults.Reseed{After: sim.Identity{Subject: sim.OfRecord, K: 1 << 40}, Salt: 1}
	came := reseed.Install(club.world)
	club.runTo(1000 * ms)
	wantUnapplied(t, load.Unapplied(club.world), `operation 1 (c1#1 get(k) at 1h0m0s): the run was over at 1s`)
	wantUnapplied(t, reseed.Unapplied(club.world, came()), `reseed (after record 1099511627776): that never came`)
	var none *faults.Reseed
	wantUnapplied(t, none.Unapplied(club.world, none.Install(club.world)()))
}

func TestNodesOfOverridesWorkloadAndReseedMustExist(t *testing.T) {
	w := newClub(3, sim.Config{}).world
	lost := func(from, to sim.NodeID) faults.Plan {
		return faults.Plan{Overrides: []faults.Override{{message(n(1), n(2), 1, sim.ForLoss), sim.Chance, 1}, {message(from, to, 1, sim.ForLoss), sim.Chance, 1}}}
	}
	for want, plan := range map[string]faults.Plan{
		"overrides 1 message to":   lost(n(1), n(9)),
		"overrides 1 message from": lost(n(9), n(1)),
		"workload 0 op":            {Workload: &faults.Workload{Calls: []faults.Call{{ID: history.ID{Client: 9, N: 1}}}}},
		"reseed after timer node":  {Reseed: &faults.Reseed{After: sim.Identity{Subject: sim.OfTimer, Node: sim.Client(9), Name: "x", K: 1}}},
		"":                         lost(n(1), sim.Client(7)),
	} {
		err := plan.CheckNodes(w, sim.Client(7))
		place, _ := err.(*faults.PlaceError)
		switch {
		case want == "" && err != nil:
			t.Errorf("a client that is added later: %v", err)
		case want == "":
		case place == nil || strings.Join(place.Path, " ") != want || !strings.Contains(err.Error(), "there is no node"):
			t.Errorf("%s: got %v", want, err)
		}
	}
}
