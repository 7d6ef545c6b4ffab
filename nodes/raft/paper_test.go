package raft_test

import (
	"slices"
	"testing"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
)

// One test per claim of figure 2 of the Raft paper, in its order.

// State: term, vote and log are updated on stable storage before responding.
func TestVoteIsDurableBeforeItIsSaid(t *testing.T) {
	b := newBench(t, 3)
	b.puppets[0].env.Send(sim.Server(1), &raft.VoteRequest{Term: 5})
	b.run(diskTime / 2)
	if ms := heard[*raft.VoteReply](b, 2); len(ms) > 0 {
		t.Fatal("the vote was said before it was durable")
	}
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.says(3, &raft.VoteRequest{Term: 5})
	if !answer[*raft.VoteReply](b, 3).Granted {
		t.Error("a vote that was neither said nor durable binds after the restart")
	}
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.says(2, &raft.VoteRequest{Term: 5})
	if answer[*raft.VoteReply](b, 2).Granted {
		t.Error("two votes in one term")
	}
	b.want("term", "5", "vote", "n3")
}

func TestEntriesAreDurableBeforeTheyAreAcknowledged(t *testing.T) {
	b := newBench(t, 3)
	b.puppets[0].env.Send(sim.Server(1), &raft.Append{Term: 1, Entries: entries(1, 1, "x")})
	b.run(diskTime / 2)
	if ms := heard[*raft.AppendReply](b, 2); len(ms) > 0 {
		t.Fatal("acknowledged before it was durable")
	}
	b.run(2 * diskTime)
	answer[*raft.AppendReply](b, 2)
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.run(0)
	b.want("term", "1", "log.last", "1", "log.lastTerm", "1", "commit", "0")
}

// AppendEntries 1: reply false if term < currentTerm.
func TestAppendOfAnEarlierTermIsRefused(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.VoteRequest{Term: 4})
	b.says(3, &raft.Append{Term: 3, Entries: entries(1, 3, "x")})
	if r := answer[*raft.AppendReply](b, 3); r.Accepted || r.Term != 4 {
		t.Errorf("got %+v, want a refusal in term 4", r)
	}
	b.want("log.last", "0", "leader", "-")
}

// AppendEntries 2: reply false if the log has no entry at prevLogIndex of prevLogTerm.
func TestAppendThatDoesNotFitIsRefused(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "x", "y")})
	b.forget()
	for _, c := range []struct {
		prev     raft.Index
		term     raft.Term
		conflict raft.Index
	}{{5, 1, 3}, {3, 1, 3}, {2, 2, 1}, {1, 2, 1}} {
		b.says(2, &raft.Append{Term: 2, PrevIndex: c.prev, PrevTerm: c.term, Entries: entries(c.prev+1, 2, "z")})
		if r := answer[*raft.AppendReply](b, 2); r.Accepted || r.Conflict != c.conflict {
			t.Errorf("after %d (term %d): got %+v, want a refusal that names %d", c.prev, c.term, r, c.conflict)
		}
	}
	b.want("log.last", "2", "log.lastTerm", "1")
}

// AppendEntries 3: an existing entry that conflicts goes, with all that follow it.
func TestConflictingEntriesAreReplaced(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "x", "y", "z")})
	b.says(3, &raft.Append{Term: 2, PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 2, "w")})
	b.want("log.last", "2", "log.lastTerm", "2")
	b.says(3, &raft.Append{Term: 2, PrevIndex: 2, PrevTerm: 2, Commit: 2})
	if want := []string{"x", "w"}; !slices.Equal(b.tape.applied, want) {
		t.Errorf("applied %v, want %v", b.tape.applied, want)
	}
}

