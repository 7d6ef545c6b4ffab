package scenarios

import (
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
)

// twopcScenario is two-phase commit with everything sensible on, under everything
// its fault model allows.
func twopcScenario() *Scenario {
	return &Scenario{
		Name:     "twopc",
		Shows:    "a bank on two-phase commit under everything that it promises to survive",
		Problems: []string{"blocking", "data-inconsistency"},
		Params: append(bankParams(),
			Param{Name: "decisions", Kind: Choice, Default: "raft", Words: []string{"alone", "backup", "raft"}, Help: "who keeps them: one coordinator, two, or a Raft group of three"},
			Param{Name: "peers", Kind: Bool, Default: "true", Help: "participants in doubt ask each other too (cooperative termination)"},
			Param{Name: "batch", Default: "1", Min: 1, Max: 100, Help: "transactions that are prepared together"}),
		Declare: func(v Values) Declaration {
			n := coordinatorsOf(v)
			return Declaration{
				Model:      bankModel(n + v.Int("participants")),
				Properties: []Declared{{conserved, Holds}},
				Chaos:      6 * time.Second,
				Quiet:      30 * time.Second,
				Live:       bankLive(v, n, map[int]int{1: 1, 2: 2, 3: 2}[n]),
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Build: func(b *Build) {
			cfg := twopc.Config{Keeping: keepingOf(b.Values), AskPeers: b.Values.Bool("peers"), Batch: b.Values.Int("batch")}
			addBank(b, cfg, coordinatorsOf(b.Values), sim.Uniform(0, 40*time.Millisecond))
		},
		Judge: judgeBank,
	}
}

func keepingOf(v Values) twopc.Keeping {
	return map[string]twopc.Keeping{"alone": twopc.Alone, "backup": twopc.WithBackup, "raft": twopc.OnRaft}[v.Choice("decisions")]
}

func coordinatorsOf(v Values) int { return 1 + int(keepingOf(v)) }
