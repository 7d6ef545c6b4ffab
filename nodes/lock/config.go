package lock

import (
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	"distsim/sim"
)

// Config is what servers and users of the service agree on. The zero Config is three
// servers and leases of two seconds, on clocks that run up to 1 % fast or slow.
type Config struct {
	Servers int           // the first so many machines keep the locks; 0: 3
	Raft    raft.Config   // their group; Peers is set by Servers
	TTL     time.Duration // how long a session lasts that is not renewed; 0: 2s

	// Drift is the bound on clock rates that users rely on: every clock gains or loses
	// at most so many parts per million. 0: 10,000, which is 1 %.
	Drift int64
	// Clock is what leases are judged on, at the leader and at the users.
	Clock Clock
	// Step is the bound on steps of the wall clock that users rely on: in the time of a
	// lease no clock jumps further. It matters on wall clocks only.
	Step time.Duration

	Timeout  time.Duration // of one attempt of a user; 0: 300ms
	Patience time.Duration // how long a user asks for an answer, beside the time it wants to wait for a lock; 0: 3s
}

// Clock says which of a machine's two clocks is looked at.
type Clock uint8

const (
	// Monotonic is env.Elapsed: it drifts but never steps. It is the one to judge leases on.
	Monotonic Clock = iota
	// Wall is env.Now: it steps as well, whenever somebody sets the time. Many systems
	// judge leases on it all the same.
	Wall
)

var clockNames = [...]string{"monotonic", "wall"}

// String names the clock as scenarios spell it.
func (c Clock) String() string { return clockNames[c] }

// read reads the clock, in nanoseconds.
func (c Clock) read(env *sim.Env) int64 {
	if c == Wall {
		return env.Now()
	}
	return int64(env.Elapsed())
}

// SessionID names a session: the user's machine, and a number that tells its
// incarnations and their sessions apart, from 1.
type SessionID = invariant.Owner

// complete fills in what was left out.
func (c Config) complete() Config {
	orElse(&c.Servers, 3)
	orElse(&c.TTL, 2*time.Second)
	orElse(&c.Drift, 10_000)
	orElse(&c.Timeout, 300*time.Millisecond)
	orElse(&c.Patience, 3*time.Second)
	return c
}

func orElse[T comparable](x *T, otherwise T) {
	var zero T
	if *x == zero {
		*x = otherwise
	}
}

// View is how long a user may believe in a lease after it asked for it, on its own
// clock.
//
// The leader ends a lease TTL after it was asked, on its clock, which gains at most ρ:
// not before TTL/(1+ρ) of true time. In that time the user's clock, which loses at most ρ,
// shows TTL·(1−ρ)/(1+ρ) or more. On wall clocks either may jump by Step, one ahead and the
// other back.
func (c Config) View() time.Duration {
	const million = 1_000_000
	d := int64(c.TTL/time.Microsecond) * (million - c.Drift) / (million + c.Drift)
	view := time.Duration(d) * time.Microsecond
	if c.Clock == Wall {
		view -= 2 * c.Step
	}
	return max(view, 0)
}

// every is how often a user renews its lease.
func (c Config) every() time.Duration { return max(c.View()/4, time.Millisecond) }
