package raft_test

import (
	"testing"

	"distsim/nodes/raft"
	"distsim/sim"
)

// One test per claim of PreVote, Ongaro's dissertation §9.6.

func preVoters(t *testing.T, n int) *bench { return newBenchOf(t, n, raft.Config{PreVote: true}) }

// A node asks before it enters a term: its term, its vote and its disk stay.
func TestPreVoteChangesNoTerm(t *testing.T) {
	b := preVoters(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "x")})
	b.forget()
	b.run(5*patience + patience/2)
	b.want("role", "pre-candidate", "term", "1", "vote", "-", "leader", "-")
	for by := 2; by <= 3; by++ {
		ms := heard[*raft.PreVoteRequest](b, by)
		if len(ms) != 5 || *ms[4] != (raft.PreVoteRequest{Next: 2, LastIndex: 1, LastTerm: 1}) {
			t.Errorf("n%d was asked %d times, at last %+v; want five times for term 2", by, len(ms), ms)
		}
		if ms := heard[*raft.VoteRequest](b, by); len(ms) > 0 {
			t.Errorf("n%d was asked for a vote: %v", by, ms[0].Summary())
		}
	}
}

// It campaigns once a majority would vote for it; refusals, repetitions and
// answers about another term do not count.
func TestPreCandidateCampaignsOnAMajority(t *testing.T) {
	b := preVoters(t, 5)
	b.run(patience)
	b.says(2, &raft.PreVoteReply{Next: 1, Granted: true})
	b.says(2, &raft.PreVoteReply{Next: 1, Granted: true})
	b.says(3, &raft.PreVoteReply{Next: 1})
	b.says(4, &raft.PreVoteReply{Next: 0, Granted: true})
	b.want("role", "pre-candidate", "term", "0")
	b.says(5, &raft.PreVoteReply{Next: 1, Granted: true})
	b.want("role", "candidate", "term", "1", "vote", "n1")
	if m := answer[*raft.VoteRequest](b, 2); m.Term != 1 {
		t.Errorf("n2 was asked for term %d, want 1", m.Term)
	}
	b.says(2, &raft.VoteReply{Term: 1, Granted: true})
	b.want("role", "candidate") // the answers before the campaign were no votes
	b.says(3, &raft.VoteReply{Term: 1, Granted: true})
	b.want("role", "leader")
}

// A voter says yes to a term that has not begun and to a log as good as its own,
// to any number of nodes: it promises nothing.
func TestPreVoteIsGrantedLikeAVoteAndPromisesNothing(t *testing.T) {
	b := preVoters(t, 4)
	b.says(2, &raft.Append{Term: 2, Entries: append(entries(1, 1, "x"), entries(2, 2, "y")...)})
	b.run(patience + diskTime) // n2 is not heard any more
	b.forget()
	for _, c := range []struct {
		what        string
		from        int
		m           raft.PreVoteRequest
		wantGranted bool
	}{
		{"an equal log", 2, raft.PreVoteRequest{Next: 3, LastIndex: 2, LastTerm: 2}, true},
		{"another node for the same term", 3, raft.PreVoteRequest{Next: 3, LastIndex: 2, LastTerm: 2}, true},
		{"a later term", 4, raft.PreVoteRequest{Next: 9, LastIndex: 1, LastTerm: 3}, true},
		{"a shorter log", 4, raft.PreVoteRequest{Next: 9, LastIndex: 1, LastTerm: 2}, false},
		{"the present term", 4, raft.PreVoteRequest{Next: 2, LastIndex: 9, LastTerm: 9}, false},
	} {
		b.says(c.from, &c.m)
		if r := answer[*raft.PreVoteReply](b, c.from); r.Granted != c.wantGranted || r.Next != c.m.Next || r.Term != 2 {
			t.Errorf("%s: got %+v", c.what, *r)
		}
	}
	b.want("term", "2", "vote", "-")
}

// A voter that has heard from a leader within the least election timeout says
// no, and so does the leader itself.
func TestPreVoteIsRefusedWhileALeaderIsHeard(t *testing.T) {
	b := preVoters(t, 3)
	ask := func(when string, want bool) {
		t.Helper()
		b.says(3, &raft.PreVoteRequest{Next: b.n1.Term() + 1, LastIndex: 9, LastTerm: 9})
		if r := answer[*raft.PreVoteReply](b, 3); r.Granted != want {
			t.Errorf("%s: granted is %v", when, r.Granted)
		}
	}
	ask("nobody leads yet", true)
	b.says(2, &raft.Append{Term: 1})
	b.run(patience - 4*diskTime)
	ask("n2 was heard just now", false)
	b.run(2 * diskTime)
	ask("n2 has been silent for an election timeout", true)
	b.forget()
	b.electWithPreVote()
	ask("n1 leads", false)
	b.want("role", "leader")
}

