package kv_test

import (
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// cluster is a world of n servers with their invariants, on a network and disks
// that take time.
type cluster struct {
	testing.TB
	*sim.World
	servers []*kv.Server // the running incarnations
}

func lan(seed uint64) sim.Config {
	return sim.Config{
		Seed:        seed,
		Net:         sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond)},
		Disk:        sim.DiskConfig{Sync: sim.Exponential(500*time.Microsecond, time.Millisecond, 20*time.Millisecond)},
		Invariants:  kv.Invariants(),
		FreezeCheck: true,
		Records:     true,
	}
}

func newCluster(t testing.TB, n int, cfg sim.Config) *cluster {
	return newClusterOf(t, n, cfg, kv.Config{})
}

func newClusterOf(t testing.TB, n int, cfg sim.Config, servers kv.Config) *cluster {
	c := &cluster{TB: t, World: sim.New(cfg), servers: make([]*kv.Server, n)}
	for i := range n {
		c.AddServer(func() sim.Node {
			c.servers[i] = kv.New(servers)
			return c.servers[i]
		})
	}
	t.Cleanup(func() {
		c.Close()
		for _, v := range c.Violations() {
			t.Errorf("seed %d: %v\n%s", cfg.Seed, v, v.Stack)
		}
	})
	return c
}

func (c *cluster) run(d time.Duration) { c.RunUntil(c.Now() + sim.Time(d)) }

// leader is the leader of the highest term that is up, 0 if there is none.
func (c *cluster) leader() (id sim.NodeID) {
	var term raft.Term
	for i, s := range c.servers {
		n := sim.Server(i + 1)
		if c.Up(n) && s.Raft().Leads() && s.Raft().Term() > term {
			id, term = n, s.Raft().Term()
		}
	}
	return id
}

func (c *cluster) awaitLeader() sim.NodeID {
	c.Helper()
	for range 100 {
		c.run(50 * time.Millisecond)
		if id := c.leader(); id != 0 {
			return id
		}
	}
	c.Fatal("nobody leads after five seconds")
	return 0
}

// probe puts a value as one more client and reports whether it was answered
// within the time.
func (c *cluster) probe(within time.Duration) bool {
	id := c.AddClient(kv.Client{
		Workload: []kv.Planned{{ID: nextID(c), Op: ops.Op{Kind: ops.Put, Key: "probe"}}},
		Deadline: within,
	}.Node)
	c.RunClients(c.Now() + sim.Time(within) + 1)
	for _, op := range c.History() {
		if op.ID.Client == id.Ordinal() {
			return op.Outcome == okOutcome
		}
	}
	return false
}
