package cli

import (
	"fmt"
	"slices"
	"time"

	"distsim/faults/planfile"
	"distsim/scenarios"
	"distsim/sim"
)

// events lists the records of a run with the names by which a plan calls them: the
// number of the record, the effect of its step that it is, and the identity of the
// message, timer, sync, draw or crash.
func (a *app) events(run *scenarios.Run, v *viewFlags) {
	t := a.sheet("at", "record", "on", "what", "effect", "as a plan calls it")
	trace := run.World.Trace()
	for i, r := range trace.Records() {
		if !v.shows(&r) {
			continue
		}
		effect, id := "-", "-"
		if r.Effect > 0 {
			effect = fmt.Sprint(r.Effect)
		}
		if named := trace.Identity(&r); named.Subject != sim.OfRecord {
			id = planfile.Identity(named)
		} else if r.Type > 0 {
			id = trace.NameOf(&r.Core)
		}
		t.row(time.Duration(r.At).String(), fmt.Sprint(i+1), r.Node.String(), r.Kind.String(), effect, printable(id))
	}
	a.out.printf("%s\n", t)
}

// shows reports whether a record is within the flags.
func (v *viewFlags) shows(r *sim.Record) bool {
	at := time.Duration(r.At)
	here := len(v.only) == 0 || slices.Contains(v.only, r.Node) || slices.Contains(v.only, r.Peer)
	return here && at >= v.from && (v.to == 0 || at <= v.to)
}
