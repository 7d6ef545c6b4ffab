package threepc

import (
	"fmt"
	"strconv"
	"time"

	"distsim/sim"
)

// Config is what coordinator, participants and clients must agree on.
type Config struct {
	Accounts int   // a1, a2, …, dealt out to the participants in turn; 0: 6
	Initial  int64 // in each; 0: 100

	// Bound is what makes the network synchronous: every message takes less. Nothing
	// holds if it does not. 0: 10ms.
	Bound time.Duration

	// LockWait is how long a vote may take beyond its way there and back, because it
	// waits for locks. 0: 20 times Bound.
	LockWait time.Duration
}

func (c Config) withDefaults() Config {
	if c.Accounts == 0 {
		c.Accounts = 6
	}
	if c.Initial == 0 {
		c.Initial = 100
	}
	if c.Bound == 0 {
		c.Bound = 10 * time.Millisecond
	}
	if c.LockWait == 0 {
		c.LockWait = 20 * c.Bound
	}
	return c
}

// Add makes a world's next servers a coordinator, which must be n1, and its
// participants.
func Add(w *sim.World, cfg Config, participants int) {
	w.AddServer(func() sim.Node { return NewCoordinator(cfg) })
	for range participants {
		w.AddServer(func() sim.Node { return NewParticipant(cfg) })
	}
}

// The coordinator's name. It keeps no accounts.
var coordinator = sim.Server(1)

// roundTrip is longer than a message and its answer take.
func (c Config) roundTrip() time.Duration { return 2 * c.Bound }

// voteDue is when all votes are in, after the questions have left.
func (c Config) voteDue() time.Duration { return c.roundTrip() + c.LockWait }

// decisionDue is when a participant that has been asked has heard what becomes of
// that, at most: when all votes are in, and the time of one message.
func (c Config) decisionDue() time.Duration { return c.voteDue() + c.Bound }

// nextDue is when a participant that has got one message of a later phase has the
// next: when all answers are in, and the time of one message.
func (c Config) nextDue() time.Duration { return c.roundTrip() + c.Bound }

// answerDue is when a client has its answer, at most.
func (c Config) answerDue() time.Duration { return c.roundTrip() + c.voteDue() + c.roundTrip() }

// account is the name of the i-th account, from 0.
func account(i int) string { return "a" + strconv.Itoa(i+1) }

// home is who keeps the i-th account, from 0.
func home(i int, servers []sim.NodeID) sim.NodeID {
	participants := servers[1:]
	return participants[i%len(participants)]
}

// accountsOf lists what a participant keeps.
func (c Config) accountsOf(id sim.NodeID, servers []sim.NodeID) (names []string) {
	for i := range c.Accounts {
		if home(i, servers) == id {
			names = append(names, account(i))
		}
	}
	return names
}

// assert panics when a condition that only a bug can break does not hold.
func assert(ok bool, format string, args ...any) {
	if !ok {
		panic("threepc: " + fmt.Sprintf(format, args...))
	}
}
