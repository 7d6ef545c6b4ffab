package faults

import "distsim/sim"

// Slow makes every step of machines take a time drawn from By, as on a processor
// that is busy with something else; boots and the steps of Procs too. The code of a
// step that begins at t runs at t: it reads the clocks, writes, issues its syncs and
// arms its timers then. Its sends leave at t+s, or later if they still wait for a
// sync, and what arrives or is due until then waits in the inbox, in order. A crash
// until then drops the sends and the inbox; a pause does not lengthen the step: it is
// over at t+s or on resume. Messages that have left are not touched.
//
// It is decided when a step begins, so the one under way when it strikes takes no
// time. Times of overlapping instances add up. Healing lets later steps take no time
// again; the one under way takes its time, and then the inbox is handled at once.
type Slow struct {
	Target Target
	By     sim.Dist
}

func (Slow) Kind() Kind       { return "slow" }
func (f Slow) String() string { return spell(f) }

func (f Slow) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Dist("by", &f.By)
	return f
}

func (f Slow) Check() error {
	switch {
	case f.By == (sim.Dist{}):
		return missing("by", "how long a step takes, such as 5ms or 1ms..50ms")
	case f.By.Max() > MaxDuration:
		return outside("by", f.By, "at most %v", MaxDuration)
	}
	return f.Target.required()
}

func (Slow) Blocked(*Stage) error { return nil }

func (f Slow) Apply(s *Stage) func() {
	return onEach(f.Target.Known(), func(id sim.NodeID) func() { return s.World.Slow(id, f.By, s.name) })
}

func (f Slow) Within(m Model) error { return atMost("by", f.By.Max(), m.Slow) }

func (f Slow) load() int64       { return int64(f.By.Max()) }
func (Slow) bound(m Model) int64 { return int64(m.Slow) }

// Weaker proposes the same span of time at a fraction, from nothing up.
func (f Slow) Weaker() []Fault {
	var out []Fault
	for _, most := range halves(f.By.Max()) {
		out = append(out, Slow{f.Target, sim.Uniform(0, most)})
	}
	if len(out) > 0 && f.By != sim.Uniform(0, f.By.Max()) {
		out = append(out, Slow{f.Target, sim.Uniform(0, f.By.Max())})
	}
	return out
}

func (Slow) draw(d *dice) Fault {
	if d.model.Slow < grain {
		return nil
	}
	most := max(grain, d.round(1+d.span("by", d.model.Slow)))
	least := d.round(d.span("least", most))
	return Slow{d.aim(5, 1), sim.Uniform(least, most)}
}
