package faults

import "distsim/sim"

// Pause stops processes, not their machines: clocks and disks go on. What
// arrives waits in the inbox in order, timers fire late and held sends leave on
// resume: a zombie that does not know what it missed. BeforeEffect, with
// `after:`, pauses inside the step that it names: effects from that one on
// happen on resume. Healing resumes a process once no other fault pauses it; a
// crash in between ends the pause, and the next incarnation runs free.
type Pause struct {
	Target       Target
	BeforeEffect int64 // from 1; 0: between steps
}

func (Pause) Kind() Kind       { return "pause" }
func (f Pause) String() string { return spell(f) }

func (f Pause) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Int("before_effect", &f.BeforeEffect)
	return f
}

func (f Pause) otherwise(field string) string {
	return map[string]string{"before_effect": "a strike between steps"}[field]
}

func (f Pause) Check() error {
	return firstError(f.Target.required(), checkEffect(f.BeforeEffect, f.Target))
}

func (f Pause) Blocked(s *Stage) error { return s.allDown(f.Target.Known()) }

func (f Pause) Apply(s *Stage) func() { return onEach(s.up(f.Target.Known()), s.pause) }

func (f Pause) strike(on sim.Identity) (sim.Strike, bool) {
	return midStep(on, f.Target, f.BeforeEffect, sim.Strike{Pause: true})
}

func (Pause) struck(s *Stage, id sim.NodeID) (heal func()) { return s.pause(id) }

func (f Pause) stops() Target { return f.Target }

func (Pause) Within(Model) error { return nil }

func (Pause) Weaker() []Fault { return nil }

func (Pause) draw(d *dice) Fault { return Pause{Target: d.aim(5, 2)} }
