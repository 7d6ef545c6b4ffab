package redlock

import (
	"bytes"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

// tell keeps a short run in words in testdata/redlock.
func tell(t *testing.T, name string, violations int, story func(w town)) {
	w := newTown(2, quiet(), testConfig)
	defer w.Close()
	story(w)
	w.violated(t, violations)
	var got bytes.Buffer
	if err := transcript.Prose(&got, w.Trace(), transcript.Options{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "redlock/"+name+".txt", got.Bytes())
}

// thinking is a client that asks at an instant, and works so long.
func thinking(at, hold time.Duration) Client {
	c := holding(hold)
	c.Think = sim.Fixed(at)
	return c
}

// far lets what clients say to nodes take longer.
func (t town) far(clients, nodes []sim.NodeID) {
	t.Disturb(sim.LinkRule{From: clients, To: nodes, Delay: sim.Fixed(3 * ms)})
}

func TestRedlockTranscripts(t *testing.T) {
	t.Run("acquire", func(t *testing.T) {
		tell(t, "acquire", 0, func(w town) {
			w.AddClient(thinking(ms, 20*ms).Node)
			w.until(50 * ms)
		})
	})
	// Each of two rivals is nearer to two nodes, and a third answers neither.
	t.Run("split-vote", func(t *testing.T) {
		tell(t, "split-vote", 0, func(w town) {
			w.AddClient(thinking(ms, 20*ms).Node)
			w.AddClient(thinking(ms, 20*ms).Node)
			w.at(0, func(w *sim.World) { w.Crash(n(5), sim.LoseAll) })
			w.far([]sim.NodeID{c(1)}, []sim.NodeID{n(3), n(4)})
			w.far([]sim.NodeID{c(2)}, []sim.NodeID{n(1), n(2)})
			w.until(140 * ms)
		})
	})
	// c1 has the lock from n1, n2 and n3 alone. The clock of n3 steps forward, and c2 gets
	// it from n3, n4 and n5.
	t.Run("clock-step", func(t *testing.T) {
		tell(t, "clock-step", 1, func(w town) {
			w.AddClient(thinking(ms, 150*ms).Node)
			w.AddClient(thinking(60*ms, 20*ms).Node)
			heal := w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{c(1), c(2)}, {n(4), n(5)}}, Cut: true})
			w.at(40*ms, func(*sim.World) { heal() })
			w.at(50*ms, func(w *sim.World) { w.StepWall(n(3), time.Second) })
			w.until(180 * ms)
		})
	})
	// The same with n3 back without its keys, but it keeps out of it.
	t.Run("delayed-restart", func(t *testing.T) {
		tell(t, "delayed-restart", 0, func(w town) {
			w.AddClient(thinking(ms, 100*ms).Node)
			w.AddClient(thinking(85*ms, 20*ms).Node)
			heal := w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{c(1), c(2)}, {n(4), n(5)}}, Cut: true})
			w.at(40*ms, func(w *sim.World) { heal(); w.Crash(n(3), sim.LoseAll) })
			w.at(50*ms, func(w *sim.World) { w.Restart(n(3)) })
			w.until(260 * ms)
		})
	})
}
