package faults

import (
	"fmt"
	"slices"
	"time"

	"distsim/sim"
)

// Moment is a symbolic instant of a symbolic machine: a fault with one waits,
// from its At on, until a machine that its target may mean comes to it. It waits
// at most for MomentPatience.
type Moment struct {
	Of   sim.Moment // 0: no moment
	Name string     // the type of a held message, or of a timer key, with its part or of every part; "": any
}

// MomentPatience is how long a fault waits for its moment: a few election
// timeouts.
const MomentPatience = 2 * time.Second

// String prints the moment as a plan spells it.
func (m Moment) String() string {
	if m.Name == "" {
		return m.Of.String() + ": any"
	}
	return m.Of.String() + ": " + m.Name
}

// check says what is wrong with an entry's moment, or nil.
func (e Entry) checkMoment() error {
	switch {
	case e.Moment.Of == 0:
		return nil
	case e.After.Subject != 0:
		return misplaced("moment", "after and moment are both set: an event or a kind of event; keep one")
	case e.Moment.Name == "any":
		return misplaced("moment", "a moment called any is every moment of its kind: leave the name empty")
	case !slices.Contains(sim.Moments(), e.Moment.Of):
		return misplaced("moment", "moment %d is none of %v", e.Moment.Of, sim.Moments())
	}
	if t, ok := onlyTarget(e.Fault); !ok || !t.single() {
		return misplaced("moment", "a moment needs a fault with one machine as its target: a name, leader, candidate, follower, dirty, holder or any")
	}
	return nil
}

// onlyTarget is the target of a fault that has one and no other.
func onlyTarget(f Fault) (Target, bool) {
	var all []Target
	f.Fields(aims(func(t *Target) { all = append(all, *t) }))
	if len(all) != 1 || all[0].None() {
		return Target{}, false
	}
	return all[0], true
}

// single reports whether the target means one machine.
func (t Target) single() bool {
	if t.Who == 0 {
		return len(t.Nodes) == 1
	}
	return t.Who != Majority && t.Who != Minority
}

// mayMean reports whether the target may mean this machine now. Whom a symbol meant
// must also be that again: it may have come to such a moment before, as something
// else.
func (t Target) mayMean(s *Stage, id sim.NodeID) bool {
	if known := t.Known(); len(known) > 0 && known[0] != id {
		return false
	}
	return t.Who == 0 || (id.IsServer() || t.Who == Holder) && s.is(id, t.Who)
}

// lurk makes a fault wait for its moment.
func (in *Installed) lurk(i int) {
	w, m := in.stage.World, in.entries[i].Moment
	if in.over {
		in.skip(i, reason{text: "the chaos is over"})
		return
	}
	met := false
	callOff := w.Lurk(m.Of, m.Name, func(_ *sim.World, id sim.NodeID) bool {
		met = in.strikeNow(i, id)
		return met
	})
	in.callOffs = append(in.callOffs, callOff)
	w.After(sim.Time(MomentPatience), func(*sim.World) {
		if !met && !in.over {
			callOff()
			in.skip(i, reason{text: fmt.Sprintf("in %v it never came to %v", MomentPatience, m)})
		}
	})
}

// strikeNow strikes the machine that has come to the moment, if it is the one.
func (in *Installed) strikeNow(i int, id sim.NodeID) bool {
	s := &in.stage
	t, _ := onlyTarget(in.entries[i].Fault)
	if !t.mayMean(s, id) {
		return false
	}
	s.name, s.impatient = in.entries[i].name(), true
	f, err := withTargets(in.entries[i].Fault, func(t Target) (Target, error) {
		if t.Who != 0 {
			t.Was = []sim.NodeID{id}
		}
		return t, nil
	})
	if err != nil || f.Blocked(s) != nil {
		return false
	}
	in.begin(i, f)
	return true
}
