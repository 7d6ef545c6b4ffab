package scenarios

import (
	"fmt"
	"slices"
	"time"

	"distsim/faults"
	"distsim/nodes/threepc"
	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// Three-phase commit buys that nobody is ever blocked with an assumption about time:
// whoever is silent for longer than two messages take is dead. The pair of scenarios
// shows what that is worth, with it and without it. A dead coordinator is not replaced:
// its clients are told nothing any more, and stop.

// threepcScenario is three-phase commit in the world that it needs.
func threepcScenario() *Scenario {
	return &Scenario{
		Name:     "3pc",
		Shows:    "three-phase commit where machines only crash and messages are on time: survivors never block",
		Problems: []string{"blocking"},
		Twin:     "3pc-partition",
		Params:   threepcParams(),
		Validate: twoParticipants,
		Declare: func(v Values) Declaration {
			servers := 1 + v.Int("participants")
			return Declaration{
				Model:      faults.Model{Kinds: []faults.Kind{"crash"}, MaxDown: servers, Servers: servers},
				Properties: []Declared{{inDoubt, Holds}, {serializable, Holds}, {conserved, Holds}},
				Least:      diesUntil + 2*threepcDoubt(v),
				Chaos:      30 * time.Second,
				Quiet:      10 * time.Second,
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: inTime()} },
		Script: deaths,
		Build:  func(b *Build) { addThreepc(b, sim.Uniform(0, 40*time.Millisecond)) },
		Judge:  judgeBank,
	}
}

// threepcPartition is the same bank with one partition.
func threepcPartition() *Scenario {
	return &Scenario{
		Name:     "3pc-partition",
		Shows:    "a partition between two phases: each side takes the other for dead, one commits, one aborts",
		Problems: []string{"data-inconsistency", "split-brain"},
		Twin:     "3pc",
		Params: append(threepcParams(),
			Param{Name: "partition", Kind: Duration, Default: "1s", Min: int64(100 * time.Millisecond), Max: int64(10 * time.Second), Help: "how long the partition lasts"}),
		Validate: twoParticipants,
		Declare: func(v Values) Declaration {
			seen := Sometimes
			if v.Int("ops") < 10*v.Int("participants") { // the vote that the cut waits for may never come
				seen = Open
			}
			return Declaration{
				Model:      faults.Model{Kinds: []faults.Kind{"partition", "isolate"}, Most: 10 * time.Second},
				Properties: []Declared{{"threepc.agreement", seen}, {serializable, seen}, {conserved, seen}},
				Least:      diesUntil + v.Duration("partition") + 2*threepcDoubt(v),
				Chaos:      30 * time.Second,
				Quiet:      10 * time.Second,
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: inTime()} },
		Script: cutBetweenPhases,
		Build:  func(b *Build) { addThreepc(b, sim.Uniform(0, 40*time.Millisecond)) },
		Judge:  judgeBank,
	}
}

// inTime delivers every message, below threepc.Config.Bound, which is 10 ms.
func inTime() sim.NetConfig {
	return sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 9*time.Millisecond)}
}

func threepcParams() (params []Param) {
	for _, p := range bankParams("80") {
		if p.Name != "width" { // transfers are between two
			params = append(params, p)
		}
	}
	return params
}

// twoParticipants makes sure that there is somebody to agree with.
func twoParticipants(v Values) error {
	if v.Int("participants") < 2 {
		return fmt.Errorf("participants=%d: a transfer is between two; want 2 or more", v.Int("participants"))
	}
	return nil
}

func threepcConfig(v Values) threepc.Config {
	return threepc.Config{Accounts: v.Int("accounts"), Initial: initialBalance}
}

func threepcDoubt(v Values) time.Duration { return threepcConfig(v).InDoubt(v.Int("participants")) }

func addThreepc(b *Build, think sim.Dist) {
	v, cfg := b.Values, threepcConfig(b.Values)
	threepc.Add(b.World, cfg, v.Int("participants"))
	b.World.AddInvariant(threepc.Invariants()...)
	n, total, audits := v.Int("clients"), v.Int("ops"), v.Int("audits")
	for i := range n {
		b.World.AddClient(threepc.Client{
			Config: cfg, Ops: (total + n - 1 - i) / n, Think: think,
			Mix: threepc.Mix{Transfer: 10 - audits, Audit: audits},
		}.Node)
	}
	watch := &invariant.InDoubt{CrashStop: true}
	measureBank(b, watch, threepc.Work, threepcDoubt(v))
	measureOrphans(b, watch)
}

