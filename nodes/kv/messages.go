package kv

import (
	"fmt"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Request asks the leader of a term to execute an operation. Naming the term
// makes a refusal final: whoever does not lead that term now never will, so no
// copy that comes later can take effect there. An earlier one may have.
type Request struct {
	Process int // the session
	N       int // the operation's number within it; a later attempt has the same
	Term    raft.Term
	Op      ops.Op
}

// Reply answers a Request.
type Reply struct {
	Status Status
	Result ops.Result // of a Done
	Leader sim.NodeID // otherwise: who leads, as far as the server knows; 0: nobody
	Term   raft.Term  // and which term
}

// Status says what became of a request.
type Status uint8

const (
	Done    Status = iota + 1 // executed; Result is the answer
	Refused                   // not executed, and never will be by this attempt
	InDoubt                   // proposed, then leadership was lost: it may or may not be
)

var statusNames = [...]string{"none", "done", "refused", "in doubt"}

// String names the status in lower case.
func (s Status) String() string { return statusNames[s] }

// Summary describes the request in a transcript.
func (m *Request) Summary() string { return fmt.Sprintf("#%d %v in term %d", m.N, m.Op, m.Term) }

// Summary describes the answer in a transcript.
func (m *Reply) Summary() string {
	if m.Status == Done {
		return m.Result.String()
	}
	return fmt.Sprintf("%v, %v leads term %d", m.Status, m.Leader, m.Term)
}
