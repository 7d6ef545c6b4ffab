package twopc_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"

	"pgregory.net/rapid"
)

// Two coordinators under crashes, pauses and partitions at random: no epoch has two
// owners, and whoever begins one has every decision that anybody was ever told and
// somebody may still ask about.
func TestOwnersOfEpochs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := lan(rapid.Uint64().Draw(t, "seed"))
		c := &cluster{World: sim.New(world), cfg: twopc.Config{Keeping: twopc.WithBackup, Coordinators: 2, AskPeers: true, Accounts: 6, Initial: 100}}
		defer c.Close()
		for range 2 {
			c.AddServer(c.cfg.Coordinator)
		}
		for range 3 {
			c.AddServer(c.cfg.Participant)
		}
		for range 2 {
			c.AddClient(twopc.Client{Config: c.cfg, Ops: 1000, Width: 3, Deadline: time.Second}.Node)
		}
		watch := newWatch(t)
		c.AddInvariant(c.cfg.Invariants()...)
		c.AddInvariant(sim.Observe(watch.look), sim.ObserveSends(watch.hear))
		haunt(t, c)
		for _, v := range c.Violations() {
			t.Fatalf("%v\n%s", v, v.Stack)
		}
	})
}

// haunt lets things break for a while, mostly one or two at a time.
func haunt(t *rapid.T, c *cluster) {
	var last []func()
	c.run(500 * time.Millisecond)
	for range 10 {
		last = append(last, breaks(t, c))
		c.run(moment(t))
		if len(last) > rapid.IntRange(0, 2).Draw(t, "last on") {
			for _, end := range last {
				end()
			}
			last = nil
		}
		c.run(moment(t))
	}
}

func moment(t *rapid.T) time.Duration {
	return time.Duration(rapid.SampledFrom([]int{800, 500, 300, 100, 20, 3}).Draw(t, "ms")) * time.Millisecond
}

// breaks begins one fault.
func breaks(t *rapid.T, c *cluster) (end func()) {
	id := sim.Server(rapid.SampledFrom([]int{1, 2, 1, 2, 3, 4, 5}).Draw(t, "victim"))
	switch rapid.SampledFrom([]string{"pause", "crash", "isolate", "cut"}).Draw(t, "fault") {
	case "pause":
		c.Pause(id)
		return func() { c.Resume(id) }
	case "crash":
		c.Crash(id, sim.CrashModel(rapid.IntRange(0, 4).Draw(t, "model")))
		return func() { c.Restart(id) }
	case "isolate":
		return c.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{id}, without(c.Servers(), id)}, Cut: true})
	default:
		other := rapid.SampledFrom(without(c.Servers(), id)).Draw(t, "other")
		return c.Disturb(sim.LinkRule{From: []sim.NodeID{id}, To: []sim.NodeID{other}, Cut: true})
	}
}

func without(ids []sim.NodeID, id sim.NodeID) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(ids), func(x sim.NodeID) bool { return x == id })
}

// watch looks on.
type watch struct {
	t      reporter
	owners map[uint64]sim.NodeID
	told   map[twopc.Tx]bool // that it commits
	ended  map[twopc.Tx]bool // on all disks; a held copy of the decision may leave later
	latest map[int]twopc.Tx  // that a client was told, by process
	seen   map[sim.NodeID]progress
}

func newWatch(t reporter) *watch {
	return &watch{t: t, owners: map[uint64]sim.NodeID{}, told: map[twopc.Tx]bool{}, ended: map[twopc.Tx]bool{},
		latest: map[int]twopc.Tx{}, seen: map[sim.NodeID]progress{}}
}

type reporter interface {
	Errorf(format string, args ...any)
}

type progress struct {
	incarnation uint32
	changes     int
	epoch       uint64
}

// hear takes note of decisions that leave a coordinator.
func (o *watch) hear(_ *sim.World, from, _ sim.NodeID, m sim.Message) {
	if d, ok := m.(*twopc.Commit); ok && from.Ordinal() <= 2 {
		o.told[d.Tx] = true
		if last := o.latest[d.Tx.Process]; d.Tx.N > last.N || d.Tx.N == last.N && d.Tx.Try > last.Try {
			o.latest[d.Tx.Process] = d.Tx
		}
	}
}

func (o *watch) look(w *sim.World, id sim.NodeID) {
	c, ok := w.Node(id).(*twopc.Coordinator)
	if !ok {
		return
	}
	p := o.seen[id]
	if inc := w.Incarnation(id); inc != p.incarnation {
		p = progress{incarnation: inc}
	}
	if epoch := c.Owns(); epoch != p.epoch {
		if p.epoch = epoch; epoch != 0 {
			o.begins(id, c)
		}
	}
	for _, x := range c.Changes()[p.changes:] {
		if x.State == invariant.Ended {
			o.ended[x.Tx] = true
		}
	}
	p.changes = len(c.Changes())
	o.seen[id] = p
}

// begins judges a coordinator that has become the owner of an epoch.
func (o *watch) begins(id sim.NodeID, c *twopc.Coordinator) {
	epoch := c.Owns()
	if other := o.owners[epoch]; other != 0 && other != id {
		o.t.Errorf("epoch %d belongs to %v and to %v", epoch, other, id)
	}
	o.owners[epoch] = id
	open, latest := c.Table()
	for tx := range o.told {
		if !o.ended[tx] && !slices.Contains(open, tx) {
			o.t.Errorf("%v begins epoch %d without the decision to commit %v; it has %v", id, epoch, tx, open)
		}
	}
	for process, tx := range o.latest {
		if has := latest[process]; has.N < tx.N || has.N == tx.N && has.Try < tx.Try {
			o.t.Errorf("%v begins epoch %d and takes %v for the latest of its client, which is %v", id, epoch, has, tx)
		}
	}
}

// A watch that sees what must not be says so.
func TestTheWatchIsAwake(t *testing.T) {
	deaf := &mute{}
	o := newWatch(deaf)
	o.owners[1], o.owners[2] = sim.Server(3), sim.Server(3)
	lost := twopc.Tx{Process: 1, N: 1, Try: 1, Epoch: 1}
	o.told[lost], o.latest[1] = true, lost
	c := newCluster(t, twopc.Config{Keeping: twopc.WithBackup}, 2, 3, lan(1))
	c.AddInvariant(sim.Observe(o.look))
	c.run(3 * time.Second)
	if len(deaf.said) < 3 {
		t.Errorf("of two owners and a lost decision it said %q", deaf.said)
	}
}

type mute struct {
	testing.TB
	said []string
}

func (m *mute) Errorf(format string, args ...any) {
	m.said = append(m.said, fmt.Sprintf(format, args...))
}
