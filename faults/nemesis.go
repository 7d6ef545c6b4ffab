package faults

import (
	"slices"
	"time"

	"distsim/sim"
)

// The nemesis is the part of the planner that aims: at a role, at the moment when
// what the machine has decided, what its disk holds and what others know differ.
// Between a vote and its sync a crash must lose the vote, between the sync and the
// send it must not; a leader that is cut off or paused just as a timeout is due
// acts on what is no longer so. FoundationDB's buggify and Jepsen's nemeses hope to
// hit such instants; here they are named.

// aimed draws plays: a fault at a moment, and before it, on even chances, a leader
// cut off so that there is something to decide. No moments in the model, no plays.
func aimed(m Model, w *sim.World, chaos time.Duration) []Entry {
	d := &dice{seed: w.Seed(), kind: "nemesis", model: m, servers: w.Servers(), chaos: chaos}
	if len(m.Moments) == 0 {
		d.servers = nil // they come to none: all is for clients
	}
	arms := aimable(m)
	if len(arms) == 0 || d.below("on", 2) == 0 {
		return nil
	}
	var plan []Entry
	_, most := m.lengths()
	n := 1 + d.below("count", 3)
	for d.k = 1; d.k <= uint64(n); d.k++ {
		e, ok := d.ambush(arms)
		if !ok {
			continue
		}
		if d.below("unseat", 2) == 1 && m.Allows(Isolate{}.Kind()) {
			plan = append(plan, Entry{Fault: Isolate{Target: Aim(Leader)}, At: e.At, For: max(grain, d.round(most))})
		}
		plan = append(plan, e)
	}
	return plan
}

// aimable lists the allowed faults that hit one machine and end, and for which there
// are moments.
func aimable(m Model) []Fault {
	return slices.DeleteFunc(All(), func(f Fault) bool { return !m.Allows(f.Kind()) || !m.canAim(f) })
}

func (m Model) canAim(f Fault) bool {
	return canAim(f) && (len(m.Moments) > 0 || m.aimsAtClients(f.Kind()) && len(m.ClientMoments) > 0)
}

// canAim reports whether a fault hits one machine and ends.
func canAim(f Fault) bool {
	t, ok := onlyTarget(aimingAt(f, Aim(Any)))
	_, stays := f.(staying)
	return ok && !stays && t.Who == Any
}

// ambush draws one fault, its victim's role and its moment.
func (d *dice) ambush(arms []Fault) (Entry, bool) {
	e := d.entry(arms[d.below("fault", int64(len(arms)))])
	if e.Fault == nil {
		return e, false
	}
	return d.atMoment(e)
}

// atMoment draws a victim's role and its moment for a fault; what is aimed at a client
// stays so if there are moments for it. There is none if what was drawn is no longer a
// fault when it aims at one machine.
func (d *dice) atMoment(e Entry) (Entry, bool) {
	if t, _ := onlyTarget(e.Fault); t.mayBeClient() && len(d.model.ClientMoments) > 0 {
		e.Moment = d.model.ClientMoments[d.below("client moment", int64(len(d.model.ClientMoments)))]
		return e, true
	}
	if len(d.model.Moments) == 0 {
		return e, false
	}
	roles := []Who{Leader, Follower, Candidate, Any}
	e.Fault = aimingAt(e.Fault, Aim(roles[d.countdown("role", int64(len(roles)))]))
	e.Moment = d.model.Moments[d.below("moment", int64(len(d.model.Moments)))]
	return e, e.Check() == nil
}

// aimingAt is f with another target.
func aimingAt(f Fault, at Target) Fault {
	out, _ := withTargets(f, func(Target) (Target, error) { return at, nil })
	return out
}
