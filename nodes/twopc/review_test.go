package twopc_test

import (
	"strings"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history"
)

// lateCopies doubles every request of clients, and holds the copy back.
func lateCopies(by time.Duration) sim.ChooserFunc {
	return func(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
		begin := id.Subject == sim.OfMessage && strings.HasSuffix(id.Name, "twopc.Begin")
		switch {
		case begin && id.Purpose == sim.ForDuplicate:
			return 1
		case begin && id.Purpose == sim.ForLatency && id.Copy == 1:
			return drawn + int64(by)
		}
		return drawn
	}
}

// A client that gives up without doubt must not have its transaction run afterwards, by
// a copy of the request that comes late, in the next epoch or in one that has not begun.
func TestNoCopyRunsWhatHasFailed(t *testing.T) {
	for _, keeping := range []twopc.Keeping{twopc.Alone, twopc.WithBackup, twopc.OnRaft} {
		failed := 0
		for seed := uint64(1); seed <= 60; seed++ {
			failed += noCopyRuns(t, keeping, seed)
		}
		if failed < 100 {
			t.Errorf("keeping %v: only %d transactions have failed", keeping, failed)
		}
	}
}

func noCopyRuns(t *testing.T, keeping twopc.Keeping, seed uint64) (failures int) {
	world := lan(seed)
	world.Chooser = lateCopies(150 * time.Millisecond)
	world.Net.Duplicate = 1
	cfg := twopc.Config{Keeping: keeping, Coordinators: 1 + int(keeping)}
	c := newCluster(t, cfg, cfg.Coordinators, 2, world)
	for range 4 {
		c.AddClient(twopc.Client{Config: cfg, Ops: 60, Deadline: 15 * time.Millisecond, Think: sim.Uniform(0, 20*time.Millisecond)}.Node)
	}
	if keeping != twopc.OnRaft {
		c.restarts(sim.Server(1), 160*time.Millisecond, 20)
	}
	c.RunClients(sim.Time(4 * time.Second))
	failed := map[history.ID]bool{}
	for _, op := range c.History() {
		if op.Outcome == history.Failed {
			failed[op.ID] = true
		}
	}
	for i := range 2 {
		id := sim.Server(cfg.Coordinators + 1 + i)
		for _, x := range c.Node(id).(*twopc.Participant).Changes() {
			if x.State == twopc.Committed && failed[history.ID{Client: x.Tx.Process & (1<<20 - 1), N: x.Tx.N}] {
				t.Errorf("keeping %v, seed %d: %v has committed %v, which has failed", keeping, seed, id, x.Tx)
			}
		}
	}
	return len(failed)
}

// restarts crashes a machine again and again.
func (c *cluster) restarts(id sim.NodeID, every time.Duration, times int) {
	for k := 1; k <= times; k++ {
		at := sim.Time(k) * sim.Time(every)
		c.At(at, func(w *sim.World) { w.Crash(id, sim.LoseAll) })
		c.At(at+sim.Time(10*time.Millisecond), func(w *sim.World) { w.Restart(id) })
	}
}

// shown is what a machine shows under a name.
func shown(w *sim.World, id sim.NodeID, name string) sim.Field {
	f, _ := w.ViewOf(id).Get(name)
	return f
}

// An owner that misses the other begins another epoch, with decisions that the other has
// not got. A crash before that is saved leaves them on its disk, undecided, and the other
// may go on without them: nobody has heard of them, so that is no disagreement.
func TestAnEpochThatWasLostDecidesNothing(t *testing.T) {
	hits := 0
	for seed := uint64(1); seed <= 40; seed++ {
		cfg := twopc.Config{Keeping: twopc.WithBackup, Coordinators: 2, AskPeers: true}
		c := newCluster(t, cfg, 2, 3, lan(seed))
		for range 4 {
			c.AddClient(twopc.Client{Config: cfg, Ops: 40}.Node)
		}
		owner, other := sim.Server(1), sim.Server(2)
		c.At(sim.Time(2*time.Second), func(w *sim.World) {
			if shown(w, owner, "role").Text != "coordinator" {
				owner, other = other, owner
			}
			term := shown(w, owner, "term").Int
			heal := w.Disturb(sim.LinkRule{Cut: true, Groups: [][]sim.NodeID{{owner}, {other}}})
			w.Lurk(sim.Syncing, "", func(w *sim.World, id sim.NodeID) bool {
				if id != owner || shown(w, owner, "term").Int == term {
					return false
				}
				hits++
				w.Crash(owner, sim.LoseAll)
				heal()
				w.At(w.Now()+sim.Time(600*time.Millisecond), func(w *sim.World) { w.Restart(owner) })
				return true
			})
		})
		c.RunClients(sim.Time(20 * time.Second))
		for _, v := range c.Violations() {
			t.Errorf("seed %d: %v", seed, v)
		}
	}
	if hits < 10 {
		t.Errorf("only %d owners were struck", hits)
	}
}

