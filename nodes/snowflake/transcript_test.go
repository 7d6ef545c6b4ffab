package snowflake_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"distsim/nodes/snowflake"
	"distsim/nodes/snowflake/invariant"
	"distsim/nodes/snowflake/naive"
	"distsim/sim"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

const ms = time.Millisecond

// tale is a short run of one generator, n1, told in words and kept in testdata/snowflake.
// A message takes 1 ms and a sync half of one.
type tale struct{ *sim.World }

// asks is a client that wants ids, once, at a time.
func (w tale) asks(at time.Duration, n int) {
	w.AddClient(snowflake.Client{Ops: 1, Batch: n, Think: sim.Fixed(at - time.Duration(w.Now())), Timeout: 10 * time.Second}.Node)
}

// until runs on to a time.
func (w tale) until(t time.Duration) { w.RunUntil(sim.Time(t)) }

// steps sets the clock of n1.
func (w tale) steps(by time.Duration) { w.StepWall(n1, by) }

var n1 = sim.Server(1)

// story is one of them. What is crucial must be in it, in its order, whatever the golden
// file says.
type story struct {
	name     string
	cfg      snowflake.Config
	naive    bool
	violated []string
	crucial  []string
	script   func(w tale)
}

func TestSnowflakeTranscripts(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, s.tell)
	}
}

func (s story) tell(t *testing.T) {
	w := tale{sim.New(sim.Config{
		Net:  sim.NetConfig{Latency: sim.Fixed(ms)},
		Disk: sim.DiskConfig{Sync: sim.Fixed(ms / 2)}, Records: true, FreezeCheck: true,
	})}
	defer w.Close()
	worker := snowflake.Worker{Number: 1}
	if s.naive {
		w.AddServer(naive.New(worker))
		w.AddInvariant(invariant.All(invariant.System{Epoch: sim.WallEpoch})...)
	} else {
		w.AddServer(s.cfg.Server(worker))
		w.AddInvariant(s.cfg.Invariants()...)
	}
	s.script(w)
	var violated []string
	for _, v := range w.Violations() {
		violated = append(violated, v.Property)
	}
	if got, want := strings.Join(violated, " "), strings.Join(s.violated, " "); got != want {
		t.Errorf("violated: %v, want %v", w.Violations(), want)
	}
	var got bytes.Buffer
	if err := transcript.Prose(&got, w.Trace(), transcript.Options{}); err != nil {
		t.Fatal(err)
	}
	s.check(t, got.String())
}

func (s story) check(t *testing.T, got string) {
	golden.InOrder(t, got, s.crucial...)
	golden.Compare(t, "snowflake/"+s.name+".txt", []byte(got))
}

var waits = snowflake.Config{Policy: snowflake.Wait}

var stories = []story{
	{"a-full-millisecond", waits, false, nil, []string{
		"-> 3000 ids 3ms-0/1-0 … 3ms-0/1-2999",
		"-> 3000 ids 3ms-0/1-3000 … 4ms-0/1-1903",
	}, func(w tale) {
		w.asks(2*ms+100*time.Microsecond, 3000)
		w.asks(2*ms+200*time.Microsecond, 3000)
		w.until(10 * ms)
	}},
	{"the-clock-goes-back-and-it-refuses", snowflake.Config{}, false, nil, []string{
		"-> 11ms", "-> failed", "-> 11ms-0/1-1",
	}, func(w tale) {
		w.asks(10*ms, 1)
		w.until(15 * ms)
		w.steps(-8 * ms)
		w.asks(16*ms, 1)
		w.asks(18*ms+500*time.Microsecond, 1)
		w.until(30 * ms)
	}},
	{"the-clock-goes-back-and-it-waits", waits, false, nil, []string{
		"-> 101ms-0/1-0", "c2#1 ids(1) -> 101ms-0/1-1",
	}, func(w tale) {
		w.asks(100*ms, 1)
		w.until(105 * ms)
		w.steps(-30 * ms)
		w.asks(106*ms, 1)
		w.until(160 * ms)
	}},
	{"the-clock-goes-back-before-the-epoch", waits, false, nil, []string{
		"-> 11ms", "state issued→before the epoch", "-> failed", "-> 11ms-0/1-1",
	}, func(w tale) {
		w.asks(10*ms, 1)
		w.until(15 * ms)
		w.steps(-30 * ms)
		w.asks(16*ms, 1)
		w.asks(35*ms, 1)
		w.until(60 * ms)
	}},
	{"the-clock-goes-back-too-far-to-wait", snowflake.Config{Policy: snowflake.Wait, Patience: 20 * ms}, false, nil, []string{
		"-> 101ms", "state issued→behind", "-> failed",
	}, func(w tale) {
		w.asks(100*ms, 1)
		w.until(105 * ms)
		w.steps(-30 * ms)
		w.asks(106*ms, 1)
		w.until(160 * ms)
	}},
	{"it-begins-after-its-mark", snowflake.Config{Policy: snowflake.Wait, Reserve: 100 * ms}, false, nil, []string{
		"-> 11ms", "crash", "-> 101ms-0/1-0",
	}, func(w tale) {
		w.asks(10*ms, 1)
		w.until(15 * ms)
		w.Crash(n1, sim.LoseAll)
		w.steps(-10 * ms)
		w.until(20 * ms)
		w.Restart(n1)
		w.asks(25*ms, 1)
		w.until(130 * ms)
	}},
	{"the-mark-keeps-ahead", snowflake.Config{Reserve: 100 * ms}, false, nil, []string{
		"mark 0→100", "mark 100→150", "-> 98ms", "mark 150→200", "-> 103ms",
	}, func(w tale) {
		w.asks(97*ms, 1)
		w.asks(102*ms, 1)
		w.until(105 * ms)
	}},
	{"the-epoch-ends", snowflake.Config{Policy: snowflake.Wait, Epoch: sim.WallEpoch + int64(10*ms) - int64(snowflake.MaxMilli+1)*int64(ms)}, false, nil, []string{
		"4096 ids 2199023255551ms-0/1-0 … 2199023255551ms-0/1-", "c2#1 ids(1) -> failed",
	}, func(w tale) {
		w.asks(8*ms+200*time.Microsecond, 4096)
		w.asks(8*ms+300*time.Microsecond, 1)
		w.until(30 * ms)
	}},
	{"naive-a-full-millisecond", snowflake.Config{}, true, []string{"snowflake.unique", "snowflake.increasing"}, []string{
		"-> 5000 ids 3ms-0/1-0 …",
	}, func(w tale) {
		w.asks(2*ms+100*time.Microsecond, 5000)
		w.until(10 * ms)
	}},
	{"naive-the-clock-goes-back", snowflake.Config{}, true, []string{"snowflake.unique", "snowflake.increasing"}, []string{
		"c1#1 ids(1) -> 11ms-0/1-0", "c3#1 ids(1) -> 11ms-0/1-0",
	}, func(w tale) {
		w.asks(10*ms, 1)
		w.asks(12*ms, 1)
		w.until(15 * ms)
		w.steps(-8 * ms)
		w.asks(18*ms+500*time.Microsecond, 1)
		w.until(30 * ms)
	}},
}
