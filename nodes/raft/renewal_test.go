package raft_test

import (
	"testing"

	"distsim/nodes/raft"
	"distsim/sim"
)

// A SyncDir that fails leaves a name that no later SyncDir saves. The node must not
// trust it: a vote given under it would be lost with the machine.
func TestVoteSurvivesAFailedSyncOfTheName(t *testing.T) {
	for _, model := range []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepSubset} {
		b := newBench(t, 3)
		end := b.w.DisturbDisk(sim.Server(1), sim.DiskRule{SyncFail: 1_000_000, File: "directory"})
		b.says(2, &raft.VoteRequest{Term: 3})
		if b.w.Up(sim.Server(1)) || len(heard[*raft.VoteReply](b, 2)) > 0 {
			t.Fatal("the name could not be saved, and n1 goes on")
		}
		end()
		b.w.Restart(sim.Server(1))
		b.says(2, &raft.VoteRequest{Term: 3})
		if !answer[*raft.VoteReply](b, 2).Granted {
			t.Fatal("n1 does not remember for whom it voted")
		}
		b.w.Crash(sim.Server(1), model)
		b.w.Restart(sim.Server(1))
		b.says(3, &raft.VoteRequest{Term: 3})
		if answer[*raft.VoteReply](b, 3).Granted {
			t.Errorf("%v: two votes in one term: the log's name was lost", model)
		}
	}
}

// Whatever a crash keeps of giving the log its name anew, the log is found.
func TestLogIsFoundAfterACrashBetweenTheRenames(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.VoteRequest{Term: 3}) // durable, but nothing says so yet
	b.forget()
	b.w.Crash(sim.Server(1), sim.LoseAll)
	// Strike the next boot between its two renames; the first is kept.
	b.w.StrikeAt(sim.Strike{On: sim.Identity{Subject: sim.OfRecord, K: b.w.Trace().Len + 2}, Node: sim.Server(1), Effect: 3, Model: sim.KeepAll}, nil)
	b.w.Restart(sim.Server(1))
	b.run(diskTime)
	if b.w.Up(sim.Server(1)) {
		t.Fatal("the strike missed")
	}
	var names []string
	for _, r := range b.w.Trace().Records() {
		if r.Kind == sim.KindWrite && r.Node == sim.Server(1) {
			names = append(names, b.w.Trace().NameOf(&r.Core))
		}
	}
	if last := names[len(names)-1]; last != "log.renamed" {
		t.Fatalf("the crash did not come between the renames, but after a write of %s", last)
	}
	b.w.Restart(sim.Server(1))
	b.says(3, &raft.VoteRequest{Term: 3})
	if answer[*raft.VoteReply](b, 3).Granted {
		t.Error("two votes in one term: the log was not found")
	}
}
