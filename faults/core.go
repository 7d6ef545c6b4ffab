package faults

import (
	"slices"

	"distsim/sim"
)

// LeaveCore lets all but n servers fail for good, each crashed, cut off from
// everybody or paused. It is for a healed world: after HealAll, and after the events
// of that instant, in which machines start again. Who is in the core, and how the
// others fail, is drawn from the seed. It returns the core: fewer than n when not so
// many can run. HealAll heals the others.
//
// Cut off means in both directions: a server that can speak and not hear may keep
// a core busy for ever, and no protocol has promised otherwise.
func (in *Installed) LeaveCore(n int) (core []sim.NodeID) {
	s := &in.stage
	s.name = "core"
	fit := slices.DeleteFunc(s.World.Servers(), s.World.Halted)
	for len(core) < n && len(fit) > 0 {
		i := s.pick(len(fit))
		core = append(core, fit[i])
		fit = slices.Delete(fit, i, i+1)
	}
	slices.Sort(core)
	for _, id := range s.World.Servers() {
		if !slices.Contains(core, id) {
			in.impose([]Fault{Crash{Target: On(id)}, Isolate{Target: On(id), Clients: true}, Pause{Target: On(id)}}[s.pick(3)])
		}
	}
	return core
}

// impose lets a fault strike that is in no plan.
func (in *Installed) impose(f Fault) {
	if f.Blocked(&in.stage) != nil {
		return
	}
	begun := in.stage.World.FaultBegins(f.String())
	in.force = append(in.force, &inForce{begun, f.String(), f.Apply(&in.stage)})
}
