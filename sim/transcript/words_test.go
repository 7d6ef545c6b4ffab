package transcript

import (
	"slices"
	"testing"

	"distsim/sim"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, nil},
		{"one two", 10, []string{"one two"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"abcdefghijkl", 5, []string{"abcde", "fghij", "kl"}},
		{"a bcdefghijkl", 6, []string{"a bcde", "fghijk", "l"}},
		{"→→→→ →→", 4, []string{"→→→→", "→→"}},
		{"xy", 0, []string{"x", "y"}},
	} {
		if got := wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("wrap(%q, %d): got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	n := sim.Server
	one := []pair{{n(1), n(2)}, {n(1), n(3)}}
	both := append(slices.Clone(one), pair{n(2), n(1)}, pair{n(2), n(3)}, pair{n(3), n(2)}, pair{n(3), n(1)})
	for want, pairs := range map[string][]pair{
		"n1→n2,n3":             one,
		"n1,n2→n3":             {{n(2), n(3)}, {n(1), n(3)}},
		"n1→n2 n2→n1":          {{n(1), n(2)}, {n(2), n(1)}},
		"among n1,n2,n3":       both,
		"among n1,n2,n3 n4→n1": append(slices.Clone(both), pair{n(4), n(1)}),
	} {
		if got := routes(pairs); got != want {
			t.Errorf("routes: got %q, want %q", got, want)
		}
	}
}

func TestGlyphs(t *testing.T) {
	g := glyphsOf(false)
	for role, want := range map[string]string{"leader": "★", "Primary": "★", "pre-candidate": "?", "follower": "·", "backup": "·", "learner": "l", "": "○"} {
		n := &node{up: true}
		if role != "" {
			n.fields = []sim.Field{{Name: "g1.role", Text: role}}
		}
		if got := g.of(n); got != want {
			t.Errorf("glyph of %q: got %q, want %q", role, got, want)
		}
		n.paused = true
		if got := g.of(n); got != "‖" {
			t.Errorf("glyph of a paused %q: got %q", role, got)
		}
	}
	if got := g.of(&node{}); got != "✗" {
		t.Errorf("glyph of a node that is down: got %q", got)
	}
}

func TestMissedSaysWhy(t *testing.T) {
	for want, r := range map[string]sim.Record{
		"lost":                               {Core: sim.Core{Kind: sim.KindSend, Fate: sim.Lost}},
		"cut":                                {Core: sim.Core{Kind: sim.KindSend, Fate: sim.Cut}},
		"cut on its way":                     {Core: sim.Core{Kind: sim.KindMiss, Fate: sim.Cut}},
		"n2 is down":                         {Core: sim.Core{Kind: sim.KindMiss, Fate: sim.Down, Node: sim.Server(2)}},
		"too late, nobody waits for it":      {Core: sim.Core{Kind: sim.KindMiss, Fate: sim.Late}},
		"its stream broke":                   {Core: sim.Core{Kind: sim.KindMiss, Fate: sim.Broken}},
		"never left: it was held for a sync": {Core: sim.Core{Kind: sim.KindUnsent}},
	} {
		if got := missed(&r); got != want {
			t.Errorf("missed: got %q, want %q", got, want)
		}
	}
}

func TestShortNames(t *testing.T) {
	got := shortNames([]sim.Name{{}, {Name: "raft/raft.Append"}, {Name: "a/kv.Get"}, {Name: "b/kv.Get"}, {Name: "tick"}})
	want := []string{"", "raft.Append", "a/kv.Get", "b/kv.Get", "tick"}
	if !slices.Equal(got, want) {
		t.Errorf("shortNames: got %q, want %q", got, want)
	}
}
