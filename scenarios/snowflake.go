package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/snowflake"
	"distsim/sim"
	"distsim/sim/history"
)

// The snowflake scenarios share their workload and their measures: clients ask
// generators for batches of ids, and invariants judge ids as they leave.

// The properties of ids that scenarios declare something about; all others must hold.
const (
	idsUnique     = "snowflake.unique"     // no id leaves twice
	idsIncreasing = "snowflake.increasing" // of one generator, the later the larger
)

// The figures that are taken of runs.
const (
	refused    = "refused"            // of all batches
	heldBack   = "held for the clock" // how long those requests were that were held while it was behind
	untilIDs   = "until it has ids"   // how long a batch that was given took
	perSecond  = "ids per second"     // of a generator that always has something to do
	ofCapacity = "of 4,096,000"       // the same, of the most that there can be
)

// idParams are the knobs of every snowflake scenario; each has its own defaults.
func idParams(nodes, clients, ops, batch string) []Param {
	return []Param{
		{Name: "nodes", Default: nodes, Min: 1, Max: 31, Help: "generators"},
		{Name: "clients", Default: clients, Min: 1, Max: 99, Help: "clients, each with one batch at a time"},
		{Name: "ops", Default: ops, Min: 1, Max: 100_000, Help: "batches in all, dealt out evenly"},
		{Name: "batch", Default: batch, Min: 1, Max: 1_000_000, Help: "ids in a batch; a millisecond has 4,096"},
	}
}

// policyParams say what becomes of a clock that is behind.
func policyParams() []Param {
	return []Param{
		{Name: "policy", Kind: Choice, Default: "wait", Words: policies[:], Help: "what a generator does while its clock is behind its last id: answer with an error, or hold requests"},
		{Name: "patience", Kind: Duration, Default: "2s", Min: int64(time.Millisecond), Max: int64(time.Minute), Help: "policy=wait: how long a request is held at most"},
	}
}

// policies names them, as snowflake.Policy counts them.
var policies = [...]string{snowflake.Refuse: "refuse", snowflake.Wait: "wait"}

// idConfig is generators as the parameters want them. Their epoch is an hour old, so that
// a clock that goes back does not come before it.
func idConfig(v Values) snowflake.Config {
	c := snowflake.Config{Epoch: sim.WallEpoch - int64(time.Hour), Patience: v.Duration("patience")}
	if v.Choice("policy") == policies[snowflake.Wait] {
		c.Policy = snowflake.Wait
	}
	return c
}

// addGenerators adds generators, each with a worker id of its own, under their
// invariants.
func addGenerators(b *Build, cfg snowflake.Config) {
	for i := range b.Values.Int("nodes") {
		b.World.AddServer(cfg.Server(ownWorker(i + 1)))
	}
	b.World.AddInvariant(cfg.Invariants()...)
}

// ownWorker is the worker id of the n-th generator.
func ownWorker(n int) snowflake.Worker { return snowflake.Worker{Number: uint8(n)} }

// addIDClients adds clients as the template says, and what is measured of them.
func addIDClients(b *Build, template snowflake.Client) {
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := template
		c.Ops, c.Batch = (total+n-1-i)/n, b.Values.Int("batch")
		b.World.AddClient(c.Node)
	}
	b.Asks(total)
	measureBatches(b, n)
}

// measureBatches takes how the first n clients, which are not the one that probes the
// core, fared.
func measureBatches(b *Build, n int) {
	w := b.World
	b.SamplesOf(untilIDs, func(add func(time.Duration)) {
		for _, op := range w.History() {
			if op.ID.Client <= n && op.Outcome == history.OK {
				add(op.ReturnedAt - op.InvokedAt)
			}
		}
	})
	spells := b.Samples(heldBack)
	w.AddInvariant(sim.ObserveSends(func(_ *sim.World, _, to sim.NodeID, m sim.Message) {
		if r, ok := m.(*snowflake.Reply); ok && r.Waited > 0 && to.Ordinal() <= n {
			spells.Add(r.Waited)
		}
	}))
	b.Ratio(refused, func() (num, den int64) {
		for _, op := range w.History() {
			if op.ID.Client <= n {
				den++
				if op.Outcome == history.Failed {
					num++
				}
			}
		}
		return num, den
	})
}

// idThink leaves gaps: of many clients some wait in vain for a generator that is down, and
// the others go on asking.
func idThink() sim.Dist { return sim.Uniform(0, 400*time.Millisecond) }

// calm is a world in which only faults lose anything: a client that waits for its timeout
// asks for no ids.
func calm(Values) sim.Config {
	return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond)}, Disk: disks()}
}

// idModel is what generators must survive: all of them down, all crash models, a bad
// network, disks that fail and say so, and clocks that are wrong in every way.
func idModel(nodes int) faults.Model {
	m := raftModel(nodes)
	m.Kinds = []faults.Kind{"partition", "partition_one_way", "isolate", "loss", "delay", "duplicate", "reorder", "corrupt",
		"hold", "clog", "flap", "crash", "pause", "slow",
		"clock_drift", "clock_step", "clock_offset", "clock_slew", "clock_freeze",
		"sync_fail", "read_error", "disk_full", "disk_stall"}
	m.MaxDown, m.Each = nodes, 1 // of each kind: a generator that is never asked shows nothing
	m.Step, m.Offset = idStep, idStep
	m.Types, m.Builds = nil, nil
	m.Moments = []faults.Moment{{Of: sim.Syncing}, {Of: sim.Synced}, {Of: sim.Timeout}}
	return m
}

// idStep is how far a clock is set back at most.
const idStep = 2 * time.Second

// drawnBeside adds to a script, on even chances, what the seed would have drawn within the
// model, as far as that goes together. The other half of the runs shows what the script is
// about, undisturbed.
func drawnBeside(script []faults.Entry, m faults.Model, nodes int, seed uint64, chaos time.Duration) []faults.Entry {
	if len(script) > 0 && drawnBelow(seed, "beside the script", 2) == 0 {
		return script
	}
	w := sim.New(sim.Config{Seed: seed})
	defer w.Close()
	for range nodes {
		w.AddServer(sim.Go(func(*sim.Proc) {}))
	}
	for _, e := range faults.Draw(m, w, chaos) {
		if more := append(script[:len(script):len(script)], e); m.Check(more) == nil {
			script = more
		}
	}
	return script
}

// idLive promises that a fresh client gets an id while one generator is well. Its clock
// is behind what it has shown by 16 s at most, as plans are drawn: three steps back and
// four offsets, one of them drawn by its kind and three aimed, of 2 s each, and 1 s of the
// mark, are 15 s. From then on nothing is lost and nothing is drawn: of the generators,
// which the client asks in turn, one answers in the first round.
func idLive(v Values) *Liveness {
	cfg := idConfig(v)
	timeout := cfg.Patience + time.Second
	return &Liveness{
		Core:  faults.AnyOf(1),
		Bound: seconds(16) + 2*time.Duration(v.Int("nodes"))*timeout,
		Why:   "the clock catches up with what it has shown in 15 s, and two rounds of attempts at all generators; nothing is left to chance, so there is no false alarm",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			return b.World.AddClient(snowflake.Client{Ops: 1, Timeout: timeout, Deadline: patience}.Node)
		},
	}
}
