package faults

import "distsim/sim"

// PhantomWrite makes syncs lie with a chance of PPM parts per million: they take
// their time and succeed, and what they covered never reaches the platter. Only a
// crash that loses the page cache shows it. Healing makes later syncs honest;
// what they do not cover again stays lost. No protocol survives this on a majority.
// Chances of overlapping instances add up.
type PhantomWrite struct {
	PPM int64
	Storage
}

func (PhantomWrite) Kind() Kind       { return "phantom_write" }
func (f PhantomWrite) String() string { return spell(f) }

func (f PhantomWrite) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	f.Storage.fields(v)
	return f
}

func (f PhantomWrite) Check() error       { return firstError(checkPPM(f.PPM), f.Storage.check()) }
func (PhantomWrite) Blocked(*Stage) error { return nil }
func (f PhantomWrite) Apply(s *Stage) func() {
	return f.disturb(s, sim.DiskRule{Phantom: uint32(f.PPM)})
}
func (PhantomWrite) Within(Model) error { return nil }

func (f PhantomWrite) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, PhantomWrite{ppm, f.Storage})
	}
	return out
}

func (PhantomWrite) draw(d *dice) Fault {
	return PhantomWrite{1 + d.below("ppm", million), Storage{Target: d.aim(4, 2)}}
}
