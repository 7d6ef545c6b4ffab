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

// readsParam is how gets are answered.
func readsParam(mode kv.Reads) Param {
	return Param{Name: "reads", Kind: Choice, Default: mode.String(), Words: kv.ReadsNames(),
		Help: "how gets are answered: through the log, by read index, or from the leader's memory"}
}

// readsOf is the value of the parameter reads.
func readsOf(v Values) kv.Reads {
	mode, _ := kv.ParseReads(v.Choice("reads"))
	return mode
}

// addServers adds servers of the replicated store, under the invariants of their
// Raft group.
func addServers(b *Build, cfg kv.Config) {
	for range b.Values.Int("nodes") {
		b.World.AddServer(func() sim.Node { return kv.New(cfg) })
	}
	b.World.AddInvariant(kv.Invariants()...)
}

// addKVClients adds the clients of the workload, with writes of every kind.
func addKVClients(b *Build, think sim.Dist) {
	addClients(b, think, kv.Mix{Get: 5, Put: 3, Append: 1, Delete: 1, CAS: 1})
}

func addClients(b *Build, think sim.Dist, mix kv.Mix) {
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := kv.Client{
			Ops:      (total + n - 1 - i) / n,
			Keys:     b.Values.Int("keys"),
			Mix:      mix,
			Think:    think,
			Workload: planned(b.Workload),
		}
		b.World.AddClient(c.Node)
	}
	if b.Workload != nil {
		total = len(b.Workload.Calls)
	}
	b.Asks(total)
}

// kvLive promises that a core of a majority answers one write. Groups of more than
// nine are left out: with the timing of the paper their elections split too often
// for a bound.
//
// The bound: somebody of the core stands for election at least every 290 ms. It wins,
// and its first heartbeats arrive, unless another of the core stands in the 68 ms
// before that (a round of questions before the vote, with PreVote, a round of votes and
// the heartbeat: five messages of 10 ms and their syncs of 3 ms, and slack), or a
// message of the round is lost (at most 24 of 1 %). With k servers in the core a round
// succeeds with a chance of (1 − 68/140)ᵏ · 0.78 or more: 0.1 for three, 0.028 for five,
// if it is one whose log is up to date; at least every k-th is. So 1,000 rounds, 290 s,
// fail all with a chance below (1 − 0.1/3)¹⁰⁰⁰ < 1e-14 for five servers. For nine it
// takes 3,800, 1,100 s. The client needs at most 300 ms for each server that does not
// answer, and as much again for what the network loses: 6 s. Runs need about 2 s in
// fact (TestSweepProgressBound).
func kvLive(nodes int) *Liveness {
	if nodes > 9 {
		return nil
	}
	bound := seconds(300)
	if nodes > 5 {
		bound = seconds(1200)
	}
	return &Liveness{Core: faults.AnyOf(nodes/2 + 1), Bound: bound, Probe: kvProbe,
		Why: "1,000 elections of 290 ms, each of which succeeds with a chance of 0.1/3 or more (nine servers: 3,800 of 0.028/5), and 6 s for the client to find the leader; false alarm below 1e-9"}
}

// kvProbe adds a client that writes once.
func kvProbe(b *Build, patience time.Duration) sim.NodeID {
	c := kv.Client{Ops: 1, Keys: b.Values.Int("keys"), Mix: kv.Mix{Put: 1}, Deadline: patience}
	return b.World.AddClient(c.Node)
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
