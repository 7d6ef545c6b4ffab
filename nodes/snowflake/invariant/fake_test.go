package invariant_test

import (
	"testing"
	"time"

	"distsim/nodes/snowflake/invariant"
	"distsim/sim"
)

// bench is two generators, n1 and n2, that are fed by hand, under all invariants. n1 is
// worker 0/1 and n2 is 0/2; both have the mark 1000 on their disks, their clocks show
// millisecond 100, and each has given out three ids of it.
type bench struct {
	w     *sim.World
	all   []sim.Invariant
	nodes []*fake
	found map[string]sim.Violation
}

func newBench(t testing.TB) *bench {
	b := &bench{w: sim.New(sim.Config{}), found: map[string]sim.Violation{}}
	t.Cleanup(b.w.Close)
	b.all = invariant.All(invariant.System{Epoch: sim.WallEpoch, File: "mark",
		Disk: func(id sim.NodeID) invariant.Disk { return &script{of: b.nodes[id.Ordinal()-1]} }})
	for i := range 2 {
		f := &fake{workers: [][2]int{{0, i + 1}}, marks: []int64{1000}}
		b.nodes = append(b.nodes, f)
		b.w.AddServer(func() sim.Node { return f })
	}
	b.passes(100 * time.Millisecond)
	b.gives(1, make1(100, 0, 1, 0), 3)
	b.gives(2, make1(100, 0, 2, 0), 3)
	return b
}

// make1 is an id.
func make1(milli int64, datacenter, worker, sequence int) int64 {
	return milli<<22 + int64(datacenter)<<17 + int64(worker)<<12 + int64(sequence)
}

// passes lets time go by, and then something happen on both servers.
func (b *bench) passes(d time.Duration) {
	b.w.RunUntil(b.w.Now() + sim.Time(d))
	for i := range b.nodes {
		b.looks(i + 1)
	}
}

// looks shows an event on a server to all invariants.
func (b *bench) looks(server int) {
	for _, inv := range b.all {
		b.note(inv, inv.Check(b.w, sim.Server(server)))
	}
}

func (b *bench) note(inv sim.Invariant, v *sim.Violation) {
	if v == nil {
		return
	}
	if _, known := b.found[inv.Name()]; !known {
		b.found[inv.Name()] = *v
	}
}

// gives lets an answer with n ids leave a server.
func (b *bench) gives(server int, first int64, n int) { b.says(sim.Server(server), answer{{first, n}}) }

func (b *bench) says(from sim.NodeID, m sim.Message) {
	for _, inv := range b.all {
		b.note(inv, inv.(sim.Witness).Leaves(b.w, from, sim.Client(1), m))
	}
}

// restarts a server.
func (b *bench) restarts(server int) {
	b.w.Crash(sim.Server(server), sim.LoseAll)
	b.w.Restart(sim.Server(server))
	b.w.RunUntil(b.w.Now())
}

// fake is a generator that is whatever the test says.
type fake struct {
	workers [][2]int // that it has had
	marks   []int64  // on its disk
}

func (f *fake) Step(*sim.Env, sim.NodeID, sim.Message) {}

func (f *fake) Has(datacenter, worker int) bool {
	for _, w := range f.workers {
		if w == [2]int{datacenter, worker} {
			return true
		}
	}
	return false
}

// script is a disk that holds what a fake has written.
type script struct {
	of   *fake
	read int
}

func (s *script) Next([]byte) (mark int64, ok bool) {
	if s.read == len(s.of.marks) {
		return 0, false
	}
	s.read++
	return s.of.marks[s.read-1], true
}

// answer gives out runs of ids.
type answer []struct {
	first int64
	n     int
}

func (a answer) Gives(hear func(first int64, n int)) {
	for _, r := range a {
		hear(r.first, r.n)
	}
}
