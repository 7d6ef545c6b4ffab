// Package history records what clients asked and what they heard.
//
// An operation spans all its attempts. It is ordered by the sequence numbers of
// the trace records at its two ends, never by time: two records of one run
// never share a sequence number, so "returned before it was invoked" is decided
// without ties. An operation that was never answered is Unknown: it may take
// effect at any later point, or never (Herlihy and Wing 1990, section 2: a
// pending invocation).
package history

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID names an operation: the N-th of a client, both counted from 1. Values that
// an operation writes derive from its name, so removing one operation of a
// workload renumbers no other.
type ID struct {
	Client int // ordinal of the client: 2 for c2
	N      int // 7 for the client's seventh operation
}

// String prints the name as plans and transcripts spell it: c2#7.
func (id ID) String() string { return fmt.Sprintf("c%d#%d", id.Client, id.N) }

// ParseID reads what String prints.
func ParseID(s string) (ID, error) {
	c, n, ok := strings.Cut(strings.TrimPrefix(s, "c"), "#")
	client, err1 := strconv.Atoi(c)
	num, err2 := strconv.Atoi(n)
	if !ok || !strings.HasPrefix(s, "c") || err1 != nil || err2 != nil || client < 1 || num < 1 {
		return ID{}, fmt.Errorf("%q is not the name of an operation (want something like c2#7)", s)
	}
	return ID{client, num}, nil
}

// Outcome is what the client knows about its operation.
type Outcome uint8

const (
	// Unknown: no answer before the deadline, or the run ended. The operation
	// may have taken effect, may yet, or never will.
	Unknown Outcome = iota
	// OK: answered; Output holds the answer.
	OK
	// Failed: every attempt was definitely refused; it has no effect, ever.
	Failed
)

// String names the outcome in lower case.
func (o Outcome) String() string { return [...]string{"unknown", "ok", "failed"}[o] }

// Op is one operation of one client.
type Op struct {
	ID      ID
	Process int // who the checker thinks acts; a client whose operation stays unknown goes on as a new process
	Input   any // what was asked, for the specification to judge
	Output  any // what was heard; meaningful only when Outcome is OK
	Outcome Outcome
	Note    string // why it failed or stayed unknown, for people

	Invoked    uint64        // sequence number of the invocation's trace record
	Returned   uint64        // sequence number of the response's record; 0 when Outcome is Unknown
	InvokedAt  time.Duration // true virtual time since the start of the run
	ReturnedAt time.Duration // likewise; for Unknown: when the client gave up, 0 if the run ended first
}

// String prints the operation as one line: c2#7 put(k1,"c2#7") -> ok.
func (o Op) String() string {
	switch o.Outcome {
	case OK:
		return fmt.Sprintf("%v %v -> %v", o.ID, o.Input, o.Output)
	default:
		return fmt.Sprintf("%v %v -> %v", o.ID, o.Input, o.Outcome)
	}
}

// Counts says how many operations a history holds, by outcome.
type Counts struct{ Ops, OK, Failed, Unknown int }

// Count tallies the outcomes.
func Count(h []Op) Counts {
	c := Counts{Ops: len(h)}
	for i := range h {
		switch h[i].Outcome {
		case OK:
			c.OK++
		case Failed:
			c.Failed++
		default:
			c.Unknown++
		}
	}
	return c
}
