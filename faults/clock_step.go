package faults

import (
	"fmt"
	"time"
)

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
	if f.By == 0 {
		return fmt.Errorf("by is missing: how far the wall clock jumps, such as 2s or -500ms")
	}
	if abs(f.By) > MaxDuration {
		return fmt.Errorf("by is %v, want within ±%v", f.By, MaxDuration)
	}
	return f.Target.required()
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
	if d.model.Step < time.Millisecond {
		return nil
	}
	by := d.round(time.Millisecond + time.Duration(d.below("by", int64(d.model.Step))))
	by = min(by, d.model.Step)
	if d.below("back", 2) == 0 {
		by = -by
	}
	return ClockStep{d.aim(4, 0), by}
}
