package faults

import "distsim/sim"

// Wipe replaces machines by new ones under the old names: the process stops as in a
// crash, and the disk is emptied, everything durable included. Memory, timers and
// held sends are gone; messages a victim sent still travel, those to it are lost
// while it is down. Clocks and counters go on: they belong to the name. A machine
// that is down already loses its disk too, and is left to what has stopped it, unless
// its process had ended itself. Healing boots it, on nothing.
//
// No protocol that counts on its disk is bound to survive it: a voter that has
// forgotten its vote votes again.
type Wipe struct{ Target Target }

func (Wipe) Kind() Kind       { return "wipe" }
func (f Wipe) String() string { return spell(f) }

func (f Wipe) Fields(v Fields) Fault {
	v.Target(&f.Target)
	return f
}

func (f Wipe) Check() error       { return f.Target.required() }
func (Wipe) Blocked(*Stage) error { return nil }

func (f Wipe) Apply(s *Stage) func() {
	return onEach(f.Target.Known(), func(id sim.NodeID) func() {
		w := s.World
		ours := w.Up(id) || w.Halted(id)
		w.Wipe(id)
		return restartsIf(ours, s, id)
	})
}

// restartsIf starts a machine on healing if it is ours to start, unless it has been
// up since.
func restartsIf(ours bool, s *Stage, id sim.NodeID) (heal func()) {
	if !ours {
		return func() {}
	}
	return Crash{}.struck(s, id)
}

func (f Wipe) stops() Target    { return f.Target }
func (Wipe) Within(Model) error { return nil }
func (Wipe) Weaker() []Fault    { return nil }
func (Wipe) draw(d *dice) Fault { return Wipe{d.aim(4, 2)} }
