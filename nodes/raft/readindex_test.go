package raft_test

import (
	"testing"

	"distsim/nodes/raft"
	"distsim/sim"
)

// One test per claim of ReadIndex, Ongaro's dissertation §6.4.

// leads makes n1 the leader of a group of n, with the entry that opens its term
// committed.
func leads(t *testing.T, n int) *bench {
	b := newBench(t, n)
	b.elect()
	b.agree(1)
	b.forget()
	return b
}

// agree lets every puppet acknowledge n1's log up to an index.
func (b *bench) agree(match raft.Index) {
	for i := range b.puppets {
		b.says(i+2, &raft.AppendReply{Term: b.n1.Term(), Accepted: true, Match: match})
	}
}

// echoes lets a puppet answer a round of heartbeats.
func (b *bench) echoes(from int, round uint32) {
	b.says(from, &raft.AppendReply{Term: b.n1.Term(), Accepted: true, Match: 1, Round: round})
}

func (b *bench) reads() {
	b.Helper()
	if !b.n1.Read() {
		b.Fatal("a leader refuses to read")
	}
	b.run(0)
}

func (b *bench) wantReadable(count int, when string) {
	b.Helper()
	if b.owner.readable != count {
		b.Errorf("%s: %d reads are served, want %d", when, b.owner.readable, count)
	}
}

// 3: the leader makes sure that it has not been superseded, by a round of
// heartbeats that a majority answers. The log does not grow.
func TestReadIsServedWhenAMajorityHasAnswered(t *testing.T) {
	b := leads(t, 5)
	b.reads()
	for by := 2; by <= 5; by++ {
		if m := answer[*raft.Append](b, by); len(m.Entries) != 0 || m.Round != 1 || m.PrevIndex != 1 {
			t.Errorf("n%d heard %v, want a heartbeat of round 1", by, m.Summary())
		}
	}
	b.echoes(2, 1)
	b.echoes(2, 1)
	b.wantReadable(0, "two of five are known to follow")
	b.want("read.index", "1")
	b.echoes(4, 1)
	b.wantReadable(1, "three of five")
	b.want("read.index", "0", "log.last", "1")
}

// Half of an even group is no majority.
func TestHalfConfirmsNoRead(t *testing.T) {
	b := leads(t, 4)
	b.reads()
	b.echoes(2, 1)
	b.wantReadable(0, "two of four")
	b.echoes(3, 1)
	b.wantReadable(1, "three of four")
}

// 1: a leader that has committed nothing in its term does not know yet what was
// committed before. The read waits for that, and only then for a round: an
// answer from before is worth nothing.
func TestReadWaitsForAnEntryOfTheOwnTerm(t *testing.T) {
	b := newBench(t, 3)
	b.says(2, &raft.Append{Term: 1, Entries: entries(1, 1, "acknowledged by n2"), Commit: 0})
	b.elect()
	b.forget()
	b.reads()
	if ms := heard[*raft.Append](b, 2); len(ms) > 0 {
		t.Errorf("a round began: %v", ms[0].Summary())
	}
	b.echoes(2, 0)
	b.wantReadable(0, "nothing is committed")
	b.says(2, &raft.AppendReply{Term: 2, Accepted: true, Match: 2})
	b.want("commit", "2", "read.index", "2")
	b.wantReadable(0, "the round has only begun")
	b.says(3, &raft.AppendReply{Term: 2, Accepted: true, Match: 2, Round: 1})
	b.wantReadable(1, "the round is answered")
}

// Replies that are late or come twice are of an earlier round: they prove that
// this node led before the read came, not after.
func TestOldRepliesConfirmNoLaterRead(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.echoes(2, 1)
	b.wantReadable(1, "round 1 is answered")
	b.reads()
	b.echoes(2, 1)
	b.echoes(3, 1)
	b.echoes(3, 0)
	b.wantReadable(1, "only round 1 is answered, again")
	b.echoes(3, 2)
	b.wantReadable(2, "round 2 is answered")
}

// Reads that come while a round is under way share the next one.
func TestReadsShareTheNextRound(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.reads()
	b.reads()
	if m := answer[*raft.Append](b, 2); m.Round != 1 {
		t.Errorf("n2 heard of round %d, want 1 alone", m.Round)
	}
	b.echoes(2, 1)
	b.wantReadable(1, "round 1 is answered")
	if m := answer[*raft.Append](b, 2); m.Round != 2 {
		t.Errorf("n2 heard of round %d, want 2", m.Round)
	}
	b.echoes(2, 2)
	b.wantReadable(3, "round 2 is answered")
}

// A round that is lost goes on with the next heartbeat, or with any entry.
func TestLostRoundIsRepeated(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.forget()
	b.n1.Propose([]byte("x"))
	b.run(0)
	if m := answer[*raft.Append](b, 2); m.Round != 1 || len(m.Entries) != 1 {
		t.Errorf("n2 heard %v of round %d, want entry 2 with round 1", m.Summary(), m.Round)
	}
	b.run(heartbeat)
	if m := answer[*raft.Append](b, 2); m.Round != 1 {
		t.Errorf("n2 heard of round %d, want 1 again", m.Round)
	}
}

