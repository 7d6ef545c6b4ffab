package faults

import (
	"fmt"

	"distsim/sim"
)

// Corrupt damages messages on their way with a chance of PPM parts per million, on
// all links or those of its Scope. Their receiver notices by a checksum and drops
// them. With Undetected it does not: messages that know how they can be damaged
// (sim.Corruptible) arrive altered, the others are dropped. It is decided when a
// message leaves: those in flight stay whole, and healing does not repair what is
// damaged already. FIFO links send again what is damaged, so nothing is. Of
// overlapping instances the chances add up.
type Corrupt struct {
	PPM        int64
	Undetected bool
	Scope
}

func (Corrupt) Kind() Kind       { return "corrupt" }
func (f Corrupt) String() string { return spell(f) }

func (f Corrupt) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	v.Flag("undetected", &f.Undetected)
	f.Scope.fields(v)
	return f
}

func (f Corrupt) Check() error { return firstError(checkPPM(f.PPM), f.Scope.check()) }

func (Corrupt) Blocked(*Stage) error { return nil }

func (f Corrupt) Apply(s *Stage) func() {
	if f.Undetected {
		return f.disturb(s, sim.LinkRule{Altered: uint32(f.PPM)})
	}
	return f.disturb(s, sim.LinkRule{Corrupt: uint32(f.PPM)})
}

func (f Corrupt) Within(m Model) error {
	if f.Undetected && !m.Undetected {
		return fmt.Errorf("undetected corruption is not allowed")
	}
	return atMost("ppm", f.PPM, m.CorruptPPM)
}

func (f Corrupt) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, Corrupt{ppm, f.Undetected, f.Scope})
	}
	if f.Undetected {
		out = append(out, Corrupt{f.PPM, false, f.Scope})
	}
	return out
}

func (Corrupt) draw(d *dice) Fault {
	if d.model.CorruptPPM < 1 {
		return nil
	}
	return Corrupt{1 + d.below("ppm", d.model.CorruptPPM), d.model.Undetected && d.below("undetected", 2) == 1, d.scope()}
}

func (f Corrupt) load() int64       { return f.PPM }
func (Corrupt) bound(m Model) int64 { return m.CorruptPPM }
