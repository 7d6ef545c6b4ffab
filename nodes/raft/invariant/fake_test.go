package invariant_test

import (
	"testing"

	"distsim/nodes/raft/invariant"
	"distsim/sim"
)

// group is three hand-fed nodes under all invariants. It begins with n1 leading
// term 1 and the entries a, b, c on all logs and disks, committed by n1.
type group struct {
	w     *sim.World
	all   []sim.Invariant
	nodes []*fake
	found map[string]sim.Violation
}

func newGroup(t *testing.T) *group {
	g := &group{w: sim.New(sim.Config{}), found: map[string]sim.Violation{}}
	t.Cleanup(g.w.Close)
	next := 0
	g.all = invariant.All(invariant.Group{Disk: func() invariant.Disk {
		next++
		return &script{of: g.nodes[next-1]}
	}})
	for range 3 {
		f := &fake{match: map[sim.NodeID]uint64{}}
		g.nodes = append(g.nodes, f)
		g.w.AddServer(func() sim.Node { return f })
	}
	g.w.RunUntil(0)
	for _, f := range g.nodes {
		for _, c := range []string{"a", "b", "c"} {
			f.append(1, c)
			f.write()
		}
	}
	g.nodes[0].lead(1)
	g.nodes[0].state.Vote = sim.Server(1)
	g.nodes[0].write(invariant.Record{Term: 1, Vote: sim.Server(1)})
	g.looks(1)
	g.looks(2)
	g.looks(3)
	for v := 1; v <= 3; v++ {
		g.nodes[0].credit(v, 3)
	}
	g.nodes[0].commit(3)
	g.looks(1)
	return g
}

// looks shows an event on a server to all invariants.
func (g *group) looks(server int) {
	for _, inv := range g.all {
		if v := inv.Check(g.w, sim.Server(server)); v != nil {
			if _, known := g.found[inv.Name()]; !known {
				g.found[inv.Name()] = *v
			}
		}
	}
}

// reads asks a server for one more read.
func (g *group) reads(server int) {
	g.nodes[server-1].state.Asked++
	g.looks(server)
}

// serves lets it serve all reads at an index.
func (g *group) serves(server int, index uint64) {
	s := &g.nodes[server-1].state
	s.Served, s.ReadIndex = s.Asked, index
	g.looks(server)
}

// succeeds makes another server leader of term 2, which commits entry 4 with n3
// while n1 does not hear of it.
func (g *group) succeeds(server int) {
	for _, f := range []*fake{g.nodes[server-1], g.nodes[2]} {
		f.append(2, "d")
		f.write()
	}
	g.nodes[server-1].lead(2)
	g.nodes[server-1].commit(4)
	g.looks(server)
}

func (g *group) crash(server int) {
	g.w.Crash(sim.Server(server), sim.LoseAll)
	g.looks(server)
}

func (g *group) boot(server int) {
	g.w.Restart(sim.Server(server))
	g.w.RunUntil(g.w.Now())
	g.looks(server)
}

// fake is a node that is whatever the test says.
type fake struct {
	state        invariant.State
	log          []invariant.Record
	disk         []invariant.Record
	match        map[sim.NodeID]uint64
	salt, saltAt uint64
}

func (f *fake) Step(*sim.Env, sim.NodeID, sim.Message) {}

func (f *fake) Group(string) invariant.Node     { return f }
func (f *fake) Observe(s *invariant.State)      { *s = f.state }
func (f *fake) Voters() []sim.NodeID            { return voters }
func (f *fake) Entry(i uint64) (uint64, []byte) { return f.log[i-1].Term, f.log[i-1].Command }
func (f *fake) Match(voter sim.NodeID) uint64   { return f.match[voter] }

var voters = []sim.NodeID{sim.Server(1), sim.Server(2), sim.Server(3)}

func (f *fake) StateHash(i uint64) uint64 {
	if f.saltAt == 0 || f.saltAt == i {
		return i + f.salt
	}
	return i
}

func (f *fake) append(term uint64, command string) {
	f.log = append(f.log, invariant.Record{Index: uint64(len(f.log)) + 1, Term: term, Command: []byte(command)})
	f.state.Last = uint64(len(f.log))
}

// write puts records on the disk; without any, the log's last entry.
func (f *fake) write(records ...invariant.Record) {
	if records == nil {
		records = f.log[len(f.log)-1:]
	}
	f.disk = append(f.disk, records...)
}

func (f *fake) cut(from int) {
	f.log = f.log[: from-1 : from-1]
	f.state.Last = uint64(len(f.log))
	f.state.Cuts++
	f.state.CutAt = uint64(from)
}

func (f *fake) lead(term uint64) { f.state.Term, f.state.Leads = term, true }

func (f *fake) commit(to uint64) { f.state.Commit, f.state.Applied = to, to }

func (f *fake) credit(voter int, match uint64) {
	f.state.Matched += match - f.match[sim.Server(voter)]
	f.match[sim.Server(voter)] = match
}

// script is a disk that holds what a fake has written.
type script struct {
	of   *fake
	read int
}

func (s *script) Next([]byte) (r invariant.Record, ok bool) {
	if s.read == len(s.of.disk) {
		return r, false
	}
	s.read++
	return s.of.disk[s.read-1], true
}
