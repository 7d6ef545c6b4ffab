package scenarios

import (
	"context"
	"testing"
	"time"

	"distsim/faults"
	"distsim/nodes/snowflake"
	"distsim/sim"
	"distsim/sim/history"
)

// huntIDs runs some seeds of a snowflake scenario, which must come out as declared.
func huntIDs(t *testing.T, name string, seeds uint64, params ...Value) *HuntReport {
	t.Helper()
	s, ok := Find(All(), name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	r, err := (&Hunt{Scenario: s, Params: params, From: 1, To: seeds, Workers: 2, Keep: true}).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r.Exit() != 0 {
		t.Errorf("%s %v: exit %d: %+v", name, params, r.Exit(), r.Failures)
	}
	return r
}

func spreadOf(t *testing.T, r *HuntReport, name string) Spread {
	t.Helper()
	for _, m := range r.Measures {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("%s measures no %q", r.Scenario, name)
	return Spread{}
}

// What the knobs of the snowflake scenarios change is as declared too.
func TestSnowflakeKnobs(t *testing.T) {
	for _, c := range []struct {
		name   string
		params []Value
	}{
		{"snowflake", []Value{{"policy", "refuse"}}},
		{"snowflake", []Value{{"nodes", "1"}, {"workers", "1"}}},
		{"snowflake", []Value{{"workers", "32"}, {"ttl", "2s"}}},
		{"snowflake-burst", []Value{{"faults", "true"}}},
		{"snowflake-rollback", []Value{{"policy", "refuse"}}},
		{"snowflake-rollback", []Value{{"back", "2s"}, {"patience", "100ms"}}},
		{"snowflake-restart", []Value{{"policy", "refuse"}}},
		{"snowflake-restart", []Value{{"down", "1ms"}, {"back", "2s"}}},
		{"snowflake-worker", []Value{{"distinct", "true"}}},
		{"snowflake-worker", []Value{{"batch", "10"}}},
		{"snowflake-epoch", []Value{{"left", "1ms"}}},
		{"snowflake-epoch", []Value{{"policy", "refuse"}}},
		{"snowflake-naive", []Value{{"nodes", "1"}, {"clients", "1"}, {"ops", "1"}, {"batch", "4097"}}},
		{"snowflake-order", []Value{{"skew", "1s"}}},
	} {
		huntIDs(t, c.name, 30, c.params...)
	}
}

// A generator that always has something to do gives out all that there can be.
func TestBurstReachesTheCapacity(t *testing.T) {
	r := huntIDs(t, "snowflake-burst", 5)
	if got, ok := spreadOf(t, r, perSecond).Float(); !ok || got > 4_096_000 || got < 4_000_000 {
		t.Errorf("%.0f ids a second, want 4,000,000 to 4,096,000", got)
	}
}

// One policy holds requests and the other refuses them.
func TestRollbackHoldsOrRefuses(t *testing.T) {
	holds := huntIDs(t, "snowflake-rollback", 40)
	refuses := huntIDs(t, "snowflake-rollback", 40, Value{"policy", "refuse"})
	if held := spreadOf(t, holds, heldBack); *held.Samples == 0 {
		t.Error("nobody is held")
	}
	if held := spreadOf(t, refuses, heldBack); *held.Samples > 0 {
		t.Errorf("with policy=refuse %d requests are held", *held.Samples)
	}
	a, b := spreadOf(t, holds, refused), spreadOf(t, refuses, refused)
	if a.Num >= b.Num {
		t.Errorf("%d batches are refused by those that wait, %d by those that refuse", a.Num, b.Num)
	}
}

// When the milliseconds have run out, every request is refused for that.
func TestEpochEndsInErrors(t *testing.T) {
	s := snowflakeEpoch()
	plan := seeded(1)
	plan.Faults = []faults.Entry{}
	run := mustRun(t, s, plan, Options{})
	before, after := 0, 0
	for _, op := range run.World.History() {
		switch {
		case op.InvokedAt > 1500*time.Millisecond && op.Outcome == history.Failed && op.Note == "refused: exhausted":
			after++
		case op.Outcome == history.OK && op.ReturnedAt < 1520*time.Millisecond:
			before++
		case op.Outcome == history.OK || op.InvokedAt > 1500*time.Millisecond && op.Outcome != history.Unknown:
			t.Errorf("%v (%s), asked at %v", op, op.Note, op.InvokedAt)
		}
	}
	if before < 50 || after < 50 {
		t.Errorf("%d batches before the end and %d refused after it, want 50 of each", before, after)
	}
}

// However far off the end is, clients still ask when it comes.
func TestEpochEndsWhileClientsAsk(t *testing.T) {
	for _, left := range []string{"1ms", "1500ms", "10s", "1m"} {
		r := huntIDs(t, "snowflake-epoch", 5, Value{"left", left})
		if got, ok := spreadOf(t, r, exhausted).Float(); !ok || got < 0.01 || left != "1ms" && got > 0.9 {
			t.Errorf("left=%s: %.2f are refused because of the end, want some, and not nearly all", left, got)
		}
	}
}

// Ids are in order while clocks agree, and the less the less they do.
func TestOrderFollowsTheSkew(t *testing.T) {
	last := -1.0
	for _, skew := range []string{"0s", "2ms", "10ms", "50ms"} {
		r := huntIDs(t, "snowflake-order", 10, Value{"skew", skew})
		m := spreadOf(t, r, outOfOrder)
		got, _ := m.Float()
		if got <= last || skew == "0s" && got > 0 {
			t.Errorf("skew %s: %.3f are out of order, with less skew %.3f", skew, got, last)
		}
		last = got
	}
}

// An answer that is further back than the clocks differ is found.
func TestOrderBeyondTheSkewIsFound(t *testing.T) {
	for behind, want := range map[snowflake.Milli]bool{0: false, 9: false, 10: false, 11: true} {
		o := &order{skew: 10 * time.Millisecond, by: &Samples{}}
		reply := func(t snowflake.Milli) *snowflake.Reply {
			return &snowflake.Reply{Status: snowflake.Issued, Runs: []snowflake.Run{{First: snowflake.Fields{Milli: t}.Pack(), N: 1}}}
		}
		o.Leaves(nil, sim.Server(1), sim.Client(1), reply(100))
		v := o.Leaves(nil, sim.Server(2), sim.Client(1), reply(100-behind))
		if (v != nil) != want {
			t.Errorf("%d ms behind, with clocks that differ by 10 ms: %v", behind, v)
		}
	}
}
