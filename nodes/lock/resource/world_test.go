package resource

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// puppet says what the test wants and notes what it hears, and when.
type puppet struct {
	env   *sim.Env
	heard []string
	last  sim.Message
}

func (p *puppet) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		p.env = env
		return
	}
	p.heard, p.last = append(p.heard, sim.Summary(m)), m
}

// bench is a resource, n1, with a puppet, c1. A message takes 1ms, a sync 4ms.
type bench struct {
	w      *sim.World
	puppet *puppet
}

var server = sim.Server(1)

func newBench(t testing.TB, cfg Config, seed uint64) *bench {
	b := &bench{newWorld(t, cfg, sim.Config{Seed: seed}), &puppet{}}
	b.w.AddClient(func() sim.Node { return b.puppet })
	b.w.RunUntil(0)
	return b
}

func newWorld(t testing.TB, cfg Config, c sim.Config) *sim.World {
	c.FreezeCheck = true
	c.Net.Latency = sim.Fixed(time.Millisecond)
	c.Disk.Sync = sim.Fixed(4 * time.Millisecond)
	c.Invariants = invariant.All(invariant.System{})
	w := sim.New(c)
	t.Cleanup(w.Close)
	w.AddServer(cfg.Server)
	return w
}

func (b *bench) run(ms int) { b.w.RunUntil(b.w.Now() + sim.Time(ms)*sim.Time(time.Millisecond)) }

func (b *bench) send(m sim.Message) { b.puppet.env.Send(server, m) }

// asks sends a request, and waits for the answer, "" if none comes.
func (b *bench) asks(m sim.Message) string {
	before := len(b.puppet.heard)
	b.send(m)
	b.run(50)
	if len(b.puppet.heard) == before {
		return ""
	}
	return b.puppet.heard[before]
}

func (b *bench) server() *Server { return b.w.Node(server).(*Server) }

func (b *bench) restart(model sim.CrashModel) {
	b.w.Crash(server, model)
	b.w.Restart(server)
	b.run(1)
}

// accepted lists what the resource tells of, as lock/token.
func (b *bench) accepted() (all []string) {
	s := b.server()
	for i := range s.Accepted() {
		a := s.Acceptance(i + 1)
		all = append(all, fmt.Sprintf("%s/%d", a.Lock, a.Token))
	}
	return all
}

func write(process int, n, token uint64) *Write {
	return &Write{Process: process, N: n, Lock: "l1", Token: token, Value: fmt.Sprintf("%d of %d", n, process)}
}

func readL1() *Read { return &Read{"l1"} }
