package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distsim/sim"
)

// Answers decides what a planner asks, in place of the seed: it returns one of
// 0 … n−1. Of these 0 stands for the mildest, shortest, earliest or plainest, so
// that whoever makes answers smaller makes faults smaller. what names the
// question, for people.
type Answers func(what string, n int64) int64

// DrawBy draws one fault of those that Draw draws: of a kind that the model
// allows, for a world of so many servers and of m.Clients clients, in the first chaos
// nanoseconds. It is how a property test comes to faults that it can shrink. The
// questions depend on the answers before, never on another fault. An Entry without Fault is none:
// the model leaves no room for what was asked for.
func DrawBy(answer Answers, m Model, servers int, chaos time.Duration) Entry {
	m.Servers = servers
	d := &dice{answer: answer, model: m, chaos: chaos}
	for i := range servers {
		d.servers = append(d.servers, sim.Server(i+1))
	}
	kinds := slices.DeleteFunc(All(), func(f Fault) bool { return !m.Allows(f.Kind()) })
	if len(kinds) == 0 {
		return Entry{}
	}
	f := kinds[d.below("kind", int64(len(kinds)))]
	e := d.entry(f)
	if e.Fault == nil || !m.canAim(f) || d.below("aimed", 2) == 0 {
		return e
	}
	if aimed, ok := d.atMoment(e); ok {
		return aimed
	}
	return e
}

// Fit leaves out what would exceed, with those before it, what the model allows:
// at once, and of one kind (Each).
func (m Model) Fit(entries []Entry) []Entry {
	plan := []Entry{}
	count := map[Kind]int{}
	for _, e := range entries {
		before := len(plan)
		if e.Fault == nil || count[e.Fault.Kind()] >= m.each() {
			continue
		}
		if plan = m.add(plan, e); len(plan) > before {
			count[e.Fault.Kind()]++
		}
	}
	return plan
}

// GoString is the plan in one line, for logs that print what was drawn by %#v:
// seed 7: pause: {target: n1} at 20ms for 5ms.
func (p Plan) GoString() string {
	list := make([]string, len(p.Faults))
	for i, e := range p.Faults {
		list[i] = e.String()
	}
	what := strings.Join(list, "; ")
	switch {
	case p.Faults == nil:
		what = "faults drawn from the seed"
	case what == "":
		what = "no faults"
	}
	return fmt.Sprintf("seed %d: %s", p.Seed, what)
}
