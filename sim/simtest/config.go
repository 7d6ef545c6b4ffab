package simtest

import (
	"fmt"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
)

// Config says how many seeds to run, in what world, and what must hold. The
// zero Config runs 100 seeds on a perfect network without faults.
type Config struct {
	Seeds    int  // how many, from seed 1; 0 means 100
	Parallel bool // run seeds in parallel; the callback must share nothing between them

	Net  sim.NetConfig  // the network when no fault disturbs it
	Disk sim.DiskConfig // the disk when no fault disturbs it

	// Faults is what may go wrong: each seed draws its own faults within it. The
	// zero Model means none; a kind that the model leaves no room for, or a world
	// without enough servers for any, is an error. Script lists the faults of every
	// run instead.
	Faults faults.Model
	Script []faults.Entry

	// Chaos is how long faults may strike, in virtual time; they are drawn over
	// all of it, so it should be about as long as the clients are busy. Quiet is
	// how long the healed system has to finish. Zero means 10 seconds each.
	Chaos, Quiet time.Duration

	// Live, if set, asks for progress before the quiet phase: some servers are well,
	// the others have failed for good, and a fresh client must be answered. Probe is
	// that client's life; it records one operation.
	Live *Live

	// Judge decides over the history of the clients' operations; see Linearizable.
	Judge Judge

	// Check looks at the world when all is over. An error violates the property
	// "check"; w.Report names others.
	Check func(w *sim.World) error

	// Sometimes is the chance, in parts per million, that env.Sometimes says
	// yes during chaos.
	Sometimes uint32

	// FreezeCheck reports messages that are changed after they were sent. It is
	// slow: for a few seeds.
	FreezeCheck bool

	// Records keeps every record of every run, which is slow. Failing seeds are
	// recorded without it, by running them again; a Check that uses Trace needs it.
	Records bool
}

// Live is a promise of progress, for Config.Live. A run that breaks it has stalled:
// the property progress is violated.
type Live struct {
	Servers int               // how many are well, such as a majority
	Bound   time.Duration     // for the answer, faults having stopped
	Probe   func(p *sim.Proc) // asks for one operation, again and again until it is answered
}

// Judge decides over a finished run's history. An error means that no run can
// have produced it, which is a bug of the clients.
type Judge func(h []history.Op) ([]checker.Result, error)

// Linearizable judges histories against a sequential specification, such as
// those of package checker/spec.
func Linearizable[S, I, O any](spec checker.Spec[S, I, O]) Judge {
	return func(h []history.Op) ([]checker.Result, error) {
		return checker.Linearizable(h, spec, checker.DefaultBudget)
	}
}

// ClientsDone is a Check: every client has returned before the end. A run that
// leaves one waiting has lost liveness, or Quiet is too short.
func ClientsDone(w *sim.World) error {
	if w.ClientsDone() {
		return nil
	}
	return fmt.Errorf("a client is still waiting at %v, after the quiet phase", w.Now())
}

const (
	defaultSeeds = 100
	defaultPhase = 10 * time.Second
)

// complete fills in the defaults.
func (c Config) complete() Config {
	if c.Seeds == 0 {
		c.Seeds = defaultSeeds
	}
	if c.Chaos == 0 {
		c.Chaos = defaultPhase
	}
	if c.Quiet == 0 {
		c.Quiet = defaultPhase
	}
	return c
}

// check says what is wrong with the configuration.
func (c Config) check() error {
	switch {
	case c.Seeds < 0:
		return fmt.Errorf("Config.Seeds is %d: no seeds would prove nothing", c.Seeds)
	case c.Live != nil && (c.Live.Servers < 1 || c.Live.Bound <= 0 || c.Live.Probe == nil):
		return fmt.Errorf("Config.Live needs servers, a bound and a probe; it has %d, %v and %t", c.Live.Servers, c.Live.Bound, c.Live.Probe != nil)
	case c.Chaos < 0 || c.Quiet < 0:
		return fmt.Errorf("Config.Chaos is %v and Config.Quiet %v: a phase cannot last less than nothing", c.Chaos, c.Quiet)
	}
	return inFaults(c.Faults.CheckKinds())
}

// inFaults says that an error is about Config.Faults.
func inFaults(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("Config.Faults: %w", err)
}
