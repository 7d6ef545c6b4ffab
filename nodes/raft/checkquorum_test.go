package raft_test

import (
	"testing"

	"distsim/nodes/raft"
)

// One test per claim of CheckQuorum: a leader steps down when an election timeout
// passes without answers from a majority (Ongaro's dissertation §6.2), and who
// hears from a leader does not listen to candidates (§4.2.3).

func quorumCheckers(t *testing.T, n int) *bench {
	return newBenchOf(t, n, raft.Config{CheckQuorum: true})
}

func TestLeaderWithoutAQuorumStepsDown(t *testing.T) {
	b := quorumCheckers(t, 5)
	b.elect()
	for range 10 {
		b.run(patience / 2)
		b.says(2, &raft.AppendReply{Term: 1})
		b.says(3, &raft.AppendReply{Term: 1})
	}
	b.want("role", "leader") // two of four answer
	for range 2 {
		b.run(patience / 2)
		b.says(2, &raft.AppendReply{Term: 1})
	}
	b.run(heartbeat)
	b.want("role", "follower", "term", "1", "leader", "-", "vote", "n1")
	if b.owner.deposed != 1 {
		t.Errorf("the owner was told %d times", b.owner.deposed)
	}
}

// Its term is over for it: late votes and answers do not bring it back.
func TestWhoSteppedDownDoesNotLeadThatTermAgain(t *testing.T) {
	b := quorumCheckers(t, 3)
	b.elect()
	b.run(patience + heartbeat)
	b.want("role", "follower", "term", "1")
	b.says(2, &raft.VoteReply{Term: 1, Granted: true})
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 1, Round: 9})
	b.want("role", "follower", "commit", "0")
	b.run(patience)
	b.want("role", "candidate", "term", "2")
}

// What it was asked to read is over with its reign.
func TestSteppingDownEndsReads(t *testing.T) {
	b := quorumCheckers(t, 3)
	b.elect()
	b.agree(1)
	b.reads()
	b.run(patience + heartbeat)
	b.want("role", "follower", "read.index", "0")
	b.echoes(2, 1)
	b.wantReadable(0, "stepped down")
}

// Off, it leads on: nobody has told it otherwise.
func TestLeaderStaysByDefault(t *testing.T) {
	b := newBench(t, 3)
	b.elect()
	b.run(10 * patience)
	b.want("role", "leader")
}

func TestSoleVoterIsAQuorum(t *testing.T) {
	b := quorumCheckers(t, 1)
	b.run(10 * patience)
	b.want("role", "leader", "term", "1")
}

// A candidate of a later term is not heard while a leader is: no answer, no term.
func TestVoteRequestsAreIgnoredWhileALeaderIsHeard(t *testing.T) {
	b := quorumCheckers(t, 3)
	b.says(2, &raft.Append{Term: 1})
	b.run(patience - 6*diskTime)
	b.says(3, &raft.VoteRequest{Term: 9, LastIndex: 9, LastTerm: 9})
	b.want("role", "follower", "term", "1", "leader", "n2", "vote", "-")
	if ms := heard[*raft.VoteReply](b, 3); len(ms) > 0 {
		t.Errorf("n3 is answered: %v", ms[0].Summary())
	}
	b.run(4 * diskTime) // and with that the least election timeout has passed
	b.says(3, &raft.VoteRequest{Term: 9, LastIndex: 9, LastTerm: 9})
	b.want("term", "9", "vote", "n3")
}

func TestLeaderIgnoresVoteRequests(t *testing.T) {
	b := quorumCheckers(t, 3)
	b.elect()
	b.says(3, &raft.VoteRequest{Term: 9, LastIndex: 9, LastTerm: 9})
	b.want("role", "leader", "term", "1")
}

// A node whose term has run ahead refuses the leader's Append and says why. The
// leader heeds that, though it ignores the node's requests for votes: or the node
// could neither win nor follow, for ever.
func TestNodeWhoseTermRanAheadIsFreed(t *testing.T) {
	b := quorumCheckers(t, 3)
	b.says(2, &raft.VoteRequest{Term: 9})
	b.forget()
	b.says(3, &raft.Append{Term: 4})
	if r := answer[*raft.AppendReply](b, 3); r.Accepted || r.Term != 9 {
		t.Errorf("got %v, want a refusal in term 9", r.Summary())
	}

	b = quorumCheckers(t, 3) // and n1 in the place of n3
	b.elect()
	b.says(2, &raft.AppendReply{Term: 9})
	b.want("role", "follower", "term", "9")
}