// draws answers draws of one kind, by machine.
func draws(kind string, by map[sim.NodeID][]time.Duration) sim.ChooserFunc {
	return func(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
		all := by[id.Node]
		if id.Subject == sim.OfNode && id.Name == kind && id.K <= uint64(len(all)) {
			return int64(all[id.K-1])
		}
		return drawn
	}
}

// A waiver is good for a crash as well: n2 claims epoch 2, n1 waives epoch 1, crashes, and
// wants to go on. Were it to begin epoch 1 then, participants would still let n2 have epoch
// 2, because of the waiver, without the decisions of epoch 1.
func TestAWaiverOutlivesACrash(t *testing.T) {
	world := lan(1)
	world.Net.Loss = 0
	ms := time.Millisecond
	world.Chooser = draws("take over", map[sim.NodeID][]time.Duration{
		sim.Server(1): {600 * ms, 300 * ms}, sim.Server(2): {300 * ms, 600 * ms}})
	c := newCluster(t, twopc.Config{Keeping: twopc.WithBackup}, 2, 3, world)
	n1, n2 := sim.Server(1), sim.Server(2)
	release := c.Disturb(sim.LinkRule{From: []sim.NodeID{n2}, To: []sim.NodeID{sim.Server(3), sim.Server(4), sim.Server(5)}, Hold: true})
	c.At(sim.Time(340*ms), func(w *sim.World) { w.Crash(n1, sim.LoseAll) })
	c.At(sim.Time(341*ms), func(w *sim.World) { w.Restart(n1) })
	c.At(sim.Time(720*ms), func(w *sim.World) {
		if shown(w, n1, "role").Text != "coordinator" {
			t.Error("n1 has not gone on")
		}
		release()
	})
	c.RunUntil(sim.Time(790 * ms))
	if shown(c.World, n2, "role").Text == "coordinator" {
		t.Errorf("n2 owns epoch %d without having joined epoch %d", shown(c.World, n2, "term").Int, shown(c.World, n1, "term").Int)
	}
}

// A coordinator that has named its epoch does not begin that epoch again, whatever a
// crash forgets: it would take what it had aborted for new.
func TestAnEpochBeginsOnce(t *testing.T) {
	world := lan(1)
	world.Net.Loss = 0
	c := newCluster(t, twopc.Config{}, 1, 2, world)
	var epochs []uint64
	c.AddClient(sim.Go(func(p *sim.Proc) {
		for range 3 {
			o, ok := sim.Call[*twopc.Outcome](p, sim.Server(1), &twopc.Begin{Process: p.Process(), N: 1, Try: 1}, time.Second)
			if !ok {
				continue
			}
			epochs = append(epochs, o.Epoch)
			p.Sleep(100 * time.Millisecond)
		}
	}))
	c.restarts(sim.Server(1), 90*time.Millisecond, 3)
	c.RunClients(sim.Time(5 * time.Second))
	for i, e := range epochs {
		if i > 0 && e <= epochs[i-1] {
			t.Errorf("epochs %v: one began again", epochs)
		}
	}
	if len(epochs) < 2 {
		t.Errorf("epochs %v: too few", epochs)
	}
}

// Wounds alone resolve deadlocks: with all the patience in the world for votes, every
// transaction is decided, whoever coordinates.
func TestWoundsResolveDeadlocks(t *testing.T) {
	for _, keeping := range []twopc.Keeping{twopc.Alone, twopc.WithBackup, twopc.OnRaft} {
		wounded := uint64(0)
		for seed := uint64(1); seed <= 5; seed++ {
			world := lan(seed)
			world.Net.Loss = 0
			cfg := twopc.Config{Keeping: keeping, Coordinators: 1 + int(keeping), Accounts: 4, VoteRetries: 100_000}
			c := newCluster(t, cfg, cfg.Coordinators, 2, world)
			for range 6 {
				c.AddClient(twopc.Client{Config: cfg, Ops: 20, Width: 4}.Node)
			}
			c.RunClients(sim.Time(60 * time.Second))
			if n := history.Count(c.History()); n.OK != 120 {
				t.Errorf("keeping %v, seed %d: %+v, want 120 settled", keeping, seed, n)
			}
			wounded += uint64(c.Reached()["wounded"])
		}
		if wounded == 0 {
			t.Errorf("keeping %v: nobody was wounded", keeping)
		}
	}
}
