package redlock_test

import (
	"fmt"
	"time"

	"distsim/nodes/lock/redlock"
	"distsim/sim"
)

// Five nodes, and two clients that want one lock.
func Example() {
	w := sim.New(sim.Config{Seed: 1, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	defer w.Close()
	cfg := redlock.Config{TTL: time.Second, Restart: time.Second}
	redlock.Add(w, cfg)
	for range 2 {
		w.AddClient(redlock.Client{Config: cfg, Ops: 1, Hold: sim.Fixed(300 * time.Millisecond)}.Node)
	}
	w.RunClients(sim.Time(time.Minute))
	for _, op := range w.History() {
		fmt.Println(op, "after", (op.ReturnedAt - op.InvokedAt).Round(time.Millisecond))
	}
	// Output:
	// c1#1 acquire(l1,10s) -> granted after 2ms
	// c2#1 acquire(l1,10s) -> granted after 324ms
	// c1#2 release(l1) -> released after 2ms
	// c2#2 release(l1) -> released after 2ms
}
