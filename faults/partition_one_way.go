package faults

import (
	"distsim/sim"
)

// PartitionOneWay cuts the links from a target (Way: Out) or to it (Way: In),
// and leaves the other direction alone: a node that hears but is not heard, or
// the reverse. Peers limits the cut to the links with those machines; by
// default it is with all other servers, and clients are not touched.
//
// Messages on their way in the cut direction are lost when they would arrive.
// Healing lets new messages through.
type PartitionOneWay struct {
	Scope
}

func (PartitionOneWay) Kind() Kind       { return "partition_one_way" }
func (f PartitionOneWay) String() string { return spell(f) }

func (f PartitionOneWay) Fields(v Fields) Fault {
	f.Scope.fields(v)
	return f
}

func (PartitionOneWay) otherwise(field string) string {
	return map[string]string{"peers": "all other servers"}[field]
}

func (f PartitionOneWay) Check() error {
	if f.Way == "" {
		return missing("way", Out+" cuts what the target says, "+In+" what it hears")
	}
	return firstError(f.Target.required(), f.Scope.check())
}

func (f PartitionOneWay) Blocked(s *Stage) error {
	if f.Peers == nil && len(others(s.World, f.Target.Known(), false)) == 0 {
		return reason{text: "there is nobody to cut it from"}
	}
	return nil
}

func (f PartitionOneWay) Apply(s *Stage) func() {
	if f.Peers == nil {
		f.Peers = others(s.World, f.Target.Known(), false)
	}
	return f.disturb(s, sim.LinkRule{Cut: true})
}

func (PartitionOneWay) Within(Model) error { return nil }
func (PartitionOneWay) Weaker() []Fault    { return nil }

func (PartitionOneWay) draw(d *dice) Fault {
	f := PartitionOneWay{Scope{Target: d.aim(6, 0), Way: Out}}
	if d.below("way", 2) == 0 {
		f.Way = In
	}
	return f
}
