package kv_test

import (
	"strings"
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
	"distsim/sim/simtest"
)

// scripted is a cluster without latency in which a test decides who campaigns
// and which messages are lost.
type scripted struct {
	*cluster
	campaigner sim.NodeID // only servers booted while they have this name campaign
	lost       func(id sim.Identity) bool
}

func newScripted(t *testing.T, n int, first sim.NodeID) *scripted {
	s := &scripted{campaigner: first, lost: func(sim.Identity) bool { return false }}
	s.cluster = &cluster{TB: t, servers: make([]*kv.Server, n)}
	s.World = sim.New(sim.Config{
		Disk:       sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)},
		Invariants: kv.Invariants(),
		Chooser: sim.ChooserFunc(func(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
			if id.Subject == sim.OfMessage && id.Purpose == sim.ForLoss && s.lost(id) {
				return 1
			}
			return drawn
		}),
	})
	for i := range n {
		s.AddServer(func() sim.Node {
			cfg := raft.Config{MaxBatch: 1, ElectionTimeout: sim.Fixed(time.Hour)}
			if sim.Server(i+1) == s.campaigner {
				cfg.ElectionTimeout = sim.Fixed(100 * time.Millisecond)
			}
			s.servers[i] = kv.NewServer(cfg)
			return s.servers[i]
		})
	}
	t.Cleanup(func() {
		s.Close()
		for _, v := range s.Violations() {
			t.Errorf("%v\n%s", v, v.Stack)
		}
	})
	return s
}

func (s *scripted) raft(i int) *raft.Node { return s.servers[i-1].Raft() }

func (s *scripted) field(i int, name string) string {
	f, _ := s.ViewOf(sim.Server(i)).Get(name)
	return f.Value()
}

// reboot crashes a server and boots it again as the one who campaigns.
func (s *scripted) reboot(i int) {
	s.campaigner = sim.Server(i)
	s.Crash(sim.Server(i), sim.LoseAll)
	s.Restart(sim.Server(i))
}

func put(n int, key string) []byte {
	return kv.Command(&kv.Request{Process: 1, N: n, Op: ops.Op{Kind: ops.Put, Key: key, Value: "x"}})
}

func isAppend(id sim.Identity) bool { return strings.HasSuffix(id.Name, "raft.Append") }

// Figure 8 of the paper: an entry of an earlier term that is on a majority can
// still be overwritten, so counting must not commit it (§5.4.2).
func TestFigure8(t *testing.T) {
	s := newScripted(t, 5, sim.Server(1))
	s.run(200 * time.Millisecond)

	// (a) n1 leads term 1 and replicates entry 2 to n2 only.
	s.lost = func(id sim.Identity) bool { return isAppend(id) && id.Peer != sim.Server(2) }
	s.raft(1).Propose(put(1, "fig8"))
	s.run(20 * time.Millisecond)
	s.Crash(sim.Server(1), sim.LoseAll)

	// (b) n5 leads term 2 with votes of n3 and n4, and writes another entry 2.
	s.lost = isAppend
	s.reboot(5)
	s.run(150 * time.Millisecond)
	if !s.raft(5).Leads() || s.field(5, "log.last") != "2" {
		t.Fatalf("n5 does not lead: %v", s.ViewOf(sim.Server(5)))
	}
	s.Crash(sim.Server(5), sim.LoseAll)

	// (c) n1 leads again and brings its entry 2, but none of its new term, to n3:
	// with n2 and itself a majority has it, and n1 knows.
	s.lost = func(id sim.Identity) bool { return isAppend(id) && id.Peer > sim.Server(3) }
	s.reboot(1)
	for s.field(3, "log.last") != "2" {
		s.run(100 * time.Microsecond)
		if s.Now() > sim.Time(5*time.Second) {
			t.Fatal("n3 never has entry 2")
		}
	}
	s.lost = isAppend
	s.run(20 * time.Millisecond)
	n1 := s.raft(1).Group("raft")
	if n1.Match(sim.Server(2)) < 2 || n1.Match(sim.Server(3)) != 2 || s.field(1, "commit") != "0" {
		t.Fatalf("n1 knows %d entries on n2 and %d on n3, and has committed up to %s; want 2 or more, 2 and 0",
			n1.Match(sim.Server(2)), n1.Match(sim.Server(3)), s.field(1, "commit"))
	}

	// (d) n5 leads with votes of n3 and n4, and overwrites entry 2 everywhere.
	s.Crash(sim.Server(1), sim.LoseAll)
	s.lost = func(sim.Identity) bool { return false }
	s.reboot(5)
	s.run(time.Second)
	if _, found := s.servers[2].Store().Get("fig8"); found || s.field(3, "commit") == "0" {
		t.Errorf("n3: entry found %v, commit %s; want it overwritten", found, s.field(3, "commit"))
	}
}

