package redlock

import (
	"fmt"
	"time"
)

// Value is what a client puts under a key: drawn anew for every attempt, so that nobody
// else can have the same, and what is said about one attempt means no other.
type Value uint64

// String prints enough of it to tell it from others.
func (v Value) String() string { return fmt.Sprintf("%04x", uint64(v)>>48) }

// Head is what every command begins with.
type Head struct {
	Re    uint64 // the client's question: the answer repeats it
	Key   string
	Value Value
}

// The commands.
type (
	// Set puts the value under the key for so long, if there is nothing under it: SET NX PX.
	Set struct {
		Head
		TTL time.Duration
	}

	// Extend lets the key live for so long from now on, if that is its value.
	Extend struct {
		Head
		TTL time.Duration
	}

	// Delete removes the key, if that is its value.
	Delete struct{ Head }

	// Get asks what is under the key.
	Get struct{ Head }
)

// command is any of them.
type command interface{ head() Head }

func (h Head) head() Head { return h }

// Answer answers a command.
type Answer struct {
	Re      uint64
	Outcome Outcome
	Value   Value // Get: what is under the key; 0: nothing
}

// Outcome is what became of a command.
type Outcome uint8

const (
	Done       Outcome = iota + 1 // it was carried out
	Refused                       // what it is for was not so; it has changed nothing
	Recovering                    // the node has lost its keys and does not answer yet
)

var outcomes = [...]string{"", "done", "refused", "recovering"}

// String names the outcome in lower case.
func (o Outcome) String() string { return outcomes[o] }

// recovered is the timer after which a node that has restarted answers again.
type recovered struct{}

// Summary spells the command as Redis does.
func (m *Set) Summary() string { return fmt.Sprintf("SET %s %v NX PX %v", m.Key, m.Value, m.TTL) }

// Summary spells the command nearly as Redis does.
func (m *Extend) Summary() string { return fmt.Sprintf("PEXPIRE %s %v if %v", m.Key, m.TTL, m.Value) }

// Summary spells the command nearly as Redis does.
func (m *Delete) Summary() string { return fmt.Sprintf("DEL %s if %v", m.Key, m.Value) }

// Summary spells the command as Redis does.
func (m *Get) Summary() string { return "GET " + m.Key }

// Summary describes the answer in a transcript.
func (m *Answer) Summary() string {
	if m.Value != 0 {
		return m.Value.String()
	}
	return m.Outcome.String()
}
