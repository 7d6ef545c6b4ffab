package faults

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// Clients are part of the story where they hold locks: one that is paused, or whose clock
// is slow, goes on in its critical section when its lease is over. What a model says of
// them changes no draw about servers.

// aimsAtClients reports whether faults of a kind may be aimed at clients.
func (m Model) aimsAtClients(k Kind) bool { return slices.Contains(m.ClientKinds, k) }

// mayBeClient reports whether the target may mean a client.
func (t Target) mayBeClient() bool {
	return t.Who == Holder && len(t.Was) == 0 || slices.ContainsFunc(t.Known(), sim.NodeID.IsClient)
}

// spares says that a fault may hit a client that the model wants to be well, or nil.
func (m Model) spares(f Fault) error {
	if m.aimsAtClients(f.Kind()) {
		return nil
	}
	var err error
	f.Fields(aims(func(t *Target) {
		if t.mayBeClient() {
			err = firstError(err, fmt.Errorf("it may hit a client (%v), and the fault model aims %s at clients",
				t, noneOr(m.ClientKinds)))
		}
	}))
	return err
}

// noneOr lists kinds, or says that there are none.
func noneOr(kinds []Kind) string {
	if len(kinds) == 0 {
		return "nothing"
	}
	return "only " + namesOf(kinds)
}

// checkClients says what of the model's talk of clients would come to nothing.
func (m Model) checkClients() error {
	for _, k := range m.ClientKinds {
		switch {
		case !m.Allows(k):
			return fmt.Errorf("ClientKinds has %s, and Kinds does not: it would never be drawn", k)
		case onlyForServers(k):
			return fmt.Errorf("ClientKinds has %s, which no planner aims at clients", k)
		}
	}
	switch {
	case len(m.ClientKinds) == 0 && m.Holders:
		return fmt.Errorf("Holders is set, and ClientKinds is empty: no fault would be aimed at them")
	case len(m.ClientMoments) > 0 && !slices.ContainsFunc(All(), func(f Fault) bool { return m.aimsAtClients(f.Kind()) && canAim(f) }):
		return fmt.Errorf("ClientMoments needs a kind among ClientKinds that ends: no fault would be aimed at them")
	}
	return nil
}

// onlyForServers reports whether faults of a kind are about servers only: how they are
// divided, what they run, and what is said to them.
func onlyForServers(k Kind) bool {
	return slices.Contains([]Kind{"partition", "bridge", "majorities_ring", "swizzle_clog", "filter", "upgrade"}, k)
}

// towardsClients aims a fault that is drawn for a server at a client or a holder
// instead, if the model has its kind for them: half of the time.
func (d *dice) towardsClients(e Entry) Entry {
	if e.Fault == nil || !d.model.aimsAtClients(e.Fault.Kind()) {
		return e
	}
	if t, ok := onlyTarget(e.Fault); !ok || !t.single() { // all links, say
		return e
	}
	_, stops := e.Fault.(stopper)
	if at := d.client(e.At > 0, len(d.servers) == 0 || stops && d.model.MaxDown == 0); !at.None() {
		e.Fault = aimingAt(e.Fault, at)
	}
	return e
}

// client draws a target that is a client or a holder, or none, which stands for a
// server. At the start, before anybody is under way, nobody holds a lock yet.
func (d *dice) client(underWay, noServer bool) Target {
	held, named := d.model.Holders && underWay, d.model.Clients > 0
	node := d.below("which client", int64(d.model.Clients))
	x := d.below("client", 6) // 0 … 2: a server
	if noServer {
		x = 3 + x/2
	}
	switch {
	case x < 3 || !held && !named:
		return Target{}
	case held && (x > 3 || !named):
		return Aim(Holder)
	default:
		return On(sim.Client(int(node) + 1))
	}
}
