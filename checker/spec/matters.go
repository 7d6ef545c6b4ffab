package spec

import (
	"strings"

	"distsim/sim/history"
)

// matters implements checker.Spec.Matters for objects of one value.
//
// From the instant a write takes effect until the next one overwrites it, the
// state shows it, with whatever was appended. If nobody sees the state in that
// stretch, the write might as well never happen. If somebody does, the write can
// be postponed to right before the first of the stretch that sees the state or
// appends to it; the sight then shows the appended value behind the write's. So
// the write matters from the first invocation of such an operation that was not
// over when the write was asked for.
//
// Swaps in doubt count as seeing what they expect. Those that had no effect in
// the stretch can be put off to the end, so that postponing gives them none.
func matters(part []history.Op, read func(history.Op) deed) func(history.Op) (uint64, bool) {
	sights, added := make([]deed, 0, len(part)), []deed(nil) // by invocation
	for _, o := range part {
		d := read(o)
		if d.sight.kind != nothing {
			sights = append(sights, d)
		}
		if d.effect == appends {
			added = append(added, d)
		}
	}
	return func(unknown history.Op) (from uint64, ever bool) {
		u := read(unknown)
		v := sightings(&u, sights)
		for i := range added {
			a := &added[i]
			if v.seen && a.Invoked >= v.first {
				break
			}
			if a.ID != u.ID && !a.before(&u) && v.begins(text(a.value)) {
				return a.Invoked, true
			}
		}
		return v.first, v.seen
	}
}

// visibility is who may see a write, directly or below what was appended to it.
type visibility struct {
	seen  bool
	first uint64   // the first invocation of those that may see it
	above []string // what they then see on top of it, appended later
	bare  bool     // it was a deletion: what is on top is the whole text
}

func sightings(u *deed, sights []deed) visibility {
	v := visibility{bare: u.effect == clears}
	for i := range sights {
		d := &sights[i]
		if d.ID == u.ID || d.before(u) {
			continue
		}
		if !v.seen && u.shows(d.sight) {
			v.seen, v.first = true, d.Invoked
		}
		if d.sight.kind != present {
			continue
		}
		if v.bare {
			v.above = append(v.above, text(d.sight.value))
		} else if _, rest, found := strings.Cut(text(d.sight.value), text(u.value)); found {
			v.above = append(v.above, rest)
		}
	}
	return v
}

// begins reports whether the value can be the first appended to the write that
// anybody sees.
func (v *visibility) begins(value string) bool {
	for _, rest := range v.above {
		if v.bare && strings.HasPrefix(rest, value) || !v.bare && strings.Contains(rest, value) {
			return true
		}
	}
	return false
}
