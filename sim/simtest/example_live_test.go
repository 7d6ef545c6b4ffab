package simtest_test

import (
	"fmt"
	"time"

	"distsim/sim"
	"distsim/sim/simtest"
)

// A service of three servers: one that is asked answers at once, or, if it is shy, only
// what n1 tells it.
type (
	whoLeads struct{}
	leads    struct{}
	desk     struct{ shy bool }
)

func (d desk) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, asked := m.(whoLeads); asked && (!d.shy || env.ID() == n1) {
		env.Reply(env.ReplyTo(), leads{})
	}
}

func desks(shy bool) func(w *sim.World) {
	return func(w *sim.World) {
		for range 3 {
			w.AddServer(func() sim.Node { return desk{shy} })
		}
	}
}

// enquire goes from desk to desk until one answers: the life of a fresh client.
func enquire(p *sim.Proc) {
	op := p.Invoke(p.NextOp(), "who leads?")
	for i := 0; ; i++ {
		if _, ok := sim.Call[leads](p, p.Servers()[i%3], whoLeads{}, 50*time.Millisecond); ok {
			op.OK("n1")
			return
		}
	}
}

// A promise of progress: with any two of the three servers well, and the third crashed,
// paused or cut off for good, a fresh client is answered within two seconds.
func ExampleLive() {
	cfg := simtest.Config{
		Net:   sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Chaos: time.Second, // without clients all of it passes
		Live:  &simtest.Live{Servers: 2, Bound: 2 * time.Second, Probe: enquire},
	}
	for _, shy := range []bool{false, true} {
		for seed := uint64(1); seed <= 3; seed++ {
			fmt.Printf("shy %t, %v\n", shy, simtest.Try(cfg, seed, desks(shy)))
		}
	}
	// Output:
	// shy false, seed 1: holds
	// shy false, seed 2: holds
	// shy false, seed 3: holds
	// shy true, seed 1: holds
	// shy true, seed 2: holds
	// shy true, seed 3: progress stalled at 3s: n2, n3 are well, and 2s after faults have stopped no operation has been answered
}

// An invariant is asked after every event, about the node that it touched. It may look
// at whatever that node shows.
func Example_invariant() {
	cfg := simtest.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}, Chaos: 100 * time.Millisecond, Quiet: time.Millisecond}
	fmt.Println(simtest.Try(cfg, 1, func(w *sim.World) {
		w.AddServer(func() sim.Node { return &heart{} })
		w.AddServer(func() sim.Node { return &heart{} })
		w.AddClient(sim.Go(asks))
		w.AddInvariant(sim.Assert("hears-little", func(w *sim.World, node sim.NodeID) error {
			heard, shows := w.ViewOf(node).Get("heard")
			if shows && heard.Int > 4 {
				return fmt.Errorf("%v has heard %d beats", node, heard.Int)
			}
			return nil
		}))
	}))
	// Output:
	// seed 1: hears-little violated at 51ms: n2 has heard 5 beats
}
