package threepc

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/sim"
)

// point is where a machine dies: before an effect of a step, or after the step.
type point struct {
	step   sim.Identity
	node   sim.NodeID
	effect int // 0: after the step
}

func (p point) String() string {
	if p.effect == 0 {
		return fmt.Sprintf("%v after %v", p.node, p.step)
	}
	return fmt.Sprintf("%v before effect %d of %v", p.node, p.effect, p.step)
}

// search runs the same story with every set of crashes of up to a size.
type search struct {
	settings
	story func(t *town)
	most  int              // crashes in a run
	steps func(n int) bool // whether the n-th crash, from 0, may only strike between steps
	runs  int
}

// run plays the story with some crashes, and then with these and each further one. It
// returns the first run that breaks what must hold, and whether the last of the crashes
// has struck: if not, its step has no more effects.
func (s *search) run(crashes []point) (struck bool, err error) {
	t, struck := s.play(crashes)
	defer t.Close()
	if !struck {
		return false, nil
	}
	if err := t.check(); err != nil {
		return true, fmt.Errorf("%w\nseed %d, crashes: %v", err, s.seed, crashes)
	}
	if len(crashes) == s.most {
		return true, nil
	}
	for _, p := range t.stepsAfter(crashes) {
		if err := s.strike(crashes, p); err != nil {
			return true, err
		}
	}
	return true, nil
}

// strike crashes the machine of a step after it, and before each of its effects.
func (s *search) strike(crashes []point, p point) error {
	for ; ; p.effect++ {
		struck, err := s.run(append(slices.Clone(crashes), p))
		if !struck || err != nil {
			return err
		}
	}
}

// play runs the story with crashes, and says whether the last one has struck.
func (s *search) play(crashes []point) (t *town, struck bool) {
	s.runs++
	set := s.settings
	set.quick = len(crashes) == s.most // nobody asks which steps came after
	t = newTown(set, testConfig)
	s.story(t)
	struck = len(crashes) == 0
	for i, p := range crashes {
		last := i == len(crashes)-1
		if p.effect == 0 {
			t.When(p.step, func(w *sim.World) { w.Crash(p.node, sim.LoseAll); struck = struck || last })
			continue
		}
		strike := sim.Strike{
			On: p.step, Node: p.node, Effect: p.effect, Model: sim.LoseAll,
			Begins: func(*sim.World) { t.dies(p.node) },
		}
		t.StrikeAt(strike, func(_ *sim.World, hit bool) { struck = struck || hit && last })
	}
	t.RunUntil(1000 * millisecond)
	return t, struck
}

// stepsAfter lists the steps of servers that came after all crashes.
func (t *town) stepsAfter(crashes []point) (points []point) {
	missing := len(crashes)
	records := t.Trace().Records()
	for i := range records {
		r := &records[i]
		switch {
		case r.Kind == sim.KindCrash:
			missing--
		case missing == 0 && r.Node.IsServer() && (r.Kind == sim.KindDeliver || r.Kind == sim.KindTimer):
			points = append(points, point{step: t.Trace().Identity(r), node: r.Node})
		}
	}
	return points
}

func oneTransaction(t *town) { t.asks(0, transfer) }

// twoTransactions meet at all participants, in different orders.
func twoTransactions(t *town) {
	t.asks(0, transfer)
	t.asks(0, back)
}

var latencies = []settings{
	{latency: sim.Fixed(time.Millisecond)},
	{latency: sim.Uniform(time.Millisecond, 9*time.Millisecond), seed: 1},
	{latency: sim.Uniform(time.Millisecond, 9*time.Millisecond), seed: 2},
	{latency: sim.Uniform(time.Millisecond, 9*time.Millisecond), seed: 3},
}

func TestNoCrashOfOneSplitsOrBlocks(t *testing.T) {
	for _, story := range []func(*town){oneTransaction, twoTransactions} {
		searchAll(t, story, 1)
	}
}

func TestNoCrashOfTwoSplitsOrBlocks(t *testing.T) { searchAll(t, oneTransaction, 2) }

func searchAll(t *testing.T, story func(*town), most int) {
	t.Helper()
	for _, set := range latencies {
		set.participants = 3
		s := &search{settings: set, story: story, most: most}
		if _, err := s.run(nil); err != nil {
			t.Error(err)
		}
		t.Logf("%d runs", s.runs)
	}
}
