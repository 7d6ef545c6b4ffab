package faults

import "distsim/sim"

// striker is a fault that can hit in the middle of a step.
type striker interface {
	Fault
	// strike says where, when the fault has an effect to strike before.
	strike(on sim.Identity) (sim.Strike, bool)
	// struck takes over after it has; it returns how to heal.
	struck(s *Stage, id sim.NodeID) (heal func())
}

const maxEffect = 1<<16 - 1

// checkEffect says whether before_effect goes with the target: the kernel must
// know the machine before the step begins.
func checkEffect(effect int64, t Target) error {
	switch {
	case effect == 0:
		return nil
	case effect < 0 || effect > maxEffect:
		return outside("before_effect", effect, "1 … %d", maxEffect)
	case len(t.Known()) != 1:
		return wrong("before_effect", "before_effect needs one node by name as its target (or was), not %v", t)
	}
	return nil
}

// midStep completes a strike with the step and the place in it.
func midStep(on sim.Identity, t Target, effect int64, s sim.Strike) (sim.Strike, bool) {
	if effect == 0 {
		return sim.Strike{}, false
	}
	s.On, s.Node, s.Effect = on, t.Known()[0], int(effect)
	return s, true
}
