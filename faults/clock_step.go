package faults

import "time"

// ClockStep moves the wall clocks of machines at once by By, forward or back, as
// an operator or a bad time server does. Monotonic clocks, timers and messages
// in flight do not notice. A step stays: nothing heals it but another step.
type ClockStep struct {
	Target Target
	By     time.Duration
}

func (ClockStep) Kind() Kind       { return "clock_step" }
func (f ClockStep) String() string { return spell(f) }

func (f ClockStep) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Duration("by", &f.By)
	return f
}

func (f ClockStep) Check() error {
	return firstError(checkShift(f.By, "how far the wall clock jumps"), f.Target.required())
}

func (ClockStep) Blocked(*Stage) error { return nil }

func (f ClockStep) Apply(s *Stage) func() {
	for _, id := range f.Target.Known() {
		s.World.StepWall(id, f.By)
	}
	return nil
}

func (ClockStep) stays() {}

func (f ClockStep) Within(m Model) error { return atMost("by", f.By, m.Step) }

func (f ClockStep) Weaker() []Fault {
	var out []Fault
	for _, by := range halves(f.By) {
		out = append(out, ClockStep{f.Target, by})
	}
	return out
}

func (ClockStep) draw(d *dice) Fault {
	by := d.shift(d.model.Step)
	if by == 0 {
		return nil
	}
	return ClockStep{d.aim(4, 0), by}
}
