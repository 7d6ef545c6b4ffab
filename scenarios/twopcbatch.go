package scenarios

import (
	"fmt"
	"strconv"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
)

// twopcBatch measures what group prepare and group commit save, in messages and syncs,
// and what they cost in latency. Nothing is lost, nobody is in anybody's way, and every
// transfer concerns all participants: what remains is the protocol's own work.
func twopcBatch() *Scenario {
	return &Scenario{
		Name:     "twopc-batch",
		Shows:    "messages, syncs and latency of a transaction against how many are prepared, decided and saved together, beside the textbook's counts",
		Problems: []string{"blocking"},
		Twin:     "twopc",
		Params: append(defaults(bankParams("640"), Value{"clients", "64"}, Value{"accounts", "192"}, Value{"audits", "0"}),
			Param{Name: "batch", Default: "1", Min: 1, Max: 99, Help: "transactions that are prepared, saved and answered together"},
			Param{Name: "window", Kind: Duration, Default: "2ms", Max: int64(time.Second), Help: "how long one that is not full waits"},
			Param{Name: "retry", Kind: Duration, Default: "1s", Min: int64(time.Millisecond), Max: int64(time.Minute), Help: "after how long without an answer one asks again: too soon, and a queue at a disk is taken for a loss"},
			Param{Name: "latency", Kind: Duration, Default: "1ms", Min: int64(10 * time.Microsecond), Max: int64(20 * time.Millisecond), Help: "of every message"},
			Param{Name: "sync", Kind: Duration, Default: "1ms", Max: int64(20 * time.Millisecond), Help: "of every disk"}),
		Validate: enoughAccounts,
		Declare: func(v Values) Declaration {
			return Declaration{Properties: []Declared{{conserved, Holds}}, Least: seconds(3), Chaos: seconds(600)}
		},
		Config: func(v Values) sim.Config {
			return sim.Config{
				Net:  sim.NetConfig{Latency: sim.Fixed(v.Duration("latency"))},
				Disk: sim.DiskConfig{Sync: sim.Fixed(v.Duration("sync"))},
			}
		},
		Build: func(b *Build) {
			cfg := bankConfig(b.Values, twopc.Alone)
			cfg.Batch, cfg.BatchWindow = b.Values.Int("batch"), b.Values.Duration("window")
			cfg.RetryEvery = b.Values.Duration("retry")
			addBank(b, twopc.Client{Config: cfg, Own: true, Most: 3, Timeout: time.Minute, Think: sim.Uniform(0, 2*b.Values.Duration("latency"))}, 0)
		},
		Vary: &Vary{Param: "batch", Values: []string{"1", "2", "4", "8", "16", "32", "64"}, Seeds: 20,
			Measures: []string{latency, messagesPerTx, syncsPerTx}, Beside: textbook},
		Judge: judgeBank,
	}
}

// enoughAccounts makes sure that each client has one of its own at each participant.
func enoughAccounts(v Values) error {
	if need := v.Int("clients") * v.Int("participants"); v.Int("accounts") < need {
		return fmt.Errorf("accounts=%d: each of %d clients needs one of its own at each of %d participants; want %d or more",
			v.Int("accounts"), v.Int("clients"), v.Int("participants"), need)
	}
	return nil
}

// textbook is what two-phase commit with presumed abort costs for n participants, each
// transaction by itself (Bernstein, Hadzilacos and Goodman 1987, section 7.4, and Mohan,
// Lindsay and Obermarck 1986): prepare, vote, commit and acknowledgement; two forced
// writes at each participant and one at the coordinator.
func textbook(v Values) []Value {
	n := v.Int("participants")
	return []Value{{"4n", strconv.Itoa(4 * n)}, {"2n+1", strconv.Itoa(2*n + 1)}}
}
