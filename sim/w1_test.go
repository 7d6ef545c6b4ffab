package sim_test

import (
	"testing"
	"time"

	"distsim/sim"
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
	peers []sim.NodeID
	id    uint64
}

// w1 is the workload's shared tally and its pools of messages.
type w1 struct {
	fires, pings, pongs int
	trip                time.Duration
	freePing            []*ping
	freePong            []*pong
}

func (n *echo) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		for _, id := range env.Servers() {
			if id != env.ID() {
				n.peers = append(n.peers, id)
			}
		}
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

func newW1(cfg sim.Config) (*sim.World, *w1) {
	cfg.Net = sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000}
	w, tally := sim.New(cfg), &w1{}
	for range 5 {
		w.AddServer(func() sim.Node { return &echo{w: tally} })
	}
	return w, tally
}

func TestW1Counts(t *testing.T) {
	w, tally := newW1(sim.Config{Seed: 1})
	w.RunUntil(sim.Time(36 * time.Second))
	t.Log(*tally, w.Hash(), tally.trip/time.Duration(tally.pongs))
	t.Logf("%v", w.Violations())
}

func BenchmarkW1(b *testing.B) {
	w, tally := newW1(sim.Config{Seed: 1})
	w.RunUntil(sim.Time(time.Second))
	*tally = w1{freePing: tally.freePing, freePong: tally.freePong}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		w.RunUntil(sim.Time(time.Second) + sim.Time(i)*sim.Time(time.Second))
	}
	events := tally.fires + tally.pings + tally.pongs
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}
