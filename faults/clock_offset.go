package faults

import (
	"time"

	"distsim/sim"
)

// ClockOffset makes the wall clocks of machines wrong by By, ahead or behind, while
// it is in force: a machine whose time server is wrong. Both its begin and its end
// are jumps. Monotonic clocks, timers and messages in flight do not notice; clocks
// survive crashes, so the offset does too. Overlapping offsets of one machine add
// up. Healing takes the offset away again, where a clock_step stays.
type ClockOffset struct {
	Target Target
	By     time.Duration
}

func (ClockOffset) Kind() Kind       { return "clock_offset" }
func (f ClockOffset) String() string { return spell(f) }

func (f ClockOffset) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Duration("by", &f.By)
	return f
}

func (f ClockOffset) Check() error {
	return firstError(checkShift(f.By, "how wrong the wall clock is"), f.Target.required())
}

// checkShift says whether a clock can be moved that far.
func checkShift(by time.Duration, what string) error {
	switch {
	case by == 0:
		return missing("by", what+", such as 2s or -500ms")
	case abs(by) > MaxDuration:
		return outside("by", by, "-%v … %v", MaxDuration, MaxDuration)
	}
	return nil
}

func (ClockOffset) Blocked(*Stage) error { return nil }

func (f ClockOffset) Apply(s *Stage) func() {
	return onEach(f.Target.Known(), func(id sim.NodeID) func() {
		s.World.StepWall(id, f.By)
		return func() { s.World.StepWall(id, -f.By) }
	})
}

func (f ClockOffset) Within(m Model) error { return atMost("by", f.By, m.Offset) }

func (f ClockOffset) load() int64       { return int64(abs(f.By)) }
func (ClockOffset) bound(m Model) int64 { return int64(m.Offset) }

func (ClockOffset) lasts() {}

func (f ClockOffset) Weaker() []Fault {
	var out []Fault
	for _, by := range halves(f.By) {
		out = append(out, ClockOffset{f.Target, by})
	}
	return out
}

func (ClockOffset) draw(d *dice) Fault {
	by := d.shift(d.model.Offset)
	if by == 0 {
		return nil
	}
	return ClockOffset{d.aim(4, 0), by}
}

// timing lets half of the offsets last from the start to the end of chaos, as a
// wrong time server does.
func (ClockOffset) timing(d *dice, e *Entry) {
	if d.countdown("whole", 2) == 0 {
		e.wholeRun()
	}
}