// electWithPreVote makes n1 leader of the next term.
func (b *bench) electWithPreVote() {
	b.Helper()
	next := b.n1.Term() + 1
	for b.view().Get("role") != "pre-candidate" {
		b.run(patience / 4)
	}
	for i := range b.puppets {
		b.says(i+2, &raft.PreVoteReply{Next: next, Granted: true})
	}
	for i := range b.puppets {
		b.says(i+2, &raft.VoteReply{Term: next, Granted: true})
	}
	b.want("role", "leader")
}

// A node that was cut off has asked in vain, in its old term; when the leader is
// back it follows, and nobody has been disturbed.
func TestNodeThatWasCutOffDoesNotDisturb(t *testing.T) {
	b := preVoters(t, 3)
	b.says(2, &raft.Append{Term: 1})
	b.run(10 * patience)
	b.want("role", "pre-candidate", "term", "1")
	b.says(2, &raft.PreVoteReply{Term: 1, Next: 2})
	b.says(3, &raft.PreVoteReply{Term: 1, Next: 2})
	b.forget()
	b.says(2, &raft.Append{Term: 1})
	if r := answer[*raft.AppendReply](b, 2); !r.Accepted || r.Term != 1 {
		t.Errorf("n2 hears %v, want its Append accepted", r.Summary())
	}
	b.want("role", "follower", "term", "1", "leader", "n2")
	b.says(3, &raft.PreVoteReply{Term: 1, Next: 2, Granted: true}) // too late
	b.want("role", "follower", "term", "1")
}

// A node in an earlier term is answered, and told of the present term, so that
// it can outbid it: with the better log it may be the only one who can win, while
// the voter, in the later term, can not.
func TestNodeThatIsBehindLearnsTheTermToOutbid(t *testing.T) {
	b := preVoters(t, 3)
	b.says(2, &raft.VoteRequest{Term: 7}) // n1 is in term 7, with an empty log
	b.run(patience)
	b.says(3, &raft.PreVoteRequest{Next: 6, LastIndex: 4, LastTerm: 5})
	if r := answer[*raft.PreVoteReply](b, 3); r.Granted || r.Term != 7 {
		t.Errorf("got %+v, want a refusal that names term 7", *r)
	}
	b.says(3, &raft.PreVoteRequest{Next: 8, LastIndex: 4, LastTerm: 5})
	if r := answer[*raft.PreVoteReply](b, 3); !r.Granted {
		t.Error("refused, although the log is better and the term new")
	}

	b = preVoters(t, 3) // and n1 in the place of n3
	b.says(2, &raft.Append{Term: 5, Entries: entries(1, 5, "x")})
	b.run(patience)
	b.want("role", "pre-candidate", "term", "5")
	b.says(3, &raft.PreVoteReply{Term: 7, Next: 6})
	b.want("role", "follower", "term", "7")
	b.forget()
	b.run(patience)
	if m := answer[*raft.PreVoteRequest](b, 3); m.Next != 8 {
		t.Errorf("n1 asks for term %d, want 8", m.Next)
	}
}

// A vote that it gives in earnest ends a node's own asking.
func TestPreCandidateYieldsToACandidate(t *testing.T) {
	b := preVoters(t, 3)
	b.says(2, &raft.VoteReply{Term: 1}) // term 1, no vote given
	b.run(patience)
	b.want("role", "pre-candidate", "term", "1", "vote", "-")
	b.says(2, &raft.VoteRequest{Term: 1})
	b.want("role", "follower", "term", "1", "vote", "n2")
	b.says(3, &raft.PreVoteReply{Next: 2, Granted: true})
	b.want("role", "follower", "term", "1")
}

// A sole voter needs nobody's leave.
func TestSoleVoterCampaignsAtOnce(t *testing.T) {
	b := preVoters(t, 1)
	b.run(patience + 4*diskTime)
	b.want("role", "leader", "term", "1")
}

// Without the knob nobody asks, but who is asked answers.
func TestPreVoteIsOffByDefault(t *testing.T) {
	b := newBench(t, 3)
	b.run(patience + 2*diskTime)
	b.want("role", "candidate", "term", "1")
	if ms := heard[*raft.PreVoteRequest](b, 2); len(ms) > 0 {
		t.Error("n2 was asked")
	}
	b.says(2, &raft.PreVoteRequest{Next: 2})
	if r := answer[*raft.PreVoteReply](b, 2); !r.Granted {
		t.Error("refused")
	}
}

// A restart begins without a leader, so it may grant at once.
func TestRestartedNodeHearsNobody(t *testing.T) {
	b := preVoters(t, 3)
	b.says(2, &raft.Append{Term: 1})
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.says(3, &raft.PreVoteRequest{Next: 2})
	if r := answer[*raft.PreVoteReply](b, 3); !r.Granted {
		t.Error("refused")
	}
}
