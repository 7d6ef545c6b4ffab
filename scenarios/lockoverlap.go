package scenarios

import (
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// overlap is for how long two were in a critical section at the same time.
const overlap = "overlap"

// measureOverlap takes every spell in which two clients were in the section of one lock.
func measureOverlap(b *Build) {
	any := int64(0)
	b.Ratio(twoHolders, func() (num, den int64) { return any, 1 })
	spells := b.Samples(overlap)
	since := map[string]sim.Time{}
	b.World.AddInvariant(sim.Observe(func(w *sim.World, node sim.NodeID) {
		if !node.IsClient() {
			return
		}
		held := inSections(w)
		for name, n := range held { //simlint:allow maprange each lock by itself
			if _, running := since[name]; n > 1 && !running {
				since[name], any = w.Now(), 1
			}
		}
		for name, from := range since { //simlint:allow maprange each lock by itself
			if held[name] < 2 {
				spells.Add(time.Duration(w.Now() - from))
				delete(since, name)
			}
		}
	}))
}

// inSections counts who is in the critical section of each lock.
func inSections(w *sim.World) map[string]int {
	held := map[string]int{}
	for _, id := range w.Clients() {
		if p, ok := w.Node(id).(invariant.Process); ok {
			if s, in := p.Section(); in {
				held[s.Lock]++
			}
		}
	}
	return held
}
