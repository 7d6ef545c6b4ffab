package faults

import (
	"time"

	"distsim/sim"
)

// SwizzleClog clogs the servers of its target one after another in a drawn order,
// one each Step, and when all are clogged unclogs them in another drawn order,
// again one each Step (FoundationDB's swizzle). A second round does not follow.
// Healing unclogs those that are left, all at once. What waits and arrives is as
// with clog. A target of fewer than two servers is only a clog.
type SwizzleClog struct {
	Target Target
	Step   time.Duration
}

func (SwizzleClog) Kind() Kind       { return "swizzle_clog" }
func (f SwizzleClog) String() string { return spell(f) }

func (f SwizzleClog) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Duration("step", &f.Step)
	return f
}

func (f SwizzleClog) Check() error {
	switch {
	case f.Step == 0:
		return missing("step", "the time from one clog to the next, such as 100ms")
	case f.Step < 0 || f.Step > MaxDuration:
		return outside("step", f.Step, "more than 0s and at most %v", MaxDuration)
	}
	return f.Target.required()
}

func (SwizzleClog) Blocked(*Stage) error { return nil }

func (f SwizzleClog) Apply(s *Stage) func() {
	in, out := s.shuffled(f.Target.Known()), s.shuffled(f.Target.Known())
	ends := map[sim.NodeID]func(){}
	over := false
	at := sim.Time(0)
	step := func(do func()) {
		s.World.After(at, func(*sim.World) {
			if !over {
				do()
			}
		})
		at += sim.Time(f.Step)
	}
	for _, id := range in {
		step(func() { ends[id] = clog(s, []sim.NodeID{id}, "") })
	}
	for _, id := range out {
		step(func() { ends[id](); delete(ends, id) })
	}
	return func() {
		over = true
		for _, id := range out { // a map has no order
			if end := ends[id]; end != nil {
				end()
			}
		}
	}
}

// shuffled is the nodes in an order drawn for the fault that is being applied.
func (s *Stage) shuffled(ids []sim.NodeID) []sim.NodeID {
	name := s.name
	defer func() { s.name = name }()
	s.name += " order" // apart from the draws of its target, which a recorded plan does not make
	ids = append([]sim.NodeID{}, ids...)
	for i := len(ids) - 1; i > 0; i-- {
		j := s.pick(i + 1)
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids
}

func (SwizzleClog) Within(Model) error { return nil }

func (SwizzleClog) Weaker() []Fault { return nil }

func (SwizzleClog) draw(d *dice) Fault {
	step := grain + d.round(d.span("step", 300*time.Millisecond))
	who := []Who{Majority, Minority}[d.below("who", 2)]
	return SwizzleClog{Aim(who), step}
}
