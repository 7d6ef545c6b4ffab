package threepc

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

// tell keeps a short run in words in testdata/threepc, and returns what is wrong with it.
func tell(t *testing.T, name string, story func(w *town)) error {
	w := newTown(settings{latency: sim.Fixed(time.Millisecond), participants: 3}, testConfig)
	defer w.Close()
	w.asks(0, transfer)
	story(w)
	var got bytes.Buffer
	if err := transcript.Prose(&got, w.Trace(), transcript.Options{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "threepc/"+name+".txt", got.Bytes())
	return w.check()
}

func (t *town) until(ms int) { t.RunUntil(sim.Time(ms) * millisecond) }

// The coordinator comes to know that all have voted yes by the vote of n4.
var lastVote = sim.Identity{Subject: sim.OfMessage, Node: n(4), Peer: n(1), Name: "threepc.Vote", K: 1}

func TestThreePhaseTranscripts(t *testing.T) {
	t.Run("commit", func(t *testing.T) {
		if err := tell(t, "commit", func(w *town) { w.until(50) }); err != nil {
			t.Error(err)
		}
	})
	t.Run("coordinator-crash", func(t *testing.T) {
		err := tell(t, "coordinator-crash", func(w *town) {
			between := sim.Strike{On: lastVote, Node: n(1), Effect: 2, Model: sim.LoseAll}
			between.Begins = func(*sim.World) { w.dies(n(1)) }
			w.StrikeAt(between, nil)
			w.until(200)
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("partition", func(t *testing.T) {
		err := tell(t, "partition", func(w *town) {
			w.When(lastVote, func(*sim.World) {
				w.FaultBegins("partition n1,n2 | n3,n4")
				w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4)}}, Cut: true})
			})
			w.until(200)
		})
		if err == nil || !strings.HasPrefix(err.Error(), "split: ") {
			t.Errorf("after the partition: %v, want a split", err)
		}
	})
}