// refusals are the records of a server that ended itself, with why.
func (c *cluster) refusals(id sim.NodeID) simtest.Records {
	return simtest.Trace(c, c.World).Of(sim.KindHalt).On(id)
}

// A byte that changes on the disk before the last sync mark is corruption: the
// node refuses to start and says where. The others go on without it.
func TestCorruptLogRefusesToStart(t *testing.T) {
	c := newCluster(t, 3, lan(7))
	c.awaitLeader()
	c.AddClient(kv.Client{Ops: 20}.Node)
	c.RunClients(sim.Time(time.Minute))
	victim := sim.Server(2)
	log := c.Durable(victim, "raft/log")
	log[len(log)/2] ^= 0x40
	c.Crash(victim, sim.LoseAll)
	c.Restart(victim)
	c.run(time.Second)
	if c.Up(victim) {
		t.Error("n2 is up with a corrupt log")
	}
	c.refusals(victim).Saying("the log is corrupt at byte ").Want(1)
	if !c.probe(5 * time.Second) {
		t.Error("the other two cannot go on")
	}
}

// The very last bytes are protected too once a heartbeat has passed: an idle
// node writes down that all it had written is durable.
func TestIdleLogIsSealed(t *testing.T) {
	c := newCluster(t, 3, lan(8))
	c.awaitLeader()
	c.AddClient(kv.Client{Ops: 5}.Node)
	c.RunClients(sim.Time(time.Minute))
	for i := range c.servers {
		before := len(c.Durable(sim.Server(i+1), "raft/log"))
		c.run(time.Second)
		log := c.Durable(sim.Server(i+1), "raft/log")
		if len(log) > before+40 {
			t.Errorf("n%d: an idle log grows by %d bytes", i+1, len(log)-before)
		}
		log[len(log)-21] ^= 1 // the last byte before the seal
		c.Crash(sim.Server(i+1), sim.LoseAll)
		c.Restart(sim.Server(i + 1))
		c.run(time.Millisecond)
		c.refusals(sim.Server(i + 1)).Saying("corrupt").Some()
	}
}

// A tail that a crash tore is dropped, and the node starts with what it knew.
func TestTornLogStarts(t *testing.T) {
	torn := 0
	for seed := uint64(1); seed <= 40; seed++ {
		c := newCluster(t, 3, lan(seed))
		c.awaitLeader()
		c.AddClient(kv.Client{Ops: 1000, Deadline: time.Second}.Node)
		victim := sim.Server(1 + int(seed)%3)
		for !c.Dirty(victim) {
			c.run(100 * time.Microsecond)
		}
		c.Crash(victim, sim.TornTail)
		c.Restart(victim)
		c.run(2 * time.Second)
		if !c.Up(victim) {
			t.Errorf("seed %d: %v is down", seed, victim)
			c.refusals(victim).None()
		}
		torn += simtest.Trace(t, c.World).Saying("dropped a torn tail").Count()
		if f, _ := c.ViewOf(victim).Get("applied"); f.Int == 0 {
			t.Errorf("seed %d: %v has not caught up", seed, victim)
		}
		c.Close()
	}
	if torn < 10 {
		t.Errorf("only %d of 40 crashes tore a tail", torn)
	}
}
