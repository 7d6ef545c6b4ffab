package scenarios

import (
	"slices"
	"time"

	"distsim/faults"
	"distsim/nodes/twopc"
	"distsim/sim"
)

// twopcScenario is two-phase commit with everything sensible on, under everything
// its fault model allows.
func twopcScenario() *Scenario {
	return &Scenario{
		Name:     "twopc",
		Shows:    "a bank on two-phase commit under everything that it promises to survive",
		Problems: []string{"data-inconsistency", "blocking"},
		Params: append(bankParams("80"),
			Param{Name: "decisions", Kind: Choice, Default: "raft", Words: keepings[:], Help: "who keeps them: one coordinator alone, two, or a Raft group of three"},
			Param{Name: "peers", Kind: Bool, Default: "true", Help: "participants in doubt ask each other too (cooperative termination)"},
			Param{Name: "batch", Default: "1", Min: 1, Max: 100, Help: "transactions that are prepared, saved and answered together"}),
		Declare: func(v Values) Declaration {
			cfg := twopcConfig(v)
			return Declaration{
				Model:      bankModel(cfg.Coordinators + v.Int("participants")),
				Properties: []Declared{{serializable, Holds}, {conserved, Holds}},
				Chaos:      6 * time.Second,
				Quiet:      30 * time.Second,
				Live:       bankLive(v, cfg, wellCoordinators(cfg.Keeping)),
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Build: func(b *Build) {
			addBank(b, twopc.Client{Config: twopcConfig(b.Values), Think: sim.Uniform(0, 40*time.Millisecond)}, 0)
		},
		Judge: judgeBank,
	}
}

// keepings names the ways to keep decisions, as twopc.Keeping counts them.
var keepings = [...]string{"alone", "backup", "raft"}

func twopcConfig(v Values) twopc.Config {
	keeping := twopc.Keeping(slices.Index(keepings[:], v.Choice("decisions")))
	cfg := bankConfig(v, keeping)
	cfg.AskPeers, cfg.Batch = v.Bool("peers"), v.Int("batch")
	return cfg
}

// wellCoordinators is how many coordinators progress needs: of a pair both, as the one
// that is well may be the one that has not joined.
func wellCoordinators(k twopc.Keeping) int { return []int{1, 2, 2}[k] }

// The variants differ in what a participant in doubt can do when the coordinator fails.
// All meet the same failure in the same workload; only twopc-blocking aims at the worst
// moment, so that it blocks in every run.

// twopcBlocking is the plain protocol.
func twopcBlocking() *Scenario {
	s := variant("twopc-blocking", "the coordinator fails between the votes and the decision: prepared participants wait for it, with their locks", blockingVariant)
	s.Twin = "twopc-raft"
	return s
}

// twopcTimeout adds cooperative termination.
func twopcTimeout() *Scenario {
	s := variant("twopc-timeout", "participants in doubt ask each other: who knows tells, but all of them can be uncertain", timeoutVariant)
	s.Twin = "twopc-raft"
	return s
}

// twopcBackup adds a second coordinator.
func twopcBackup() *Scenario {
	s := variant("twopc-backup", "a backup with the same decisions takes over, and fences a coordinator that was only paused", backupVariant)
	s.Twin = "twopc-blocking"
	return s
}

// twopcRaft keeps decisions in a Raft group.
func twopcRaft() *Scenario {
	s := variant("twopc-raft", "decisions in a Raft group: nobody is in doubt for longer than it takes to elect a leader", raftVariant)
	s.Twin = "twopc-blocking"
	return s
}

// twopcVariants compares them.
func twopcVariants() *Scenario {
	s := variant("twopc-variants", "how long anybody is in doubt, and what a transaction costs, for each way to survive the coordinator's failure", blockingVariant)
	s.Twin = "twopc-blocking"
	s.Params = append([]Param{{Name: "variant", Kind: Choice, Default: blockingVariant, Words: variants[:], Help: "what a participant in doubt can do: wait; ask its peers; ask a backup; ask a Raft group; terminate with the others (3pc: crashes are for good, messages in time)"}}, s.Params...)
	s.Vary = &Vary{Param: "variant", Values: variants[:], Seeds: 200, Measures: []string{longestInDoubt, blockedRuns, unanswered, latency, messagesPerTx, syncsPerTx}}
	of := func(f func(string, Values) Declaration) func(Values) Declaration {
		return func(v Values) Declaration { return f(v.Choice("variant"), v) }
	}
	s.Declare = of(declareComparison)
	s.Script = func(v Values, seed uint64) []faults.Entry { return coordinatorFails(v.Choice("variant"), v, seed) }
	s.Build = func(b *Build) { buildVariant(b.Values.Choice("variant"), b) }
	s.Config = func(v Values) sim.Config { return variantWorld(v.Choice("variant")) }
	s.Validate = variantFits
	return s
}

const (
	blockingVariant = "blocking"
	timeoutVariant  = "timeout"
	backupVariant   = "backup"
	raftVariant     = "raft"
	threeVariant    = "3pc" // of twopc-variants only: in a world with bounds, where a crash is for good
)

var variants = [...]string{blockingVariant, timeoutVariant, backupVariant, raftVariant, threeVariant}

// variantFits makes sure that three-phase commit has somebody to agree with.
func variantFits(v Values) error {
	if v.Choice("variant") != threeVariant {
		return nil
	}
	return twoParticipants(v)
}

// declareComparison is declareVariant for a coordinator that fails at any time, for all
// variants alike: then it depends on the time whether anybody is blocked at all. A
// coordinator that is only paused is nothing that three-phase commit has promised to
// survive.
func declareComparison(which string, v Values) Declaration {
	d := declareVariant(which, v)
	switch {
	case which == threeVariant && v.Choice("failure") == "pause":
		d.Properties = nil
		for _, name := range []string{inDoubt, serializable, conserved, "threepc.agreement"} {
			d.Properties = append(d.Properties, Declared{name, Open})
		}
	case d.Promise(inDoubt) == Always:
		d.Properties[0].Promise = Sometimes
	}
	return d
}

func variant(name, shows, which string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"blocking"},
		Params: append(bankParams("160"),
			Param{Name: "failure", Kind: Choice, Default: "crash", Words: []string{"crash", "pause"}, Help: "what becomes of the coordinator"},
			Param{Name: "down", Kind: Duration, Default: "8s", Min: int64(100 * time.Millisecond), Max: int64(time.Minute), Help: "for how long"},
			Param{Name: "bound", Kind: Duration, Default: "4s", Min: int64(time.Second), Max: int64(time.Minute), Help: "how long a participant may be in doubt"}),
		Declare: func(v Values) Declaration { return declareVariant(which, v) },
		Config:  func(Values) sim.Config { return variantWorld(which) },
		Script: func(v Values, seed uint64) []faults.Entry {
			plan := coordinatorFails(which, v, seed)
			if which == blockingVariant {
				plan[0].Moment = worstMoment()
			}
			return plan
		},
		Build: func(b *Build) { buildVariant(which, b) },
		Judge: judgeBank,
	}
}

