package faults

// ClockFreeze stops the clocks of machines, wall and monotonic: a virtual machine
// that its host does not let see time go by. Messages are handled, but no timer
// fires (one that is set for no time does, at once), and a Proc that sleeps does not
// wake. A clock_drift in force counts again from the thaw, a clock_slew waits for
// it; steps and offsets of the wall clock show at once. Clocks survive crashes, so
// the freeze does too; messages in flight do not notice. Healing lets the clocks go
// on from where they stood once no other freeze holds them: they stay behind, and
// timers are late by as long as they stood.
type ClockFreeze struct{ Target Target }

func (ClockFreeze) Kind() Kind       { return "clock_freeze" }
func (f ClockFreeze) String() string { return spell(f) }

func (f ClockFreeze) Fields(v Fields) Fault {
	v.Target(&f.Target)
	return f
}

func (f ClockFreeze) Check() error          { return f.Target.required() }
func (ClockFreeze) Blocked(*Stage) error    { return nil }
func (f ClockFreeze) Apply(s *Stage) func() { return onEach(f.Target.Known(), s.freeze) }
func (ClockFreeze) Within(Model) error      { return nil }
func (ClockFreeze) Weaker() []Fault         { return nil }
func (ClockFreeze) draw(d *dice) Fault      { return ClockFreeze{d.aim(4, 2)} }
