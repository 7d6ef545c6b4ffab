package faults

import "distsim/sim"

// Loss makes messages vanish with a chance of PPM parts per million, on all
// links or those of its Scope, on top of what the network loses anyway. It is
// decided when a message leaves, so those in flight still arrive. FIFO links
// lose nothing. Healing takes the chance away.
type Loss struct {
	PPM int64
	Scope
}

func (Loss) Kind() Kind       { return "loss" }
func (f Loss) String() string { return spell(f) }

func (f Loss) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	f.Scope.fields(v)
	return f
}

func (f Loss) Check() error { return firstError(checkPPM(f.PPM), f.Scope.check()) }

// checkPPM says whether a chance is one.
func checkPPM(ppm int64) error {
	switch {
	case ppm == 0:
		return missing("ppm", "the chance in parts per million, such as 100000 for one in ten")
	case ppm < 0 || ppm > million:
		return outside("ppm", ppm, "1 … %d (parts per million)", million)
	}
	return nil
}

func (Loss) Blocked(*Stage) error { return nil }

func (f Loss) Apply(s *Stage) func() {
	return f.disturb(s, sim.LinkRule{Loss: uint32(f.PPM)})
}

func (f Loss) Within(m Model) error { return atMost("ppm", f.PPM, m.LossPPM) }

func (f Loss) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, Loss{ppm, f.Scope})
	}
	return out
}

func (Loss) draw(d *dice) Fault {
	if d.model.LossPPM < 1 {
		return nil
	}
	return Loss{1 + d.below("ppm", d.model.LossPPM), d.scope()}
}

func (f Loss) load() int64       { return f.PPM }
func (Loss) bound(m Model) int64 { return m.LossPPM }
