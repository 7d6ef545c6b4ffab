package faults

import "distsim/sim"

// Misdirect makes syncs go wrong with a chance of PPM parts per million: of the
// writes that such a sync covers one lands at another place of its file, over what
// is there, and where it belongs the old bytes stay. Reads come from memory and are
// right until a crash. It is decided when a sync is issued. Healing makes later
// syncs land where they should; nothing is moved back. Chances of overlapping
// instances add up.
type Misdirect struct {
	PPM int64
	Storage
}

func (Misdirect) Kind() Kind       { return "misdirect" }
func (f Misdirect) String() string { return spell(f) }

func (f Misdirect) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	f.Storage.fields(v)
	return f
}

func (f Misdirect) Check() error       { return firstError(checkPPM(f.PPM), f.Storage.check()) }
func (Misdirect) Blocked(*Stage) error { return nil }
func (f Misdirect) Apply(s *Stage) func() {
	return f.disturb(s, sim.DiskRule{Misdirect: uint32(f.PPM)})
}
func (Misdirect) Within(Model) error { return nil }

func (f Misdirect) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, Misdirect{ppm, f.Storage})
	}
	return out
}

func (Misdirect) draw(d *dice) Fault {
	return Misdirect{1 + d.below("ppm", million), Storage{Target: d.aim(4, 2)}}
}
