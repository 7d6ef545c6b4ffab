package redlock

import (
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

const ms = time.Millisecond

func n(i int) sim.NodeID { return sim.Server(i) }
func c(i int) sim.NodeID { return sim.Client(i) }

var testConfig = Config{TTL: 200 * ms, Restart: 200 * ms, Timeout: 10 * ms, Retry: sim.Uniform(0, 40*ms)}

// town is a world with five nodes.
type town struct{ *sim.World }

func newTown(seed uint64, net sim.NetConfig, cfg Config) town {
	w := sim.New(sim.Config{Seed: seed, Net: net, Records: true, FreezeCheck: true})
	Add(w, cfg)
	w.AddInvariant(invariant.All(invariant.System{})...)
	return town{w}
}

// quiet is a network without surprises.
func quiet() sim.NetConfig { return sim.NetConfig{Latency: sim.Fixed(ms)} }

func (t town) until(d time.Duration) { t.RunUntil(sim.Time(d)) }

func (t town) at(d time.Duration, do func(w *sim.World)) { t.At(sim.Time(d), do) }

// answers are how the operations of a client ended.
func (t town) answers(client int) (all []string) {
	for _, op := range t.History() {
		if op.ID.Client != client {
			continue
		}
		if op.Outcome != history.OK {
			all = append(all, op.Outcome.String())
			continue
		}
		all = append(all, op.Output.(ops.LockResult).String())
	}
	return all
}

func (t town) violated(tt *testing.T, want int) {
	tt.Helper()
	if got := len(t.Violations()); got != want {
		tt.Errorf("%d violations, want %d: %v", got, want, t.Violations())
	}
}

// holding is a client that works so long in one section.
func holding(d time.Duration) Client {
	return Client{Config: testConfig, Ops: 1, Hold: sim.Fixed(d)}
}

// node is one node's state.
func (t town) node(i int) *Node { return t.Node(n(i)).(*Node) }

// keys counts the nodes at which there is a key.
func (t town) keys() (count int) {
	for i := 1; i <= 5; i++ {
		count += len(t.node(i).keys)
	}
	return count
}

// leaves finds out when c1 leaves its critical section.
func (t town) leaves() (at *sim.Time) {
	at = new(sim.Time)
	in := false
	t.AddInvariant(sim.Observe(func(w *sim.World, _ sim.NodeID) {
		u, booted := w.Node(c(1)).(*user)
		if in && !u.inside {
			*at = w.Now()
		}
		in = booted && u.inside
	}))
	return at
}
