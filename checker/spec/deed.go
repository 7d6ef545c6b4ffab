package spec

import (
	"fmt"
	"strings"

	"distsim/sim/history"
)

// deed is what one operation did to its object and saw of it: the facts that
// rules reason with, whatever the vocabulary. Values are compared with ==;
// appending applies to strings only.
type deed struct {
	history.Op
	subject string // the object, for sentences

	done    bool // it was answered, so its effect and its sight are certain
	effect  effect
	value   any   // what it sets or appends
	sight   sight // what it saw; for a swap in doubt, what it needs to see
	swap    bool  // a compare-and-swap that succeeded or may have
	refused bool  // a compare-and-swap that did not write
	absurd  bool  // its answer is wrong in every state
}

// effect is what an operation does to its object, if it takes effect.
type effect uint8

const (
	none effect = iota
	sets
	appends
	clears
)

// sight is what an operation saw of the state at the instant it took effect.
type sight struct {
	kind  sightKind
	value any // for present
}

type sightKind uint8

const (
	nothing sightKind = iota // it did not look
	missing                  // the key is absent
	blank                    // absent or "": a swap that expects "" cannot tell
	present                  // the value
)

// String prints a sight as an answer prints it.
func (s sight) String() string {
	switch s.kind {
	case missing:
		return "nil"
	case blank:
		return `""`
	default:
		return quote(s.value)
	}
}

// excludes reports that no state can give both sights.
func (s sight) excludes(t sight) bool {
	switch {
	case s.kind == nothing || t.kind == nothing:
		return false
	case s.kind == present && t.kind == present:
		return s.value != t.value
	case s.kind == present:
		return t.kind == missing || s.value != ""
	case t.kind == present:
		return t.excludes(s)
	default:
		return false
	}
}

// could reports whether the deed can have had its effect: it did not fail and
// was not refused.
func (d *deed) could() bool { return d.effect != none && d.Outcome != history.Failed }

// did reports that the deed certainly had its effect.
func (d *deed) did() bool { return d.effect != none && d.done }

// makes reports whether the state right after the deed's effect can give the
// sight. It errs towards yes: an append makes every text that ends with it.
func (d *deed) makes(s sight) bool {
	switch {
	case s.kind == nothing:
		return false
	case d.effect == clears:
		return s.kind != present
	case d.effect == none || s.kind == missing:
		return false
	case s.kind == blank:
		return d.value == ""
	case d.effect == appends:
		return strings.HasSuffix(text(s.value), text(d.value))
	default:
		return d.value == s.value
	}
}

// shows reports whether the sight can be of a state in which the deed's effect
// has not been overwritten, though others may have been appended.
func (d *deed) shows(s sight) bool {
	switch {
	case s.kind != present || d.effect == clears:
		return d.makes(s)
	case d.effect == none:
		return false
	}
	if seen, ok := s.value.(string); ok {
		return strings.Contains(seen, text(d.value))
	}
	return d.value == s.value
}

// before reports that d was over when e began.
func (d *deed) before(e *deed) bool {
	return d.Outcome != history.Unknown && d.Returned < e.Invoked
}

// call prints the deed as asked: c2#7 put(k1,"a").
func (d *deed) call() string { return fmt.Sprintf("%v %v", d.ID, d.Input) }

// heard prints the deed as answered: c2#7 get(k1) returned "a".
func (d *deed) heard() string {
	switch {
	case d.swap:
		return fmt.Sprintf("%s succeeded on %v", d.call(), d.sight)
	case d.refused:
		return fmt.Sprintf("%s was refused and saw %v", d.call(), d.sight)
	default:
		return fmt.Sprintf("%s returned %v", d.call(), d.sight)
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// quote prints a value as operations do: texts in quotes.
func quote(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}

// tried reports whether the deed would make the sight if it had its effect,
// whatever became of it.
func (d *deed) tried(s sight) bool {
	e := *d
	if e.refused {
		e.effect = sets
	}
	return e.makes(s)
}
