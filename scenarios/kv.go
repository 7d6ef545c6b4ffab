package scenarios

import (
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/sim"
)

// The key-value scenarios share their workload, network and judge: clients ask
// a replicated store, Porcupine decides whether the answers are those of one.

// linearizable is the property that the store promises.
const linearizable = "linearizable"

// kvParams are the knobs of every key-value scenario.
func kvParams(nodes string, minNodes int64) []Param {
	return []Param{
		{Name: "nodes", Default: nodes, Min: minNodes, Max: 99, Help: "servers"},
		{Name: "clients", Default: "3", Min: 1, Max: 99, Help: "clients, each with one operation at a time"},
		{Name: "keys", Default: "4", Min: 1, Max: 1000, Help: "keys that the clients share"},
		{Name: "ops", Default: "200", Min: 1, Max: 1_000_000, Help: "operations in all, dealt out evenly"},
	}
}

// lan is the network that the key-value scenarios run on: 1 to 10 ms, one
// message in a hundred lost.
func lan() sim.NetConfig {
	return sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000}
}

// disks sync in 0.5 to 3 ms.
func disks() sim.DiskConfig {
	return sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 3*time.Millisecond)}
}

// addKVClients adds the clients of the workload.
func addKVClients(b *Build, think sim.Dist) {
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := kv.Client{
			Ops:      (total + n - 1 - i) / n,
			Keys:     b.Values.Int("keys"),
			Mix:      kv.Mix{Get: 5, Put: 3, Append: 1, Delete: 1, CAS: 1},
			Think:    think,
			Workload: planned(b.Workload),
		}
		b.World.AddClient(c.Node)
	}
}

// planned is a plan's listed workload in the store's terms; nil: drawn.
func planned(w *faults.Workload) []kv.Planned {
	if w == nil {
		return nil
	}
	out := make([]kv.Planned, len(w.Calls))
	for i, c := range w.Calls {
		out[i] = kv.Planned{ID: c.ID, Op: c.Op, At: time.Duration(c.At)}
	}
	return out
}

// judgeKV asks Porcupine whether the history is that of one store.
func judgeKV(_ Values, w *sim.World) ([]checker.Result, error) {
	results, err := checker.Linearizable(w.History(), spec.KV(), 0)
	if err != nil {
		return nil, err
	}
	merged := checker.Merge(results)
	merged.Property = linearizable
	return []checker.Result{merged}, nil
}
