package faults

import (
	"time"

	"distsim/sim"
)

// Delay adds a time drawn from Extra to the latency of every message on all
// links or those of its Scope, so messages overtake each other. It counts from
// when a message leaves: those in flight keep their time. Healing returns the
// links to their own latency; what was delayed still arrives late.
type Delay struct {
	Extra sim.Dist
	Scope
}

func (Delay) Kind() Kind       { return "delay" }
func (f Delay) String() string { return spell(f) }

func (f Delay) Fields(v Fields) Fault {
	v.Dist("extra", &f.Extra)
	f.Scope.fields(v)
	return f
}

func (f Delay) Check() error {
	if f.Extra == (sim.Dist{}) {
		return missing("extra", "how much later, such as 5ms or 1ms..50ms")
	}
	if f.Extra.Max() > MaxDuration {
		return outside("extra", f.Extra, "at most %v", MaxDuration)
	}
	return f.Scope.check()
}

func (Delay) Blocked(*Stage) error { return nil }

func (f Delay) Apply(s *Stage) func() { return f.disturb(s, sim.LinkRule{Delay: f.Extra}) }

func (f Delay) Within(m Model) error { return atMost("extra", f.Extra.Max(), m.Delay) }

// Weaker proposes the same span of time at a fraction, from the least value up.
func (f Delay) Weaker() []Fault {
	var out []Fault
	for _, most := range halves(f.Extra.Max()) {
		out = append(out, Delay{sim.Uniform(0, most), f.Scope})
	}
	if len(out) > 0 && f.Extra != sim.Uniform(0, f.Extra.Max()) {
		out = append(out, Delay{sim.Uniform(0, f.Extra.Max()), f.Scope})
	}
	return out
}

func (Delay) draw(d *dice) Fault {
	if d.model.Delay < 2*time.Millisecond {
		return nil
	}
	hi := d.round(time.Millisecond + d.span("extra", d.model.Delay-time.Millisecond))
	lo := d.round(d.span("least", hi))
	return Delay{sim.Uniform(lo, hi), d.scope()}
}

func (f Delay) load() int64       { return int64(f.Extra.Max()) }
func (Delay) bound(m Model) int64 { return int64(m.Delay) }
