package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/sim"
)

// course drives a run through its phases:
//
//	chaos  faults strike, until the clients are done or its time is over
//	core   everything heals but some servers, which fail for good: a probe asks
//	       those that are left for one operation (if the scenario promises progress)
//	quiet  those heal too, and the clients have a while to finish
//
// A run that stalls in its core ends there.
type course struct {
	build     *Build
	installed *faults.Installed
	decl      Declaration
	report    *Report
	listed    time.Duration // until when the plan's own faults and operations need the chaos
}

// needs is how long chaos lasts at least when a plan lists the operations: clients
// that have few, or none, must not end it before the plan's faults have struck. A plan
// that leaves them to the seed is over when the drawn run was.
func needs(plan *faults.Plan, chaos time.Duration) time.Duration {
	if plan.Workload == nil {
		return 0
	}
	var end time.Duration
	for _, e := range plan.Faults {
		end = max(end, time.Duration(e.At)+e.For)
	}
	return min(end, chaos)
}

func (c *course) run() {
	w := c.build.World
	ok := c.phase("chaos", func() bool {
		from := w.Now()
		return w.RunUntil(from+sim.Time(max(c.decl.Least, c.listed))) && w.RunClients(from+sim.Time(c.decl.Chaos))
	})
	if ok && c.decl.Live != nil {
		ok = c.phase("core", c.core)
	}
	if ok {
		c.installed.HealAll()
		c.phase("quiet", func() bool { return w.RunClients(w.Now() + sim.Time(c.decl.Quiet)) })
	}
}

// phase runs one and notes when it was.
func (c *course) phase(name string, run func() bool) bool {
	w := c.build.World
	from := w.Now()
	w.Phase(name)
	ok := run()
	c.report.Phases = append(c.report.Phases, Phase{name, int64(from), int64(w.Now())})
	return ok
}

// seconds is a duration in whole seconds, for bounds.
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