// orphaned is for how long participants were in doubt without a coordinator: from its
// death, or their own yes if that was later, to their decision.
const orphaned = "in doubt without coordinator"

func measureOrphans(b *Build, watch *invariant.InDoubt) {
	spells, died := b.Samples(orphaned), sim.Never
	b.World.AddInvariant(sim.Observe(func(w *sim.World, _ sim.NodeID) {
		if died == sim.Never && !w.Up(sim.Server(1)) {
			died = w.Now()
		}
	}))
	ended := watch.Ended
	watch.Ended = func(at sim.NodeID, tx bank.Tx, lasted time.Duration) {
		ended(at, tx, lasted)
		if now := b.World.Now(); died < now {
			spells.Add(min(lasted, time.Duration(now-died)))
		}
	}
}

// diesUntil is until when machines die: the clients are busy.
const diesUntil = 1500 * time.Millisecond

// deaths crashes some machines, for good: a machine that the end of chaos starts again
// stays passive. All of them may die. Half of the plans are successions: the coordinator
// dies between two of its messages, and then one backup after another. The others are
// deaths at any time.
func deaths(v Values, seed uint64) []faults.Entry {
	d, servers := script{seed: seed, what: "death"}, 1+v.Int("participants")
	n := 1 + d.below("how many", 0, servers)
	if d.below("succession", 0, 2) == 1 {
		return d.succession(n, servers)
	}
	return d.scattered(n, servers)
}

// scattered kills so many machines at any time.
func (d script) scattered(n, all int) (plan []faults.Entry) {
	alive := servers(1, all)
	for k := 1; k <= n; k++ {
		i := d.below("who", k, len(alive))
		at := drawnTime(d.seed, "death at", k, 0, diesUntil)
		plan = append(plan, faults.Entry{Fault: faults.Crash{Target: faults.On(alive[i])}, At: sim.Time(at)})
		alive = slices.Delete(alive, i, i+1)
	}
	return plan
}

// succession strikes so many machines in order of their names, each in the step of a
// message that makes a coordinator, or a backup, say something to several: before one of
// these sends.
func (d script) succession(n, servers int) (plan []faults.Entry) {
	other := func(k int) sim.NodeID { // one that has not died before the k-th
		return sim.Server(min(k+1+d.below("voter", k, max(1, servers-k)), servers))
	}
	for k := 1; k <= min(n, servers-1); k++ {
		on := sim.Identity{Subject: sim.OfMessage, Node: other(k), Peer: sim.Server(k), Name: "threepc.Vote", K: 1}
		if k == 1 {
			on.K += uint64(d.below("vote", k, 12))
		} else {
			on.Name = []string{"threepc.StateReply", "threepc.Ack", "threepc.Elect"}[d.below("answer", k, 3)]
		}
		plan = append(plan, faults.Entry{Fault: faults.CrashAt(on.Peer, 1+d.below("effect", k, 3)), After: on})
	}
	return plan
}

// cutBetweenPhases divides the servers just as the coordinator hears a vote. If it was a
// transaction's last, then those on its side will know that all have voted yes, and the
// others will not.
func cutBetweenPhases(v Values, seed uint64) []faults.Entry {
	d := script{seed: seed, what: "cut"}
	n := v.Int("participants")
	voter := sim.Server(2 + d.below("voter", 0, n))
	near, far := []sim.NodeID{sim.Server(1)}, []sim.NodeID{}
	for i := range n {
		if id := sim.Server(2 + i); d.below("side", i, 2) == 0 {
			near = append(near, id)
		} else {
			far = append(far, id)
		}
	}
	if len(far) == 0 {
		near, far = near[:len(near)-1], near[len(near)-1:]
	}
	last := sim.Identity{Subject: sim.OfMessage, Node: voter, Peer: sim.Server(1), Name: "threepc.Vote", K: uint64(1 + d.below("count", 0, 12))}
	return []faults.Entry{{Fault: faults.Partition{Groups: [][]sim.NodeID{near, far}}, After: last, For: v.Duration("partition")}}
}

// script draws what a script does from the seed.
type script struct {
	seed uint64
	what string
}

// below is one of 0 … n−1. Which question it answers, and of what number, is its identity.
func (d script) below(question string, k, n int) int {
	id := sim.Identity{Subject: sim.OfPlanner, Name: d.what + " " + question, K: uint64(k)}
	return int(sim.Draw(d.seed, id) % uint64(n))
}
