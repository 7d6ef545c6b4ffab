package invariant_test

import (
	"slices"
	"testing"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// bench is a coordinator, n1, and two participants, n2 and n3, that are fed by hand,
// under all invariants. It begins with n2 and n3 prepared for tx, on their disks,
// and n1 waiting for their votes.
type bench struct {
	w     *sim.World
	all   []sim.Invariant
	nodes []*fake
	found map[string]sim.Violation
}

var (
	tx    = bank.Tx{Process: 1, N: 1, Try: 1, Epoch: 1}
	other = bank.Tx{Process: 2, N: 1, Try: 1, Epoch: 1}
	both  = []sim.NodeID{sim.Server(2), sim.Server(3)}
)

// patience is the bound of those in doubt.
const patience = time.Second

func newBench(t testing.TB) *bench {
	b := &bench{w: sim.New(sim.Config{}), found: map[string]sim.Violation{}}
	t.Cleanup(b.w.Close)
	b.all = invariant.All(invariant.System{Disk: func(id sim.NodeID) invariant.Disk {
		return &script{of: b.nodes[id.Ordinal()-1]}
	}})
	d := &invariant.InDoubt{}
	b.all = append(b.all, d.Watch(), d.Within("in-doubt", patience))
	for range 3 {
		f := &fake{}
		b.nodes = append(b.nodes, f)
		b.w.AddServer(func() sim.Node { return f })
	}
	b.w.RunUntil(0)
	b.becomes(1, tx, invariant.Waiting)
	for _, server := range []int{2, 3} {
		b.lock(server, "a1", tx)
		b.prepares(server, tx)
		b.says(server, tx, invariant.Prepared)
		b.votes(server, tx)
	}
	return b
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

// becomes lets a server have come to a state.
func (b *bench) becomes(server int, tx bank.Tx, s invariant.State) {
	b.changes(server, invariant.Change{Tx: tx, State: s, Of: of(s)})
}

func of(s invariant.State) []sim.NodeID {
	if s == invariant.Waiting || s == invariant.Deciding || s == invariant.Prepared {
		return both
	}
	return nil
}

// changes lets several things happen to a server in one event.
func (b *bench) changes(server int, all ...invariant.Change) {
	f := b.nodes[server-1]
	f.changes = append(f.changes, all...)
	b.looks(server)
}

// prepares is a yes that is on the disk.
func (b *bench) prepares(server int, tx bank.Tx) {
	b.writes(server, tx, invariant.Prepared)
	b.becomes(server, tx, invariant.Prepared)
}

// votes lets the coordinator hear a yes.
func (b *bench) votes(server int, tx bank.Tx) {
	b.changes(1, invariant.Change{Tx: tx, State: invariant.Voted, By: sim.Server(server)})
}

// commits lets the coordinator decide to commit, on its disk.
func (b *bench) commits(tx bank.Tx) {
	b.becomes(1, tx, invariant.Deciding)
	b.writes(1, tx, invariant.Committed)
	b.becomes(1, tx, invariant.Committed)
}

// ends lets a participant do as it is told, on its disk, and release its locks.
func (b *bench) ends(server int, tx bank.Tx, s invariant.State) {
	b.writes(server, tx, s)
	b.unlock(server, tx)
	b.becomes(server, tx, s)
}

func (b *bench) writes(server int, tx bank.Tx, s invariant.State) {
	f := b.nodes[server-1]
	f.disk = append(f.disk, invariant.Change{Tx: tx, State: s})
}

func (b *bench) lock(server int, account string, tx bank.Tx) {
	f := b.nodes[server-1]
	f.held = append(f.held, bank.Lock{Account: account, Tx: tx, Exclusive: true})
}

func (b *bench) unlock(server int, tx bank.Tx) {
	f := b.nodes[server-1]
	f.held = slices.DeleteFunc(f.held, func(l bank.Lock) bool { return l.Tx == tx })
}

// says shows a message that leaves a server.
func (b *bench) says(server int, tx bank.Tx, s invariant.State) {
	for _, inv := range b.all {
		if w, ok := inv.(sim.Witness); ok {
			b.note(inv, w.Leaves(b.w, sim.Server(server), sim.Server(1), &word{tx, s}))
		}
	}
}

// crash ends a server: what it had in memory is gone, locks included.
func (b *bench) crash(server int) {
	b.w.Crash(sim.Server(server), sim.LoseAll)
	f := b.nodes[server-1]
	f.changes, f.held = nil, nil
	b.looks(server)
}

// boot starts it again with these promises on its disk.
func (b *bench) boot(server int, prepared ...bank.Tx) {
	b.w.Restart(sim.Server(server))
	b.w.RunUntil(b.w.Now())
	for _, tx := range prepared {
		b.lock(server, "a1", tx)
		b.becomes(server, tx, invariant.Prepared)
	}
	b.looks(server)
}

// passes lets time go by, and then something happen on a server.
func (b *bench) passes(d time.Duration, server int) {
	b.w.RunUntil(b.w.Now() + sim.Time(d))
	b.looks(server)
}

// fake is a machine that is whatever the test says.
type fake struct {
	changes []invariant.Change
	held    []bank.Lock
	disk    []invariant.Change
}

func (f *fake) Step(*sim.Env, sim.NodeID, sim.Message) {}
func (f *fake) Changes() []invariant.Change            { return f.changes }
func (f *fake) Held() []bank.Lock                      { return f.held }

// script is a disk that holds what a fake has written.
type script struct {
	of   *fake
	read int
}

func (s *script) Next([]byte) (c invariant.Change, ok bool) {
	if s.read == len(s.of.disk) {
		return c, false
	}
	s.read++
	return s.of.disk[s.read-1], true
}

// word is a message that binds its sender.
type word struct {
	tx    bank.Tx
	state invariant.State
}

func (m *word) Says(hear func(bank.Tx, invariant.State)) { hear(m.tx, m.state) }
