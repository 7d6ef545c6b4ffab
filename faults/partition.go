package faults

import "distsim/sim"

// Partition cuts the links between groups of machines, both ways. Groups names
// them, and machines in no group are not touched: [[n1], [n2]] cuts one link.
// Or Target names one side, such as a minority that contains the leader, and
// all other servers are the other; then clients reach both sides.
//
// Messages sent across the cut are lost, and so are those in flight when they
// would arrive; on FIFO links the stream breaks. Healing lets new messages
// through; nothing that was cut comes back.
type Partition struct {
	Groups [][]sim.NodeID
	Target Target
}

func (Partition) Kind() Kind       { return "partition" }
func (f Partition) String() string { return spell(f) }

func (f Partition) Fields(v Fields) Fault {
	v.Groups("groups", &f.Groups)
	v.Target(&f.Target)
	return f
}

func (f Partition) Check() error {
	if f.Groups == nil {
		if f.Target.None() {
			return missing("groups", "say who is cut from whom, such as [[n1, n2], [n3]], or give a target")
		}
		return f.Target.Check()
	}
	if !f.Target.None() {
		return wrong("groups", "groups and target are two ways to say one thing; keep one")
	}
	if len(f.Groups) < 2 {
		return wrong("groups", "a partition needs two groups or more")
	}
	var all []sim.NodeID
	for _, g := range f.Groups {
		if len(g) == 0 {
			return wrong("groups", "a group of a partition is empty")
		}
		all = append(all, g...)
	}
	return distinct("groups", all)
}

func (f Partition) Blocked(s *Stage) error {
	if f.Groups == nil && len(others(s.World, f.Target.Known(), false)) == 0 {
		return reason{text: "there is no other side to cut it from"}
	}
	return nil
}

func (f Partition) Apply(s *Stage) func() {
	groups := f.Groups
	if groups == nil {
		side := f.Target.Known()
		groups = [][]sim.NodeID{side, others(s.World, side, false)}
	}
	return s.World.Disturb(sim.LinkRule{Groups: groups, Cut: true})
}

func (Partition) Within(Model) error { return nil }
func (Partition) Weaker() []Fault    { return nil }

// draw aims half of the partitions at the leader, most of those with a minority
// on its side, and else splits the servers at random; one in five of the random
// ones leaves a machine that reaches both sides.
func (Partition) draw(d *dice) Fault {
	switch shape := d.countdown("shape", 10); {
	case shape < 4:
		return Partition{Target: Target{Who: Minority, With: Leader}}
	case shape < 5:
		return Partition{Target: Target{Who: Majority, With: Leader}}
	}
	servers := d.shuffled("order", d.servers)
	if len(servers) > 2 && d.countdown("bridge", 5) == 0 {
		servers = servers[1:]
	}
	if len(servers) < 2 {
		return nil
	}
	cut := 1 + int(d.below("cut", int64(len(servers)-1)))
	return Partition{Groups: [][]sim.NodeID{sorted(servers[:cut]), sorted(servers[cut:])}}
}
