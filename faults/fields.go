package faults

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"distsim/sim"
)

// Fields sees the fields of a fault one by one: it may read them, to print a
// plan, or write them, to read one. A field at its zero value is left out of a
// plan, and left alone when a plan leaves it out.
type Fields interface {
	Target(t *Target)                               // target, with and was
	Nodes(name string, ids *[]sim.NodeID)           // [n1, n2]
	Groups(name string, groups *[][]sim.NodeID)     // [[n1, n2], [n3]]
	Int(name string, v *int64)                      // a count or parts per million
	Duration(name string, d *time.Duration)         // 800ms
	Dist(name string, d *sim.Dist)                  // 1ms..10ms
	Word(name string, v *string, choices ...string) // one of a few
	Flag(name string, v *bool)                      // true, or left out
	Name(name string, v *string)                    // a name that the plan's author chose: any text
}

// Otherwise is what a field of a fault is where a plan leaves it out, if that is not
// nothing: 500 for the ppm of a clock_slew, all files for the file of a disk_stall.
func Otherwise(f Fault, field string) string {
	if d, ok := f.(interface{ otherwise(field string) string }); ok {
		return d.otherwise(field)
	}
	return ""
}

// spell is how every fault prints: its kind and its fields as a flow map.
func spell(f Fault) string {
	var s speller
	f.Fields(&s)
	return string(f.Kind()) + ": {" + strings.Join(s.parts, ", ") + "}"
}

// speller prints fields.
type speller struct{ parts []string }

func (s *speller) say(name, text string, zero bool) {
	if !zero {
		s.parts = append(s.parts, name+": "+text)
	}
}

func (s *speller) Target(t *Target) {
	s.say("target", t.String(), t.None())
	s.say("with", t.With.String(), t.With == 0)
	s.say("was", nodesText(t.Was), len(t.Was) == 0)
}

func (s *speller) Nodes(name string, ids *[]sim.NodeID) {
	s.say(name, listText(*ids), len(*ids) == 0)
}

func (s *speller) Groups(name string, groups *[][]sim.NodeID) {
	s.say(name, groupsText(*groups), len(*groups) == 0)
}

func (s *speller) Int(name string, v *int64) { s.say(name, strconv.FormatInt(*v, 10), *v == 0) }

func (s *speller) Duration(name string, d *time.Duration) { s.say(name, d.String(), *d == 0) }

func (s *speller) Dist(name string, d *sim.Dist) { s.say(name, d.String(), *d == sim.Dist{}) }

func (s *speller) Word(name string, v *string, _ ...string) { s.say(name, *v, *v == "") }

func (s *speller) Flag(name string, v *bool) { s.say(name, "true", !*v) }

func (s *speller) Name(name string, v *string) {
	text := *v
	if !plainName.MatchString(text) || strings.EqualFold(text, "null") {
		text = strconv.Quote(text)
	}
	s.say(name, text, *v == "")
}

// plainName matches the names that mean themselves in YAML without quotes.
var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// checkName says whether a name can be written into a plan.
func checkName(what, name string) error {
	const most = 200
	if len(name) > most || !utf8.ValidString(name) {
		return wrong(what, "%s is %q; want at most %d bytes of UTF-8", what, name, most)
	}
	return nil
}

// aims is a visitor that sees targets only.
type aims func(t *Target)

func (f aims) Target(t *Target)              { f(t) }
func (aims) Nodes(string, *[]sim.NodeID)     {}
func (aims) Groups(string, *[][]sim.NodeID)  {}
func (aims) Int(string, *int64)              {}
func (aims) Duration(string, *time.Duration) {}
func (aims) Dist(string, *sim.Dist)          {}
func (aims) Word(string, *string, ...string) {}
func (aims) Flag(string, *bool)              {}
func (aims) Name(string, *string)            {}

// withTargets is f with every target replaced by what change makes of it.
func withTargets(f Fault, change func(Target) (Target, error)) (Fault, error) {
	var err error
	out := f.Fields(aims(func(t *Target) {
		next, e := change(*t)
		if e != nil {
			err = firstError(err, e)
			return
		}
		*t = next
	}))
	if err != nil {
		return f, err
	}
	return out, nil
}

// Forget is f with its symbolic targets to be resolved again: was is dropped.
func Forget(f Fault) Fault {
	return f.Fields(aims(func(t *Target) { t.Was = nil }))
}
