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
}

func (c *course) run() {
	w := c.build.World
	ok := c.phase("chaos", func() bool {
		from := w.Now()
		return w.RunUntil(from+sim.Time(c.decl.Least)) && w.RunClients(from+sim.Time(c.decl.Chaos))
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
