package scenarios

import (
	"fmt"
	"time"

	"distsim/faults"
	"distsim/nodes/snowflake"
	"distsim/sim"
)

// The figures of snowflake-order.
const (
	outOfOrder = "out of order"      // of answers that follow one of another generator
	inversions = "inversion"         // how far those are before it
	largest    = "largest inversion" // how far an id is before one that was given out earlier
)

// withinSkew is the property that ids are in the order in which they leave, but for what
// the clocks differ by.
const withinSkew = "ordered-within-skew"

// snowflakeOrder measures how roughly ids of several generators are in the order of time.
// Their clocks differ, and nothing else disturbs them: disks take no time, as an answer
// that waits for one is older than it looks.
func snowflakeOrder() *Scenario {
	return &Scenario{
		Name:     "snowflake-order",
		Shows:    "ids of several generators are ordered by time only as well as their clocks agree: how many are out of order, and by how much, against the skew",
		Problems: []string{"data-inconsistency"},
		Twin:     "snowflake-rollback",
		Params: append(idParams("3", "6", "1200", "1"),
			Param{Name: "skew", Kind: Duration, Default: "10ms", Max: int64(time.Second), Help: "how far clocks differ at most"}),
		Declare: func(v Values) Declaration {
			return Declaration{
				Model:      faults.Model{Kinds: []faults.Kind{"clock_offset"}, Offset: time.Second},
				Properties: []Declared{{withinSkew, Holds}},
				Chaos:      10 * time.Second,
				Quiet:      30 * time.Second,
			}
		},
		Config: func(Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(500*time.Microsecond, 2*time.Millisecond)}}
		},
		Script: setWrong,
		Build: func(b *Build) {
			addGenerators(b, snowflake.Config{})
			addIDClients(b, snowflake.Client{Think: sim.Uniform(0, 4*time.Millisecond)})
			measureOrder(b)
		},
		Vary: &Vary{Param: "skew", Values: []string{"0s", "1ms", "2ms", "5ms", "10ms", "20ms", "50ms", "100ms"}, Seeds: 100,
			Measures: []string{outOfOrder, inversions, largest}},
	}
}

// setWrong sets every clock wrong by up to half of the skew, for the whole run.
func setWrong(v Values, seed uint64) []faults.Entry {
	plan := []faults.Entry{}
	skew := v.Duration("skew").Truncate(100 * time.Microsecond)
	for i := 1; skew > 0 && i <= v.Int("nodes"); i++ {
		by := drawnTime(seed, "wrong by", i, 0, skew+1) - skew/2
		if by != 0 {
			plan = append(plan, faults.Entry{Fault: faults.ClockOffset{Target: faults.On(sim.Server(i)), By: by}})
		}
	}
	return plan
}

// order compares answers with those that left before.
type order struct {
	skew     time.Duration
	from     sim.NodeID      // whose was the last answer
	last     snowflake.Milli // and of when its last id
	latest   snowflake.Milli // of all ids so far
	pairs    int64           // of an answer and one of another generator before it
	inverted int64
	largest  snowflake.Milli
	by       *Samples
}

func measureOrder(b *Build) {
	o := &order{skew: b.Values.Duration("skew")}
	b.World.AddInvariant(o)
	b.Ratio(outOfOrder, func() (num, den int64) { return o.inverted, o.pairs })
	o.by = b.Samples(inversions)
	b.Measure(largest, func() (time.Duration, bool) { return milliseconds(o.largest), true })
}

func milliseconds(n snowflake.Milli) time.Duration { return time.Duration(n) * time.Millisecond }

// Name is the property's.
func (o *order) Name() string { return withinSkew }

// Check has nothing to say about events.
func (o *order) Check(*sim.World, sim.NodeID) *sim.Violation { return nil }

// Leaves looks at an answer with ids.
func (o *order) Leaves(_ *sim.World, from, _ sim.NodeID, m sim.Message) *sim.Violation {
	r, ok := m.(*snowflake.Reply)
	if !ok || r.Status != snowflake.Issued {
		return nil
	}
	first, last := r.Runs[0].First.Decode().Milli, r.Runs[len(r.Runs)-1].First.Decode().Milli
	if o.from != 0 && o.from != from {
		o.compare(first)
	}
	o.largest = max(o.largest, o.latest-first)
	before := o.latest
	o.from, o.last, o.latest = from, last, max(o.latest, last)
	if by := milliseconds(before - first); by > o.skew {
		return &sim.Violation{Nodes: []sim.NodeID{from},
			Detail: fmt.Sprintf("%v gives out %v, %v before an id that left earlier; the clocks differ by %v", from, r.Runs[0].First, by, o.skew)}
	}
	return nil
}

func (o *order) compare(first snowflake.Milli) {
	o.pairs++
	if first < o.last {
		o.inverted++
		o.by.Add(milliseconds(o.last - first))
	}
}
