package kv_test

import (
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// w2Servers are those of the Raft reference workload W2: heartbeats every 50 ms,
// election timeouts of 150 to 290 ms, PreVote and CheckQuorum on, reads through
// the log.
func w2Servers() kv.Config {
	return kv.Config{
		Raft: raft.Config{
			HeartbeatEvery:  50 * time.Millisecond,
			ElectionTimeout: sim.Uniform(150*time.Millisecond, 290*time.Millisecond),
			PreVote:         true,
			CheckQuorum:     true,
		},
		Reads: kv.FromLog,
	}
}

// w2 is the workload: five servers whose disks take no time; three clients with
// 10,000 operations between them, half get and half put on five keys, each tried
// until it is answered, at the next server after 300 ms; two servers cut off from
// three for five seconds every ten, a crash of two seconds every twenty. A put
// writes the number of its operation, c2#7.
func w2(seed uint64, n int, servers kv.Config, invariants []sim.Invariant) *sim.World {
	w := sim.New(sim.Config{
		Seed:       seed,
		Net:        sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000},
		Invariants: invariants,
	})
	for range 5 {
		w.AddServer(func() sim.Node { return kv.New(servers) })
	}
	for i := range 3 {
		w.AddClient(kv.Client{
			Ops: (n + i) / 3, Keys: 5, Mix: kv.Mix{Get: 1, Put: 1},
			Timeout: 300 * time.Millisecond, Deadline: w2Limit,
		}.Node)
	}
	for t := 10 * time.Second; t < w2Limit; t += 10 * time.Second {
		w.At(sim.Time(t), isolateTwo)
	}
	for t := 15 * time.Second; t < w2Limit; t += 20 * time.Second {
		w.At(sim.Time(t), crashOne)
	}
	return w
}

// w2Limit is far more time than 10,000 replies take.
const w2Limit = 10 * time.Minute

// pick draws i of n for the script above: a pure function of seed and time.
func pick(w *sim.World, k uint64, n int) int {
	x := sim.Draw(w.Seed(), sim.Identity{Subject: sim.OfPlanner, Name: "w2", K: uint64(w.Now())<<8 | k})
	return int(x % uint64(n))
}

func isolateTwo(w *sim.World) {
	ids := w.Servers()
	a := pick(w, 1, 5)
	b := (a + 1 + pick(w, 2, 4)) % 5
	two, three := []sim.NodeID{ids[a], ids[b]}, []sim.NodeID{}
	for i, id := range ids {
		if i != a && i != b {
			three = append(three, id)
		}
	}
	end := w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{two, three}, Cut: true})
	w.After(sim.Time(5*time.Second), func(*sim.World) { end() })
}

func crashOne(w *sim.World) {
	id := w.Servers()[pick(w, 3, 5)]
	w.Crash(id, sim.LoseAll)
	w.After(sim.Time(2*time.Second), func(w *sim.World) { w.Restart(id) })
}

// runW2 ends at the last reply.
func runW2(t testing.TB, servers kv.Config, invariants []sim.Invariant) *sim.World {
	const seed = 1
	w := w2(seed, 10_000, servers, invariants)
	defer w.Close()
	if !w.RunClients(sim.Time(w2Limit)) || !w.ClientsDone() {
		t.Fatalf("seed %d: not done after %v: %v", seed, w.Now(), w.Violations())
	}
	for _, v := range w.Violations() {
		t.Fatalf("seed %d: %v\n%s", seed, v, v.Stack)
	}
	return w
}

func TestW2(t *testing.T) {
	w := runW2(t, w2Servers(), kv.Invariants())
	c, gets := history.Count(w.History()), 0
	for _, op := range w.History() {
		if op.Input.(ops.Op).Kind == ops.Get {
			gets++
		}
	}
	t.Logf("%v virtual, %d events, %d gets, %+v", w.Now(), w.Events(), gets, c)
	if c.OK != 10_000 || gets < 4_800 || gets > 5_200 {
		t.Errorf("%d replies, %d of them to gets; want 10,000, half to gets", c.OK, gets)
	}
}

// The benchmarks of W2 give CPU seconds of the whole process, garbage collection
// included; run them with -cpu 1. BenchmarkW2Checked is with R1–R10 after every
// event and the history judged; W2Plain is without PreVote and CheckQuorum,
// W2ReadIndex with gets by read index.
func BenchmarkW2(b *testing.B) {
	benchmarkW2(b, func() *sim.World { return runW2(b, w2Servers(), nil) })
}

func BenchmarkW2Plain(b *testing.B) {
	benchmarkW2(b, func() *sim.World { return runW2(b, kv.Config{}, nil) })
}

func BenchmarkW2ReadIndex(b *testing.B) {
	servers := w2Servers()
	servers.Reads = kv.ByIndex
	benchmarkW2(b, func() *sim.World { return runW2(b, servers, nil) })
}

func BenchmarkW2Invariants(b *testing.B) {
	benchmarkW2(b, func() *sim.World { return runW2(b, w2Servers(), kv.Invariants()) })
}

func BenchmarkW2Checked(b *testing.B) {
	benchmarkW2(b, func() *sim.World {
		w := runW2(b, w2Servers(), kv.Invariants())
		wantLinearizable(b, w)
		return w
	})
}

// BenchmarkW2Check judges one history of 10,000 operations on five keys.
func BenchmarkW2Check(b *testing.B) {
	w := runW2(b, w2Servers(), nil)
	benchmarkW2(b, func() *sim.World {
		wantLinearizable(b, w)
		return w
	})
}

func wantLinearizable(b *testing.B, w *sim.World) {
	results, err := checker.Linearizable(w.History(), spec.KV(), 0)
	if err != nil {
		b.Fatal(err)
	}
	if r := checker.Merge(results); r.Verdict != checker.Holds {
		b.Fatalf("%v: %s", r.Verdict, r.Detail)
	}
}

func benchmarkW2(b *testing.B, run func() *sim.World) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as a hunt does
	var events uint64
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		events = run().Events()
	}
	used := float64(cpu()-before) / float64(b.N)
	b.ReportMetric(used/1e9, "cpu-s/op")
	b.ReportMetric(used/float64(events), "ns/event")
	b.ReportMetric(float64(events), "events")
}

// cpu is the time that the process has computed so far, in nanoseconds.
func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
