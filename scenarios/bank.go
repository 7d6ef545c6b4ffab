package scenarios

import (
	"fmt"
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/faults"
	"distsim/nodes/twopc"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// The bank scenarios share their workload, network and judge: clients move money
// between accounts that several participants keep, and audit them all.

// The properties of a bank that its clients can see, and how long anybody is in doubt.
const (
	serializable = "strictly-serializable" // its answers are those of transactions one at a time
	conserved    = "money-conserved"       // no audit finds money missing, or too much
	inDoubt      = "in-doubt-bounded"      // no participant is in doubt for longer than the parameter bound
)

// The figures that are taken of every run.
const (
	timeInDoubt    = "in doubt"
	longestInDoubt = "longest in doubt"
	latency        = "latency"
	messagesPerTx  = "messages per transaction"
	syncsPerTx     = "syncs per transaction"
	blockedRuns    = "runs blocked" // in which somebody was in doubt for longer than the bound
	unanswered     = "unanswered"   // of all transactions
)

// bankParams are the knobs of every bank scenario.
func bankParams(ops string) []Param {
	return []Param{
		{Name: "participants", Default: "3", Min: 1, Max: 20, Help: "servers that keep accounts; accounts are dealt out to them in turn"},
		{Name: "clients", Default: "4", Min: 1, Max: 99, Help: "clients, each with one transaction at a time"},
		{Name: "accounts", Default: "6", Min: 2, Max: 1000, Help: "accounts of the bank, each with 100 at first"},
		{Name: "ops", Default: ops, Min: 1, Max: 100_000, Help: "transactions in all, dealt out evenly"},
		{Name: "audits", Default: "2", Max: 10, Help: "of ten transactions so many read all accounts; the others are transfers"},
		{Name: "width", Default: "3", Min: 2, Max: 20, Help: "accounts in a transfer, at most"},
	}
}

const initialBalance = 100

// bankConfig is a bank of the parameters' size.
func bankConfig(v Values, keeping twopc.Keeping) twopc.Config {
	return twopc.Config{
		Keeping: keeping, Coordinators: coordinators(keeping), AskPeers: true,
		Accounts: v.Int("accounts"), Initial: initialBalance,
	}
}

// coordinators is how many there are.
func coordinators(k twopc.Keeping) int { return 1 + int(k) }

// addBank adds the servers of a bank under their invariants, clients as the template
// says, and the measures. Participants that are in doubt for longer than a bound that is
// not 0 violate in-doubt-bounded.
func addBank(b *Build, template twopc.Client, bound time.Duration) {
	cfg := template.Config
	for range cfg.Coordinators {
		b.World.AddServer(cfg.Coordinator)
	}
	for range b.Values.Int("participants") {
		b.World.AddServer(cfg.Participant)
	}
	b.World.AddInvariant(cfg.Invariants()...)
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := template
		c.Ops, c.Audits, c.Width = (total+n-1-i)/n, b.Values.Int("audits"), b.Values.Int("width")
		b.World.AddClient(c.Node)
	}
	b.Asks(total)
	measureBank(b, &invariant.InDoubt{}, twopc.Work, bound)
}

// measureBank takes the figures; work is what a message between servers counts for.
func measureBank(b *Build, watch *invariant.InDoubt, work func(sim.Message) int, bound time.Duration) {
	w := b.World
	var longest time.Duration
	b.Measure(longestInDoubt, func() (time.Duration, bool) {
		for _, d := range watch.Open() {
			longest = max(longest, time.Duration(w.Now()-d.Since))
		}
		return longest, true
	})
	spells := b.Samples(timeInDoubt)
	watch.Ended = func(_ sim.NodeID, _ twopc.Tx, lasted time.Duration) {
		longest = max(longest, lasted)
		spells.Add(lasted)
	}
	messages := 0
	w.AddInvariant(watch.Watch(), sim.ObserveSends(func(_ *sim.World, from, to sim.NodeID, m sim.Message) {
		if from.IsServer() && to.IsServer() {
			messages += work(m)
		}
	}))
	if bound > 0 {
		w.AddInvariant(watch.Within(inDoubt, bound))
		b.Ratio(blockedRuns, func() (num, den int64) {
			for _, v := range w.Violations() {
				if v.Property == inDoubt {
					return 1, 1
				}
			}
			return 0, 1
		})
	}
	b.Ratio(unanswered, func() (num, den int64) {
		n := history.Count(w.History())
		return int64(n.Unknown), int64(n.Ops)
	})
	b.SamplesOf(latency, func(add func(time.Duration)) {
		for _, op := range w.History() {
			if op.Outcome == history.OK {
				add(op.ReturnedAt - op.InvokedAt)
			}
		}
	})
	b.Ratio(messagesPerTx, func() (num, den int64) { return int64(messages), committed(w) })
	b.Ratio(syncsPerTx, func() (num, den int64) { return syncs(w), committed(w) })
}

// committed counts the transactions that have.
func committed(w *sim.World) (n int64) {
	for _, op := range w.History() {
		if len(settlement(op).Balances) > 0 {
			n++
		}
	}
	return n
}

func syncs(w *sim.World) (n int64) {
	for _, id := range w.Servers() {
		n += int64(w.Syncs(id))
	}
	return n
}

// bankLive promises that an audit of all accounts is settled while all participants
// and so many of the coordinators are well: that takes that nobody is in doubt any more.
//
// The bound: somebody coordinates within 270 s. (Raft: of 930 elections, every 290 ms at
// most, each succeeds with a chance of 0.1/3 or more, see kvLive, and all fail with one below
// 1e-13; the pair needs far less: whoever is silent for 600 ms claims an epoch, and a round
// of claims takes 30 ms.) Then every transaction in doubt is asked about every 100 ms and decided when a
// question and its answer both get through; the audit is the oldest of all, so whatever is
// in its way and undecided is wounded, and each of its own rounds takes at most 600 ms. A
// round of six servers has at most 30 messages, each lost with a chance of 1 %: it
// succeeds with one of 0.7 or more, and 40 rounds, 24 s, fail all with one below 1e-20.
func bankLive(v Values, cfg twopc.Config, well int) *Liveness {
	n := cfg.Coordinators
	participants := servers(n+1, v.Int("participants"))
	return &Liveness{
		Core:  []faults.Group{{Members: participants, Well: len(participants)}, {Members: servers(1, n), Well: well}},
		Bound: seconds(300),
		Why:   "elections as for Raft, and 40 rounds of 600 ms of which each succeeds with a chance of 0.7 or more; false alarm below 1e-9",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			return b.World.AddClient(twopc.Client{Config: cfg, Ops: 1, Audits: 10, Deadline: patience}.Node)
		},
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

// judgeBank asks Porcupine whether the history is that of one bank, and whether any
// audit found another sum than there is.
func judgeBank(v Values, w *sim.World) ([]checker.Result, error) {
	names := twopc.AccountNames(v.Int("accounts"))
	results, err := checker.Linearizable(w.History(), spec.Bank(names, initialBalance), 0)
	if err != nil {
		return nil, err
	}
	merged := checker.Merge(results)
	merged.Property = serializable
	return []checker.Result{merged, judgeAudits(v, w.History())}, nil
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