// A round does not send again the entries that are on their way.
func TestRoundsCarryNoEntries(t *testing.T) {
	b := leads(t, 3)
	b.n1.Propose([]byte("x"))
	b.run(diskTime)
	b.forget()
	b.reads()
	if m := answer[*raft.Append](b, 2); len(m.Entries) != 0 || m.PrevIndex != 1 {
		t.Errorf("n2 heard %v, want a heartbeat after entry 1", m.Summary())
	}
}

// A refusal in the leader's own term confirms as well: the logs differ, but
// nobody has a later leader.
func TestRefusalOfTheSameTermConfirms(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.says(2, &raft.AppendReply{Term: 1, Refused: 1, Conflict: 1, Round: 1})
	b.wantReadable(1, "n2 refused in the same term")
}

// Followers repeat the round of an Append of their term, whatever they say to
// it. One of an earlier term gets none: its leader may lead again, in the term
// that the reply names, and count rounds from anew.
func TestFollowerRepeatsRoundsOfItsTermOnly(t *testing.T) {
	b := newBench(t, 3)
	for _, c := range []struct {
		what string
		m    raft.Append
		want uint32
	}{
		{"an entry", raft.Append{Term: 2, Entries: entries(1, 2, "x"), Round: 7}, 7},
		{"one that does not fit", raft.Append{Term: 2, PrevIndex: 5, PrevTerm: 2, Round: 8}, 8},
		{"a late one", raft.Append{Term: 2, PrevIndex: 1, PrevTerm: 2, Round: 3}, 3},
		{"one of an earlier term", raft.Append{Term: 1, PrevIndex: 1, PrevTerm: 2, Round: 9}, 0},
	} {
		b.says(2, &c.m)
		if r := answer[*raft.AppendReply](b, 2); r.Round != c.want {
			t.Errorf("%s: the reply %q is of round %d, want %d", c.what, r.Summary(), r.Round, c.want)
		}
	}
}

// Reads that wait when the leader is deposed are over: the owner hears Deposed,
// nothing is served later, and a new reign counts only its own.
func TestReadsEndWithTheReign(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.reads()
	b.says(2, &raft.AppendReply{Term: 5, Round: 1})
	b.echoes(3, 1)
	b.wantReadable(0, "deposed")
	b.want("role", "follower", "read.index", "0")
	if b.owner.deposed != 1 {
		t.Errorf("the owner was told %d times", b.owner.deposed)
	}
	b.elect()
	b.agree(2)
	b.reads()
	b.echoes(2, 1)
	b.wantReadable(0, "an answer to the reign before")
	b.echoes(2, 2)
	b.wantReadable(1, "the new reign's read")
}

// Only a leader reads, and only for an owner that can be told.
func TestOnlyLeadersRead(t *testing.T) {
	b := newBench(t, 3)
	if b.n1.Read() {
		t.Error("a follower reads")
	}
	b.run(patience + diskTime/2)
	b.want("role", "candidate")
	if b.n1.Read() {
		t.Error("a candidate reads")
	}
}

// A sole voter needs nobody's answer, but its own entry.
func TestSoleVoterReadsAtOnce(t *testing.T) {
	b := newBench(t, 1)
	b.run(patience + 2*diskTime)
	b.want("role", "leader", "commit", "0")
	b.reads()
	b.wantReadable(0, "nothing is committed")
	b.run(diskTime)
	b.want("commit", "1")
	b.wantReadable(1, "its entry is committed")
	b.reads()
	b.wantReadable(2, "at once")
}

// 4: a read is not served before its index is applied. Here one comes when a
// leader that has restarted has committed five entries and applied two of them.
func TestReadWaitsUntilItsIndexIsApplied(t *testing.T) {
	b := leads(t, 1)
	for _, c := range []string{"x", "y", "z"} {
		b.n1.Propose([]byte(c))
	}
	b.run(5 * diskTime)
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.run(0)
	had := -1
	b.owner.applied = func() {
		if len(b.tape.applied) == 1 {
			b.n1.Read()
			had = b.owner.readable
		}
	}
	b.run(2 * patience)
	b.want("applied", "5")
	if had != 0 {
		t.Errorf("with one of three commands applied %d reads were served, want none", had)
	}
	b.wantReadable(1, "all is applied")
}

// What is read costs no memory, but for the messages.
func TestReadingAllocatesOnlyMessages(t *testing.T) {
	b := leads(t, 1)
	if n := testing.AllocsPerRun(100, func() { b.n1.Read() }); n > 0 {
		t.Errorf("%v allocations for a read of a sole voter", n)
	}
}

// A crash forgets reads, like everything that was not promised.
func TestCrashForgetsReads(t *testing.T) {
	b := leads(t, 3)
	b.reads()
	b.w.Crash(sim.Server(1), sim.LoseAll)
	b.w.Restart(sim.Server(1))
	b.says(2, &raft.AppendReply{Term: 1, Accepted: true, Match: 1, Round: 1})
	b.wantReadable(0, "after the crash")
}
