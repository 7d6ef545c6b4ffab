package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/nodes/raft/quorum"
	"distsim/sim"
)

// raftScenario is a Raft key-value store under everything its fault model
// allows.
func raftScenario() *Scenario {
	s := raftFamily("raft", "a Raft key-value store under everything that Raft promises to survive", knobs)
	s.Problems = []string{"split-brain", "data-inconsistency"}
	s.Params = append(kvParams("5", 1),
		readsParam(kv.FromLog),
		Param{Name: "prevote", Kind: Bool, Default: "false", Help: "a node asks whether it would be elected before it enters a new term"},
		Param{Name: "checkquorum", Kind: Bool, Default: "false", Help: "a leader steps down when no quorum answers, and is not unseated while it is heard"})
	s.Declare = func(v Values) Declaration {
		d := declareRaft(v)
		// Rarely: of 4,000 seeds 18. A client that writes at a deposed leader gets
		// no answer and leaves it. The scenario stale-read shows it better.
		if readsOf(v) == kv.FromMemory {
			d.Properties = []Declared{{linearizable, Open}}
		}
		return d
	}
	return s
}

// knobs are the servers as the parameters of raft want them.
func knobs(v Values) kv.Config {
	return kv.Config{
		Raft:  raft.Config{PreVote: v.Bool("prevote"), CheckQuorum: v.Bool("checkquorum")},
		Reads: readsOf(v),
	}
}

// counting is servers with a quorum rule.
func counting(rule quorum.Rule) func(Values) kv.Config {
	return func(Values) kv.Config { return kv.Config{Raft: raft.Config{Quorum: rule}} }
}

// raftFamily is Raft with some configuration.
func raftFamily(name, shows string, servers func(Values) kv.Config) *Scenario {
	return &Scenario{
		Name:    name,
		Shows:   shows,
		Declare: declareRaft,
		Config: func(Values) sim.Config {
			return sim.Config{Net: lan(), Disk: disks()}
		},
		Build: func(b *Build) {
			cfg := servers(b.Values)
			addServers(b, cfg)
			addNextBuild(b, cfg)
			addKVClients(b, sim.Uniform(0, 40*time.Millisecond))
		},
		Judge: judgeKV,
	}
}

// nextBuild is the build that upgrades go to: it asks before it campaigns and steps
// down when nobody answers, if the first does not, and the other way round. A
// cluster must survive any mixture.
const nextBuild = "v2"

func addNextBuild(b *Build, cfg kv.Config) {
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum = !cfg.Raft.PreVote, !cfg.Raft.CheckQuorum
	for _, id := range b.World.Servers() {
		b.World.AddBuild(id, nextBuild, func() sim.Node { return kv.New(cfg) })
	}
}

// raftModel is what Raft must survive: any minority down, all crash models, a
// bad network, disks that fail and say so, clocks that are wrong in every way,
// machines that are slow, and upgrades.
func raftModel(nodes int) faults.Model {
	return faults.Model{
		Kinds: []faults.Kind{"partition", "partition_one_way", "isolate", "loss", "delay", "duplicate", "reorder", "corrupt",
			"bandwidth", "bridge", "majorities_ring", "hold", "clog", "swizzle_clog", "flap", "filter",
			"crash", "pause", "slow", "upgrade",
			"clock_drift", "clock_step", "clock_offset", "clock_slew", "clock_freeze",
			"sync_fail", "read_error", "disk_full", "disk_stall"},
		MaxDown:      max(1, (nodes-1)/2),
		Servers:      nodes,
		Least:        300 * time.Millisecond,
		Most:         3 * time.Second,
		LossPPM:      300_000,
		DuplicatePPM: 300_000,
		Delay:        200 * time.Millisecond,
		DriftPPM:     50_000,
		Step:         time.Second,
		Offset:       time.Second,
		SlewPPM:      50_000,
		Slow:         30 * time.Millisecond,
		Builds:       []string{sim.FirstBuild, nextBuild},
		CrashModels:  []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepAll, sim.TornTail, sim.KeepSubset},
		Window:       500 * time.Millisecond,
		CorruptPPM:   200_000,
		Bandwidth:    4_000,
		Types:        []string{"raft/raft.Append", "raft/raft.AppendReply", "raft/raft.VoteRequest", "raft/raft.VoteReply"},
		Moments: []faults.Moment{{Of: sim.Syncing}, {Of: sim.Synced}, {Of: sim.Timeout},
			{Of: sim.Syncing, Name: "raft/raft.VoteReply"}, {Of: sim.Synced, Name: "raft/raft.VoteReply"},
			{Of: sim.Syncing, Name: "raft/raft.AppendReply"}, {Of: sim.Synced, Name: "raft/raft.AppendReply"},
			{Of: sim.Timeout, Name: "raft/raft.electionDue"}},
	}
}

func declareRaft(v Values) Declaration {
	return Declaration{
		Model:      raftModel(v.Int("nodes")),
		Properties: []Declared{{linearizable, Holds}},
		Chaos:      6 * time.Second,
		Quiet:      30 * time.Second,
		Live:       kvLive(v.Int("nodes")),
	}
}

// evenCluster is Raft that counts more than half of the others: with four nodes
// two halves can each elect a leader and commit.
func evenCluster() *Scenario {
	s := raftFamily("even-cluster", "four Raft nodes that count half of themselves as a majority: two leaders in one term", counting(quorum.OfOthers))
	s.Problems, s.Twin = []string{"split-brain"}, "even-cluster-majority"
	s.Params = kvParams("4", 1)
	s.Declare = func(v Values) Declaration {
		d := declareRaft(v)
		if v.Int("nodes")%2 == 1 {
			return d // with an odd number, half of the others and oneself are a majority
		}
		d.Properties, d.Live = nil, nil
		for _, name := range []string{linearizable, "raft.one-leader-per-term", "raft.commit-on-disk", "raft.log-matching",
			"raft.leader-completeness", "raft.state-machine-safety", "raft.match-is-true", "panic"} {
			d.Properties = append(d.Properties, Declared{name, Sometimes})
		}
		return d
	}
	return s
}

// evenClusterMajority is its fix: three of four.
func evenClusterMajority() *Scenario {
	s := raftFamily("even-cluster-majority", "the same four nodes with a majority of three: one leader a term", counting(quorum.Size))
	s.Problems, s.Twin = []string{"split-brain"}, "even-cluster"
	s.Params = kvParams("4", 1)
	return s
}
