package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

// metered is a scenario in which nothing happens and whose measures are as the seed
// says: for a multiple of three nothing comes.
func metered() *Scenario {
	return &Scenario{
		Name: "metered",
		Params: []Param{
			{Name: "step", Kind: Duration, Default: "1ms", Max: int64(time.Second)},
			{Name: "variant", Kind: Choice, Default: "plain", Words: []string{"plain", "double"}},
		},
		Declare: func(Values) Declaration { return Declaration{} },
		Config:  func(Values) sim.Config { return sim.Config{} },
		Build: func(b *Build) {
			seed, step := int64(b.World.Seed()), b.Values.Duration("step")
			came := seed%3 != 0
			b.Measure("span", func() (time.Duration, bool) { return time.Duration(seed) * step, came })
			b.Count("messages", func() (int64, bool) { return 10 * seed, came })
			b.Ratio("messages per transaction", func() (int64, int64) {
				if !came {
					return 7, 0
				}
				return 10 * seed, seed + 1
			})
			latency := b.Samples("latency")
			for i := range seed {
				if came {
					latency.Add(time.Duration(i+1) * step)
				}
			}
		},
		Judge: func(Values, *sim.World) ([]checker.Result, error) { return nil, nil },
	}
}

func asJSON(t *testing.T, x any) string {
	t.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What a run measured, with its unit.
func TestMeasuresOfARun(t *testing.T) {
	for seed, want := range map[uint64]string{
		4: `[{"name":"span","unit":"ns","value_ns":4000000},` +
			`{"name":"messages","unit":"count","value":40},` +
			`{"name":"messages per transaction","unit":"ratio","num":40,"den":5},` +
			`{"name":"latency","unit":"ns","samples":4,"p50_ns":2000000,"p99_ns":4000000,"max_ns":4000000,"sum_ns":10000000}]`,
		3: `[{"name":"span","unit":"ns","value_ns":null},` +
			`{"name":"messages","unit":"count","value":null},` +
			`{"name":"messages per transaction","unit":"ratio","num":7,"den":0},` +
			`{"name":"latency","unit":"ns","samples":0,"p50_ns":-1,"p99_ns":-1,"max_ns":-1,"sum_ns":0}]`,
	} {
		if got := asJSON(t, mustRun(t, metered(), seeded(seed), Options{}).Report.Measures); got != want {
			t.Errorf("seed %d: got\n%s, want\n%s", seed, got, want)
		}
	}
}

// Over a hunt spans and counts are ranked run by run, samples all together, and ratios
// are those of the sums; with any number of workers.
func TestMeasuresOverAHunt(t *testing.T) {
	want := `[{"name":"span","unit":"ns","runs":10,"never":3,"p50_ns":7000000,"p99_ns":-1,"max_ns":-1,"sum_ns":37000000},` +
		`{"name":"messages","unit":"count","runs":10,"never":3,"p50":70,"p99":-1,"max":-1,"sum":370},` +
		`{"name":"messages per transaction","unit":"ratio","runs":10,"never":3,"num":391,"den":44},` +
		`{"name":"latency","unit":"ns","runs":10,"never":3,"samples":37,"p50_ns":4000000,"p99_ns":10000000,"max_ns":10000000,"sum_ns":148000000}]`
	for _, workers := range []int{1, 3} {
		h := Hunt{Scenario: metered(), From: 1, To: 10, Workers: workers}
		rep, err := h.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := asJSON(t, rep.Measures); got != want {
			t.Errorf("%d workers: got\n%s, want\n%s", workers, got, want)
		}
		var means []string
		for i := range rep.Measures {
			mean, ok := rep.Measures[i].Mean()
			means = append(means, fmt.Sprintf("%.2f %t", mean, ok))
		}
		if got := strings.Join(means, ", "); got != "5285714.29 true, 52.86 true, 8.89 true, 4000000.00 true" {
			t.Errorf("means: got %s", got)
		}
	}
}

// A hunt does not hold on to the samples of its runs.
func TestHuntLetsGoOfSamples(t *testing.T) {
	run := mustRun(t, metered(), seeded(5), Options{}).Report.Measures
	all := addMeasures(nil, run)
	if m := run[3]; m.Sampled == nil || m.values != nil || m.Samples != 5 {
		t.Errorf("the run keeps %v; want its 5 samples gone, and their figures there", m.Sampled)
	}
	if *all[3].Samples != 5 {
		t.Errorf("the hunt has %d samples, want 5", *all[3].Samples)
	}
}

// A run that stalls is measured when its bound has passed, whatever comes while the
// proof is sought.
func TestStalledRunIsMeasuredAtTheBound(t *testing.T) {
	s := onlyFirst(faults.Group{Members: []sim.NodeID{sim.Server(2)}, Well: 1})
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		events := b.Samples("events")
		b.World.AddInvariant(sim.Observe(func(w *sim.World, _ sim.NodeID) { events.Add(time.Duration(w.Now())) }))
	}
	r := mustRun(t, s, seeded(1), Options{}).Report
	m := r.Measures[0]
	if r.Verdict != "stalled" || m.Samples < 200 || m.Max > r.Liveness.BoundNS {
		t.Errorf("%s with %d samples up to %v, want those of the 2s until it stalled", r.Verdict, m.Samples, time.Duration(m.Max))
	}
	if r.VirtualNS <= r.Liveness.BoundNS {
		t.Error("the run ended with its bound: this test proves nothing")
	}
}

