package lock_test

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// A lock service at work, without and with its invariants: ns and allocations for each
// event, and events for each grant, a release included. Eight users wait for one lock each,
// or all for the same.
//
//	go test ./nodes/lock -run xxx -bench Locks
func BenchmarkLocks(b *testing.B) {
	for _, locks := range []int{8, 1} {
		for _, judged := range []bool{false, true} {
			b.Run(fmt.Sprintf("locks=%d/judged=%t", locks, judged), func(b *testing.B) { benchLocks(b, locks, judged) })
		}
	}
}

func benchLocks(b *testing.B, locks int, judged bool) {
	const clients, each = 8, 200
	var events uint64
	w := sim.New(sim.Config{})
	b.ReportAllocs()
	for seed := uint64(1); b.Loop(); seed++ {
		w.Reset(sim.Config{Seed: seed,
			Net:  sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond)},
			Disk: sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 3*time.Millisecond)}})
		cfg := lock.Config{}
		for range 3 {
			w.AddServer(cfg.Server)
		}
		if judged {
			w.AddInvariant(lock.Invariants(invariant.System{})...)
		}
		for range clients {
			w.AddClient(lock.Client{Config: cfg, Ops: each, Locks: locks, Wait: sim.Fixed(time.Hour), Work: sim.Fixed(time.Millisecond), Pieces: 1}.Node)
		}
		w.RunClients(sim.Time(time.Hour))
		events += w.Events()
		w.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(events)/float64(b.N)/(clients*each), "events/grant")
}
