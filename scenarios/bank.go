package scenarios

import (
	"fmt"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// The bank scenarios share their workload, network and judge: clients move money
// between accounts that several participants keep, and audit them all.

// conserved is the property that no audit finds money missing, or too much.
const conserved = "money-conserved"

// bankParams are the knobs of every bank scenario.
func bankParams() []Param {
	return []Param{
		{Name: "participants", Default: "3", Min: 1, Max: 20, Help: "servers that keep accounts; accounts are dealt out to them in turn"},
		{Name: "clients", Default: "4", Min: 1, Max: 20, Help: "clients, each with one transaction at a time"},
		{Name: "accounts", Default: "6", Min: 2, Max: 1000, Help: "accounts of the bank, each with 100 at first"},
		{Name: "ops", Default: "80", Min: 1, Max: 100_000, Help: "transactions in all, dealt out evenly"},
		{Name: "audits", Default: "2", Max: 10, Help: "of ten transactions so many read all accounts; the others are transfers"},
		{Name: "width", Default: "3", Min: 2, Max: 20, Help: "accounts in a transfer, at most"},
	}
}

const initialBalance = 100

// addBank adds the servers of a bank under their invariants, and its clients.
func addBank(b *Build, cfg twopc.Config, coordinators int, think sim.Dist) {
	cfg.Coordinators, cfg.Accounts, cfg.Initial = coordinators, b.Values.Int("accounts"), initialBalance
	for range coordinators {
		b.World.AddServer(cfg.Coordinator)
	}
	for range b.Values.Int("participants") {
		b.World.AddServer(cfg.Participant)
	}
	b.World.AddInvariant(cfg.Invariants()...)
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := twopc.Client{
			Config: cfg,
			Ops:    (total + n - 1 - i) / n,
			Audits: b.Values.Int("audits"),
			Width:  b.Values.Int("width"),
			Think:  think,
		}
		b.World.AddClient(c.Node)
	}
	b.Asks(total)
	b.bank = cfg
}

// bankProbe adds a client that audits all accounts.
func bankProbe(b *Build, patience time.Duration) sim.NodeID {
	cfg := b.bank
	return b.World.AddClient(twopc.Client{Config: cfg, Ops: 1, Audits: 10, Deadline: patience}.Node)
}

// judgeBank asks Porcupine whether the history is that of one bank, and whether any
// audit found another sum than there is.
func judgeBank(v Values, w *sim.World) ([]checker.Result, error) {
	return []checker.Result{judgeAudits(v, w.History())}, nil
}

func judgeAudits(v Values, h []history.Op) checker.Result {
	want := int64(v.Int("accounts")) * initialBalance
	for _, op := range h {
		t, s := op.Input.(ops.Transaction), settlement(op)
		if !t.ReadOnly() || len(s.Balances) < v.Int("accounts") {
			continue
		}
		var sum int64
		for _, x := range s.Balances {
			sum += x
		}
		if sum != want {
			return checker.Result{Property: conserved, Verdict: checker.Violated, Ops: []history.Op{op},
				Detail: fmt.Sprintf("%v found %d in all accounts, and there are %d", op.ID, sum, want)}
		}
	}
	return checker.Result{Property: conserved, Verdict: checker.Holds}
}

func settlement(op history.Op) ops.Settlement {
	s, _ := op.Output.(ops.Settlement)
	return s
}

// bankModel is what atomic commitment must survive: any number of machines down,
// all crash models, a bad network, disks that fail and say so, clocks that are wrong
// and machines that are slow.
func bankModel(servers int) faults.Model {
	m := raftModel(servers)
	m.Kinds = []faults.Kind{"partition", "partition_one_way", "isolate", "loss", "delay", "duplicate", "reorder", "corrupt",
		"bandwidth", "bridge", "hold", "clog", "swizzle_clog", "flap", "filter",
		"crash", "pause", "slow",
		"clock_drift", "clock_step", "clock_offset", "clock_slew", "clock_freeze",
		"sync_fail", "read_error", "disk_full", "disk_stall"}
	m.MaxDown = servers
	m.Builds = nil
	m.Types = []string{"twopc.Prepare", "twopc.Vote", "twopc.Commit", "twopc.Abort", "twopc.Ack"}
	m.Moments = []faults.Moment{{Of: sim.Syncing}, {Of: sim.Synced}, {Of: sim.Timeout},
		{Of: sim.Syncing, Name: "twopc.Vote"}, {Of: sim.Synced, Name: "twopc.Vote"},
		{Of: sim.Syncing, Name: "twopc.Commit"}, {Of: sim.Synced, Name: "twopc.Commit"},
		{Of: sim.Syncing, Name: "twopc.Ack"}, {Of: sim.Synced, Name: "twopc.Ack"}}
	return m
}

// bankLive promises that an audit of all accounts is settled while all participants
// and so many of the coordinators are well: that takes that nobody is in doubt any more.
func bankLive(v Values, coordinators, well int) *Liveness {
	participants := servers(coordinators+1, v.Int("participants"))
	return &Liveness{
		Core: []faults.Group{
			{Members: participants, Well: len(participants)},
			{Members: servers(1, coordinators), Well: well},
		},
		Bound: seconds(60),
		Why:   "TODO",
		Probe: bankProbe,
	}
}

// servers are n servers from n(first) on.
func servers(first, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.Server(first + i)
	}
	return ids
}