// Ranks count a run without a value as longer than all others.
func TestSpreadRanks(t *testing.T) {
	ns := func(v int64) *int64 { return &v }
	var all []Spread
	for _, v := range []*int64{ns(30), nil, ns(10), ns(20)} {
		all = addMeasures(all, []Measured{{Name: "m", Unit: OfTime, Took: &Took{v}}})
	}
	all[0].settle()
	if s := all[0]; s.Runs != 4 || s.Never != 1 || s.Times.P50 != 20 || s.Times.P99 != -1 || s.Times.Max != -1 {
		t.Errorf("got %+v, want p50 20 and never beyond", s)
	}
}

// byRank is the rank of sorted values by its definition.
func byRank(sorted []int64, percent int) int64 {
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}

func pooled(values []int64) Times {
	var p pool
	p.addAll(values)
	return p.times(int64(len(values)))
}

// A pool ranks like the sorted list of its values: exactly while they are few, and to a
// part in 1,024 when they are many. Sum and greatest are exact, and the order of the
// values is all the same.
func TestPool(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n     int
		below int64
		exact bool
	}{
		{1, 10, true}, {99, 5, true}, {100, 1 << 40, true}, {101, 1 << 40, true},
		{3 * poolExact / 2, 1000, true}, {poolExact, 1 << 40, true}, {poolExact + 2000, 1 << 40, false},
	} {
		values := make([]int64, c.n)
		var sum int64
		for i := range values {
			values[i] = r.Int64N(c.below)
			sum += values[i]
		}
		got := pooled(values)
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		if again := pooled(values); again != got {
			t.Errorf("%d values: %+v, in another order %+v", c.n, got, again)
		}
		slices.Sort(values)
		want := Times{byRank(values, 50), byRank(values, 99), values[c.n-1], sum}
		if got == want {
			if !c.exact {
				t.Errorf("%d values: nothing was rounded, so this test proves nothing", c.n)
			}
			continue
		}
		for _, p := range [][2]int64{{got.P50, want.P50}, {got.P99, want.P99}} {
			if c.exact || p[0] < p[1] || p[0]-p[1] > p[1]/1024 {
				t.Errorf("%d values: %+v, want %+v", c.n, got, want)
			}
		}
		if got.Max != want.Max || got.Sum != want.Sum {
			t.Errorf("%d values: max %d and sum %d, want %d and %d", c.n, got.Max, got.Sum, want.Max, want.Sum)
		}
	}
}

// However many values come, a pool stays small.
func TestPoolIsBounded(t *testing.T) {
	var p pool
	for i := range int64(3 * poolExact) {
		p.add(i * i * 1_000_003)
	}
	if len(p.count) > poolExact {
		t.Errorf("%d different values are kept, want %d at most", len(p.count), poolExact)
	}
}

func TestRoundUp(t *testing.T) {
	for v, want := range map[int64]int64{
		0: 0, 1: 1, 2047: 2047, 2048: 2048, 2049: 2050, 4095: 4096, 1<<40 + 1: 1<<40 + 1<<30,
		1<<62 + 1: 1<<62 + 1<<52, 1<<63 - 1: 1<<63 - 1,
	} {
		if got := roundUp(v); got != want || roundUp(got) != got {
			t.Errorf("%d is rounded to %d and then %d, want %d", v, got, roundUp(got), want)
		}
	}
}

func TestMeasuresAreNotNegative(t *testing.T) {
	defer func() {
		if r := recover(); !strings.Contains(fmt.Sprint(r), "a measure is -1") {
			t.Errorf("got %v, want a panic", r)
		}
	}()
	pooled([]int64{5, -1})
}

