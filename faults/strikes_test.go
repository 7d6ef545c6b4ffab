package faults_test

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// strike is a fault from 25 to 65 ms, and what comes to somebody's notice.
type strike struct {
	fault faults.Fault
	want  string
}

// wantStrikes runs each fault in a world of its own, until the end. It must do what
// its documentation says, and no more once it has healed: by itself, and ended by
// HealAll in the middle. The first of each kind is told as a story.
func wantStrikes(t *testing.T, end sim.Time, build func(t *testing.T) (*sim.World, *notes), strikes []strike) {
	t.Helper()
	told := map[faults.Kind]bool{}
	for _, c := range strikes {
		e := between(25*ms, 65*ms, c.fault)
		if _, steps := c.fault.(faults.ClockStep); steps {
			e.For = 0 // it is over at once, and stays
		}
		w, notes := build(t)
		install(t, w, e)
		w.RunUntil(end)
		c.compare(t, "healed by itself", notes)
		if kind := c.fault.Kind(); !told[kind] {
			told[kind] = true
			wantStory(t, w, string(kind))
		}

		w, notes = build(t)
		in := install(t, w, faults.Entry{Fault: c.fault, At: 25 * ms})
		w.RunUntil(65 * ms)
		in.HealAll()
		w.RunUntil(end)
		c.compare(t, "ended by HealAll", notes)
	}
}

func (c *strike) compare(t *testing.T, how string, got *notes) {
	t.Helper()
	if got := strings.Join(got.at, " "); got != c.want {
		t.Errorf("%v, %s:\n got %s\nwant %s", c.fault, how, got, c.want)
	}
}

// A fault that strikes inside a step is named before what it does: the story of the
// third sale, struck before the answer.
func TestStoriesOfStrikesInsideSteps(t *testing.T) {
	third := sim.Identity{Subject: sim.OfSync, Node: n(1), Name: "sold", K: 3}
	for _, f := range []faults.Fault{
		faults.Crash{Target: faults.On(n(1)), BeforeEffect: 3},
		faults.Pause{Target: faults.On(n(1)), BeforeEffect: 3},
	} {
		w, _ := offices(t)
		install(t, w, faults.Entry{Fault: f, After: third, For: 20 * time.Millisecond})
		w.RunUntil(65 * ms)
		wantStory(t, w, string(f.Kind())+"-inside-a-step")
	}
}
