package simtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"distsim/faults"
	"distsim/sim"
)

// mostFaults bounds the faults of a generated plan: many enough to meet each
// other, few enough to be shrunk within a second.
const mostFaults = 12

// Plans generates plans for rapid: a seed, and faults within cfg.Faults for a
// world of so many servers and of cfg.Faults.Clients clients, of every kind that the
// model allows, with targets by name and by role, at any instant of cfg.Chaos and, if
// the model names moments, at those.
//
//	rapid.Check(t, func(t *rapid.T) {
//		plan := simtest.Plans(cfg, 3).Draw(t, "plan")
//		outcome, err := simtest.Replay(cfg, plan, build)
//		if err != nil || outcome.Failed() {
//			t.Fatalf("%v %v", outcome, err)
//		}
//	})
//
// Check does the same and keeps what it finds. Every plan lies inside the model.
// Shrinking goes to fewer faults, then to ones that are shorter, milder and
// earlier and hit a node by name, then to a small seed. A fault is drawn by itself:
// to drop one moves no other. Plans panics if the model could give no fault of some
// kind, or for so few servers none at all.
func Plans(cfg Config, servers int) *rapid.Generator[faults.Plan] {
	cfg = cfg.complete()
	model := cfg.Faults
	if err := firstError(model.CheckKinds(), model.CheckWorld(servers)); err != nil {
		panic(fmt.Sprintf("simtest: %v", inFaults(err)))
	}
	model.Servers = servers
	entries := rapid.SliceOfN(entry(cfg, servers), 0, mostFaults)
	return rapid.Custom(func(t *rapid.T) faults.Plan {
		plan := faults.Plan{Version: faults.Version, Faults: []faults.Entry{}}
		if len(model.Kinds) > 0 {
			plan.Faults = model.Fit(entries.Draw(t, "faults"))
		}
		slices.SortStableFunc(plan.Faults, func(a, b faults.Entry) int { return cmp.Compare(a.At, b.At) })
		plan.Seed = uint64(rapid.Uint32().Draw(t, "seed")) // last: the faults shrink in the run that they broke
		return plan
	})
}

// entry generates one fault: the planner asks and rapid answers.
func entry(cfg Config, servers int) *rapid.Generator[faults.Entry] {
	return rapid.Custom(func(t *rapid.T) faults.Entry {
		answer := func(what string, n int64) int64 { return below(n).Draw(t, what) }
		return faults.DrawBy(answer, cfg.Faults, servers, cfg.Chaos)
	})
}

// below generates one of 0 … n−1. Rapid prefers small integers: of a run of ten
// seconds most faults would strike in the first tenth of one. All that it draws
// evenly is the significand of a float, so large choices are made there.
func below(n int64) *rapid.Generator[int64] {
	const exact = 1 << 52 // from here to twice as much, the floats are the integers
	if n <= 64 || n > exact {
		return rapid.Map(rapid.Uint64Range(0, uint64(n-1)), func(x uint64) int64 { return int64(x) })
	}
	return rapid.Map(rapid.Float64Range(exact, exact+float64(n-1)), func(x float64) int64 { return int64(x) - exact })
}

// inWorld is c for the world that build makes, or an error when no plan could be drawn
// for it.
func (c Config) inWorld(build func(w *sim.World)) (Config, error) {
	if c.Script != nil {
		return c, errors.New("Config.Script lists the faults of every run: nothing is left to draw")
	}
	if err := c.check(); err != nil {
		return c, err
	}
	c.Faults.Servers, c.Faults.Clients = machinesOf(c, build)
	return c, inFaults(c.Faults.CheckWorld(c.Faults.Servers))
}

// machinesOf counts the machines of the world that build makes.
func machinesOf(cfg Config, build func(w *sim.World)) (servers, clients int) {
	w := sim.New(sim.Config{Net: cfg.Net, Disk: cfg.Disk})
	defer w.Close()
	build(w)
	return w.ServerCount(), len(w.Clients())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
