package faults

import (
	"fmt"

	"distsim/sim"
)

// Bridge cuts the other servers into two halves that only its target reaches: each
// half sees the bridge, and neither sees the other (Jepsen's bridge). The halves
// are by name: the first half, rounded down, and the rest. Clients reach all.
//
// Messages in flight between the halves are lost when they would arrive. Healing
// lets new ones through.
type Bridge struct {
	Target Target
}

func (Bridge) Kind() Kind       { return "bridge" }
func (f Bridge) String() string { return spell(f) }

func (f Bridge) Fields(v Fields) Fault {
	v.Target(&f.Target)
	return f
}

func (f Bridge) Check() error { return f.Target.required() }

func (f Bridge) Blocked(s *Stage) error {
	if rest := others(s.World, f.Target.Known(), false); len(rest) < 2 {
		return reason{text: fmt.Sprintf("%d servers beside the bridge are no two halves", len(rest))}
	}
	return nil
}

func (f Bridge) Apply(s *Stage) func() {
	rest := others(s.World, f.Target.Known(), false)
	half := len(rest) / 2
	return s.World.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{rest[:half], rest[half:]}, Cut: true})
}

func (Bridge) Within(Model) error { return nil }
func (Bridge) Weaker() []Fault    { return nil }

// draw makes the leader the bridge three times in five.
func (Bridge) draw(d *dice) Fault { return Bridge{Target: d.aim(6, 0)} }
