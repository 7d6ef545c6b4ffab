package planfile

import (
	"strconv"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// override reads one decision: its identity and what it comes to.
func (d *decoder) override(n *node) faults.Override {
	f := d.mapping(n, "this override")
	id, at := f.identity([]string{"message", "timer", "sync", "draw", "crash"})
	o := faults.Override{ID: id}
	if at == nil {
		if len(f.at.pairs) > 0 {
			d.fail(f.at, "it is not said which decision this overrides; write message, timer, sync, draw or crash: {…}")
		}
		return o
	}
	before := len(d.errs)
	found := 0
	for _, name := range outcomes(id.Subject) {
		if v := f.take(name); v != nil {
			found++
			d.outcome(&o, name, v)
		}
	}
	f.done()
	switch {
	case len(d.errs) > before:
	case found == 0:
		d.fail(n, "it is not said how the decision falls; write one of %v", outcomes(id.Subject))
	case found > 1:
		d.fail(n, "an override fixes one decision; write one for each of %v", outcomes(id.Subject))
	}
	return o
}

// outcomes are the decisions about a subject, as a plan spells them.
func outcomes(s sim.Subject) []string {
	switch s {
	case sim.OfMessage:
		return []string{"lost", "duplicated", "latency", "reordered", "corrupted", "took"}
	case sim.OfTimer:
		return []string{"took"}
	case sim.OfSync:
		return []string{"latency", "failed", "phantom", "misdirected"}
	case sim.OfCrash:
		return []string{"kept", "torn"}
	default:
		return []string{"value", "took"}
	}
}

// chances are the decisions that are true or false.
func chances() map[string]sim.Purpose {
	return map[string]sim.Purpose{
		"lost": sim.ForLoss, "duplicated": sim.ForDuplicate, "corrupted": sim.ForCorrupt,
		"failed": sim.ForFailure, "phantom": sim.ForPhantom, "misdirected": sim.ForMisdirect,
	}
}

// lengths are the decisions that are durations.
func lengths() map[string]sim.Purpose {
	return map[string]sim.Purpose{"latency": sim.ForLatency, "reordered": sim.ForReorder, "took": sim.ForStep}
}

func (d *decoder) outcome(o *faults.Override, name string, n *node) {
	if purpose, is := chances()[name]; is {
		o.Kind, o.ID.Purpose = sim.Chance, purpose
		if d.flag(n, name) {
			o.Value = 1
		}
		return
	}
	if purpose, is := lengths()[name]; is {
		o.Kind, o.ID.Purpose = sim.Value, purpose
		o.Value = int64(d.duration(n, name, false))
		return
	}
	switch name {
	case "kept", "torn":
		o.Kind, o.ID.Purpose = sim.Pick, sim.ForKept
		if name == "torn" {
			o.ID.Purpose = sim.ForTorn
		}
		o.Value = max(0, d.integer(n, name))
	default:
		d.drawn(o, n)
	}
}

// drawn reads the value of a node's draw: true, a count or a duration.
func (d *decoder) drawn(o *faults.Override, n *node) {
	s, _ := d.text(n, "value")
	if s == "true" || s == "false" {
		o.Kind = sim.Chance
		if s == "true" {
			o.Value = 1
		}
		return
	}
	if v, err := strconv.ParseInt(s, 10, 64); err == nil && v >= 0 {
		o.Kind, o.Value = sim.Pick, v
		return
	}
	if v, err := time.ParseDuration(s); err == nil && v >= 0 {
		o.Kind, o.Value = sim.Value, int64(v)
		return
	}
	d.fail(n, "value is %s; want true or false, a whole number, or a duration such as 5ms", show(s))
}
