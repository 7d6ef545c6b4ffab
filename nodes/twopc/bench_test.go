package twopc_test

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
)

// A bank at work, without and with its invariants: ns and allocations for each event, and
// events for each transaction.
//
//	go test ./nodes/twopc -run xxx -bench Bank
func BenchmarkBank(b *testing.B) {
	for _, keeping := range []twopc.Keeping{twopc.Alone, twopc.WithBackup, twopc.OnRaft} {
		for _, judged := range []bool{false, true} {
			b.Run(fmt.Sprintf("keeping=%d/judged=%t", keeping, judged), func(b *testing.B) { benchBank(b, keeping, judged) })
		}
	}
}

func benchBank(b *testing.B, keeping twopc.Keeping, judged bool) {
	const clients, each = 8, 200
	var events uint64
	w := sim.New(sim.Config{})
	b.ReportAllocs()
	for seed := uint64(1); b.Loop(); seed++ {
		w.Reset(lan(seed))
		cfg := twopc.Config{Keeping: keeping, Coordinators: 1 + int(keeping), Accounts: 24, Initial: 100_000}
		for range cfg.Coordinators {
			w.AddServer(cfg.Coordinator)
		}
		for range 3 {
			w.AddServer(cfg.Participant)
		}
		if judged {
			w.AddInvariant(cfg.Invariants()...)
		}
		for range clients {
			w.AddClient(twopc.Client{Config: cfg, Ops: each, Own: true}.Node)
		}
		w.RunClients(sim.Time(time.Hour))
		events += w.Events()
		w.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(events)/float64(b.N)/(clients*each), "events/tx")
}
