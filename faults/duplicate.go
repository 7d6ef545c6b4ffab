package faults

import "distsim/sim"

// Duplicate makes messages arrive twice with a chance of PPM parts per million,
// on all links or those of its Scope; the copy takes its own time. It is
// decided when a message leaves, so those in flight arrive once. FIFO links
// duplicate nothing. Healing takes the chance away; copies under way arrive.
type Duplicate struct {
	PPM int64
	Scope
}

func (Duplicate) Kind() Kind       { return "duplicate" }
func (f Duplicate) String() string { return spell(f) }

func (f Duplicate) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	f.Scope.fields(v)
	return f
}

func (f Duplicate) Check() error { return firstError(checkPPM(f.PPM), f.Scope.check()) }

func (Duplicate) Blocked(*Stage) error { return nil }

func (f Duplicate) Apply(s *Stage) func() {
	return f.disturb(s, sim.LinkRule{Duplicate: uint32(f.PPM)})
}

func (f Duplicate) Within(m Model) error { return atMost("ppm", f.PPM, m.DuplicatePPM) }

func (f Duplicate) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, Duplicate{ppm, f.Scope})
	}
	return out
}

func (Duplicate) draw(d *dice) Fault {
	if d.model.DuplicatePPM < 1 {
		return nil
	}
	return Duplicate{1 + d.below("ppm", d.model.DuplicatePPM), d.scope()}
}

func (f Duplicate) load() int64       { return f.PPM }
func (Duplicate) bound(m Model) int64 { return m.DuplicatePPM }
