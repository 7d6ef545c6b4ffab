package sim

import (
	binary "container/heap"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// BenchmarkRivals is W1 in other ways of simulating it: in the bubble of
// testing/synctest, where nodes are goroutines and order differs every run, and on a
// kernel as it is commonly written: see naive. The ratio is how many times as long
// as this kernel they take; run it with -cpu 1.
func BenchmarkRivals(b *testing.B) {
	w, tally := newW1(Config{Seed: 1})
	n := newNaive(5)
	naive := func(i int) int { return n.run(time.Duration(i+1) * time.Second) }
	kernel := func(i int) int {
		before := tally.events()
		w.RunUntil(Time(i+1) * Time(time.Second))
		return tally.events() - before
	}
	inTurns(b, lane{"synctest", inBubble}, lane{"naive", naive}, lane{"kernel", kernel})
}

// inBubble runs a second of W1 in a bubble of its own.
func inBubble(seed int) (events int) {
	done := false
	test := func(t *testing.T) {
		if done { // the flags -cpu and -count go for this inner test too
			return
		}
		done = true
		synctest.Test(t, func(t *testing.T) { events = bubbleW1(5, time.Second, uint64(seed)) })
	}
	all := func(string, string) (bool, error) { return true, nil }
	if !testing.RunTests(all, []testing.InternalTest{{Name: "bubble", F: test}}) {
		panic("W1 in a bubble failed")
	}
	return events
}

// bubbleW1 is W1 as one would write it in Go: a goroutine and a channel a node, a
// time.AfterFunc a message.
func bubbleW1(nodes int, length time.Duration, seed uint64) (events int) {
	type message struct {
		from, kind int
		id         uint64
		at         time.Time
	}
	const ping, pong = 1, 2
	inboxes := make([]chan message, nodes)
	for i := range inboxes {
		inboxes[i] = make(chan message, 1<<10)
	}
	counts, stop := make([]int, nodes), make(chan struct{})
	for me := range inboxes {
		rng := rand.New(rand.NewPCG(seed, uint64(me)))
		send := func(to int, m message) {
			if rng.Uint32N(1_000_000) < 10_000 {
				return
			}
			latency := time.Millisecond + time.Duration(rng.Int64N(9_000_001))
			time.AfterFunc(latency, func() { inboxes[to] <- m })
		}
		go func() {
			ticker := time.NewTicker(time.Millisecond)
			defer ticker.Stop()
			var id uint64
			for {
				select {
				case <-stop:
					return
				case now := <-ticker.C:
					id++
					send((me+1+rng.IntN(nodes-1))%nodes, message{me, ping, id, now})
				case m := <-inboxes[me]:
					if m.kind == ping {
						send(m.from, message{me, pong, m.id, m.at})
					}
				}
				counts[me]++
			}
		}()
	}
	time.Sleep(length + time.Microsecond)
	close(stop)
	time.Sleep(20 * time.Millisecond) // what is under way arrives in channels with room
	for _, n := range counts {
		events += n
	}
	return events
}

// naive is W1 on a kernel in the manner of many: a heap of pointers, a map entry for
// every pending event, a table of all links, a defer for every step, and a line of
// text for every record, which is what gets hashed.
type naive struct {
	queue   naiveQueue
	pending map[uint64]*naiveEvent
	links   [][]naiveLink
	trace   interface{ Write([]byte) (int, error) }
	rng     *rand.Rand
	now     time.Duration
	seq     uint64
	events  int
}

type naiveLink struct {
	cut  bool
	sent int
}

type naiveEvent struct {
	at       time.Duration
	seq      uint64
	kind     string
	from, to int
	do       func(*naiveEvent)
}

type naiveQueue []*naiveEvent

func (q naiveQueue) Len() int { return len(q) }
func (q naiveQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q naiveQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *naiveQueue) Push(x any)   { *q = append(*q, x.(*naiveEvent)) }
func (q *naiveQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}

func newNaive(nodes int) *naive {
	n := &naive{pending: map[uint64]*naiveEvent{}, trace: fnv.New64a(), rng: rand.New(rand.NewPCG(1, 1))}
	n.links = make([][]naiveLink, nodes)
	for i := range n.links {
		n.links[i] = make([]naiveLink, nodes)
		n.after(time.Millisecond, naiveEvent{kind: "tick", to: i, do: n.tick})
	}
	return n
}

func (n *naive) after(d time.Duration, e naiveEvent) {
	n.seq++
	e.at, e.seq = n.now+d, n.seq
	n.pending[e.seq] = &e
	binary.Push(&n.queue, &e)
}

func (n *naive) tick(e *naiveEvent) {
	n.after(time.Millisecond, naiveEvent{kind: "tick", to: e.to, do: n.tick})
	peer := (e.to + 1 + n.rng.IntN(len(n.links)-1)) % len(n.links)
	n.send(naiveEvent{kind: "ping", from: e.to, to: peer, do: n.ping})
}

func (n *naive) ping(e *naiveEvent) {
	n.send(naiveEvent{kind: "pong", from: e.to, to: e.from, do: func(*naiveEvent) {}})
}

func (n *naive) send(e naiveEvent) {
	link := &n.links[e.from][e.to]
	link.sent++
	if link.cut || n.rng.Uint32N(1_000_000) < 10_000 {
		fmt.Fprintf(n.trace, "%v n%d > n%d %s lost\n", n.now, e.from, e.to, e.kind)
		return
	}
	fmt.Fprintf(n.trace, "%v n%d > n%d %s sent\n", n.now, e.from, e.to, e.kind)
	n.after(time.Millisecond+time.Duration(n.rng.Int64N(9_000_001)), e)
}

func (n *naive) run(until time.Duration) (events int) {
	before := n.events
	for len(n.queue) > 0 && n.queue[0].at <= until {
		n.step(binary.Pop(&n.queue).(*naiveEvent))
	}
	return n.events - before
}

func (n *naive) step(e *naiveEvent) {
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Sprintf("at %v: %v", n.now, r))
		}
	}()
	delete(n.pending, e.seq)
	n.now = e.at
	n.events++
	fmt.Fprintf(n.trace, "%v n%d < n%d %s\n", n.now, e.to, e.from, e.kind)
	e.do(e)
}
