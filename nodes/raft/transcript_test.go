package raft_test

import (
	"bytes"
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
	"distsim/sim/simtest/golden"
)

// A tale is a short run told in words, kept in testdata/raft.
type tale struct {
	*sim.World
	servers  []*kv.Server
	patience map[sim.NodeID][]time.Duration // election timeouts, in the order of their draws; then an hour
	slow     map[[2]sim.NodeID]bool         // links that take 5ms instead of 1ms
}

func tell(t *testing.T, name string, n int, story func(w *tale)) {
	tellOf(t, name, n, kv.Config{}, story)
}

// tellOf is tell with some knobs turned.
func tellOf(t *testing.T, name string, n int, cfg kv.Config, story func(w *tale)) {
	cfg.Raft.HeartbeatEvery = 50 * time.Millisecond
	w := &tale{servers: make([]*kv.Server, n), patience: map[sim.NodeID][]time.Duration{}, slow: map[[2]sim.NodeID]bool{}}
	w.World = sim.New(sim.Config{
		Net:         sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Disk:        sim.DiskConfig{Sync: sim.Fixed(500 * time.Microsecond)},
		Invariants:  kv.Invariants(),
		Chooser:     sim.ChooserFunc(w.choose),
		Records:     true,
		FreezeCheck: true,
	})
	defer w.Close()
	for i := range n {
		w.AddServer(func() sim.Node {
			w.servers[i] = kv.New(cfg)
			return w.servers[i]
		})
	}
	story(w)
	for _, v := range w.Violations() {
		t.Errorf("%v\n%s", v, v.Stack)
	}
	var got bytes.Buffer
	tellTrace(&got, w.Trace())
	golden.Compare(t, "raft/"+name+".txt", got.Bytes())
}

// choose gives election timeouts and latencies as the tale wants them.
func (w *tale) choose(id sim.Identity, o sim.Outcomes, drawn int64) int64 {
	switch {
	case id.Subject == sim.OfNode && id.Name == "raft/election timeout":
		if own := w.patience[id.Node]; uint64(len(own)) >= id.K {
			return int64(own[id.K-1])
		}
		return int64(time.Hour)
	case id.Subject == sim.OfMessage && id.Purpose == sim.ForLatency && w.slow[[2]sim.NodeID{id.Node, id.Peer}]:
		return int64(5 * time.Millisecond)
	case id.Subject == sim.OfMessage && id.Purpose == sim.ForLatency:
		return int64(time.Millisecond)
	case id.Subject == sim.OfCrash && id.Purpose == sim.ForKept:
		return 0
	}
	return drawn
}

func (w *tale) until(ms int) { w.RunUntil(sim.Time(ms) * sim.Time(time.Millisecond)) }

func n(i int) sim.NodeID { return sim.Server(i) }

func ms(xs ...int) (ds []time.Duration) {
	for _, x := range xs {
		ds = append(ds, time.Duration(x)*time.Millisecond)
	}
	return ds
}

// puts is a client that writes k1, once every 20 ms from a time on.
func (w *tale) puts(count, fromMS int) { w.asks(ops.Put, count, fromMS) }

// gets is one that reads it.
func (w *tale) gets(count, fromMS int) { w.asks(ops.Get, count, fromMS) }

func (w *tale) asks(kind ops.Kind, count, fromMS int) {
	client := len(w.Clients()) + 1
	var list []kv.Planned
	for i := range count {
		list = append(list, kv.Planned{
			ID: history.ID{Client: client, N: i + 1},
			Op: ops.Op{Kind: kind, Key: "k1"},
			At: time.Duration(fromMS+20*i) * time.Millisecond,
		})
	}
	w.AddClient(kv.Client{Workload: list}.Node)
}

func TestTranscripts(t *testing.T) {
	t.Run("election", func(t *testing.T) {
		tell(t, "election", 3, func(w *tale) {
			w.patience[n(2)] = ms(100)
			w.until(250)
		})
	})
	t.Run("split-vote", func(t *testing.T) {
		tell(t, "split-vote", 4, func(w *tale) {
			w.patience[n(1)], w.patience[n(4)] = ms(100, 200), ms(100, 120)
			w.slow[[2]sim.NodeID{n(1), n(3)}], w.slow[[2]sim.NodeID{n(4), n(2)}] = true, true
			w.until(300)
		})
	})
	t.Run("leader-crash", func(t *testing.T) {
		tell(t, "leader-crash", 3, func(w *tale) {
			w.patience[n(1)], w.patience[n(2)] = ms(100), ms(160)
			w.puts(3, 115)
			w.until(150)
			w.Crash(n(1), sim.LoseAll)
			w.until(600)
			w.Restart(n(1))
			w.until(700)
		})
	})
	t.Run("healing-partition", func(t *testing.T) {
		tell(t, "healing-partition", 5, func(w *tale) {
			w.patience[n(1)], w.patience[n(3)] = ms(100), ms(150)
			w.until(120)
			begin := w.FaultBegins("partition n1,n2 | n3,n4,n5")
			heal := w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4), n(5)}}, Cut: true})
			w.servers[0].Raft().Propose(kv.Command(&kv.Request{Process: 1, N: 1, Op: ops.Op{Kind: ops.Put, Key: "k1", Value: "lost"}}))
			w.until(350)
			w.servers[2].Raft().Propose(kv.Command(&kv.Request{Process: 2, N: 1, Op: ops.Op{Kind: ops.Put, Key: "k1", Value: "kept"}}))
			w.until(400)
			heal()
			w.FaultEnds(begin, "the partition heals")
			w.until(520)
		})
	})
	t.Run("torn-log", func(t *testing.T) {
		tell(t, "torn-log", 3, func(w *tale) {
			w.patience[n(1)] = ms(100)
			w.puts(2, 110)
			for !(w.Now() > sim.Time(125*time.Millisecond) && w.Dirty(n(2))) {
				w.RunUntil(w.Now() + sim.Time(50*time.Microsecond))
			}
			w.Crash(n(2), sim.TornTail)
			w.until(200)
			w.Restart(n(2))
			w.until(300)
		})
	})
}