// AppendEntries 3, 4: what does not conflict stays: an old Append that comes late
// shortens nothing, and one that comes twice adds nothing.
func TestLateAndDoubledAppendsChangeNothing(t *testing.T) {
	b := newBench(t, 3)
	first := &raft.Append{Term: 1, Entries: entries(1, 1, "x")}
	b.says(2, first)
	b.says(2, &raft.Append{Term: 1, PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1, "y", "z")})
	b.forget()
	b.says(2, first)
	if r := answer[*raft.AppendReply](b, 2); !r.Accepted || r.Match != 1 {
		t.Errorf("got %+v, want the match to be what was sent (1), not the log's end", r)
	}
	b.want("log.last", "3")
}

// AppendEntries 5: commit = min(leaderCommit, index of last new entry).
func TestFollowerCommitsOnlyWhatIsKnownToMatch(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "x", "y", "z")})
	b.says(3, &raft.Append{Term: 2, PrevIndex: 1, PrevTerm: 1, Commit: 3}) // n3 may have other entries 2 and 3
	b.want("commit", "1", "applied", "1")
	b.says(3, &raft.Append{Term: 2, PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 2, "w"), Commit: 1})
	b.says(3, &raft.Append{Term: 2, PrevIndex: 2, PrevTerm: 2, Commit: 9})
	b.want("commit", "2")
}

// RequestVote 1: reply false if term < currentTerm.
func TestVoteInAnEarlierTermIsRefused(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 3})
	b.says(3, &raft.VoteRequest{Term: 2, LastIndex: 9, LastTerm: 9})
	if r := answer[*raft.VoteReply](b, 3); r.Granted || r.Term != 3 {
		t.Errorf("got %+v, want no, in term 3", r)
	}
}

// RequestVote 2: grant if votedFor is null or the candidate, and its log is at
// least as up to date.
func TestVoteGoesOncePerTermToAnUpToDateLog(t *testing.T) {
	b := newBench(t, 4)
	b.says(2, &raft.Append{Term: 2, Entries: append(entries(1, 1, "x"), entries(2, 2, "y")...)})
	for _, c := range []struct {
		what        string
		from        int
		term        raft.Term
		last        raft.Index
		lastTerm    raft.Term
		wantGranted bool
	}{
		{"a shorter log of the same term", 2, 3, 1, 2, false},
		{"a longer log of an earlier term", 2, 3, 7, 1, false},
		{"an equal log", 3, 3, 2, 2, true},
		{"a second candidate of the term", 4, 3, 9, 9, false},
		{"the same candidate again", 3, 3, 2, 2, true},
		{"a shorter log of a later term", 4, 4, 1, 3, true},
	} {
		b.says(c.from, &raft.VoteRequest{Term: c.term, LastIndex: c.last, LastTerm: c.lastTerm})
		if r := answer[*raft.VoteReply](b, c.from); r.Granted != c.wantGranted {
			t.Errorf("%s: granted is %v", c.what, r.Granted)
		}
	}
}

// All servers: a higher term makes anyone a follower; a stale message nobody.
func TestHigherTermMakesAFollower(t *testing.T) {
	for _, m := range []sim.Message{
		&raft.VoteRequest{Term: 9}, &raft.VoteReply{Term: 9}, &raft.Append{Term: 9}, &raft.AppendReply{Term: 9},
	} {
		b := newBench(t, 3)
		b.elect()
		b.says(2, m)
		b.want("role", "follower", "term", "9")
	}
}

// Followers: an election timeout without Append or granted vote makes a candidate.
func TestFollowerCampaignsWhenNobodyLeads(t *testing.T) {
	b := newBench(t, 3)
	for range 5 {
		b.run(patience * 8 / 10)
		b.says(2, &raft.Append{Term: 1})
	}
	b.want("role", "follower")
	b.run(patience * 8 / 10)
	b.says(3, &raft.VoteRequest{Term: 2}) // a granted vote postpones as well
	b.run(patience * 8 / 10)
	b.want("role", "follower", "vote", "n3")
	b.run(patience)
	b.want("role", "candidate", "term", "3", "vote", "n1")
}

