package faults

import "distsim/sim"

// Hold freezes what is in flight on all links, or those of its Scope: messages
// that would arrive, sent before or since, stay where they are. Healing releases
// them (turmoil's release): they arrive at that instant, in the order in which
// they would have. They outlive a crash of their sender; a receiver that is down
// or cut off at the release does not get them, and a FIFO stream that has broken
// does not deliver them. Under overlapping instances a message waits for all.
type Hold struct {
	Scope
}

func (Hold) Kind() Kind       { return "hold" }
func (f Hold) String() string { return spell(f) }

func (f Hold) Fields(v Fields) Fault {
	f.Scope.fields(v)
	return f
}

func (f Hold) Check() error          { return f.Scope.check() }
func (Hold) Blocked(*Stage) error    { return nil }
func (f Hold) Apply(s *Stage) func() { return f.disturb(s, sim.LinkRule{Hold: true}) }
func (Hold) Within(Model) error      { return nil }
func (Hold) Weaker() []Fault         { return nil }
func (Hold) draw(d *dice) Fault      { return Hold{d.scope()} }
