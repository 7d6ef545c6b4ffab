package scenarios

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// Transcripts leave the part of a name out, and plans may: there it stands for every
// part, and Raft has one.
func TestNamesWithoutTheirPartStrike(t *testing.T) {
	s, _ := Find(All(), "raft")
	second := sim.Time(time.Second)
	disk := func(file string) faults.Fault {
		return faults.DiskStall{Storage: faults.Storage{Target: faults.On(sim.Server(1)), File: file}}
	}
	run := func(f faults.Fault, m faults.Moment) *Run {
		plan := faults.Plan{Version: faults.Version, Scenario: "raft", Seed: 3,
			Faults: []faults.Entry{{Fault: f, At: second / 10, Moment: m, For: time.Second}}}
		run, err := s.Run(plan, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	pause := faults.Pause{Target: faults.Aim(faults.Any)}
	due := func(name string) faults.Moment { return faults.Moment{Of: sim.Timeout, Name: name} }
	for name, pair := range map[string][2]*Run{
		"filter": {run(faults.Filter{Type: "raft/raft.Append"}, faults.Moment{}), run(faults.Filter{Type: "raft.Append"}, faults.Moment{})},
		"file":   {run(disk("raft/log"), faults.Moment{}), run(disk("log"), faults.Moment{})},
		"moment": {run(pause, due("raft/raft.electionDue")), run(pause, due("raft.electionDue"))},
	} {
		full, short := pair[0].Report, pair[1].Report
		if len(full.Unapplied)+len(short.Unapplied) > 0 {
			t.Errorf("%s: not applied: %v, %v", name, full.Unapplied, short.Unapplied)
		}
		if full.TraceHash != short.TraceHash {
			t.Errorf("%s: the short name gives another run", name)
		}
	}
}

// An identity names one event, and its part belongs to it.
func TestIdentitiesNeedTheirPart(t *testing.T) {
	s, _ := Find(All(), "raft")
	id := sim.Identity{Subject: sim.OfMessage, Node: sim.Server(1), Peer: sim.Server(2), Name: "raft.Append", K: 1}
	crash := faults.Entry{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, After: id}
	id.Purpose = sim.ForLoss
	run, err := s.Run(faults.Plan{Version: faults.Version, Scenario: "raft", Seed: 3, Faults: []faults.Entry{crash},
		Overrides: []faults.Override{{ID: id, Kind: sim.Chance, Value: 1}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Report.Unapplied) != 2 {
		t.Fatalf("not applied: %v, want both", run.Report.Unapplied)
	}
	for _, u := range run.Report.Unapplied {
		if want := "the part belongs to the name: raft/raft.Append"; !strings.Contains(u.Why, want) {
			t.Errorf("%v: want %q", u, want)
		}
	}
}
