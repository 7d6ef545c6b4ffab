package simtest

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"distsim/faults/shrink"
)

var bases = flag.Int("bases", 5, "how many base seeds of rapid to measure shrinking with")

// Rapid shrinks plans as far as delta debugging does: whatever it draws first, of the
// plan that it ends with no fault can go. Of four bugs, the pair's takes two faults
// and sometimes three, the others one.
//
//	go test -v -run TestShrinking ./sim/simtest -bases 100
func TestShrinking(t *testing.T) {
	if testing.Short() {
		t.Skip("rapid draws fewer plans")
	}
	setRapid(t, "nofailfile", "true")
	t.Logf("%-9s %5s  %6s  %12s  %12s", "bug", "found", "faults", "rapid (runs)", "delta (runs)")
	for _, p := range plantedBugs() {
		var total shrinking
		found := 0
		for base := range *bases {
			setRapid(t, "seed", fmt.Sprint(1000*(base+1)))
			s, ok := p.shrink(t)
			if !ok {
				continue
			}
			found++
			total = total.plus(s)
		}
		n := float64(max(found, 1))
		t.Logf("%-9s %2d/%2d  %6.1f  %4.2f  (%4.0f)  %4.2f  (%4.0f)", p.name, found, *bases,
			float64(total.drawn)/n, float64(total.rapid)/n, float64(total.rapidRuns)/n, float64(total.delta)/n, float64(total.deltaRuns)/n)
		if found < *bases/3 {
			t.Errorf("%s: found with %d base seeds of %d", p.name, found, *bases)
		}
	}
}

// shrinking counts faults, of the plan that was found first and of what two ways
// of shrinking left of it, and the runs that took.
type shrinking struct{ drawn, rapid, rapidRuns, delta, deltaRuns int }

func (s shrinking) plus(x shrinking) shrinking {
	return shrinking{s.drawn + x.drawn, s.rapid + x.rapid, s.rapidRuns + x.rapidRuns, s.delta + x.delta, s.deltaRuns + x.deltaRuns}
}

// shrink looks for the bug and shrinks the plan that shows it in both ways.
func (p planted) shrink(t *testing.T) (s shrinking, found bool) {
	h := huntIn(t, p.cfg, p.build)
	until := 0 // how many plans were run to find it
	rapid.Check(&recorder{}, func(rt *rapid.T) {
		defer func() {
			if until == 0 && h.failing != nil {
				until = len(h.known)
			}
		}()
		h.property(rt)
	})
	if h.failing == nil {
		return s, false
	}
	s = shrinking{drawn: len(h.first.Faults), rapid: len(h.failing.Faults), rapidRuns: len(h.known) - until}
	delta, err := shrink.Shrink(*h.first, h.fails, shrink.Options{Model: &p.cfg.Faults})
	if err != nil {
		t.Fatal(err)
	}
	s.delta, s.deltaRuns = len(delta.Plan.Faults), delta.Runs
	for i := range h.failing.Faults {
		without := h.failing.Clone()
		if without.Faults = slices.Delete(without.Faults, i, i+1); h.fails(without) {
			t.Errorf("%s: %#v fails without its fault %d", p.name, *h.failing, i+1)
		}
	}
	if small := h.smallest(); len(small.Faults) > p.most {
		t.Errorf("%s: %#v\nis shrunk to %#v, want %d faults at most", p.name, *h.first, small, p.most)
	}
	return s, true
}
