package sim

import (
	"os"
	"testing"
	"time"
)

// The W1 reference workload: every node pings another once a millisecond.
type (
	tick struct{}
	ping struct {
		id uint64
		at time.Duration
	}
	pong struct {
		id uint64
		at time.Duration
	}
)

type echo struct {
	w     *w1
	peers []NodeID
	id    uint64
}

// w1 is the workload's shared tally and its pools of messages.
type w1 struct {
	servers             int
	fires, pings, pongs int
	trip                time.Duration
	freePing            []*ping
	freePong            []*pong
}

func (n *echo) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		n.peers = n.w.peersOf(env.ID())
		env.Arm(tick{}, time.Millisecond)
	case tick:
		n.w.fires++
		env.Arm(tick{}, time.Millisecond)
		n.id++
		p := n.w.ping()
		p.id, p.at = n.id, env.Elapsed()
		env.Send(n.peers[env.Intn("peer", len(n.peers))], p)
	case *ping:
		n.w.pings++
		p := n.w.pong()
		p.id, p.at = m.id, m.at
		n.w.freePing = append(n.w.freePing, m)
		env.Send(from, p)
	case *pong:
		n.w.pongs++
		n.w.trip += env.Elapsed() - m.at
		n.w.freePong = append(n.w.freePong, m)
	}
}

// peersOf lists whom a server pings: the servers after it, around the circle.
func (w *w1) peersOf(id NodeID) []NodeID {
	peers := make([]NodeID, min(w.servers-1, mostPeers))
	for i := range peers {
		peers[i] = Server((id.Ordinal()+i)%w.servers + 1)
	}
	return peers
}

const mostPeers = 64

func (w *w1) ping() *ping {
	if n := len(w.freePing); n > 0 {
		p := w.freePing[n-1]
		w.freePing = w.freePing[:n-1]
		return p
	}
	return &ping{}
}

func (w *w1) pong() *pong {
	if n := len(w.freePong); n > 0 {
		p := w.freePong[n-1]
		w.freePong = w.freePong[:n-1]
		return p
	}
	return &pong{}
}

func w1Net() NetConfig {
	return NetConfig{Latency: Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000}
}

func newW1(cfg Config) (*World, *w1) {
	cfg.Net = w1Net()
	w := New(cfg)
	return w, addEchoes(w, 5)
}

// addEchoes adds n servers that ping each other.
func addEchoes(w *World, n int) *w1 {
	tally := &w1{servers: n}
	for range n {
		w.AddServer(func() Node { return &echo{w: tally} })
	}
	return tally
}

// The first 36 s are a hundredth of the reference hour.
func TestW1Counts(t *testing.T) { wantW1(t, 36*time.Second) }

// wantW1 runs W1 and compares it with PERF's acceptance counts: those of an hour,
// or their part of it.
func wantW1(t *testing.T, length time.Duration) {
	w, tally := newW1(Config{Seed: 1})
	w.RunUntil(Time(length))
	w.Close()
	wantW1Counts(t, tally, length)
	if v := w.Violations(); len(v) > 0 {
		t.Errorf("violations: %v", v)
	}
}

func wantW1Counts(t testing.TB, tally *w1, length time.Duration) {
	t.Helper()
	scale := int(time.Hour / length)
	near := func(what string, got, want, within int) {
		if got < want-within || got > want+within {
			t.Errorf("%s: got %d, want %d ± %d", what, got, want, within)
		}
	}
	root := 1 // a part of the hour has larger deviations: the square root of its scale
	for root*root < scale {
		root++
	}
	near("timers fired", tally.fires, 18_000_000/scale, 0)
	near("pings received", tally.pings, 17_820_000/scale, 2_000*root/scale)
	near("pongs received", tally.pongs, 17_642_000/scale, 3_000*root/scale)
	near("mean round trip in ns", int(tally.trip/time.Duration(tally.pongs)), 11_000_000, 10_000*root/3)
}

// W1 whole: a virtual hour, 53 million events.
func TestW1SweepHour(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("53 million events: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	wantW1(t, time.Hour)
}

func (w *w1) events() int { return w.fires + w.pings + w.pongs }

// bareW1 is the limit: W1 written out for this one workload, with the kernel's
// queue and random numbers and nothing else; no nodes, no identities, no trace.
type bareW1 struct {
	queue radix
	seed  uint64
	draws uint64
	next  uint64
	w1    w1 // its tally
	free  []uint32
	msgs  []bareMessage
}

type bareMessage struct {
	kind     uint8 // 0 tick, 1 ping, 2 pong
	from, to uint8
	id       uint64
	at       Time
}

func newBareW1(seed uint64) *bareW1 {
	w := &bareW1{seed: seed}
	for n := range uint8(5) {
		w.push(Time(time.Millisecond), bareMessage{to: n})
	}
	return w
}

func (w *bareW1) push(at Time, m bareMessage) {
	var slot uint32
	if n := len(w.free); n > 0 {
		slot = w.free[n-1]
		w.free = w.free[:n-1]
	} else {
		slot = uint32(len(w.msgs))
		w.msgs = append(w.msgs, bareMessage{})
	}
	w.msgs[slot] = m
	w.queue.push(at, slot)
}

func (w *bareW1) draw() uint64 {
	w.draws++
	return drawKeyed(w.seed, w.draws, 0, 0)
}

func (w *bareW1) send(now Time, m bareMessage) {
	if chance(w.draw(), 10_000) {
		return
	}
	w.push(now+Time(between(w.draw(), time.Millisecond, 10*time.Millisecond)), m)
}

func (w *bareW1) run(until Time) {
	for {
		e, ok := w.queue.pop(until)
		if !ok {
			return
		}
		m := w.msgs[e.slot]
		w.free = append(w.free, e.slot)
		switch m.kind {
		case 0:
			w.w1.fires++
			w.push(e.at+Time(time.Millisecond), m)
			to := (m.to + 1 + uint8(below(w.draw(), 4))) % 5
			w.next++
			w.send(e.at, bareMessage{1, m.to, to, w.next, e.at})
		case 1:
			w.w1.pings++
			w.send(e.at, bareMessage{2, m.to, m.from, m.id, m.at})
		case 2:
			w.w1.pongs++
			w.w1.trip += time.Duration(e.at - m.at)
		}
	}
}
