package kv_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history"
)

// The sweep runs random faults over clusters of every size. While they last,
// the invariants must hold and the history stay linearizable; when they are
// over, a write must go through.
func TestSweep(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 40
	}
	sweepAll(t, seeds, plain)
}

// The same with reads by index, PreVote and CheckQuorum, each on or off by the
// seed.
func TestSweepKnobs(t *testing.T) {
	seeds := 100
	switch {
	case testing.Short():
		seeds = 20
	case os.Getenv("DISTSIM_SWEEP") != "":
		seeds = 2000
	}
	sweepAll(t, seeds, knobs)
}

func sweepAll(t *testing.T, seeds int, set func(*nemesis) kv.Config) {
	var total history.Counts
	reached := 0
	for seed := 1; seed <= seeds && !t.Failed(); seed++ {
		c := sweep(t, uint64(seed), set)
		n := history.Count(c.History())
		total.OK, total.Failed, total.Unknown = total.OK+n.OK, total.Failed+n.Failed, total.Unknown+n.Unknown
		reached += int(c.servers[0].Raft().Term())
	}
	t.Logf("%d seeds: %+v, %d terms", seeds, total, reached)
	if total.OK < 100*seeds/2 || total.Unknown == 0 || reached < 4*seeds {
		t.Errorf("the sweep is too calm: %+v, %d terms", total, reached)
	}
}

// plain draws what a group may choose freely.
func plain(n *nemesis) kv.Config {
	return kv.Config{Raft: raft.Config{
		MaxBatch:        []int{1, 2, 64}[n.draw(3)],
		ElectionTimeout: sim.Uniform(150*time.Millisecond, []time.Duration{160, 290}[n.draw(2)]*time.Millisecond),
	}}
}

// knobs draws the rest too, with reads by index three times in four.
func knobs(n *nemesis) kv.Config {
	cfg := plain(n)
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum = n.draw(3) > 0, n.draw(3) > 0
	if n.draw(4) > 0 {
		cfg.Reads = kv.ByIndex
	}
	return cfg
}

func sweep(t *testing.T, seed uint64, set func(*nemesis) kv.Config) *cluster {
	n := nemesis{seed: seed}
	cfg := lan(seed)
	cfg.Records, cfg.FreezeCheck = false, seed%8 == 0
	cfg.Net.Loss = uint32(n.draw(3) * 20_000)
	cfg.Net.Duplicate = uint32(n.draw(3) * 20_000)
	size := 1 + n.draw(7)
	n.cluster = newClusterOf(t, size, cfg, set(&n))
	for range 3 {
		n.AddClient(kv.Client{
			Ops: 60, Keys: 2, Mix: kv.Mix{Get: 3, Put: 3, Append: 1, Delete: 1, CAS: 2},
			Deadline: time.Second, Think: sim.Uniform(0, 60*time.Millisecond),
		}.Node)
	}
	for n.Now() < sim.Time(8*time.Second) {
		n.act()
		n.run(time.Duration(50+n.draw(400)) * time.Millisecond)
	}
	n.peace()
	if !n.probe(5 * time.Second) {
		t.Errorf("seed %d: no write goes through after the faults", seed)
	}
	n.RunClients(n.Now() + sim.Time(20*time.Second))
	judge(t, seed, n.cluster)
	return n.cluster
}

func judge(t *testing.T, seed uint64, c *cluster) {
	results, err := checker.Linearizable(c.History(), spec.KV(), 0)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for _, r := range results {
		if r.Verdict != checker.Holds {
			t.Errorf("seed %d: key %s: %v: %s", seed, r.Key, r.Verdict, r.Detail)
		}
	}
}

// nemesis breaks things at random: its draws are a function of the seed.
type nemesis struct {
	*cluster
	seed, k uint64
	ends    []func()
}

func (n *nemesis) draw(of int) int {
	n.k++
	return int(sim.Draw(n.seed, sim.Identity{Subject: sim.OfPlanner, Name: "sweep", K: n.k}) % uint64(of))
}

// victim is the leader half of the time, else anyone.
func (n *nemesis) victim() sim.NodeID {
	if id := n.leader(); id != 0 && n.draw(2) == 0 {
		return id
	}
	return sim.Server(1 + n.draw(len(n.servers)))
}

// act begins or ends one fault.
func (n *nemesis) act() {
	id := n.victim()
	switch n.draw(10) {
	case 0:
		n.Crash(id, sim.CrashModel(n.draw(4)))
	case 1:
		n.crashDirty()
	case 2, 3, 4:
		n.Restart(sim.Server(1 + n.draw(len(n.servers))))
	case 5:
		n.disturb(sim.LinkRule{Groups: n.split(), Cut: true})
	case 6:
		n.disturb(sim.LinkRule{From: []sim.NodeID{id}, Cut: true})
	case 7:
		n.disturb(sim.LinkRule{To: []sim.NodeID{id}, Delay: sim.Uniform(0, 200*time.Millisecond), Duplicate: 100_000})
	case 8:
		n.Pause(id)
		n.After(sim.Time(n.draw(600))*sim.Time(time.Millisecond), func(w *sim.World) { w.Resume(id) })
	case 9:
		n.Drift(id, int64(n.draw(400_000)-200_000))
	}
	if len(n.ends) > 0 && n.draw(5) == 0 {
		n.heal()
	}
}

// crashDirty crashes the first server that has something to lose.
func (n *nemesis) crashDirty() {
	for range 1000 {
		n.run(50 * time.Microsecond)
		for _, id := range n.Servers() {
			if n.Up(id) && n.Dirty(id) {
				n.Crash(id, sim.CrashModel(n.draw(4)))
				return
			}
		}
	}
}

func (n *nemesis) disturb(r sim.LinkRule) { n.ends = append(n.ends, n.Disturb(r)) }

func (n *nemesis) heal() {
	for _, end := range n.ends {
		end()
	}
	n.ends = nil
}

// split puts every server into one of two groups.
func (n *nemesis) split() [][]sim.NodeID {
	groups := make([][]sim.NodeID, 2)
	for _, id := range n.Servers() {
		g := n.draw(2)
		groups[g] = append(groups[g], id)
	}
	return groups
}

func (n *nemesis) peace() {
	n.heal()
	for _, id := range n.Servers() {
		n.Restart(id)
		n.Resume(id)
		n.Drift(id, 0)
	}
	n.run(time.Second)
}

// The same seed gives the same run, in every detail.
func TestSweepIsDeterministic(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		a, b := sweep(t, seed, knobs), sweep(t, seed, knobs)
		if a.Hash() != b.Hash() || a.Trace().Len != b.Trace().Len {
			t.Errorf("seed %d: two runs differ: %x and %x", seed, a.Hash(), b.Hash())
		}
		if fmt.Sprint(a.History()) != fmt.Sprint(b.History()) {
			t.Errorf("seed %d: two histories", seed)
		}
	}
}
