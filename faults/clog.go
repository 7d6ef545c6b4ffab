package faults

import "distsim/sim"

// Clog stops the network interface of its target, as FoundationDB's simulator
// does: with Way out what it sends waits there and sets out, with its own latency,
// when the clog is over; with Way in what comes for it waits there and arrives
// when the clog is over, at once and in order; without a Way both. The process
// runs on and notices nothing. What a clogged machine has sent outlives its crash.
//
// A clog differs from a hold in what waits: the messages of a machine, and
// outgoing ones before their way instead of at its end, so that a partition that
// heals in the meantime does not touch them. What is in flight from the target
// when the clog begins goes on. Under overlapping instances a message waits for
// all.
type Clog struct {
	Target Target
	Way    string
}

func (Clog) Kind() Kind       { return "clog" }
func (f Clog) String() string { return spell(f) }

func (f Clog) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Word("way", &f.Way, Out, In)
	return f
}

func (f Clog) Check() error { return firstError(f.Target.required(), f.scope().check()) }

func (f Clog) scope() Scope { return Scope{Target: f.Target, Way: f.Way} }

func (Clog) Blocked(*Stage) error { return nil }

func (f Clog) Apply(s *Stage) func() { return clog(s, f.Target.Known(), f.Way) }

// clog stops the interfaces of some machines.
func clog(s *Stage, nodes []sim.NodeID, way string) (end func()) {
	var ends []func()
	if way != In {
		ends = append(ends, s.World.Disturb(sim.LinkRule{From: nodes, Clog: true}))
	}
	if way != Out {
		ends = append(ends, s.World.Disturb(sim.LinkRule{To: nodes, Hold: true}))
	}
	return inTurn(ends)
}

func (Clog) Within(Model) error { return nil }

func (f Clog) Weaker() []Fault {
	if f.Way != "" {
		return nil
	}
	return []Fault{Clog{f.Target, Out}, Clog{f.Target, In}}
}

func (Clog) draw(d *dice) Fault {
	return Clog{d.aim(5, 0), []string{"", Out, In}[d.below("way", 3)]}
}
