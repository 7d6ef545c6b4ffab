package faults

import (
	"time"

	"distsim/sim"
)

// Reorder makes messages take up to Window longer, with a chance of PPM parts per
// million and on all links or those of its Scope, so that later ones overtake
// them. It is decided when a message leaves: those in flight keep their time, and
// what is late already stays so after healing. The copy of a doubled message is
// not delayed. FIFO links keep their order and their time. Overlapping instances
// choose apart, and add up.
type Reorder struct {
	PPM    int64
	Window time.Duration
	Scope
}

func (Reorder) Kind() Kind       { return "reorder" }
func (f Reorder) String() string { return spell(f) }

func (f Reorder) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	v.Duration("window", &f.Window)
	f.Scope.fields(v)
	return f
}

func (f Reorder) Check() error {
	switch {
	case f.Window == 0:
		return missing("window", "how much later a message may be, such as 50ms")
	case f.Window < 0 || f.Window > MaxDuration:
		return outside("window", f.Window, "more than 0s and at most %v", MaxDuration)
	}
	return firstError(checkPPM(f.PPM), f.Scope.check())
}

func (Reorder) Blocked(*Stage) error { return nil }

func (f Reorder) Apply(s *Stage) func() {
	return f.disturb(s, sim.LinkRule{Reorder: uint32(f.PPM), Window: f.Window})
}

func (f Reorder) Within(m Model) error { return atMost("window", f.Window, m.Window) }

func (f Reorder) Weaker() []Fault {
	var out []Fault
	for _, window := range halves(f.Window) {
		out = append(out, Reorder{f.PPM, window, f.Scope})
	}
	for _, ppm := range halves(f.PPM) {
		out = append(out, Reorder{ppm, f.Window, f.Scope})
	}
	return out
}

func (Reorder) draw(d *dice) Fault {
	if d.model.Window < grain {
		return nil
	}
	window := max(grain, d.round(d.span("window", d.model.Window)))
	return Reorder{1 + d.below("ppm", million), window, d.scope()}
}

func (f Reorder) load() int64       { return int64(f.Window) }
func (Reorder) bound(m Model) int64 { return int64(m.Window) }
