package lock

import (
	"fmt"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Verb says what a request wants.
type Verb uint8

const (
	Open    Verb = iota + 1 // a session, with a TTL
	Close                   // the session's end: all its locks are given back
	Try                     // a lock, if it is free
	Acquire                 // a lock, when the session's turn has come
	Cancel                  // not to wait any more: answered TimedOut, or Granted if that came first
	Release                 // to give a lock back
	Put                     // to change the value kept with a lock that it holds
	Inspect                 // to know whether a lock is held, and its value
	Watch                   // to be told when a lock is not held under Token any more
	expire                  // the session's end, as its leader judges; servers only
)

var verbNames = [...]string{"", "open", "close", "try", "acquire", "cancel", "release", "put", "inspect", "watch", "expire"}

// String names the verb in lower case.
func (v Verb) String() string { return verbNames[v] }

// reads reports whether the verb leaves everything as it is.
func (v Verb) reads() bool { return v == Inspect || v == Watch }

// Request asks the leader of a term. A session has one request open at a time, beside
// those that renew it; every attempt at it has the same number. Naming the term makes a
// refusal final: whoever does not lead that term now never will. It says nothing about
// other copies of the attempt, which may have come while that one led.
type Request struct {
	Session SessionID
	N       uint64 // the request's number in its session, from 1; Cancel has that of the Acquire
	Term    raft.Term
	Verb    Verb
	Lock    string
	Token   uint64        // Release, Put, Watch: that the lock was granted under
	Value   string        // Put
	TTL     time.Duration // Open
}

// Reply answers a Request.
type Reply struct {
	Session SessionID
	N       uint64
	Status  Status
	Token   uint64     // Granted, Seen: under which the lock is held; Seen: 0 if it is not
	Value   string     // Granted, Seen: kept with the lock
	Leader  sim.NodeID // Refused, InDoubt: who leads, as far as the server knows; 0: nobody
	Term    raft.Term  // and which term
}

// KeepAlive renews a session. Sent is when, on the user's clock; the answer repeats it.
type KeepAlive struct {
	Session SessionID
	Sent    int64
}

// Kept answers a KeepAlive: Ended, or, with who leads, Renewed or Refused.
type Kept struct {
	Session SessionID
	Sent    int64
	Status  Status
	Leader  sim.NodeID
	Term    raft.Term
}

// Status says what became of a request.
type Status uint8

const (
	waiting     Status = iota // no answer yet
	Refused                   // not done, and never will be by this copy
	InDoubt                   // proposed, then leadership was lost: it may or may not come to pass
	Queued                    // Acquire: another holds the lock; the answer will come
	Opened                    // Open
	Renewed                   // KeepAlive
	Ended                     // anything: the session is over
	Granted                   // Try, Acquire, Cancel
	Busy                      // Try: another holds it
	TimedOut                  // Cancel: it was not granted, and will not be
	AlreadyHeld               // Try, Acquire: by this session, which must not ask again
	Released                  // Release, Close
	NotOwner                  // Release, Put: the session does not hold it under that token
	Stored                    // Put
	Seen                      // Inspect, Watch
)

var statusNames = [...]string{"waiting", "refused", "in doubt", "queued", "opened", "renewed", "ended", "granted", "busy", "timed out",
	"already held", "released", "not owner", "stored", "seen"}

// String names the status in lower case.
func (s Status) String() string { return statusNames[s] }

// Summary describes the request in a transcript.
func (m *Request) Summary() string {
	s := fmt.Sprintf("%v %v", m.Session.String(), m.Verb)
	if m.Lock != "" {
		s += " " + m.Lock
	}
	if m.Token != 0 {
		s += fmt.Sprintf(" token %d", m.Token)
	}
	if m.Verb == Put {
		s += fmt.Sprintf(" value %q", m.Value)
	}
	return s
}

// Summary describes the answer in a transcript.
func (m *Reply) Summary() string {
	switch m.Status {
	case Refused, InDoubt:
		return redirection(m.Status, m.Leader, m.Term)
	case Granted:
		return fmt.Sprintf("granted, token %d", m.Token)
	case Seen:
		return ops.LockResult{Answer: ops.Seen, Token: m.Token}.String()
	default:
		return m.Status.String()
	}
}

// Summary describes the request in a transcript.
func (m *KeepAlive) Summary() string { return m.Session.String() + " keep-alive" }

// Summary describes the answer in a transcript.
func (m *Kept) Summary() string {
	if m.Status == Refused {
		return redirection(m.Status, m.Leader, m.Term)
	}
	return m.Status.String()
}

func redirection(s Status, leader sim.NodeID, term raft.Term) string {
	if leader == 0 {
		return fmt.Sprintf("%v, no leader known", s)
	}
	return fmt.Sprintf("%v, %v leads term %d", s, leader, term)
}
