package raft_test

import (
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
)

// elect counts its elections and its depositions, and must lead in between.
type elect struct {
	t                *testing.T
	node             *raft.Node
	elected, deposed int
}

func (e *elect) Applied(*raft.Entry, any) {}

func (e *elect) Elected() {
	e.elected++
	if !e.node.Leads() || e.elected != e.deposed+1 {
		e.t.Errorf("elected for the %dth time after %d depositions, leads: %v", e.elected, e.deposed, e.node.Leads())
	}
}

func (e *elect) Deposed() {
	e.deposed++
	if e.node.Leads() || e.elected != e.deposed {
		e.t.Errorf("deposed for the %dth time after %d elections, leads: %v", e.deposed, e.elected, e.node.Leads())
	}
}

// Every reign begins with Elected and ends with Deposed.
func TestElectedOpensEveryReign(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1, Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)}})
	defer w.Close()
	var owners []*elect
	for range 3 {
		w.AddServer(func() sim.Node {
			e := &elect{t: t}
			e.node = raft.New(raft.Config{}, kv.NewStore(), e)
			owners = append(owners, e)
			return e.node
		})
	}
	for i := range 6 { // whoever leads is paused for long enough to be replaced
		w.RunUntil(w.Now() + sim.Time(time.Second))
		for _, id := range w.Servers() {
			if n := w.Node(id).(*raft.Node); n.Leads() {
				w.Pause(id)
				w.After(sim.Time(800*time.Millisecond), func(w *sim.World) { w.Resume(id) })
			}
		}
		w.RunUntil(w.Now() + sim.Time(time.Duration(1+i)*time.Millisecond))
	}
	w.RunUntil(w.Now() + sim.Time(2*time.Second))
	elections, depositions := 0, 0
	for _, e := range owners {
		elections, depositions = elections+e.elected, depositions+e.deposed
	}
	if elections < 5 || depositions != elections-1 {
		t.Errorf("%d elections and %d depositions in all, want 5 or more and one fewer", elections, depositions)
	}
}
