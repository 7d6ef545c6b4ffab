package kv_test

import (
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/simtest"
)

// refuser says that a server leads term 5, and refuses everything.
type refuser struct{ leader sim.NodeID }

func (r refuser) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, ok := m.(*kv.Request); ok {
		env.Reply(env.ReplyTo(), &kv.Reply{Status: kv.Refused, Leader: r.leader, Term: 5})
	}
}

// A leader that refuses, as it leads no more, may have carried out another copy of the
// same request before; anybody else cannot have.
func TestRefusalByALeaderSettlesNothing(t *testing.T) {
	for _, c := range []struct {
		leader sim.NodeID
		want   history.Outcome
	}{{sim.Server(1), history.Unknown}, {sim.Server(2), history.Unknown}, {0, history.Failed}} {
		w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
		for range 2 {
			w.AddServer(func() sim.Node { return refuser{c.leader} })
		}
		w.AddClient(kv.Client{Ops: 1, Deadline: time.Second}.Node)
		w.RunClients(sim.Time(5 * time.Second))
		simtest.History(t, w).WantOutcomes(c.want)
		w.Close()
	}
}