// … and neither a refused vote nor a message of an earlier term postpones.
func TestOnlyALeaderOrAGrantedVotePostpones(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 5, Entries: entries(1, 5, "x")})
	for range 4 {
		b.run(patience / 4)
		b.says(3, &raft.VoteRequest{Term: 5})
		b.says(3, &raft.Append{Term: 4})
	}
	b.want("role", "candidate")
}

// Candidates: increment the term, vote for oneself, ask all others.
func TestCandidateAsksEveryoneForTheNextTerm(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "x")})
	b.run(patience)
	b.want("role", "candidate", "term", "2", "vote", "n1", "leader", "-")
	for by := 2; by <= 3; by++ {
		if r := answer[*raft.VoteRequest](b, by); *r != (raft.VoteRequest{Term: 2, LastIndex: 1, LastTerm: 1}) {
			t.Errorf("n%d was asked %+v", by, *r)
		}
	}
}

// Candidates: votes of a majority make a leader; stale, refused and repeated
// ones do not.
func TestCandidateLeadsOnAMajorityOfItsTerm(t *testing.T) {
	b := newBench(t, 5)
	b.run(patience + 2*diskTime)
	b.says(2, &raft.VoteReply{Term: 1, Granted: true})
	b.says(2, &raft.VoteReply{Term: 1, Granted: true})
	b.says(3, &raft.VoteReply{Term: 1})
	b.says(4, &raft.VoteReply{Term: 0, Granted: true})
	b.want("role", "candidate")
	b.says(5, &raft.VoteReply{Term: 1, Granted: true})
	b.want("role", "leader", "leader", "n1")
}

// With four voters two votes are half, not a majority.
func TestHalfIsNoMajority(t *testing.T) {
	b := newBench(t, 4)
	b.run(patience + 2*diskTime)
	b.says(2, &raft.VoteReply{Term: 1, Granted: true})
	b.want("role", "candidate")
}

// Candidates: an Append of the term's leader makes a follower.
func TestCandidateYieldsToTheLeaderOfItsTerm(t *testing.T) {
	b := newBench(t, 3)
	b.run(patience + 2*diskTime)
	b.says(2, &raft.Append{Term: 1})
	b.want("role", "follower", "term", "1", "leader", "n2", "vote", "n1")
}

// Candidates: an election that comes to nothing is followed by another.
func TestSplitVoteIsFollowedByAnotherElection(t *testing.T) {
	b := newBench(t, 3)
	b.run(2*patience + 3*diskTime)
	b.want("role", "candidate", "term", "2")
	if asked := heard[*raft.VoteRequest](b, 2); len(asked) != 2 {
		t.Errorf("asked %d times, want twice", len(asked))
	}
}

// Leaders: announce themselves at once, with an entry of their term, and repeat.
func TestLeaderAnnouncesItself(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	m := heard[*raft.Append](b, 3)
	if len(m) != 1 || m[0].Term != 1 || len(m[0].Entries) != 1 || m[0].Entries[0].Command != nil {
		t.Fatalf("n3 heard %v, want one Append with the entry that opens term 1", m)
	}
	b.says(3, &raft.AppendReply{Term: 1, Accepted: true, Match: 1})
	b.run(5 * heartbeat)
	if beats := heard[*raft.Append](b, 3); len(beats) < 4 || len(beats[0].Entries) != 0 {
		t.Errorf("n3 heard %v in five intervals, want heartbeats", beats)
	}
	b.want("role", "leader")
}

