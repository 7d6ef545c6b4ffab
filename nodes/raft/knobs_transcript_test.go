package raft_test

import (
	"testing"

	"distsim/nodes/kv"
	"distsim/sim"
)

// cut cuts links from one time to another.
func (w *tale) cut(what string, fromMS, toMS int, groups ...[]sim.NodeID) {
	w.until(fromMS)
	begin := w.FaultBegins(what)
	heal := w.Disturb(sim.LinkRule{Groups: groups, Cut: true})
	w.until(toMS)
	heal()
	w.FaultEnds(begin, "the cut heals")
}

// What ReadIndex changes, told as a story.
func TestKnobTranscripts(t *testing.T) {
	t.Run("read-index", func(t *testing.T) {
		tellOf(t, "read-index", 3, kv.Config{Reads: kv.ByIndex}, func(w *tale) {
			w.patience[n(1)], w.patience[n(2)] = ms(100), ms(130)
			w.puts(1, 120)
			w.gets(2, 140)
			w.puts(1, 300)
			w.gets(1, 165)
			w.cut("n1 is cut off from n2 and n3, but not from the clients", 160, 400, []sim.NodeID{n(1)}, []sim.NodeID{n(2), n(3)})
			w.until(470)
		})
	})
}
