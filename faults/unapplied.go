package faults

import (
	"fmt"
	"strings"

	"distsim/sim"
	"distsim/sim/history"
)

// Unapplied is a part of a plan that a run has not been touched by, and why. Whoever
// wrote the plan by hand wants to know: an experiment whose fault never struck shows
// nothing. Of drawn faults some always find nobody.
type Unapplied struct {
	Key   string // of the plan: faults, overrides, workload or reseed
	Index int    // in that list, from 0
	What  string // the part, nearly as a plan spells it
	Why   string
}

// String counts from 1, as people do: fault 2 (crash: {target: n1} at 100s): the run
// was over at 6.3s.
func (u Unapplied) String() string {
	name := map[string]string{"faults": "fault", "overrides": "override", "workload": "operation"}[u.Key]
	if name == "" {
		return fmt.Sprintf("%s (%s): %s", u.Key, u.What, u.Why)
	}
	return fmt.Sprintf("%s %d (%s): %s", name, u.Index+1, u.What, u.Why)
}

// Unapplied lists the faults that never struck, and those whose message type or file
// never came their way, in the order of the plan. It is for when the run is over.
func (in *Installed) Unapplied() []Unapplied {
	why := make([]string, len(in.entries))
	for i, e := range in.entries {
		f, names := e.Fault.(naming)
		switch {
		case !in.struck[i]:
			why[i] = in.waits(e)
		case names && !*in.met[i]:
			why[i] = f.missed()
		}
	}
	for _, s := range in.skips {
		why[s.Index] = s.Why
	}
	var out []Unapplied
	for i, e := range in.entries {
		if why[i] != "" {
			out = append(out, Unapplied{"faults", i, e.String(), why[i]})
		}
	}
	return out
}

// waits says what a fault that has neither struck nor been skipped waited for.
func (in *Installed) waits(e Entry) string {
	w := in.stage.World
	switch {
	case e.After.Subject != 0:
		return "what it waits for never came while faults could strike" + inParts(w, e.After)
	case e.Moment.Of != 0 && e.At <= w.Now():
		return fmt.Sprintf("it had not come to %v when faults were over", e.Moment)
	case in.over:
		return fmt.Sprintf("faults were over at %v", in.until)
	default:
		return fmt.Sprintf("the run was over at %v", w.Now())
	}
}

// Unapplied lists the overrides that decided nothing.
func (o *Overriding) Unapplied(w *sim.World) []Unapplied {
	var out []Unapplied
	for i, x := range o.list {
		switch {
		case o.used[i]:
			continue
		case o.misfit[i] != "":
			out = append(out, Unapplied{"overrides", i, x.String(), o.misfit[i]})
		default:
			out = append(out, Unapplied{"overrides", i, x.String(), "the run never came to this decision" + inParts(w, x.ID)})
		}
	}
	return out
}

// Unapplied lists the operations that were never begun.
func (l *Workload) Unapplied(w *sim.World) []Unapplied {
	if l == nil {
		return nil
	}
	begun := map[history.ID]bool{}
	for _, op := range w.History() {
		begun[op.ID] = true
	}
	var out []Unapplied
	for i, c := range l.Calls {
		if begun[c.ID] {
			continue
		}
		why := "its client never came to it"
		if c.At > w.Now() {
			why = fmt.Sprintf("the run was over at %v", w.Now())
		}
		out = append(out, Unapplied{"workload", i, fmt.Sprintf("%v %v at %v", c.ID, c.Op, c.At), why})
	}
	return out
}

// Unapplied is the reseed, if it never came to that.
func (r *Reseed) Unapplied(w *sim.World, came bool) []Unapplied {
	if r == nil || came {
		return nil
	}
	return []Unapplied{{"reseed", 0, "after " + r.After.String(), "that never came" + inParts(w, r.After)}}
}

// inParts tells who left the part out of a name how the name is spelled here.
func inParts(w *sim.World, id sim.Identity) string {
	var full []string
	for _, n := range w.Trace().Names {
		if n.Name == id.Name {
			return ""
		}
		if id.Name != "" && w.Means(id.Name, n.Name) {
			full = append(full, n.Name)
		}
	}
	if len(full) == 0 {
		return ""
	}
	return "; the part belongs to the name: " + strings.Join(full, " or ")
}