// Leaders: a command is appended, sent to all who lack it, and applied when
// committed. What follows while a batch is on its way makes up the next one.
func TestLeaderReplicatesAndCommits(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 1})
	b.forget()
	for _, c := range []string{"a", "b", "c"} {
		if _, ok := b.n1.Propose([]byte(c)); !ok {
			t.Fatal("a leader refuses")
		}
	}
	b.run(2 * diskTime)
	if m := answer[*raft.Append](b, 2); len(m.Entries) != 1 || m.PrevIndex != 1 {
		t.Errorf("n2 heard %v, want entry 2 alone", m.Summary())
	}
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 2})
	b.want("commit", "2")
	if m := answer[*raft.Append](b, 2); len(m.Entries) != 2 || m.PrevIndex != 2 {
		t.Errorf("n2 heard %v, want entries 3 and 4", m.Summary())
	}
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 4})
	if want := []string{"a", "b", "c"}; !slices.Equal(b.tape.applied, want) {
		t.Errorf("applied %v, want %v", b.tape.applied, want)
	}
}

// Leaders: what is not answered is sent again; a batch has at most MaxBatch entries.
func TestLeaderRetriesInBatches(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	for range 9 {
		b.n1.Propose([]byte("x"))
	}
	b.forget()
	b.run(heartbeat)
	if m := answer[*raft.Append](b, 2); m.PrevIndex != 0 || len(m.Entries) != 4 {
		t.Errorf("n2 heard %v, want entries 1…4 again", m.Summary())
	}
}

// Leaders: on a refusal step back and try again.
func TestLeaderFindsWhereTheLogsAgree(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 3, Entries: append(entries(1, 1, "x", "y"), entries(3, 3, "z")...)})
	b.elect() // term 4
	b.forget()
	b.says(3, &raft.AppendReply{Term: 4, Refused: 3, ConflictTerm: 2, Conflict: 2})
	m := answer[*raft.Append](b, 3)
	if m.PrevIndex != 1 || m.PrevTerm != 1 || len(m.Entries) != 3 {
		t.Errorf("n3 heard %v, want what follows entry 1", m.Summary())
	}
	b.says(3, &raft.AppendReply{Term: 4, Accepted: true, Match: 4})
	b.want("commit", "4")
}

// Leaders: commit N if a majority has it and its term is the current one
// (§5.4.2). Entries of earlier terms commit with it, not by themselves.
func TestOnlyEntriesOfTheOwnTermCommitByCounting(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "old")})
	b.elect() // term 2; entry 2 opens it
	b.says(2, &raft.AppendReply{Term: 2, Accepted: true, Match: 1})
	b.says(3, &raft.AppendReply{Term: 2, Accepted: true, Match: 1})
	b.want("commit", "0")
	b.says(3, &raft.AppendReply{Term: 2, Accepted: true, Match: 2})
	b.want("commit", "2", "applied", "2")
}

// A leader counts itself only once its own disk has the entry.
func TestLeaderCountsItselfWhenDurable(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 1})
	b.n1.Propose([]byte("x"))
	b.puppets[0].env.Send(sim.Server(1), &raft.AppendReply{Term: 1, Accepted: true, Match: 2})
	b.run(diskTime / 2)
	b.want("commit", "1") // n2 and n1 have it, but n1 not on disk
	b.run(diskTime)
	b.want("commit", "2")
}

// A majority of others commits without the leader's disk.
func TestLeaderNeedNotBePartOfTheMajority(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	b.n1.Propose([]byte("x"))
	for i := range b.puppets {
		b.puppets[i].env.Send(sim.Server(1), &raft.AppendReply{Term: 1, Accepted: true, Match: 2})
	}
	b.run(diskTime / 2)
	b.want("commit", "2")
}

// A sole voter needs its own disk, for its vote and for every entry.
func TestSoleVoterWaitsForItsDisk(t *testing.T) {
	b := newBench(t, 1)
	b.run(patience + diskTime/2)
	b.want("role", "candidate")
	b.run(2 * diskTime) // the file and its name
	b.want("role", "leader", "commit", "0")
	b.run(diskTime)
	b.want("commit", "1")
	b.n1.Propose([]byte("x"))
	b.run(diskTime / 2)
	b.want("commit", "1")
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.run(time.Second)
	b.want("role", "leader", "commit", "2", "log.last", "2") // the two opening entries; x was never said to be there
}