// variantWorld is the local network, or for three-phase commit one that keeps its bound.
func variantWorld(which string) sim.Config {
	if which == threeVariant {
		return sim.Config{Net: inTime()}
	}
	return sim.Config{Net: lan(), Disk: disks()}
}

func buildVariant(which string, b *Build) {
	if which == threeVariant {
		addThreepc(b, variantThink())
		return
	}
	c := twopc.Client{Config: variantConfig(which, b.Values), Think: variantThink()}
	addBank(b, c, b.Values.Duration("bound"))
}

func variantThink() sim.Dist { return sim.Uniform(20*time.Millisecond, 60*time.Millisecond) }

func variantConfig(which string, v Values) twopc.Config {
	keeping := map[string]twopc.Keeping{backupVariant: twopc.WithBackup, raftVariant: twopc.OnRaft}[which]
	cfg := bankConfig(v, keeping)
	cfg.AskPeers = which != blockingVariant
	return cfg
}

// failsFrom and failsUntil are when the coordinator fails: the clients are busy, and a
// backup has joined.
const (
	failsFrom  = 1500 * time.Millisecond
	failsUntil = 2200 * time.Millisecond
)

func declareVariant(which string, v Values) Declaration {
	return Declaration{
		Model:      faults.Model{Kinds: []faults.Kind{"crash", "pause"}, MaxDown: 1, Most: time.Minute},
		Properties: []Declared{{inDoubt, blocks(which, v)}, {serializable, Holds}, {conserved, Holds}},
		Least:      failsUntil + v.Duration("down") + time.Second,
		Chaos:      70 * time.Second,
		Quiet:      30 * time.Second,
	}
}

// blocks is what is promised about the time in doubt. Without others who know, it lasts
// as long as the failure. With peers it depends on whether one of them knows; a backup
// takes over in little more than 600 ms, and Raft elects a leader in 290 ms or a few times
// that.
func blocks(which string, v Values) Promise {
	down, bound := v.Duration("down"), v.Duration("bound")
	switch waits := which == blockingVariant || which == timeoutVariant; {
	case !waits || down+time.Second < bound:
		return Holds
	case down <= bound+time.Second || v.Int("ops") < 40*v.Int("clients"): // the clients may be done before
		return Open
	case which == blockingVariant && v.Choice("failure") == "crash":
		return Always
	default:
		return Sometimes
	}
}

// worstMoment is when all have voted yes and the decision is not on the disk yet.
func worstMoment() faults.Moment { return faults.Moment{Of: sim.Syncing, Name: "twopc.Commit"} }

// coordinatorFails stops the coordinator while the clients are busy, at a time that is the
// same for all variants; under three-phase commit, for good.
func coordinatorFails(which string, v Values, seed uint64) []faults.Entry {
	at := drawnTime(seed, "coordinator fails", 1, failsFrom, failsUntil)
	e := faults.Entry{Fault: faults.Crash{Target: faults.Aim(faults.Leader)}, At: sim.Time(at), For: v.Duration("down")}
	switch {
	case v.Choice("failure") == "pause":
		e.Fault = faults.Pause{Target: faults.Aim(faults.Leader)}
	case which == threeVariant:
		e.For = 0
	}
	return []faults.Entry{e}
}
