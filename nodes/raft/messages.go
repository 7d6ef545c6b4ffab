package raft

import (
	"fmt"

	"distsim/sim"
)

// Term numbers the reigns of leaders, from 1; 0 is before the first.
type Term uint64

// Index numbers the entries of the log, from 1; 0 is before the first.
type Index uint64

// Entry is one place of the log. Entries are immutable once created: logs and
// messages share them.
type Entry struct {
	Index   Index
	Term    Term   // of the leader that created it
	Command []byte // nil: the entry with which a leader opens its term
}

// PreVoteRequest asks who would vote for the sender in a term that nobody has
// entered yet, so that no term changes by asking. (Dissertation §9.6.)
type PreVoteRequest struct {
	Next      Term  // the term to campaign in
	LastIndex Index // of the sender's log
	LastTerm  Term
}

// PreVoteReply answers a PreVoteRequest. A voter that is ahead says so by its
// term, and the sender catches up.
type PreVoteReply struct {
	Term    Term // the voter's
	Next    Term // that was asked for
	Granted bool
}

// VoteRequest asks for a vote. (Figure 2, RequestVote.)
type VoteRequest struct {
	Term      Term
	LastIndex Index // of the candidate's log
	LastTerm  Term
}

// VoteReply answers a VoteRequest.
type VoteReply struct {
	Term    Term
	Granted bool
}

// Append carries the leader's log to a follower; without entries it is a
// heartbeat. (Figure 2, AppendEntries.)
type Append struct {
	Term      Term
	PrevIndex Index // the entry just before Entries
	PrevTerm  Term
	Entries   []Entry
	Commit    Index  // the leader's
	Round     uint32 // the latest round of heartbeats begun, for reads
}

// AppendReply answers an Append. A follower that accepts says how far its log
// is known to equal the leader's; one that refuses says why, so that the leader
// can step back a whole term at once (§5.3).
type AppendReply struct {
	Term         Term
	Accepted     bool
	Round        uint32 // the Append's, if it was of this term; else 0
	Match        Index  // accepted: PrevIndex + len(Entries)
	Refused      Index  // refused: the PrevIndex that does not match
	ConflictTerm Term   // refused: the term of the follower's entry there, 0 if it has none
	Conflict     Index  // refused: its first entry of that term, or its end
}

// durable is a node's notice to itself that what it has written is on disk.
type durable struct {
	Term Term  // in which it was written
	Last Index // the log's end then
	End  int   // the file's end then
}

// electionDue and heartbeatDue are the two timers.
type (
	electionDue  struct{}
	heartbeatDue struct{}
)

// PushedBy: a follower that hears from a leader in time does not campaign.
func (electionDue) PushedBy() []sim.Message { return []sim.Message{(*Append)(nil)} }

// termed is a message that says which term its sender is in.
type termed interface{ term() Term }

func (m *VoteRequest) term() Term  { return m.Term }
func (m *VoteReply) term() Term    { return m.Term }
func (m *Append) term() Term       { return m.Term }
func (m *AppendReply) term() Term  { return m.Term }
func (m *PreVoteReply) term() Term { return m.Term }

// Summary describes the question in a transcript.
func (m *PreVoteRequest) Summary() string {
	return fmt.Sprintf("would you vote for me in term %d, my log ends at %d (term %d)", m.Next, m.LastIndex, m.LastTerm)
}

// Summary describes the answer in a transcript.
func (m *PreVoteReply) Summary() string {
	if m.Granted {
		return fmt.Sprintf("would vote for you in term %d", m.Next)
	}
	return fmt.Sprintf("would not vote for you in term %d, I am in term %d", m.Next, m.Term)
}

// Summary describes the request in a transcript.
func (m *VoteRequest) Summary() string {
	return fmt.Sprintf("vote for me in term %d, my log ends at %d (term %d)", m.Term, m.LastIndex, m.LastTerm)
}

// Summary describes the vote in a transcript.
func (m *VoteReply) Summary() string {
	if m.Granted {
		return fmt.Sprintf("yes in term %d", m.Term)
	}
	return fmt.Sprintf("no in term %d", m.Term)
}

// Summary describes the entries, or the heartbeat, in a transcript.
func (m *Append) Summary() string {
	switch n := len(m.Entries); n {
	case 0:
		return fmt.Sprintf("heartbeat in term %d, after %d (term %d), commit %d", m.Term, m.PrevIndex, m.PrevTerm, m.Commit)
	case 1:
		return fmt.Sprintf("entry %d in term %d, after term %d, commit %d", m.PrevIndex+1, m.Term, m.PrevTerm, m.Commit)
	default:
		return fmt.Sprintf("entries %d…%d in term %d, after term %d, commit %d",
			m.PrevIndex+1, m.PrevIndex+Index(n), m.Term, m.PrevTerm, m.Commit)
	}
}

// Summary describes the acknowledgement or the conflict in a transcript.
func (m *AppendReply) Summary() string {
	switch {
	case m.Accepted:
		return fmt.Sprintf("have up to %d in term %d", m.Match, m.Term)
	case m.ConflictTerm != 0:
		return fmt.Sprintf("conflict at %d in term %d: mine is of term %d, since %d", m.Refused, m.Term, m.ConflictTerm, m.Conflict)
	case m.Conflict != 0:
		return fmt.Sprintf("conflict at %d in term %d: my log ends before %d", m.Refused, m.Term, m.Conflict)
	default:
		return fmt.Sprintf("refused, I am in term %d", m.Term)
	}
}
