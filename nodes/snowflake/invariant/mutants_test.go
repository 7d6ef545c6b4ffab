package invariant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/snowflake/invariant"
	"distsim/sim"
)

// mutant is a generator that does one thing wrong, and who notices: that invariant, with
// these words, and no other but those that cannot miss it either.
type mutant struct {
	rule, what string
	script     func(b *bench)
	detail     string
	also       []string
}

func TestMutantsAreFound(t *testing.T) {
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.what, " ", "-"), func(t *testing.T) {
			b := newBench(t)
			if m.script(b); !strings.Contains(b.found["snowflake."+m.rule].Detail, m.detail) {
				t.Errorf("%s: got %q, want %q", m.rule, b.found["snowflake."+m.rule].Detail, m.detail)
			}
			for name := range b.found {
				if rule := strings.TrimPrefix(name, "snowflake."); rule != m.rule && !slices.Contains(m.also, rule) {
					t.Errorf("%s finds something too: %v", rule, b.found[name].Detail)
				}
			}
		})
	}
}

var mutants = []mutant{
	{"unique", "an id twice", func(b *bench) { b.gives(1, make1(100, 0, 1, 2), 1) },
		"n1 gives out 419434498 (millisecond 100, worker 0/1, sequence 2) for the second time", []string{"increasing"}},
	{"unique", "an id in the middle of a run twice", func(b *bench) {
		b.gives(1, make1(100, 0, 1, 200), 1)
		b.gives(1, make1(100, 0, 1, 100), 300)
	}, "sequence 200) for the second time", []string{"increasing"}},
	{"unique", "an id twice in one answer", func(b *bench) {
		x := make1(100, 0, 1, 10)
		b.says(sim.Server(1), answer{{x, 5}, {x + 4, 1}})
	}, "sequence 14) for the second time", []string{"increasing"}},
	{"unique", "the worker id of another", func(b *bench) {
		b.nodes[1].workers = append(b.nodes[1].workers, [2]int{0, 1})
		b.gives(2, make1(100, 0, 1, 0), 2)
	}, "n2 gives out 419434496 (millisecond 100, worker 0/1, sequence 0), which n1 has given out before", nil},
	{"unique", "an id again after a restart that has forgotten it", func(b *bench) {
		b.restarts(1)
		b.gives(1, make1(100, 0, 1, 0), 1)
	}, "for the second time", []string{"increasing"}},
	{"positive", "an id of millisecond 0 without any bits", func(b *bench) {
		b.nodes[0].workers = append(b.nodes[0].workers, [2]int{0, 0})
		b.gives(1, 0, 1)
	}, "n1 gives out 0 (millisecond 0, worker 0/0, sequence 0), which is not positive", nil},
	{"positive", "a timestamp that has wrapped into the sign", func(b *bench) { b.gives(1, -1<<63+make1(0, 0, 1, 0), 1) },
		"which is not positive", []string{"increasing"}},
	{"increasing", "an older millisecond", func(b *bench) { b.gives(1, make1(99, 0, 1, 0), 1) },
		"n1 gives out 415240192 (millisecond 99, worker 0/1, sequence 0) after 419434498 (millisecond 100, worker 0/1, sequence 2)", nil},
	{"increasing", "an older millisecond after a restart", func(b *bench) {
		b.restarts(1)
		b.gives(1, make1(99, 0, 1, 0), 1)
	}, "after 419434498", nil},
	{"increasing", "runs of one answer in the wrong order", func(b *bench) {
		b.says(sim.Server(1), answer{{make1(100, 0, 1, 20), 2}, {make1(100, 0, 1, 10), 2}})
	}, "sequence 10) after", nil},
	{"fields", "a worker that it never was", func(b *bench) { b.gives(1, make1(100, 0, 3, 0), 1) },
		"and is not that worker", nil},
	{"fields", "the right worker of the wrong datacenter", func(b *bench) { b.gives(1, make1(100, 1, 1, 0), 1) },
		"worker 1/1, sequence 0), and is not that worker", nil},
	{"fields", "a millisecond that is yet to come", func(b *bench) { b.gives(1, make1(101, 0, 1, 0), 1) },
		"and its clock has shown no more than millisecond 100", nil},
	{"fields", "a sequence that runs over into the worker", func(b *bench) { b.gives(1, make1(100, 0, 1, 4095), 2) },
		"more after it than a millisecond has", []string{"unique"}},
	{"saved-before-said", "beyond the mark", func(b *bench) {
		b.passes(time.Second)
		b.gives(1, make1(1001, 0, 1, 0), 1)
	}, "(millisecond 1001, worker 0/1, sequence 0), and the mark on its disk is 1000", nil},
	{"saved-before-said", "with the mark of another", func(b *bench) {
		b.nodes[1].marks = append(b.nodes[1].marks, 2000)
		b.passes(time.Second)
		b.gives(1, make1(1100, 0, 1, 0), 1)
	}, "and the mark on its disk is 1000", nil},
}

