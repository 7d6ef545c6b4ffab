package kv_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
	"distsim/sim/simtest"
)

const okOutcome = history.OK

func nextID(c *cluster) history.ID { return history.ID{Client: len(c.Clients()) + 1, N: 1} }

func TestClustersOfAnySizeServe(t *testing.T) {
	for n := 1; n <= 7; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := newCluster(t, n, lan(uint64(n)))
			for range 2 {
				c.AddClient(kv.Client{Ops: 40, Keys: 3, Mix: kv.Mix{Get: 2, Put: 2, Append: 1, Delete: 1, CAS: 1}}.Node)
			}
			c.RunClients(sim.Time(time.Minute))
			simtest.History(t, c.World).OK().Want(80)
		})
	}
}

// A minority of crashed servers does not stop the group, a majority does, and
// when it is back the group goes on with all it had.
func TestMajorityIsEnoughAndNeeded(t *testing.T) {
	for n := 1; n <= 7; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := newCluster(t, n, lan(uint64(n)))
			c.awaitLeader()
			for i := 1; i <= (n-1)/2; i++ {
				c.Crash(sim.Server(i), sim.LoseAll)
			}
			if !c.probe(5 * time.Second) {
				t.Fatalf("%d of %d down: no progress", (n-1)/2, n)
			}
			c.Crash(sim.Server((n+1)/2), sim.LoseAll)
			if n%2 == 0 {
				c.Crash(sim.Server(n/2+1), sim.LoseAll)
			}
			if c.probe(2 * time.Second) {
				t.Fatalf("a minority of %d made progress", n)
			}
			for _, id := range c.Servers() {
				c.Restart(id)
			}
			if !c.probe(5 * time.Second) {
				t.Fatal("no progress after all came back")
			}
		})
	}
}

// A command whose answer was lost is sent again, to the same leader and then to
// the next one, and is applied once.
func TestRetriedCommandAppliesOnce(t *testing.T) {
	c := newCluster(t, 3, lan(1))
	leader := c.awaitLeader()
	client := c.AddClient(kv.Client{Deadline: 10 * time.Second, Workload: []kv.Planned{
		{ID: history.ID{Client: 1, N: 1}, Op: ops.Op{Kind: ops.Get, Key: "k"}},
		{ID: history.ID{Client: 1, N: 2}, Op: ops.Op{Kind: ops.Append, Key: "k", Value: "x"}, At: 2 * time.Second},
		{ID: history.ID{Client: 1, N: 3}, Op: ops.Op{Kind: ops.Get, Key: "k"}},
	}}.Node)
	deaf := sim.LinkRule{From: c.Servers(), To: []sim.NodeID{client}, Cut: true}
	c.At(sim.Time(1900*time.Millisecond), func(w *sim.World) {
		end := w.Disturb(deaf)
		w.At(sim.Time(2900*time.Millisecond), func(w *sim.World) { w.Crash(leader, sim.LoseAll) })
		w.At(sim.Time(4*time.Second), func(*sim.World) { end() })
	})
	c.RunClients(sim.Time(20 * time.Second))
	simtest.History(t, c.World).OK().WantOutputs(ops.Result{}, ops.Result{OK: true}, ops.Result{Value: "x", Found: true})
	log, appends := c.servers[c.leader().Ordinal()-1].Raft().Group("raft"), 0
	for i := uint64(1); i < uint64(c.servers[c.leader().Ordinal()-1].Raft().Next()); i++ {
		if _, command := log.Entry(i); strings.Contains(string(command), "x") {
			appends++
		}
	}
	if appends < 2 {
		t.Errorf("the command stands in the log %d times: nothing was retried", appends)
	}
}

// With nobody to lead, every attempt is refused for good and the operation has
// failed. With a leader that cannot commit it is in doubt, and the client goes on
// as a new process.
func TestOutcomeIsWhatTheClientCanKnow(t *testing.T) {
	c := newCluster(t, 3, lan(3))
	ids := c.Servers()
	apart := sim.LinkRule{Groups: [][]sim.NodeID{ids[:1], ids[1:2], ids[2:]}, Cut: true}
	heal := c.Disturb(apart)
	c.AddClient(kv.Client{Ops: 2, Deadline: time.Second}.Node)
	c.RunClients(sim.Time(5 * time.Second))
	heal()
	c.awaitLeader()
	c.Disturb(apart)
	c.AddClient(kv.Client{Ops: 2, Deadline: time.Second}.Node)
	c.RunClients(c.Now() + sim.Time(5*time.Second))
	simtest.History(t, c.World).WantOutcomes(history.Failed, history.Failed, history.Unknown, history.Unknown)
	if h := c.History(); h[0].Process != h[1].Process || h[2].Process == h[3].Process {
		t.Errorf("processes %d %d, then %d %d: a new one after an unknown outcome only",
			h[0].Process, h[1].Process, h[2].Process, h[3].Process)
	}
}

// Two Raft groups live on the same machines, each in its part: with its own
// leader, file and timers, sharing crashes and disks.
func TestTwoGroupsOnTheSameMachines(t *testing.T) {
	cfg := lan(5)
	cfg.Invariants = append(raft.Invariants("g1"), raft.Invariants("g2")...)
	w := sim.New(cfg)
	defer w.Close()
	hosts := make([]*twoGroups, 3)
	for i := range hosts {
		w.AddServer(func() sim.Node {
			hosts[i] = &twoGroups{}
			return hosts[i]
		})
	}
	for k := range 100 {
		w.RunUntil(sim.Time(k) * sim.Time(100*time.Millisecond))
		if k%20 == 10 {
			w.Crash(sim.Server(1+k/20%3), sim.TornTail)
		}
		if k%20 == 15 {
			w.Restart(sim.Server(1 + k/20%3))
		}
		for i, h := range hosts {
			if w.Up(sim.Server(i + 1)) {
				h.propose(k)
			}
		}
	}
	w.RunUntil(w.Now() + sim.Time(2*time.Second))
	for _, v := range w.Violations() {
		t.Errorf("%v\n%s", v, v.Stack)
	}
	for g := range 2 {
		for i, h := range hosts {
			if n := h.stores[g].Len(); n < 50 {
				t.Errorf("group %d on n%d has %d keys", g+1, i+1, n)
			}
			if h.stores[g].Hash() != hosts[0].stores[g].Hash() {
				t.Errorf("group %d: n%d differs from n1", g+1, i+1)
			}
		}
	}
}
