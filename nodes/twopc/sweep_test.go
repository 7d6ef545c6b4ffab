package twopc_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history"
)

// The sweep runs random faults over every way to keep decisions, with and without
// cooperative termination and batches. While they last the invariants must hold; when
// they are over, an audit must be settled, nobody may be in doubt, and what is on the
// disks must be what the clients were told.
func TestSweep(t *testing.T) {
	seeds := 5
	switch {
	case testing.Short():
		seeds = 2
	case os.Getenv("DISTSIM_SWEEP") != "":
		seeds = 200
	}
	for _, cfg := range shapes() {
		t.Run(nameOf(cfg), func(t *testing.T) {
			var total history.Counts
			reached := map[string]int{}
			for seed := 1; seed <= seeds && !t.Failed(); seed++ {
				c := sweep(t, uint64(seed), cfg)
				n := history.Count(c.History())
				total.OK, total.Failed, total.Unknown = total.OK+n.OK, total.Failed+n.Failed, total.Unknown+n.Unknown
				for what, n := range c.Reached() {
					reached[what] += n
				}
			}
			t.Logf("%d seeds: %+v, %v", seeds, total, reached)
			if total.OK < 40*seeds || total.Failed+total.Unknown < seeds || reached["active"] < 2*seeds || reached["wounded"] < seeds {
				t.Errorf("%d seeds are too calm or too wild: %+v, %v", seeds, total, reached)
			}
		})
	}
}

// shapes are the configurations worth sweeping.
func shapes() (all []twopc.Config) {
	for _, keeping := range []twopc.Keeping{twopc.Alone, twopc.WithBackup, twopc.OnRaft} {
		for _, ask := range []bool{false, true} {
			for _, batch := range []int{1, 4} {
				all = append(all, twopc.Config{Keeping: keeping, AskPeers: ask, Batch: batch})
			}
		}
	}
	return all
}

func nameOf(cfg twopc.Config) string {
	name := [...]string{"alone", "backup", "raft"}[cfg.Keeping]
	if cfg.AskPeers {
		name += "-peers"
	}
	return fmt.Sprintf("%s-batch%d", name, cfg.Batch)
}

// sweep is one run: chaos, peace, an audit.
func sweep(t *testing.T, seed uint64, cfg twopc.Config) *cluster {
	n := nemesis{seed: seed}
	world := lan(seed)
	world.FreezeCheck = seed%4 == 0
	world.Net.Loss, world.Net.Duplicate = uint32(n.draw(3)*20_000), uint32(n.draw(3)*20_000)
	n.cluster = newCluster(t, cfg, 1+int(cfg.Keeping), 2+n.draw(3), world)
	for range 3 {
		n.AddClient(twopc.Client{Config: n.cfg, Ops: 25, Audits: 1, Width: 3, Deadline: time.Second,
			Think: sim.Uniform(0, 200*time.Millisecond)}.Node)
	}
	for n.Now() < sim.Time(4*time.Second) {
		n.act()
		n.run(time.Duration(20+n.draw(300)) * time.Millisecond)
	}
	n.peace()
	n.RunClients(n.Now() + sim.Time(20*time.Second))
	probe := len(n.History())
	n.AddClient(twopc.Client{Config: n.cfg, Ops: 1, Audits: 10, Deadline: 20 * time.Second}.Node)
	n.RunClients(n.Now() + sim.Time(30*time.Second))
	n.run(2 * time.Second) // the last acknowledgements
	for _, v := range n.Violations() {
		t.Errorf("seed %d: %v\n%s", seed, v, v.Stack)
	}
	if h := n.History(); len(h) != probe+1 || h[probe].Outcome != history.OK {
		t.Errorf("seed %d: no audit goes through after the faults: %v", seed, h[probe:])
	}
	n.judge(t, fmt.Sprintf("seed %d", seed))
	return n.cluster
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

// victim is a coordinator half of the time, else any server.
func (n *nemesis) victim() sim.NodeID {
	if n.draw(2) == 0 {
		return sim.Server(1 + n.draw(n.cfg.Coordinators))
	}
	return sim.Server(1 + n.draw(n.ServerCount()))
}

// act begins or ends one fault.
func (n *nemesis) act() {
	id := n.victim()
	switch n.draw(14) {
	case 0:
		n.Crash(id, sim.CrashModel(n.draw(5)))
	case 1:
		n.crashDirty()
	case 2, 3, 4:
		n.Restart(sim.Server(1 + n.draw(n.ServerCount())))
	case 5:
		n.disturb(sim.LinkRule{Groups: n.split(), Cut: true})
	case 6:
		n.disturb(sim.LinkRule{From: []sim.NodeID{id}, Cut: true})
	case 7:
		n.disturb(sim.LinkRule{To: []sim.NodeID{id}, Delay: sim.Uniform(0, 300*time.Millisecond), Duplicate: 100_000})
	case 8, 9:
		n.Pause(id)
		n.After(sim.Time(n.draw(1200))*sim.Time(time.Millisecond), func(w *sim.World) { w.Resume(id) })
	case 10:
		n.disturb(sim.LinkRule{From: []sim.NodeID{id}, Hold: true})
	case 11:
		n.ends = append(n.ends, n.DisturbDisk(id, sim.DiskRule{SyncFail: 200_000}))
	case 12:
		n.ends = append(n.ends, n.DisturbDisk(id, sim.DiskRule{Stall: true}))
	case 13:
		n.Drift(id, int64(n.draw(400_000)-200_000))
	}
	if len(n.ends) > 0 && n.draw(3) == 0 {
		n.heal()
	}
}

// crashDirty crashes the first server that has something to lose.
func (n *nemesis) crashDirty() {
	for range 1000 {
		n.run(50 * time.Microsecond)
		for _, id := range n.Servers() {
			if n.Up(id) && n.Dirty(id) {
				n.Crash(id, sim.CrashModel(n.draw(5)))
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

// split puts every machine into one of two groups.
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
}

// The same seed gives the same run, in every detail.
func TestSweepIsDeterministic(t *testing.T) {
	for _, cfg := range shapes() {
		a, b := sweep(t, 3, cfg), sweep(t, 3, cfg)
		if a.Hash() != b.Hash() || a.Trace().Len != b.Trace().Len {
			t.Errorf("%s: two runs differ: %x and %x", nameOf(cfg), a.Hash(), b.Hash())
		}
		if fmt.Sprint(a.History()) != fmt.Sprint(b.History()) {
			t.Errorf("%s: two histories", nameOf(cfg))
		}
	}
}
