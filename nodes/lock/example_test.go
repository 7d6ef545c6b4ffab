package lock_test

import (
	"fmt"
	"strconv"
	"time"

	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/nodes/lock/resource"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/simtest"
)

var locks = lock.Config{TTL: time.Second}

// store is the resource, after three servers of the lock service.
const store = sim.NodeID(4)

// worker is a user of one's own: it counts, under a lock. It shows its section to the
// invariants, and to faults that aim at a holder.
type worker struct {
	*sim.Proc
	locks   *lock.Blocking
	section invariant.Section
	inside  bool
	writes  uint64
}

func newWorker() sim.Node {
	c := &worker{}
	c.Proc = sim.NewProc(c.run)
	return c
}

func (c *worker) Section() (invariant.Section, bool) { return c.section, c.inside }

func (c *worker) View(v *sim.View) {
	if c.inside {
		v.Text("section", c.section.Lock)
	}
}

func (c *worker) run(p *sim.Proc) {
	c.locks = lock.Attach(p, locks, func() { c.inside = false })
	for range 15 {
		p.Sleep(p.Duration("think", sim.Uniform(0, 100*time.Millisecond)))
		id := p.NextOp()
		called := p.Invoke(id, "count")
		a := c.locks.Ask(func() { c.locks.Acquire("l1", 3*time.Second) })
		if a.Status != lock.Granted || c.locks.Left() <= 0 {
			called.Failed("no lock")
			continue
		}
		c.section, c.inside = invariant.Section{Lock: "l1", Token: a.Token}, true
		c.count(called)
		c.inside = false
		c.locks.Ask(func() { c.locks.Release("l1", a.Token) })
	}
	c.locks.Close()
}

// count reads, works for a while, and writes.
func (c *worker) count(called *sim.Operation) {
	const patience = 200 * time.Millisecond
	read, ok := sim.Call[*resource.Value](c.Proc, store, &resource.Read{Lock: "l1"}, patience)
	if !ok {
		called.Failed("nothing read")
		return
	}
	c.Sleep(c.Duration("work", sim.Uniform(5*time.Millisecond, 50*time.Millisecond)))
	c.writes++
	n, _ := strconv.Atoi(read.Value)
	m := &resource.Write{Process: c.Process(), N: c.writes, Lock: "l1", Token: c.section.Token, Value: strconv.Itoa(n + 1)}
	switch written, ok := sim.Call[*resource.Written](c.Proc, store, m, patience); {
	case !ok:
		called.Unknown("no answer")
	case !written.Accepted:
		called.Failed("refused")
	default:
		called.OK(n + 1)
	}
}

// counting is a world of three workers, whose clocks drift within the bound that they rely
// on, and who are paused.
func counting(r resource.Config) (simtest.Config, func(w *sim.World)) {
	cfg := simtest.Config{
		Net:  sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 8*time.Millisecond)},
		Disk: sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)},
		Faults: faults.Model{
			Kinds:       []faults.Kind{"pause", "clock_drift"},
			ClientKinds: []faults.Kind{"pause", "clock_drift"},
			MaxDown:     1, DriftPPM: 10_000, Holders: true,
		},
		Chaos: 5 * time.Second, Quiet: 20 * time.Second,
		Check: noneLost,
	}
	return cfg, func(w *sim.World) {
		for range 3 {
			w.AddServer(locks.Server)
		}
		w.AddServer(r.Server)
		for range 3 {
			w.AddClient(newWorker)
		}
		w.AddInvariant(lock.Invariants(invariant.System{Zombies: true})...)
	}
}

// noneLost says that no two increments came to the same number.
func noneLost(w *sim.World) error {
	by := map[any]history.ID{}
	for _, op := range w.History() {
		if op.Outcome != history.OK {
			continue
		}
		if first, twice := by[op.Output]; twice {
			return fmt.Errorf("%v and %v both counted to %v", first, op.ID, op.Output)
		}
		by[op.Output] = op.ID
	}
	return nil
}

// Leases alone: a worker is paused after it has looked at its lease, and writes late. With
// tokens the same faults do no harm.
func Example_counting() {
	cfg, build := counting(resource.Config{})
	var failure *simtest.Outcome
	for seed := uint64(1); failure == nil || !failure.Failed(); seed++ {
		failure = simtest.Try(cfg, seed, build)
	}
	fmt.Println("without tokens:", failure.Findings[0].Property)
	cfg, build = counting(resource.Config{ChecksTokens: true})
	again, err := simtest.Replay(cfg, failure.Plan, build)
	fmt.Println("with tokens:", again.Findings, err)
	// Output:
	// without tokens: lock.no-stale-write
	// with tokens: [] <nil>
}
