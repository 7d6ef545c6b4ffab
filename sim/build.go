package sim

import (
	"fmt"
	"slices"
)

// FirstBuild is the name of the build that a machine is added with.
const FirstBuild = "v1"

// namedBuild is what an incarnation may run.
type namedBuild struct {
	name  string
	build func() Node
}

// AddBuild gives a machine another build under a name that it has not used: an
// older or newer version of its program, for Upgrade. The machine goes on with the
// one it has.
func (w *World) AddBuild(id NodeID, name string, build func() Node) {
	m := w.mustMachine(id)
	assert(build != nil, "build %s of %v has no function", name, id)
	assert(name != "", "a build of %v has no name", id)
	if m.builds == nil {
		m.builds, m.runs = []namedBuild{{FirstBuild, m.build}}, FirstBuild
	}
	assert(!slices.Contains(m.names(), name), "%v has two builds called %s", id, name)
	m.builds = append(m.builds, namedBuild{name, build})
}

// Builds lists the builds of a machine by name, in the order in which they were
// added.
func (w *World) Builds(id NodeID) []string { return w.mustMachine(id).names() }

// Build is the name of the build that the machine's next incarnation runs. The
// running one may still be of another.
func (w *World) Build(id NodeID) string {
	if m := w.mustMachine(id); m.builds != nil {
		return m.runs
	}
	return FirstBuild
}

func (m *machine) names() []string {
	if m.builds == nil {
		return []string{FirstBuild}
	}
	names := make([]string, len(m.builds))
	for i, b := range m.builds {
		names[i] = b.name
	}
	return names
}

// Upgrade makes the later incarnations of a machine run the build called name,
// which may be an older one. What runs now is not touched: Crash and Restart it.
func (w *World) Upgrade(id NodeID, name string) {
	m := w.mustMachine(id)
	i := slices.Index(m.names(), name)
	if i < 0 {
		panic(fmt.Sprintf("sim: %v has no build %s; it has %v", id, name, m.names()))
	}
	if m.builds == nil || m.runs == name {
		return
	}
	m.build, m.runs = m.builds[i].build, name
	c := w.rec(KindUpgrade, m)
	c.Type = w.types.name("build " + name)
	seq := w.seal(c)
	if w.trace.keep {
		w.trace.kept.text(seq, name)
	}
}
