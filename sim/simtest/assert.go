package simtest

import (
	"errors"
	"fmt"
	"strings"

	"distsim/sim"
)

// T is what the assertions View, Trace and History need of a *testing.T, a
// *rapid.T or whatever else takes errors.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Asserts makes a Config.Check of assertions: what they would tell a test is the
// error.
//
//	cfg.Check = simtest.Asserts(func(t simtest.T, w *sim.World) {
//		simtest.History(t, w).Unknown().None()
//	})
func Asserts(check func(t T, w *sim.World)) func(w *sim.World) error {
	return func(w *sim.World) error {
		var c collector
		c.collect(func() { check(&c, w) })
		if len(c.errors) == 0 {
			return nil
		}
		return errors.New(strings.Join(c.errors, "\n"))
	}
}

// collector is a T that keeps what it is told.
type collector struct{ errors []string }

type enough struct{} // what a collector's Fatalf panics with

func (c *collector) Helper() {}

func (c *collector) Errorf(format string, args ...any) {
	c.errors = append(c.errors, fmt.Sprintf(format, args...))
}

func (c *collector) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	panic(enough{})
}

func (c *collector) collect(check func()) {
	defer func() {
		if r := recover(); r != nil && r != (enough{}) {
			panic(r)
		}
	}()
	check()
}

// selected is some records or operations and what they have in common.
type selected[E any] struct {
	t    T
	what string // for messages: sent raft.Append from n1
	list []E
	say  func(E) string
}

const listed = 5 // elements that a message shows

// All lists them, in order.
func (s selected[E]) All() []E { return s.list }

// Count is how many there are.
func (s selected[E]) Count() int { return len(s.list) }

// Want fails unless there are so many.
func (s selected[E]) Want(n int) {
	s.t.Helper()
	if len(s.list) != n {
		s.t.Errorf("%s: got %d, want %d%s", s.what, len(s.list), n, s.lines())
	}
}

// Some fails if there is none.
func (s selected[E]) Some() {
	s.t.Helper()
	if len(s.list) == 0 {
		s.t.Errorf("%s: got none, want some", s.what)
	}
}

// None fails if there is one.
func (s selected[E]) None() {
	s.t.Helper()
	if len(s.list) > 0 {
		s.t.Errorf("%s: got %d, want none%s", s.what, len(s.list), s.lines())
	}
}

// lines shows the first few.
func (s selected[E]) lines() string {
	var b strings.Builder
	for i, e := range s.list {
		if i == listed {
			fmt.Fprintf(&b, "\n  … and %d more", len(s.list)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s", s.say(e))
	}
	return b.String()
}

// where keeps those that fit; what says how they are told apart.
func (s selected[E]) where(what string, fits func(e *E) bool) selected[E] {
	rest := s
	rest.what, rest.list = s.what+" "+what, nil
	for i := range s.list {
		if fits(&s.list[i]) {
			rest.list = append(rest.list, s.list[i])
		}
	}
	return rest
}

// wantEach compares element by element with what is wanted.
func wantEach[E, V any](s selected[E], want []V, got func(E) V, same func(a, b V) bool) {
	s.t.Helper()
	ok := len(want) == len(s.list)
	for i := 0; ok && i < len(want); i++ {
		ok = same(got(s.list[i]), want[i])
	}
	if ok {
		return
	}
	values := make([]V, len(s.list))
	for i := range s.list {
		values[i] = got(s.list[i])
	}
	s.t.Errorf("%s:\ngot  %s\nwant %s", s.what, quoted(values), quoted(want))
}

func quoted[V any](values []V) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
		if s, ok := any(v).(string); ok {
			texts[i] = fmt.Sprintf("%q", s)
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
