package cli_test

import (
	"fmt"
	"time"

	"distsim/scenarios"
	"distsim/sim"
)

// Fixtures that measure, and experiments.

// sterile is an experiment on something that never happens.
func sterile() *scenarios.Scenario {
	s := fixture{name: "sterile", shows: "an experiment in which nothing happens"}.scenario()
	build := s.Build
	s.Build = func(b *scenarios.Build) {
		build(b)
		b.Measure("miracle", func() (time.Duration, bool) { return 0, false })
	}
	s.Vary = &scenarios.Vary{Param: "pause", Values: []string{"1ms", "2ms"}, Seeds: 3, Measures: []string{"miracle"}}
	return s
}

// tally measures questions, each of which is asked once, twice or not at all, and the
// first once more, in every way that there is to measure.
func tally() *scenarios.Scenario {
	s := fixture{name: "tally", shows: "an experiment with several measures"}.scenario()
	s.Params = append(s.Params, scenarios.Param{Name: "variant", Kind: scenarios.Choice, Default: "once",
		Words: []string{"once", "twice", "silent"}, Help: "how often a question is asked"})
	s.Build = func(b *scenarios.Build) {
		times := askings(b.Values)
		var done, sent int64
		b.World.AddServer(func() sim.Node { return server{func(*sim.Env, ask) { sent += 2 }} })
		latency := b.Samples("latency")
		b.Ratio("messages per question", func() (int64, int64) { return sent, done })
		b.Count("messages", func() (int64, bool) { return sent, done > 0 })
		b.Measure("length", func() (time.Duration, bool) { return time.Duration(b.World.Now()), done > 0 })
		b.World.AddClient(sim.Go(func(p *sim.Proc) {
			for i := range b.Values.Int("asks") * min(times, 1) {
				began := b.World.Now()
				for range times + max(0, 1-i) {
					sim.Call[answer](p, sim.Server(1), ask{1}, time.Second)
				}
				done++
				latency.Add(time.Duration(b.World.Now() - began))
			}
		}))
	}
	s.Vary = &scenarios.Vary{Param: "variant", Values: []string{"once", "twice", "silent"}, Seeds: 5,
		Measures: []string{"latency", "messages per question", "messages"},
		Beside: func(v scenarios.Values) []scenarios.Value {
			return []scenarios.Value{{Name: "textbook", Text: fmt.Sprintf("2k = %d", 2*askings(v))}}
		}}
	return s
}

// askings is how often a question is asked.
func askings(v scenarios.Values) int {
	return map[string]int{"once": 1, "twice": 2}[v.Choice("variant")]
}

// tallyOf is tally as an experiment on one of its measures.
func tallyOf(name, measure string) *scenarios.Scenario {
	s := tally()
	s.Name, s.Shows = name, "an experiment on "+measure
	s.Vary = &scenarios.Vary{Param: "variant", Values: s.Vary.Values, Seeds: 5, Measures: []string{measure}}
	return s
}
