package scenarios

import (
	"distsim/faults"
	"distsim/sim"
)

// Unapplied is a part of a plan that its run was not touched by, and why.
type Unapplied struct {
	Key    string `json:"key"`    // of the plan: faults, overrides, workload or reseed
	Number int    `json:"number"` // in that list, from 1
	What   string `json:"what"`   // the part, nearly as a plan spells it
	Why    string `json:"why"`

	text string
}

// String is all of it in one line.
func (u Unapplied) String() string { return u.text }

// faultsUnapplied lists the faults that never struck. Of those that the seed has drawn
// some always find nobody: they are only counted.
func (r *Report) faultsUnapplied(plan *faults.Plan, installed *faults.Installed) []Unapplied {
	list := installed.Unapplied()
	if plan.Faults == nil {
		r.DrawnUnapplied = len(list)
		return nil
	}
	return reported(list)
}

// restUnapplied lists what else of the plan came to nothing.
func restUnapplied(plan *faults.Plan, w *sim.World, reseeded bool) []Unapplied {
	var list []faults.Unapplied
	if o, ok := w.Chooser().(*faults.Overriding); ok {
		list = o.Unapplied(w)
	}
	list = append(list, plan.Workload.Unapplied(w)...)
	return reported(append(list, plan.Reseed.Unapplied(w, reseeded)...))
}

func reported(list []faults.Unapplied) []Unapplied {
	var out []Unapplied
	for _, u := range list {
		out = append(out, Unapplied{u.Key, u.Index + 1, u.What, u.Why, u.String()})
	}
	return out
}

// later is who joins a run while it is under way: the client that asks for progress.
func (d Declaration) later(w *sim.World) []sim.NodeID {
	if d.Live == nil {
		return nil
	}
	return []sim.NodeID{sim.Client(len(w.Clients()) + 1)}
}
