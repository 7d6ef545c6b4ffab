package sim

import (
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The benchmarks below answer PERF's goals, one each; docs/performance.md has the
// table. All absolute figures depend on the machine and the hour: the ratios are
// what counts.

// BenchmarkW1 is the kernel with handlers, faults and hash on, beside a bare loop
// over the same queue; with pooled messages, and with plain values in interfaces.
func BenchmarkW1(b *testing.B) {
	w, tally := newW1(Config{Seed: 1})
	inTurns(b, worldLane("handlers", w, tally), bareLane())
}

func BenchmarkW1Any(b *testing.B) {
	w := New(Config{Seed: 1, Net: w1Net()})
	tally := &w1{servers: 5}
	for range 5 {
		w.AddServer(func() Node { return &plainEcho{echo{w: tally}} })
	}
	inTurns(b, worldLane("any", w, tally), bareLane())
}

// plainEcho is echo with messages that are values.
type plainEcho struct{ echo }

func (n *plainEcho) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		n.peers = n.w.peersOf(env.ID())
		env.Arm(tick{}, time.Millisecond)
	case tick:
		n.w.fires++
		env.Arm(tick{}, time.Millisecond)
		n.id++
		env.Send(n.peers[env.Intn("peer", len(n.peers))], ping{n.id, env.Elapsed()})
	case ping:
		n.w.pings++
		env.Send(from, pong(m))
	case pong:
		n.w.pongs++
		n.w.trip += env.Elapsed() - m.at
	}
}

// BenchmarkFaults is BenchmarkW1 with a rule in force on every link, a delay of a
// millisecond, so that no message goes the short way.
func BenchmarkFaults(b *testing.B) {
	w, tally := newW1(Config{Seed: 1})
	w.Disturb(LinkRule{Delay: Fixed(time.Millisecond), Name: "slow"})
	inTurns(b, worldLane("faults", w, tally), bareLane())
}

// BenchmarkHour is the reference workload whole, a virtual hour of 53 million
// events, and counted: on the kernel and on the bare loop, a virtual second at a
// time.
func BenchmarkHour(b *testing.B) {
	var took [2]int64
	for b.Loop() {
		w, tally := newW1(Config{Seed: 1})
		bare := newBareW1(1)
		for end := Time(0); end < Time(time.Hour); {
			end += Time(time.Second)
			start := cpuTime()
			w.RunUntil(end)
			middle := cpuTime()
			bare.run(end)
			took[0] += middle - start
			took[1] += cpuTime() - middle
		}
		wantW1Counts(b, tally, time.Hour)
		wantW1Counts(b, &bare.w1, time.Hour)
	}
	n := float64(b.N) * 1e9
	b.ReportMetric(float64(took[0])/n, "cpu-s:handlers")
	b.ReportMetric(float64(took[1])/n, "cpu-s:bare")
	b.ReportMetric(float64(took[0])/float64(took[1]), "ratio:handlers")
}

// BenchmarkContracts is experiment 4: what the contracts cost over the bare loop
// on the same queue when nothing else is in the way.
func BenchmarkContracts(b *testing.B) {
	inTurns(b, contractLane("contracts", ringTraced), bareLane())
}

func contractLane(name string, how tracing) lane {
	w := newContractW1(1)
	w.traced = how
	return lane{name, func(i int) int {
		if how == fullTraced { // its memory is not what is measured here
			for _, p := range w.world.trace.kept.pages[:min(1, len(w.world.trace.kept.pages))] {
				w.world.trace.kept.pages = append(w.world.trace.kept.pages[:0], p[:0])
			}
		}
		before := w.events
		w.run(Time(i+1) * turnLength)
		return w.events - before
	}}
}

// BenchmarkTrace is what the trace adds to the contracts: the hash, the flight
// ring, every record. The reference has none of them.
func BenchmarkTrace(b *testing.B) {
	inTurns(b, contractLane("full", fullTraced), contractLane("ring", ringTraced), contractLane("hash", hashTraced), contractLane("none", untraced))
}

// BenchmarkFullTrace is a run with every record kept, messages included, in fresh
// memory, beside the same run without.
func BenchmarkFullTrace(b *testing.B) {
	var perEvent float64
	run := func(name string, keep bool) lane {
		w := New(Config{})
		return lane{name, func(i int) int {
			w.Reset(Config{Seed: uint64(i), Net: w1Net(), Records: keep})
			tally := addEchoes(w, 5)
			w.RunUntil(Time(time.Second))
			if keep {
				records, messages := w.trace.kept.bytes()
				perEvent = float64(records+messages) / float64(tally.events())
			}
			return tally.events()
		}}
	}
	inTurns(b, run("full", true), run("hash", false))
	b.ReportMetric(perEvent, "bytes/event")
}

// BenchmarkTimers is W1 whose every message pushes back a timer that never fires,
// as heartbeats do with election timeouts, beside W1.
func BenchmarkTimers(b *testing.B) {
	lane := func(name string, push time.Duration) lane {
		w, tally := New(Config{Seed: 1, Net: w1Net()}), &w1{servers: 5}
		for range 5 {
			w.AddServer(func() Node { return &pushed{echo{w: tally}, push} })
		}
		return worldLane(name, w, tally)
	}
	inTurns(b, lane("rearming", 150*time.Millisecond), lane("without", 0))
}

// pushed is echo with an election timer.
type pushed struct {
	echo
	by time.Duration
}