// What looks alike but is allowed is accepted.
func TestLookAlikesAreAccepted(t *testing.T) {
	for what, script := range lookAlikes {
		t.Run(strings.ReplaceAll(what, " ", "-"), func(t *testing.T) {
			b := newBench(t)
			if script(b); len(b.found) > 0 {
				t.Errorf("rejected: %v", b.found)
			}
		})
	}
}

var lookAlikes = map[string]func(b *bench){
	"gaps":                 func(b *bench) { b.gives(1, make1(100, 0, 1, 500), 1); b.gives(1, make1(100, 0, 1, 502), 1) },
	"a whole millisecond":  func(b *bench) { b.passes(time.Millisecond); b.gives(1, make1(101, 0, 1, 0), 4096) },
	"neighbours":           func(b *bench) { b.gives(1, make1(100, 0, 1, 63), 1); b.gives(1, make1(100, 0, 1, 64), 1) },
	"behind its own clock": func(b *bench) { b.passes(50 * time.Millisecond); b.gives(1, make1(100, 0, 1, 3), 1) },
	"one generator behind another": func(b *bench) {
		b.passes(time.Millisecond)
		b.gives(2, make1(101, 0, 2, 0), 1)
		b.gives(1, make1(100, 0, 1, 3), 1)
	},
	"an id of when the clock was ahead": func(b *bench) {
		b.w.StepWall(sim.Server(1), 200*time.Millisecond)
		b.looks(1)
		b.w.StepWall(sim.Server(1), -200*time.Millisecond)
		b.gives(1, make1(300, 0, 1, 0), 1)
	},
	"another worker id, lower than the one before": func(b *bench) {
		b.nodes[1].workers = append(b.nodes[1].workers, [2]int{0, 1})
		b.gives(2, make1(100, 0, 1, 3), 1)
		b.gives(2, make1(100, 0, 2, 3), 1)
	},
	"a later mark": func(b *bench) {
		b.nodes[0].marks = append(b.nodes[0].marks, 2000, 1500)
		b.passes(time.Second)
		b.gives(1, make1(1100, 0, 1, 0), 1)
	},
	"what is no answer, and what clients say": func(b *bench) {
		b.says(sim.Server(1), "hello")
		b.says(sim.Client(1), answer{{make1(100, 0, 1, 0), 1}})
	},
}

// Marks that others keep are no business of the machine's disk.
func TestMarksKeptElsewhere(t *testing.T) {
	var names []string
	for _, i := range invariant.All(invariant.System{Prefix: "ids."}) {
		names = append(names, i.Name())
	}
	if want := []string{"ids.unique", "ids.positive", "ids.increasing", "ids.fields"}; !slices.Equal(names, want) {
		t.Errorf("names are %v, want %v", names, want)
	}
}

// Looking costs no memory, nor does listening but for the set's growth: sixteen bytes for
// each 64 ids, twice to four times as many after it has grown.
func TestListeningAllocatesNothing(t *testing.T) {
	b := newBench(t)
	if n := testing.AllocsPerRun(100, func() { b.looks(1); b.looks(2) }); n > 0 {
		t.Errorf("looking: %v allocations", n)
	}
	b.nodes[0].marks = append(b.nodes[0].marks, 1<<40)
	b.passes(10 * time.Second)
	said, milli := answer{{0, 4096}}, int64(100)
	var m sim.Message = said
	if n := testing.AllocsPerRun(5000, func() {
		milli++
		said[0].first = make1(milli, 0, 1, 0)
		b.says(sim.Server(1), m)
	}); n > 0 {
		t.Errorf("listening: %v allocations", n)
	}
	if len(b.found) > 0 {
		t.Errorf("rejected: %v", b.found)
	}
}

func BenchmarkListening(bench *testing.B) {
	b := newBench(bench)
	b.nodes[0].marks = append(b.nodes[0].marks, 1<<40)
	b.w.StepWall(sim.Server(1), 24*time.Hour)
	said, milli := answer{{0, 4096}}, int64(100)
	var m sim.Message = said
	for range bench.N {
		milli++
		said[0].first = make1(milli, 0, 1, 0)
		b.says(sim.Server(1), m)
	}
	bench.ReportMetric(float64(bench.Elapsed().Nanoseconds())/float64(bench.N)/4096, "ns/id")
}
