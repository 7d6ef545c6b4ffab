package twopc_test

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history"
)

func lan(seed uint64) sim.Config {
	return sim.Config{
		Seed: seed,
		Net:  sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000},
		Disk: sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 3*time.Millisecond)},
	}
}

// cluster is a bank under test.
type cluster struct {
	*sim.World
	cfg     twopc.Config
	servers []sim.NodeID
}

func newCluster(t *testing.T, cfg twopc.Config, coordinators, participants int, world sim.Config) *cluster {
	cfg.Coordinators = coordinators
	c := &cluster{World: sim.New(world), cfg: cfg}
	for range coordinators {
		c.AddServer(cfg.Coordinator)
	}
	for range participants {
		c.AddServer(cfg.Participant)
	}
	c.AddInvariant(cfg.Invariants()...)
	t.Cleanup(c.Close)
	return c
}

func TestCalm(t *testing.T) {
	for _, keeping := range []twopc.Keeping{twopc.Alone, twopc.WithBackup, twopc.OnRaft} {
		for seed := uint64(1); seed <= 20; seed++ {
			cfg := twopc.Config{Keeping: keeping, AskPeers: true}
			c := newCluster(t, cfg, 1+int(keeping), 3, lan(seed))
			cfg.Coordinators = 1 + int(keeping)
			for range 4 {
				c.AddClient(twopc.Client{Config: cfg, Ops: 20, Audits: 2, Width: 3}.Node)
			}
			c.RunClients(sim.Time(60 * time.Second))
			for _, v := range c.Violations() {
				t.Errorf("%v seed %d: %v", keeping, seed, v)
			}
			n := history.Count(c.History())
			if seed < 4 {
				fmt.Println(keeping, seed, c.Now(), n, c.Reached())
			}
			if !c.ClientsDone() || n.OK < 70 {
				t.Errorf("%v seed %d: %v", keeping, seed, n)
			}
		}
	}
}
