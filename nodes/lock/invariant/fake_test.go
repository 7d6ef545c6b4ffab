package invariant_test

import (
	"slices"
	"testing"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// bench is two keepers of one table, n1 and n2, a resource, n3, and two processes, all
// fed by hand, under all invariants. It begins with c1 in its section of l1 under token 5,
// which both keepers have granted it and it has written under, and c2 and c3 waiting.
type bench struct {
	w         *sim.World
	all       []sim.Invariant
	keepers   []*keeper
	resource  *resource
	processes []*process
	found     map[string]sim.Violation
}

var (
	one   = invariant.Owner{Client: sim.Client(1), Session: 1}
	two   = invariant.Owner{Client: sim.Client(2), Session: 1}
	three = invariant.Owner{Client: sim.Client(3), Session: 1}
	free  = invariant.State{Token: 5}
)

func newBench(t testing.TB) *bench {
	b := &bench{w: sim.New(sim.Config{}), all: invariant.All(invariant.System{}), resource: &resource{}, found: map[string]sim.Violation{}}
	t.Cleanup(b.w.Close)
	for range 2 {
		k := &keeper{alive: []invariant.Owner{one, two, three}}
		b.keepers = append(b.keepers, k)
		b.w.AddServer(func() sim.Node { return k })
	}
	b.w.AddServer(func() sim.Node { return b.resource })
	for range 3 {
		p := &process{}
		b.processes = append(b.processes, p)
		b.w.AddClient(func() sim.Node { return p })
	}
	b.w.RunUntil(0)
	for server := range 2 {
		b.does(server+1, grant(one, 5))
	}
	b.enters(1, "l1", 5)
	b.accepts(write(1, 5))
	b.tells(write(1, 5))
	return b
}

// looks shows an event on a machine to all invariants.
func (b *bench) looks(id sim.NodeID) {
	for _, inv := range b.all {
		b.note(inv, inv.Check(b.w, id))
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

// does lets several things happen at a keeper in one event.
func (b *bench) does(server int, all ...invariant.Deed) {
	k := b.keepers[server-1]
	k.deeds = append(k.deeds, all...)
	b.looks(sim.Server(server))
}

// ends lets a keeper take leases for over.
func (b *bench) ends(server int, all ...invariant.Owner) {
	k := b.keepers[server-1]
	k.alive = slices.DeleteFunc(k.alive, func(o invariant.Owner) bool { return slices.Contains(all, o) })
}

// enters lets a process enter a critical section; leaves lets it leave.
func (b *bench) enters(client int, lock string, token uint64) {
	*b.processes[client-1] = process{invariant.Section{Lock: lock, Token: token}, true}
	b.looks(sim.Client(client))
}

func (b *bench) leaves(client int) {
	*b.processes[client-1] = process{}
	b.looks(sim.Client(client))
}

// accepts lets the resource accept writes in one event.
func (b *bench) accepts(all ...invariant.Acceptance) {
	b.resource.accepted = append(b.resource.accepted, all...)
	b.looks(sim.Server(3))
}

// tells shows an answer that leaves the resource, in the middle of the event.
func (b *bench) tells(a invariant.Acceptance) { b.says(sim.Server(3), &answer{a, true}) }

func (b *bench) says(from sim.NodeID, m sim.Message) {
	for _, inv := range b.all {
		if w, ok := inv.(sim.Witness); ok {
			b.note(inv, w.Leaves(b.w, from, sim.Client(1), m))
		}
	}
}

// crash ends a machine: what it had in memory is gone.
func (b *bench) crash(id sim.NodeID) {
	b.w.Crash(id, sim.LoseAll)
	switch {
	case id.IsClient():
		*b.processes[id.Ordinal()-1] = process{}
	case id == sim.Server(3):
		b.resource.accepted = nil
	default:
		b.keepers[id.Ordinal()-1].deeds = nil
	}
	b.looks(id)
}

// boot starts it again.
func (b *bench) boot(id sim.NodeID) {
	b.w.Restart(id)
	b.w.RunUntil(b.w.Now())
	b.looks(id)
}

// recovers starts the resource again, with these writes on its disk.
func (b *bench) recovers(all ...invariant.Acceptance) {
	b.crash(sim.Server(3))
	for _, a := range all {
		a.Recovered = true
		b.resource.accepted = append(b.resource.accepted, a)
	}
	b.boot(sim.Server(3))
}

// held is l1 as somebody has it.
func held(o invariant.Owner, token uint64) invariant.State {
	return invariant.State{Owner: o, Token: token}
}

// grant is l1, free before, given to somebody.
func grant(o invariant.Owner, token uint64, queue ...invariant.Owner) invariant.Deed {
	return invariant.Deed{Kind: invariant.Grant, Lock: "l1", By: o, Before: free, After: held(o, token), Queue: queue}
}

// frees is l1, c1's before, given back by somebody, or lapsed.
func frees(kind invariant.Kind, by invariant.Owner) invariant.Deed {
	return invariant.Deed{Kind: kind, Lock: "l1", By: by, Before: held(one, 5), After: free}
}

// refuse is c2 refused l1, which was c1's, and is what the test says.
func refuse(after invariant.State) invariant.Deed {
	return invariant.Deed{Kind: invariant.Refuse, Lock: "l1", By: two, Before: held(one, 5), After: after}
}

func write(client int, token uint64) invariant.Acceptance {
	return invariant.Acceptance{Lock: "l1", Token: token, By: sim.Client(client)}
}

// keeper is a server that has done whatever the test says.
type keeper struct {
	deeds []invariant.Deed
	alive []invariant.Owner
}

func (k *keeper) Step(*sim.Env, sim.NodeID, sim.Message) {}
func (k *keeper) Deeds() uint64                          { return uint64(len(k.deeds)) }
func (k *keeper) Deed(i uint64) invariant.Deed           { return k.deeds[i-1] }
func (k *keeper) Alive(o invariant.Owner) bool           { return slices.Contains(k.alive, o) }

// resource is one that has accepted whatever the test says.
type resource struct{ accepted []invariant.Acceptance }

func (r *resource) Step(*sim.Env, sim.NodeID, sim.Message)   {}
func (r *resource) Accepted() uint64                         { return uint64(len(r.accepted)) }
func (r *resource) Acceptance(i uint64) invariant.Acceptance { return r.accepted[i-1] }

// process is one that is wherever the test says.
type process struct {
	section invariant.Section
	in      bool
}

func (p *process) Step(*sim.Env, sim.NodeID, sim.Message) {}
func (p *process) Section() (invariant.Section, bool)     { return p.section, p.in }

// answer is what a resource says.
type answer struct {
	a  invariant.Acceptance
	ok bool
}

func (m *answer) AcceptedWrite() (invariant.Acceptance, bool) { return m.a, m.ok }
