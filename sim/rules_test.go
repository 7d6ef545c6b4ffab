package sim_test

import (
	"testing"
	"time"

	"distsim/sim"
)

type chat struct{ arrived []sim.Time }

func (n *chat) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case sim.Boot:
		if env.ID() == sim.Server(1) {
			for range 20 {
				env.Send(sim.Server(2), "hello")
			}
		}
	case string:
		n.arrived = append(n.arrived, sim.Time(env.Elapsed()))
	}
}

// Two delays overlap. Taking one away leaves what the other draws as it was,
// since rules with names draw by their names.
func TestNamedDelaysAreIndependent(t *testing.T) {
	const constant = 10 * time.Millisecond
	arrivals := func(both bool) []sim.Time {
		w := sim.New(sim.Config{Seed: 3})
		defer w.Close()
		receiver := &chat{}
		w.AddServer(func() sim.Node { return &chat{} })
		w.AddServer(func() sim.Node { return receiver })
		if both {
			w.Disturb(sim.LinkRule{Name: "constant", Delay: sim.Fixed(constant)})
		}
		w.Disturb(sim.LinkRule{Name: "drawn", Delay: sim.Uniform(0, time.Second)})
		w.RunUntil(sim.Time(2 * time.Second))
		return receiver.arrived
	}
	with, without := arrivals(true), arrivals(false)
	if len(with) != 20 || len(without) != 20 {
		t.Fatalf("%d and %d messages arrived, want 20 each", len(with), len(without))
	}
	for i := range with {
		if with[i]-without[i] != sim.Time(constant) {
			t.Errorf("message %d: %v with the constant delay, %v without; want %v apart", i, with[i], without[i], constant)
		}
	}
}

func TestDirectoryIsNoFileName(t *testing.T) {
	w := sim.New(sim.Config{})
	defer w.Close()
	w.AddServer(func() sim.Node { return opener("directory") })
	w.RunUntil(0)
	if v := w.Violations(); len(v) != 1 || v[0].Property != "panic" {
		t.Errorf("opening a file called directory: got %v, want a panic", v)
	}
}

type opener string

func (o opener) Step(env *sim.Env, _ sim.NodeID, _ sim.Message) { env.File(string(o)) }
