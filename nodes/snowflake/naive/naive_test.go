package naive_test

import (
	"testing"
	"time"

	"distsim/nodes/snowflake"
	"distsim/nodes/snowflake/invariant"
	"distsim/nodes/snowflake/naive"
	"distsim/sim"
)

const ms = time.Millisecond

// As long as no millisecond is full and the clock only goes forward, nothing is wrong, and
// that is why it is copied. Each of the mistakes by itself makes it repeat an id.
func TestEachMistakeRepeatsAnID(t *testing.T) {
	n1 := sim.Server(1)
	for what, c := range map[string]struct {
		batch    int
		mishap   func(w *sim.World)
		violated bool
	}{
		"nothing": {4000, func(*sim.World) {}, false},
		"a restart that takes longer than the clock is set back": {10, func(w *sim.World) {
			w.Crash(n1, sim.LoseAll)
			w.StepWall(n1, -5*ms)
			w.RunUntil(w.Now() + sim.Time(6*ms))
			w.Restart(n1)
		}, false},
		"a full millisecond":     {4097, func(*sim.World) {}, true},
		"a clock that goes back": {10, func(w *sim.World) { w.StepWall(n1, -50*ms) }, true},
		"a restart with a clock that has gone back": {10, func(w *sim.World) {
			w.Crash(n1, sim.LoseAll)
			w.StepWall(n1, -50*ms)
			w.Restart(n1)
		}, true},
	} {
		w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}})
		w.AddServer(naive.New(snowflake.Worker{Number: 1}))
		w.AddInvariant(invariant.All(invariant.System{Epoch: sim.WallEpoch})...)
		w.AddClient(snowflake.Client{Ops: 100, Batch: c.batch, Timeout: 5 * ms}.Node)
		w.RunUntil(sim.Time(100*ms + ms/2))
		c.mishap(w)
		w.RunUntil(sim.Time(200 * ms))
		found := map[string]bool{}
		for _, v := range w.Violations() {
			found[v.Property] = true
		}
		if got := found["snowflake.unique"]; got != c.violated || found["snowflake.fields"] || found["snowflake.positive"] {
			t.Errorf("%s: %v, want an id twice: %t", what, w.Violations(), c.violated)
		}
		w.Close()
	}
}
