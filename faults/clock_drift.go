package faults

import "distsim/sim"

// ClockDrift runs the clocks of machines PPM parts per million fast, or slow if
// negative; −1,000,000 freezes them. Timers keep their local deadlines. Clocks
// survive crashes, so the drift does too. Of overlapping drifts of one machine
// the strongest is in force; a clock_slew adds to it, a clock_freeze hides it.
// Healing sets the rate right and leaves the offset
// that has built up; messages in flight do not notice.
type ClockDrift struct {
	Target Target
	PPM    int64
}

// maxDrift keeps local time far from overflow: a thousand times true time.
const maxDrift = 1000 * million

func (ClockDrift) Kind() Kind       { return "clock_drift" }
func (f ClockDrift) String() string { return spell(f) }

func (f ClockDrift) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Int("ppm", &f.PPM)
	return f
}

func (f ClockDrift) Check() error {
	switch {
	case f.PPM == 0:
		return missing("ppm", "how much too fast in parts per million, or too slow if negative")
	case f.PPM < -million || f.PPM > maxDrift:
		return outside("ppm", f.PPM, "%d … %d", -million, int64(maxDrift))
	}
	return f.Target.required()
}

func (ClockDrift) Blocked(*Stage) error { return nil }

func (f ClockDrift) Apply(s *Stage) func() {
	return onEach(f.Target.Known(), func(id sim.NodeID) func() { return s.drift(id, f.PPM) })
}

func (f ClockDrift) Within(m Model) error { return atMost("ppm", f.PPM, m.DriftPPM) }

func (ClockDrift) lasts() {}

func (f ClockDrift) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, ClockDrift{f.Target, ppm})
	}
	return out
}

// draw uses the bound itself half of the time: only a lasting and large
// difference breaks leases.
func (ClockDrift) draw(d *dice) Fault {
	if d.model.DriftPPM < 1 {
		return nil
	}
	ppm := d.model.DriftPPM
	if d.below("full", 2) == 0 {
		ppm = 1 + d.below("ppm", ppm)
	}
	if d.countdown("slow", 2) == 0 {
		ppm = -min(ppm, million)
	}
	return ClockDrift{d.aim(4, 0), ppm}
}

// timing lets half of the drifts last from the start to the end of chaos.
func (ClockDrift) timing(d *dice, e *Entry) {
	if d.countdown("whole", 2) == 0 {
		e.wholeRun()
	}
}
