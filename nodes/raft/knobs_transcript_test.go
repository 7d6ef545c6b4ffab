package raft_test

import (
	"testing"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
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

// What ReadIndex, PreVote and CheckQuorum change, told as stories.
func TestKnobTranscripts(t *testing.T) {
	preVote := kv.Config{Raft: raft.Config{PreVote: true}}
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
	t.Run("pre-vote", func(t *testing.T) {
		tellOf(t, "pre-vote", 3, preVote, func(w *tale) {
			w.patience[n(1)], w.patience[n(3)] = ms(100), ms(150, 150, 150, 150)
			w.cut("n3 is cut off", 120, 700, []sim.NodeID{n(3)}, []sim.NodeID{n(1), n(2)})
			w.until(800)
		})
	})
	t.Run("pre-vote-one-link", func(t *testing.T) {
		tellOf(t, "pre-vote-one-link", 3, preVote, func(w *tale) {
			w.patience[n(1)], w.patience[n(2)] = ms(100), ms(150, 150, 150, 150)
			w.cut("the link of n1 and n2 is cut", 120, 700, []sim.NodeID{n(1)}, []sim.NodeID{n(2)})
			w.until(800)
		})
	})
	t.Run("check-quorum", func(t *testing.T) {
		cfg := kv.Config{Raft: raft.Config{PreVote: true, CheckQuorum: true}}
		tellOf(t, "check-quorum", 3, cfg, func(w *tale) {
			w.patience[n(1)], w.patience[n(2)], w.patience[n(3)] = ms(100, 150, 150, 150), ms(170, 200, 200), ms(200)
			w.cut("n1 is cut off", 120, 500, []sim.NodeID{n(1)}, []sim.NodeID{n(2), n(3)})
			w.until(600)
		})
	})
	t.Run("check-quorum-stuck", func(t *testing.T) {
		tellOf(t, "check-quorum-stuck", 3, kv.Config{Raft: raft.Config{CheckQuorum: true}}, func(w *tale) {
			w.patience[n(1)], w.patience[n(2)], w.patience[n(3)] = ms(100, 150, 400), ms(170), ms(150, 150, 30, 150)
			w.cut("n3 is cut off", 120, 420, []sim.NodeID{n(3)}, []sim.NodeID{n(1), n(2)})
			w.until(750)
		})
	})
}
