package faults

import "distsim/sim"

// Isolate cuts a target off from all other servers, both ways. Clients still
// reach it, which is how a deposed leader comes to answer; Clients cuts them
// off too.
//
// Messages in flight across the cut are lost when they would arrive. Healing
// lets new messages through.
type Isolate struct {
	Target  Target
	Clients bool
}

func (Isolate) Kind() Kind       { return "isolate" }
func (f Isolate) String() string { return spell(f) }

func (f Isolate) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Flag("clients", &f.Clients)
	return f
}

func (f Isolate) Check() error { return f.Target.required() }

func (f Isolate) Blocked(s *Stage) error {
	if len(others(s.World, f.Target.Known(), f.Clients)) == 0 {
		return reason{text: "there is nobody to cut it off from"}
	}
	return nil
}

func (f Isolate) Apply(s *Stage) func() {
	victims := f.Target.Known()
	rest := others(s.World, victims, f.Clients)
	return s.World.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{victims, rest}, Cut: true})
}

func (Isolate) Within(Model) error { return nil }

func (f Isolate) Weaker() []Fault {
	if !f.Clients {
		return nil
	}
	f.Clients = false
	return []Fault{f}
}

// draw isolates the leader three times in five.
func (Isolate) draw(d *dice) Fault {
	return Isolate{Target: d.aim(6, 0), Clients: d.countdown("clients", 4) == 0}
}