// An experiment has a row for each value, words too, and in it every measure, in the
// order asked for, and what stands beside.
func TestVaryHasColumns(t *testing.T) {
	s := metered()
	s.Vary = &Vary{Param: "variant", Values: []string{"plain", "double"}, Seeds: 10,
		Measures: []string{"latency", "messages per transaction", "span"},
		Beside: func(v Values) []Value {
			return []Value{{"textbook", v.Choice("variant") + " at " + v.Duration("step").String()}}
		}}
	r, err := s.Experiment(context.Background(), []Value{{"step", "2ms"}}, 1, 2, func(uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.String() != "latency, messages per transaction, span against variant" || r.Measure != "latency" || len(r.Rows) != 2 {
		t.Errorf("got %v with %d rows, the first measure being %s", r, len(r.Rows), r.Measure)
	}
	for i, variant := range s.Vary.Values {
		row := r.Rows[i]
		if row.Value != variant || row.Name != "latency" || row.Times.P50 != 8_000_000 || *row.Samples != 37 {
			t.Errorf("row %d: got %s with %+v", i, row.Value, row.Spread)
		}
		if len(row.Others) != 2 || row.Others[0].Num != 391 || row.Others[1].Times.P50 != 14_000_000 {
			t.Errorf("row %d: beside latency stand %+v", i, row.Others)
		}
		if want := []Value{{"textbook", variant + " at 2ms"}}; !reflect.DeepEqual([]Value(row.Beside), want) {
			t.Errorf("row %d: got %v, want %v", i, row.Beside, want)
		}
	}
	if text := asJSON(t, r); !strings.Contains(text, `"beside":{"textbook":"double at 2ms"}`) {
		t.Errorf("the document does not say what stands beside:\n%s", text)
	}
}

// An experiment that was interrupted at once has rows without figures.
func TestVaryInterruptedAtOnce(t *testing.T) {
	s := metered()
	s.Vary = &Vary{Param: "variant", Values: []string{"plain", "double"}, Seeds: 10, Measures: []string{"messages per transaction", "latency"}}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := s.Experiment(ctx, nil, 1, 1, func(uint64) {})
	if err != nil || len(r.Rows) != 1 || r.Exit() != 130 {
		t.Fatalf("%v, %+v; want one row, interrupted", err, r)
	}
	if row := r.Rows[0]; row.Name != "messages per transaction" || row.Runs != 0 || row.Times.P50 != -1 || row.Others[0].Times.Max != -1 {
		t.Errorf("got %+v", row)
	}
}

// What a later value does not go with is said before the first run.
func TestVaryRefusesBeforeItRuns(t *testing.T) {
	s, _ := Find(All(), "twopc-variants")
	ran := false
	_, err := s.Experiment(context.Background(), []Value{{"participants", "1"}}, 1, 1, func(uint64) { ran = true })
	if err == nil || ran || !strings.Contains(err.Error(), "variant=VALUE makes it one run") {
		t.Errorf("error %v, any run %t", err, ran)
	}
}

// A misspelt measure does not pass for one that never came.
func TestVaryOfAnUnknownMeasure(t *testing.T) {
	s := metered()
	s.Vary = &Vary{Param: "variant", Values: []string{"plain"}, Seeds: 1, Measures: []string{"latencies"}}
	defer func() {
		if r := recover(); !strings.Contains(fmt.Sprint(r), `the measure "latencies"`) {
			t.Errorf("got %v, want a panic that names it", r)
		}
	}()
	s.Experiment(context.Background(), nil, 1, 1, func(uint64) {})
}

// The experiments that simctl comes with take every measure that they show, for every
// value, and name what stands beside in the same way.
func TestVaryOfOwnScenarios(t *testing.T) {
	for _, s := range All() {
		if s.Vary == nil {
			continue
		}
		var beside []string
		for i, value := range s.Vary.Values {
			values, err := s.Resolve([]Value{{s.Vary.Param, value}})
			if err != nil {
				t.Fatal(err)
			}
			plan := seeded(1)
			plan.Params = planParams(values)
			names := []string{}
			for _, m := range mustRun(t, s, plan, Options{}).Report.Measures {
				names = append(names, m.Name)
			}
			for _, m := range s.Vary.Measures {
				if !slices.Contains(names, m) {
					t.Errorf("%s with %s=%s measures %v, not %s", s.Name, s.Vary.Param, value, names, m)
				}
			}
			if s.Vary.Beside == nil {
				continue
			}
			names = []string{}
			for _, v := range s.Vary.Beside(values) {
				names = append(names, v.Name)
			}
			if i > 0 && !slices.Equal(names, beside) {
				t.Errorf("%s with %s=%s has %v beside, want %v", s.Name, s.Vary.Param, value, names, beside)
			}
			beside = names
		}
	}
}