func (n *pushed) Step(env *Env, from NodeID, m Message) {
	if n.by > 0 {
		env.Arm(alarm("election"), n.by)
	}
	n.echo.Step(env, from, m)
}

// BenchmarkNodes is how the cost of an event grows with the number of nodes, each
// with up to 64 peers, beside five.
func BenchmarkNodes(b *testing.B) {
	for _, nodes := range []int{100, 1000, 10_000} {
		b.Run(strconv.Itoa(nodes), func(b *testing.B) {
			inTurns(b, crowdLane(nodes), crowdLane(5))
		})
	}
}

// crowdLane runs a world of n echoes for some 15,000 events a turn, or for a
// millisecond.
func crowdLane(n int) lane {
	w := New(Config{Seed: 1, Net: w1Net()})
	tally := addEchoes(w, n)
	w.RunUntil(ms(100))
	return lane{strconv.Itoa(n), func(i int) int {
		before := tally.events()
		w.RunUntil(w.Now() + ms(max(1, 5000/n)))
		return tally.events() - before
	}}
}

// BenchmarkProcs is W1 whose nodes are coroutines.
func BenchmarkProcs(b *testing.B) {
	w, tally := procEchoes(5)
	defer w.Close()
	inTurns(b, worldLane("coroutines", w, tally), bareLane())
}

func procEchoes(n int) (*World, *w1) {
	w, tally := New(Config{Seed: 1, Net: w1Net()}), &w1{servers: n}
	for range n {
		w.AddServer(Go(func(p *Proc) {
			n := &echo{w: tally}
			n.Step(p.Env, 0, Boot{})
			for {
				e := p.Recv()
				n.Step(p.Env, e.From, e.Message)
			}
		}))
	}
	return w, tally
}

// BenchmarkProcMemory is what 10,000 coroutines take, stacks included.
func BenchmarkProcMemory(b *testing.B) {
	const procs = 10_000
	for b.Loop() {
		without := heapAfter(func() any {
			w := New(Config{})
			for range procs {
				w.AddServer(serve(func(*Env, NodeID, Message) {}))
			}
			w.RunUntil(ms(1))
			return w
		})
		with := heapAfter(func() any {
			w := New(Config{})
			for range procs {
				w.AddServer(Go(func(p *Proc) { p.Recv() }))
			}
			w.RunUntil(ms(1))
			b.Cleanup(w.Close)
			return w
		})
		b.ReportMetric(float64(with-without)/procs, "bytes/coroutine")
	}
}

// heapAfter is how many bytes of heap and stacks stay in use after build.
func heapAfter(build func() any) int64 {
	used := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc + m.StackInuse)
	}
	before := used()
	x := build()
	after := used()
	runtime.KeepAlive(x)
	return after - before
}

// BenchmarkMemory is what a world takes: five nodes after their first hundred
// events, five with the flight ring full, and each of 10,000 with 64 peers after a
// tenth of a second.
func BenchmarkMemory(b *testing.B) {
	world := func(nodes int, until Time) float64 {
		return float64(heapAfter(func() any {
			w := New(Config{Seed: 1, Net: w1Net()})
			addEchoes(w, nodes)
			w.RunUntil(until)
			return w
		}))
	}
	for b.Loop() {
		b.ReportMetric(world(5, ms(10)), "bytes/world-of-5")
		b.ReportMetric(world(5, ms(2000)), "bytes/world-of-5-ring-full")
		b.ReportMetric(world(10_000, ms(100))/10_000, "bytes/node-of-10000")
	}
}

// BenchmarkParallel runs two worlds one after the other and at the same time: the
// ratio is how many times faster two processors are. Equal hashes either way.
func BenchmarkParallel(b *testing.B) {
	var w [2]*World
	reset := func(i int) {
		for j := range w {
			if w[j] == nil {
				w[j] = New(Config{})
			}
			w[j].Reset(Config{Seed: uint64(2*i + j), Net: w1Net()})
			addEchoes(w[j], 5)
		}
	}
	const events = 2 * 5 * 2970 // nearly
	var alone [2]uint64
	sequential := func(i int) int {
		reset(i)
		for j := range w {
			w[j].RunUntil(ms(2000))
			alone[j] = w[j].Hash()
		}
		return events
	}
	parallel := func(i int) int {
		reset(i)
		var wg sync.WaitGroup
		for j := range w {
			wg.Go(func() { w[j].RunUntil(ms(2000)) })
		}
		wg.Wait()
		if w[0].Hash() != alone[0] || w[1].Hash() != alone[1] {
			b.Fatalf("turn %d: hashes alone %x, in parallel %x and %x", i, alone, w[0].Hash(), w[1].Hash())
		}
		return events
	}
	inTurnsBy(b, wallTime, lane{"one-by-one", sequential}, lane{"both", parallel})
}

// BenchmarkProcessors is what the machine can give to BenchmarkParallel now: the same
// with two bare loops, which share nothing and allocate nothing.
func BenchmarkProcessors(b *testing.B) {
	w := [2]*bareW1{newBareW1(1), newBareW1(2)}
	run := func(i, j int) { w[j].run(Time(2*i+1) * 5 * turnLength) }
	sequential := func(i int) int {
		run(2*i, 0)
		run(2*i, 1)
		return 1
	}
	parallel := func(i int) int {
		var wg sync.WaitGroup
		for j := range w {
			wg.Go(func() { run(2*i+1, j) })
		}
		wg.Wait()
		return 1
	}
	inTurnsBy(b, wallTime, lane{"one-by-one", sequential}, lane{"both", parallel})
}
