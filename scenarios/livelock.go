package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
)

// The livelock family is Raft's elections alone (§5.2, §9.3 of the paper): no
// faults, equal latencies, equal disks. All servers start at the same instant.

// livelock gives every server the same constant election timeout.
func livelock() *Scenario {
	s := elections("livelock", "equal constant election timeouts: every server stands for election, votes for itself, and no leader ever comes of it",
		"livelock-randomized", "0s")
	return s
}

// livelockRandomized is the paper's remedy.
func livelockRandomized() *Scenario {
	return elections("livelock-randomized", "election timeouts drawn from 150 ms to 300 ms: a leader soon; how soon, over many seeds",
		"livelock", "150ms")
}

// livelockSpread measures the remedy: figure 16 of the paper.
func livelockSpread() *Scenario {
	s := elections("livelock-spread", "time to the first leader against the width of the randomisation, over 200 seeds each",
		"livelock", "150ms")
	s.Vary = &Vary{Param: "spread", Values: []string{"0s", "500us", "25ms", "50ms", "100ms", "150ms", "300ms"}, Seeds: 200, Measures: []string{firstLeader}}
	return s
}

const firstLeader = "first leader"

// elections is a cluster that has nothing to do but elect a leader.
func elections(name, shows, twin, spread string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"livelock"},
		Twin:     twin,
		Params:   electionParams(spread),
		Declare:  declareElections,
		Config: func(v Values) sim.Config {
			return sim.Config{
				Net:  sim.NetConfig{Latency: sim.Fixed(v.Duration("latency"))},
				Disk: sim.DiskConfig{Sync: sim.Fixed(electionSync)},
			}
		},
		Script: func(Values, uint64) []faults.Entry { return []faults.Entry{} },
		Build: func(b *Build) {
			least := b.Values.Duration("timeout")
			cfg := raft.Config{ElectionTimeout: sim.Uniform(least, least+b.Values.Duration("spread"))}
			for range b.Values.Int("nodes") {
				b.World.AddServer(func() sim.Node { return kv.NewServer(cfg) })
			}
			b.World.AddInvariant(kv.Invariants()...)
			b.MeasureFirst(firstLeader, leads)
		},
		Judge: judgeKV,
	}
}

// electionSync is how long a server takes to save its vote; a new log and its name
// take two.
const electionSync = time.Millisecond

func electionParams(spread string) []Param {
	return []Param{
		{Name: "nodes", Default: "5", Min: 2, Max: 9, Help: "servers"},
		{Name: "timeout", Kind: Duration, Default: "150ms", Min: int64(60 * time.Millisecond), Max: int64(time.Second), Help: "shortest election timeout"},
		{Name: "spread", Kind: Duration, Default: spread, Max: int64(time.Second), Help: "how far election timeouts lie apart at most"},
		{Name: "latency", Kind: Duration, Default: "5ms", Min: int64(100 * time.Microsecond), Max: int64(20 * time.Millisecond), Help: "of every message"},
		{Name: "keys", Default: "1", Min: 1, Max: 1, Help: "keys of the store"},
	}
}

func leads(w *sim.World, node sim.NodeID) bool {
	s, ok := w.Node(node).(*kv.Server)
	return ok && s.Raft() != nil && s.Raft().Leads()
}

// declareElections knows two extremes. When timeouts are equal, everybody has voted
// for himself before he hears of anybody else, in every round: no leader, ever.
// When they differ by more than four times what a request for a vote takes, nobody
// else stands within a request of the first with a chance of (1 − 1/4)ⁿ or more,
// 0.075 for nine servers, and all of 300 rounds come to nothing with one below 1e-10;
// the client needs a second at most to find the leader. In between nothing is
// promised: every server adds up what it draws, so that in the end they drift apart,
// but a difference of less than a request may take longer to do so than the bound.
func declareElections(v Values) Declaration {
	request := v.Duration("latency") + electionSync
	bound := 300*(v.Duration("timeout")+v.Duration("spread")) + time.Second
	d := Declaration{Live: &Liveness{Core: faults.AnyOf(v.Int("nodes")), Bound: bound, Probe: kvProbe,
		Why: "300 elections, each of which succeeds with a chance of 0.075 or more, and a second for the client; false alarm below 1e-9"}}
	promise := Open
	switch spread := v.Duration("spread"); {
	case spread == 0:
		promise = Always
	case spread > 4*request:
		promise = Holds
	}
	d.Properties = []Declared{{progress, promise}, {linearizable, Holds}}
	return d
}
