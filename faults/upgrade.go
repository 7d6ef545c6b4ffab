package faults

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// Upgrade moves machines to the build To of their program: the process is stopped,
// as by a signal (memory, timers and held sends are gone, everything written is
// kept), and started on the new build. What it takes is `for`: the machine is down
// meanwhile, and messages to it are lost. Healing starts it, unless it has been up
// since. All later incarnations run that build until another upgrade, which may go
// back to an older one: nothing else undoes it. So a rolling upgrade is one for each
// machine. A machine that is down already gets the build for its next start and is
// left to what has stopped it, unless its process had ended itself; one that is on
// the build already is left alone.
//
// Builds are named by World.AddBuild; the first is v1. One that cannot read what an
// older or newer one has written may end itself: the next upgrade starts it.
type Upgrade struct {
	Target Target
	To     string
}

func (Upgrade) Kind() Kind       { return "upgrade" }
func (f Upgrade) String() string { return spell(f) }

func (f Upgrade) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Name("to", &f.To)
	return f
}

func (f Upgrade) Check() error {
	if f.To == "" {
		return missing("to", "the name of the build to run from then on, such as v2")
	}
	return firstError(checkName("to", f.To), f.Target.required())
}

// fits says which machine that may be meant has no such build, or nil.
func (f Upgrade) fits(w *sim.World) error {
	mayBe := f.Target.Known()
	if len(mayBe) == 0 {
		mayBe = f.Target.Who.among(w)
	}
	for _, id := range mayBe {
		if builds := w.Builds(id); !slices.Contains(builds, f.To) {
			return wrong("to", "%v has no build %s; it has %v", id, f.To, builds)
		}
	}
	return nil
}

// outdated lists the targets that run, or would run, another build.
func (f Upgrade) outdated(s *Stage) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(f.Target.Known()), func(id sim.NodeID) bool { return s.World.Build(id) == f.To })
}

func (f Upgrade) Blocked(s *Stage) error {
	if len(f.outdated(s)) > 0 {
		return nil
	}
	return reason{text: fmt.Sprintf("%s: already on build %s", nodesText(f.Target.Known()), f.To)}
}

func (f Upgrade) Apply(s *Stage) func() {
	return onEach(f.outdated(s), func(id sim.NodeID) func() {
		w := s.World
		ours := w.Up(id) || w.Halted(id)
		w.Upgrade(id, f.To)
		w.Terminate(id)
		return restartsIf(ours, s, id)
	})
}

func (f Upgrade) stops() Target { return f.Target }

func (f Upgrade) Within(m Model) error {
	if slices.Contains(m.Builds, f.To) {
		return nil
	}
	return fmt.Errorf("to is %s, allowed are %v", f.To, m.Builds)
}

func (Upgrade) Weaker() []Fault { return nil }

func (Upgrade) draw(d *dice) Fault {
	if len(d.model.Builds) == 0 {
		return nil
	}
	return Upgrade{d.aim(3, 1), d.model.Builds[d.below("to", int64(len(d.model.Builds)))]}
}
