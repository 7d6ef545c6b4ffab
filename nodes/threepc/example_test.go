package threepc_test

import (
	"fmt"
	"time"

	"distsim/nodes/threepc"
	"distsim/sim"
)

// A coordinator, three participants and a client that is answered until the coordinator
// dies.
func Example() {
	w := sim.New(sim.Config{Seed: 2, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	defer w.Close()
	cfg := threepc.Config{Bound: 2 * time.Millisecond}
	threepc.Add(w, cfg, 3)
	w.AddClient(threepc.Client{Config: cfg, Ops: 10}.Node)
	w.At(sim.Time(15*time.Millisecond), func(w *sim.World) { w.Crash(sim.Server(1), sim.LoseAll) })
	w.RunClients(sim.Time(time.Second))
	for _, op := range w.History() {
		fmt.Println(op)
	}
	// Output:
	// c1#1 transfer(a4-16,a6+16) -> [84 116]
	// c1#2 transfer(a3-14,a4+14) -> [86 98]
	// c1#3 transfer(a5-7,a1+7) -> unknown
}
