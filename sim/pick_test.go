package sim_test

import (
	"testing"
	"time"

	"distsim/sim"
)

func TestPickIsKeyedAndLeavesNoTrace(t *testing.T) {
	id := sim.Identity{Subject: sim.OfPlanner, Name: "isolate", K: 1, Purpose: sim.ForTarget}
	w := sim.New(sim.Config{Seed: 7})
	before := w.Hash()
	first := w.Pick(id, 1000)
	if again := w.Pick(id, 1000); again != first {
		t.Errorf("the same identity picked %d, then %d", first, again)
	}
	id.K = 2
	if other := w.Pick(id, 1000); other == first {
		t.Errorf("two identities both picked %d of 1000", other)
	}
	if w.Hash() != before {
		t.Error("a pick changed the trace hash")
	}
	last := sim.ChooserFunc(func(_ sim.Identity, o sim.Outcomes, _ int64) int64 { return o.N - 1 })
	if got := sim.New(sim.Config{Chooser: last}).Pick(id, 5); got != 4 {
		t.Errorf("the chooser said 4, Pick %d", got)
	}
}

// quietNode's timer takes one effect, where it can be struck.
type quietNode struct{}

func (quietNode) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m {
	case sim.Boot{}:
		env.Arm("due", time.Second)
	case "due":
		env.Cancel("nothing")
	}
}

func TestAStrikeCalledOffNeverHits(t *testing.T) {
	w := sim.New(sim.Config{})
	n := w.AddServer(func() sim.Node { return quietNode{} })
	on := sim.Identity{Subject: sim.OfTimer, Node: n, Name: "string", K: 1}
	callOff := w.StrikeAt(sim.Strike{On: on, Node: n, Effect: 1}, func(_ *sim.World, struck bool) {
		t.Errorf("then was called with struck = %v", struck)
	})
	callOff()
	w.RunUntil(sim.Time(2 * time.Second))
	if !w.Up(n) {
		t.Error("n1 was crashed by a strike that had been called off")
	}
}
