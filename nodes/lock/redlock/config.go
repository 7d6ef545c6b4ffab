package redlock

import (
	"fmt"
	"time"

	"distsim/sim"
)

// Config is what nodes and clients must agree on.
type Config struct {
	Nodes int           // n1, n2, … keep the locks; 0: 5
	TTL   time.Duration // how long a key lives at a node; 0: 1s

	// Restart is for how long a node that has crashed keeps out of it when it is back,
	// on its monotonic clock. Its keys are gone: TTL or more, and their owners have
	// stopped by then; 0, at once, is amnesia, and unsafe.
	Restart time.Duration

	// Timeout is how long a client waits for the nodes, which it asks all at once. It
	// should be small compared to TTL. 0: TTL/20.
	Timeout time.Duration

	// Retry is how long a client waits after an attempt that came to nothing. It must be
	// drawn, so that rivals do not go on meeting. Zero: up to TTL/5.
	Retry sim.Dist
}

func (c Config) withDefaults() Config {
	if c.Nodes == 0 {
		c.Nodes = 5
	}
	if c.TTL == 0 {
		c.TTL = time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = c.TTL / 20
	}
	if c.Retry == (sim.Dist{}) {
		c.Retry = sim.Uniform(0, c.TTL/5)
	}
	return c
}

// Add makes a world's next servers the nodes. They must be its first.
func Add(w *sim.World, cfg Config) {
	for range cfg.withDefaults().Nodes {
		w.AddServer(func() sim.Node { return NewNode(cfg) })
	}
}

// majority is more than half of the nodes.
func (c Config) majority() int { return c.Nodes/2 + 1 }

// Validity is for how long a client may rely on a lock that so much time was spent on
// acquiring, all of it on the client's clock: its keys live for ttl, by clocks that may
// run faster. It is in vain to have a lock when this is not above 0.
func Validity(ttl, spent time.Duration) time.Duration { return ttl - spent - allowance(ttl) }

// allowance is for how far apart the clocks of a client and of a node can drift within a
// ttl: one part in a hundred, and 2 ms as Redis tells time in milliseconds.
func allowance(ttl time.Duration) time.Duration { return ttl/100 + 2*time.Millisecond }

// assert panics when a condition that only a bug can break does not hold.
func assert(ok bool, format string, args ...any) {
	if !ok {
		panic("redlock: " + fmt.Sprintf(format, args...))
	}
}
