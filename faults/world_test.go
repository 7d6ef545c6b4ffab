package faults_test

import (
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol under test here: every server says hello to every machine each
// 10 ms, remembers when it last heard from whom, and shows the role it is told.
type (
	hello  struct{ n int }
	tick   struct{}
	greets struct {
		club  *club
		env   *sim.Env
		heard map[sim.NodeID]int // the number of the last hello: the hundredth second it was sent in
	}
)

// club is what the servers of one world share with the test.
type club struct {
	world *sim.World
	nodes map[sim.NodeID]*greets
	roles map[sim.NodeID]string
	terms map[sim.NodeID]int64
	locks map[sim.NodeID]string // in whose critical section they are
}

// section is the part that shows that.
type section string

func (s section) View(v *sim.View) { v.Text("section", string(s)) }

func (g *greets) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		g.club.nodes[env.ID()], g.env = g, env
		g.heard = map[sim.NodeID]int{}
		env.Arm(tick{}, 10*time.Millisecond)
	case tick:
		env.Arm(tick{}, 10*time.Millisecond)
		n := int(g.club.world.Now() / (10 * ms))
		for _, to := range append(g.club.world.Servers(), g.club.world.Clients()...) {
			if to != env.ID() {
				env.Send(to, hello{n})
			}
		}
	case hello:
		g.heard[from] = max(g.heard[from], m.n)
	}
}

func (g *greets) View(v *sim.View) {
	for id, x := range g.club.nodes {
		if x == g {
			v.Text("role", g.club.roles[id])
			v.Int("term", g.club.terms[id])
			if name, uses := g.club.locks[id]; uses {
				v.Part("lock", section(name))
			}
		}
	}
}

const ms = sim.Time(time.Millisecond)

// newClub is a world of n such servers and one such client, with a latency of
// 1 ms.
func newClub(n int, cfg sim.Config) *club {
	if cfg.Net == (sim.NetConfig{}) {
		cfg.Net.Latency = sim.Fixed(time.Millisecond)
	}
	c := &club{nodes: map[sim.NodeID]*greets{}, roles: map[sim.NodeID]string{}, terms: map[sim.NodeID]int64{}, locks: map[sim.NodeID]string{}}
	c.world = sim.New(cfg)
	for range n {
		id := c.world.AddServer(func() sim.Node { return &greets{club: c} })
		c.world.AddBuild(id, "v2", func() sim.Node { return &greets{club: c} })
	}
	c.world.AddClient(func() sim.Node { return &greets{club: c} })
	return c
}

func (c *club) install(t *testing.T, entries ...faults.Entry) *faults.Installed {
	t.Helper()
	in, err := faults.Install(c.world, entries)
	if err != nil {
		t.Fatalf("Install: %v", err)
	}
	return in
}

func (c *club) runTo(t sim.Time) { c.world.RunUntil(t) }

// hears reports whether to has heard in the last 20 ms from whoever of from.
func (c *club) hears(to, from sim.NodeID) bool {
	return c.nodes[to].heard[from] >= int(c.world.Now()/(10*ms))-2
}

// wantReach checks for every pair of machines whether the one hears the other.
func (c *club) wantReach(t *testing.T, when string, cut func(from, to sim.NodeID) bool) {
	t.Helper()
	all := append(c.world.Servers(), c.world.Clients()...)
	for _, from := range all {
		for _, to := range all {
			if from == to {
				continue
			}
			if got, want := c.hears(to, from), !cut(from, to); got != want {
				t.Errorf("%s (%v): %v hears %v is %v, want %v", when, c.world.Now(), to, from, got, want)
			}
		}
	}
}

func nothingCut(_, _ sim.NodeID) bool { return false }

// from1s is a fault in force from 1 s to 2 s.
func from1s(f faults.Fault) faults.Entry {
	return faults.Entry{Fault: f, At: 1000 * ms, For: time.Second}
}

// between is a fault in force over an interval.
func between(from, to sim.Time, f faults.Fault) faults.Entry {
	return faults.Entry{Fault: f, At: from, For: time.Duration(to - from)}
}

func n(i int) sim.NodeID { return sim.Server(i) }

func c1() sim.NodeID { return sim.Client(1) }

// write makes a server write a byte that it does not sync.
func (c *club) write(id sim.NodeID, at sim.Time) {
	c.world.At(at, func(*sim.World) {
		env := c.nodes[id].env
		env.File("data").Append([]byte("x"))
		env.SyncDir()
	})
}

func (c *club) elapsed(id sim.NodeID) time.Duration { return c.nodes[id].env.Elapsed() }

// wall is how far a server's wall clock has gone since the run began.
func (c *club) wall(id sim.NodeID) time.Duration {
	return time.Duration(c.nodes[id].env.Now() - sim.WallEpoch)
}
