package faults

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// roster is who exists.
type roster struct {
	servers, clients []sim.NodeID
	later            []sim.NodeID // who will
}

func rosterOf(w *sim.World) roster { return roster{servers: w.Servers(), clients: w.Clients()} }

// missing says that a node does not exist, and who does; nil when it does, or is nobody.
func (r roster) missing(id sim.NodeID) error {
	if id == 0 || slices.Contains(r.servers, id) || slices.Contains(r.clients, id) || slices.Contains(r.later, id) {
		return nil
	}
	return fmt.Errorf("there is no node %v among %s and %s", id, many(len(r.servers), "server"), many(len(r.clients), "client"))
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// identity says which node that an identity names does not exist, and where, or nil.
func (r roster) identity(id sim.Identity) *PlaceError {
	subject, node := subjectKey(id.Subject), "node"
	if id.Subject == sim.OfMessage {
		node = "from"
	}
	if err := r.missing(id.Node); err != nil {
		return &PlaceError{[]string{subject, node}, err}
	}
	if err := r.missing(id.Peer); err != nil {
		return &PlaceError{[]string{subject, "to"}, err}
	}
	return nil
}

// subjectKey is how a plan spells what an identity is about.
func subjectKey(s sim.Subject) string {
	switch s {
	case sim.OfMessage:
		return "message"
	case sim.OfTimer:
		return "timer"
	case sim.OfSync:
		return "sync"
	case sim.OfCrash:
		return "crash"
	case sim.OfRecord:
		return "record"
	default:
		return "draw"
	}
}

// checkNodes says which node of the entry does not exist, or nil.
func (e Entry) checkNodes(there roster) error {
	var err error
	look := func(field string, ids ...sim.NodeID) {
		for _, id := range ids {
			if why := there.missing(id); why != nil && err == nil {
				err = &PlaceError{[]string{string(e.Fault.Kind()), field}, why}
			}
		}
	}
	e.Fault.Fields(&finder{look: look})
	return firstError(err, below(there.identity(e.After), "after"))
}

// CheckNodes says which node that the plan names beside its faults does not exist,
// with its place, or nil. Those of later are added while the run is under way. (Install
// looks at the faults.)
func (p *Plan) CheckNodes(w *sim.World, later ...sim.NodeID) error {
	there := rosterOf(w)
	if p.Workload != nil {
		for i, c := range p.Workload.Calls {
			if id := sim.Client(c.ID.Client); !slices.Contains(there.clients, id) {
				return &PlaceError{[]string{"workload", item(i), "op"}, there.missing(id)}
			}
		}
	}
	there.later = later
	for i, o := range p.Overrides {
		if err := there.identity(o.ID); err != nil {
			return below(err, "overrides", item(i))
		}
	}
	if p.Reseed != nil {
		return below(there.identity(p.Reseed.After), "reseed", "after")
	}
	return nil
}

// finder is a visitor that sees every node that a fault names.
type finder struct {
	aims
	look func(field string, ids ...sim.NodeID)
}

func (f *finder) Target(t *Target) { f.look("target", t.Nodes...); f.look("was", t.Was...) }

func (f *finder) Nodes(name string, ids *[]sim.NodeID) { f.look(name, *ids...) }

func (f *finder) Groups(name string, groups *[][]sim.NodeID) {
	for _, g := range *groups {
		f.look(name, g...)
	}
}
