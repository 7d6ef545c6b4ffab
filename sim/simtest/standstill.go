package simtest

import (
	"fmt"

	"distsim/sim"
)

// atOneInstant is how many events may happen at one instant: far more than any
// system needs, and few enough to see within a second that time stands still.
const atOneInstant = 100_000

// standstill is the property that virtual time passes. Two nodes that answer
// each other at once, on a network without latency, would else keep a test
// busy until go test's own timeout, with nothing to see.
type standstill struct {
	at    sim.Time
	since uint64 // events before this instant
}

func (*standstill) Name() string { return "standstill" }

func (s *standstill) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	if w.Now() != s.at {
		s.at, s.since = w.Now(), w.Events()
	}
	if w.Events()-s.since < atOneInstant {
		return nil
	}
	w.Stop()
	return &sim.Violation{Nodes: []sim.NodeID{node}, Detail: fmt.Sprintf(
		"%d events and no time has passed: a loop without latency or sleep", atOneInstant)}
}
