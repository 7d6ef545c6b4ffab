package faults_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/faults/planfile"
	"distsim/sim"
)

// A field of a fault, as its Fields method tells.
type field struct{ name, value, otherwise string }

// fieldTable describes the fields of a fault that is right as it is.
func fieldTable(f faults.Fault) string {
	var l lister
	f.Fields(&l)
	var s strings.Builder
	s.WriteString("| field | value | left out | range |\n|---|---|---|---|\n")
	for _, x := range l.fields {
		none := refused(f, x.name, 0)
		if none != nil && none.Got == "" && none.Why == "" {
			x.otherwise = "an error: " + none.Want
		} else {
			x.otherwise = cmp.Or(faults.Otherwise(f, x.name), x.otherwise)
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", x.name, x.value, x.otherwise, rangeOf(f, x.name))
	}
	return s.String()
}

// rangeOf is what Check wants of a field when it is far too much or far too little.
func rangeOf(f faults.Fault, name string) string {
	var all []string
	for _, extreme := range []int64{math.MaxInt64, math.MinInt64 + 1} {
		if e := refused(f, name, extreme); e != nil && e.Got != "" && !slices.Contains(all, e.Want) {
			all = append(all, e.Want)
		}
	}
	return strings.Join(all, "; ")
}

// refused is what Check says of a fault with one field at a value, if it is about
// that field.
func refused(f faults.Fault, name string, v int64) *faults.FieldError {
	var e *faults.FieldError
	if errors.As(f.Fields(&setter{name: name, v: v}).Check(), &e) && e.Field == name {
		return e
	}
	return nil
}

// lister collects the fields.
type lister struct{ fields []field }

func (l *lister) add(name, value, otherwise string) {
	l.fields = append(l.fields, field{name, value, otherwise})
}

func (l *lister) Target(*faults.Target)                  { l.add("target", "nodes or a symbol", "nobody") }
func (l *lister) Nodes(name string, _ *[]sim.NodeID)     { l.add(name, "nodes", "none") }
func (l *lister) Groups(name string, _ *[][]sim.NodeID)  { l.add(name, "lists of nodes", "none") }
func (l *lister) Int(name string, _ *int64)              { l.add(name, "whole number", "0") }
func (l *lister) Duration(name string, _ *time.Duration) { l.add(name, "duration", "0s") }
func (l *lister) Dist(name string, _ *sim.Dist)          { l.add(name, "distribution", "0s") }
func (l *lister) Word(name string, _ *string, of ...string) {
	l.add(name, strings.Join(of, ", "), "none")
}
func (l *lister) Flag(name string, _ *bool)   { l.add(name, "true or false", "false") }
func (l *lister) Name(name string, _ *string) { l.add(name, "name", "none") }

// setter sets one field: to nothing for 0, else, if it is a quantity, to v.
type setter struct {
	name string
	v    int64
}

func setTo[T any](s *setter, name string, v *T, extreme T) {
	switch {
	case name != s.name:
	case s.v == 0:
		*v = *new(T)
	default:
		*v = extreme
	}
}

func (s *setter) Target(t *faults.Target)                { setTo(s, "target", t, *t) }
func (s *setter) Nodes(name string, v *[]sim.NodeID)     { setTo(s, name, v, *v) }
func (s *setter) Groups(name string, v *[][]sim.NodeID)  { setTo(s, name, v, *v) }
func (s *setter) Int(name string, v *int64)              { setTo(s, name, v, s.v) }
func (s *setter) Duration(name string, v *time.Duration) { setTo(s, name, v, time.Duration(s.v)) }
func (s *setter) Dist(name string, v *sim.Dist) {
	setTo(s, name, v, sim.Fixed(2*faults.MaxDuration))
}
func (s *setter) Word(name string, v *string, _ ...string) { setTo(s, name, v, *v) }
func (s *setter) Flag(name string, v *bool)                { setTo(s, name, v, *v) }
func (s *setter) Name(name string, v *string)              { setTo(s, name, v, *v) }

// parsed is the fault that an example spells.
func parsed(t *testing.T, example string) faults.Fault {
	t.Helper()
	spelled := regexp.MustCompile(`^.*\}`).FindString(example)
	p, err := planfile.Decode("example", []byte("version: 1\nscenario: raft\nseed: 1\nfaults:\n  - "+spelled+"\n    at: 0s\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p.Faults[0].Fault
}
