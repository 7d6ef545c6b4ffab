package snowflake_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distsim/nodes/snowflake"
	"distsim/sim"
	"distsim/sim/history"
)

// epoch is an hour before runs begin, so that no clock comes before it.
const epoch = sim.WallEpoch - int64(time.Hour)

var crashModels = []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepAll, sim.TornTail, sim.KeepSubset}

func world(seed uint64) *sim.World {
	return sim.New(sim.Config{Seed: seed,
		Net:  sim.NetConfig{Latency: sim.Uniform(ms/2, 2*ms)},
		Disk: sim.DiskConfig{Sync: sim.Uniform(ms/2, 3*ms)}})
}

// alone is one generator under its invariants, and clients that keep it busy.
func alone(seed uint64, cfg snowflake.Config, clients int) *sim.World {
	w := world(seed)
	cfg.Epoch = epoch
	w.AddServer(cfg.Server(snowflake.Worker{Datacenter: 2, Number: 1}))
	w.AddInvariant(cfg.Invariants()...)
	for range clients {
		w.AddClient(snowflake.Client{Ops: 100_000, Batch: 700, Think: sim.Uniform(0, 3*ms), Timeout: 50 * ms}.Node)
	}
	return w
}

// Whatever a crash leaves of the disk, at any instant, and wherever the clock has gone
// meanwhile, a generator begins after everything that it has given out, and within its
// reservation of that.
func TestRecovery(t *testing.T) {
	const reserve = 40 * ms
	for _, model := range crashModels {
		for seed := uint64(1); seed <= 60; seed++ {
			w := alone(seed, snowflake.Config{Policy: snowflake.Wait, Reserve: reserve}, 3)
			at := 300*ms + time.Duration(sim.Draw(seed, sim.Identity{Name: "crash"})%uint64(2*reserve))
			back := time.Duration(sim.Draw(seed, sim.Identity{Name: "back"}) % uint64(100*ms))
			w.RunUntil(sim.Time(at))
			w.Crash(n1, model)
			w.StepWall(n1, -back)
			w.RunUntil(w.Now() + sim.Time(ms))
			w.Restart(n1)
			before := len(given(w))
			w.RunUntil(w.Now() + sim.Time(back+reserve+20*ms))
			if len(given(w)) == before {
				t.Errorf("%v, seed %d: crashed at %v, %v back, and no ids after %v", model, seed, at, back, back+reserve+20*ms)
			}
			calm(t, w, fmt.Sprintf("%v, seed %d", model, seed))
			w.Close()
		}
	}
}

// given lists the answers with ids.
func given(w *sim.World) (all []snowflake.Given) {
	for _, op := range w.History() {
		if op.Outcome == history.OK {
			all = append(all, op.Output.(snowflake.Given))
		}
	}
	return all
}

func calm(t interface{ Errorf(string, ...any) }, w *sim.World, run string) {
	for _, v := range w.Violations() {
		t.Errorf("%s: %v\n%s", run, v, v.Stack)
	}
}

// A disk that has lost what was durable is found out: the generator does not start.
func TestCorruptMark(t *testing.T) {
	w := alone(1, snowflake.Config{Reserve: 40 * ms}, 1)
	defer w.Close()
	w.RunUntil(sim.Time(300 * ms))
	w.Crash(n1, sim.LoseAll)
	w.FlipBit(n1, "mark", 21*8)
	w.Restart(n1)
	w.RunUntil(sim.Time(310 * ms)) // what was on its way has arrived
	before := len(given(w))
	w.RunUntil(sim.Time(600 * ms))
	if w.Up(n1) || len(given(w)) > before {
		t.Errorf("it runs (%t) with a mark that is damaged, and has given out %d batches", w.Up(n1), len(given(w))-before)
	}
}

// The mark is moved on before anybody needs it, twice in a reservation, whether or not
// anybody asks; the first is there before the first request.
func TestNobodyWaitsForTheMark(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(20 * ms)}})
	defer w.Close()
	cfg := snowflake.Config{Reserve: 100 * ms}
	w.AddServer(cfg.Server(snowflake.Worker{Number: 1}))
	w.RunUntil(sim.Time(50 * ms)) // a new file and its name take two syncs
	w.AddClient(snowflake.Client{Ops: 100, Think: sim.Uniform(0, 20*ms)}.Node)
	w.RunUntil(sim.Time(2000 * ms))
	if n := len(given(w)); n != 100 {
		t.Errorf("%d of 100 batches", n)
	}
	for _, op := range w.History() {
		if took := op.ReturnedAt - op.InvokedAt; took > 22*ms { // an answer may leave while the mark is on its way to disk
			t.Errorf("%v took %v", op, took)
		}
	}
	if syncs := w.Syncs(n1); syncs < 38 || syncs > 42 {
		t.Errorf("%d syncs in 2s, want two for each of 20 reservations", syncs)
	}
}

// However often it starts again with a clock that stands, the mark does not run away: it
// is never further than a reservation ahead of what the clock has shown.
func TestTheMarkDoesNotRunAway(t *testing.T) {
	w := alone(3, snowflake.Config{Policy: snowflake.Wait, Reserve: 40 * ms}, 2)
	defer w.Close()
	w.RunUntil(sim.Time(200 * ms))
	w.StepWall(n1, -100*ms)
	for range 20 {
		w.Crash(n1, sim.KeepAll)
		w.Restart(n1)
		w.RunUntil(w.Now() + sim.Time(4*ms))
	}
	before := len(given(w)) // the clock is back where it was 180 ms after the first
	w.RunUntil(sim.Time((200 + 100 + 40 + 20) * ms))
	if len(given(w)) == before {
		t.Error("no ids a reservation after the clock has caught up")
	}
	calm(t, w, "restarts")
}

// Nobody looks again and again for what a slow disk, or the end of the epoch, keeps back.
func TestNothingIsLookedForInVain(t *testing.T) {
	over := sim.WallEpoch - int64(snowflake.MaxMilli+10)*int64(ms)
	for what, c := range map[string]struct {
		cfg  snowflake.Config
		sync time.Duration
	}{
		"a disk that takes long": {snowflake.Config{}, 5 * time.Second},
		"the epoch is over":      {snowflake.Config{Epoch: over}, ms},
	} {
		w := sim.New(sim.Config{Disk: sim.DiskConfig{Sync: sim.Fixed(c.sync)}})
		w.AddServer(c.cfg.Server(snowflake.Worker{Number: 1}))
		w.RunUntil(sim.Time(8 * time.Second))
		if w.Events() > 5 {
			t.Errorf("%s: %d events while nobody asks, want a handful", what, w.Events())
		}
		w.Close()
	}
}

// How much a request waits, and is told: by both policies.
func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		cfg    snowflake.Config
		back   time.Duration
		status snowflake.Status
		waited time.Duration // for the clock, from 1 ms after it went back, when the request comes
	}{
		{snowflake.Config{Policy: snowflake.Refuse}, 30 * ms, snowflake.Behind, 0},
		{snowflake.Config{Policy: snowflake.Wait}, 30 * ms, snowflake.Issued, 28 * ms},
		{snowflake.Config{Policy: snowflake.Wait, Patience: 29 * ms}, 30 * ms, snowflake.Issued, 28 * ms},
		{snowflake.Config{Policy: snowflake.Wait, Patience: 27 * ms}, 30 * ms, snowflake.Behind, 0},
		{snowflake.Config{Policy: snowflake.Wait}, 6 * time.Second, snowflake.Behind, 0},
	} {
		w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(ms)}})
		c.cfg.Epoch = epoch
		w.AddServer(c.cfg.Server(snowflake.Worker{Number: 1}))
		ask := func(reply **snowflake.Reply) {
			w.AddClient(sim.Go(func(p *sim.Proc) {
				*reply, _ = sim.Call[*snowflake.Reply](p, n1, &snowflake.Request{N: 1}, time.Hour)
			}))
		}
		var first, second *snowflake.Reply
		w.RunUntil(sim.Time(100 * ms))
		ask(&first) // given in millisecond 101
		w.RunUntil(sim.Time(102 * ms))
		w.StepWall(n1, -c.back)
		ask(&second)
		w.RunUntil(sim.Time(200 * ms))
		switch {
		case second == nil || second.Status != c.status || second.Waited != c.waited:
			t.Errorf("%+v, %v back: %+v, want %v after %v", c.cfg, c.back, second, c.status, c.waited)
		case c.status == snowflake.Behind && second.Behind != c.back-2*ms:
			t.Errorf("%+v: told that the clock is %v behind, want %v", c.cfg, second.Behind, c.back-2*ms)
		}
		w.Close()
	}
}

// A request that waits is told when the clock goes back still further, and too far.
func TestPatienceEnds(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(ms)}})
	defer w.Close()
	cfg := snowflake.Config{Policy: snowflake.Wait, Patience: 100 * ms, Epoch: epoch}
	w.AddServer(cfg.Server(snowflake.Worker{Number: 1}))
	w.RunUntil(sim.Time(100 * ms))
	w.AddClient(snowflake.Client{Ops: 1}.Node)
	w.RunUntil(sim.Time(110 * ms))
	var reply *snowflake.Reply
	w.AddClient(sim.Go(func(p *sim.Proc) {
		reply, _ = sim.Call[*snowflake.Reply](p, n1, &snowflake.Request{N: 1}, time.Hour)
	}))
	w.StepWall(n1, -80*ms)
	w.RunUntil(sim.Time(150 * ms))
	if reply != nil {
		t.Fatalf("answered before the clock has caught up: %+v", reply)
	}
	w.StepWall(n1, -60*ms)
	w.RunUntil(sim.Time(175 * ms))
	if reply == nil || reply.Status != snowflake.Behind || reply.Waited < 39*ms || reply.Waited > 60*ms {
		t.Errorf("got %+v, want a refusal within 20ms of the second step, after at least 39ms", reply)
	}
}

// A clock that is decades ahead comes to the end of the 41 bits, and goes on: from then on
// there are errors. Far beyond the end it leaves no mark, and so costs nothing when it is set
// right; just before the end it leaves one, and costs all that is left.
func TestTheEndWithClocksFarAhead(t *testing.T) {
	const whole = time.Duration(snowflake.MaxMilli+1) * ms
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(ms)}})
	defer w.Close()
	cfg := snowflake.Config{Policy: snowflake.Wait, Patience: 50 * ms}
	w.AddServer(cfg.Server(snowflake.Worker{Datacenter: 31, Number: 31}))
	w.AddInvariant(cfg.Invariants()...)
	asks := func(what string, want snowflake.Status) (last snowflake.Milli) {
		var reply *snowflake.Reply
		w.AddClient(sim.Go(func(p *sim.Proc) {
			reply, _ = sim.Call[*snowflake.Reply](p, n1, &snowflake.Request{N: 5000}, time.Hour)
		}))
		w.RunUntil(w.Now() + sim.Time(20*ms))
		if reply == nil || reply.Status != want {
			t.Fatalf("%s, at %v: got %+v, want %v", what, time.Duration(w.Wall(n1)-sim.WallEpoch), reply, want)
		}
		if want != snowflake.Issued {
			return 0
		}
		return reply.Runs[len(reply.Runs)-1].Last().Decode().Milli
	}
	w.RunUntil(sim.Time(100 * ms))
	asks("at first", snowflake.Issued)
	w.StepWall(n1, whole+80*365*24*time.Hour)
	asks("far beyond the end", snowflake.Exhausted)
	w.StepWall(n1, -whole-80*365*24*time.Hour)
	asks("when the clock is set right", snowflake.Issued)
	w.StepWall(n1, whole-time.Duration(w.Wall(n1)-sim.WallEpoch)-50*ms)
	if last := asks("just before the end", snowflake.Issued); last < snowflake.MaxMilli-50 {
		t.Errorf("the last id is of millisecond %d", last)
	}
	w.RunUntil(w.Now() + sim.Time(50*ms))
	asks("after the end", snowflake.Exhausted)
	w.StepWall(n1, -whole/2)
	asks("decades back", snowflake.Behind)
	w.Crash(n1, sim.LoseAll)
	w.Restart(n1)
	asks("started again", snowflake.Exhausted)
	calm(t, w, "far ahead")
}

// Whatever happens to two generators, no invariant is violated.
func TestGeneratorsUnderEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world(rapid.Uint64().Draw(t, "seed"))
		defer w.Close()
		cfg := snowflake.Config{Epoch: epoch, Reserve: 30 * ms, Patience: 50 * ms,
			Policy: snowflake.Policy(rapid.IntRange(0, 1).Draw(t, "policy"))}
		for i := range 2 {
			w.AddServer(cfg.Server(snowflake.Worker{Number: uint8(i)}))
		}
		w.AddInvariant(cfg.Invariants()...)
		for range 3 {
			w.AddClient(snowflake.Client{Ops: 100_000, Batch: rapid.IntRange(1, 9000).Draw(t, "batch"), Think: sim.Uniform(0, 3*ms), Timeout: 60 * ms}.Node)
		}
		victim := func() sim.NodeID { return sim.Server(rapid.IntRange(1, 2).Draw(t, "victim")) }
		pass := func() { w.RunUntil(w.Now() + sim.Time(rapid.IntRange(0, 40_000).Draw(t, "µs"))*1000) }
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { calm(t, w, "after this") },
			"step": func(t *rapid.T) {
				w.StepWall(victim(), time.Duration(rapid.IntRange(-60, 60).Draw(t, "by"))*ms)
				pass()
			},
			"rate":  func(t *rapid.T) { w.Drift(victim(), rapid.Int64Range(-1_000_000, 500_000).Draw(t, "ppm")); pass() },
			"right": func(t *rapid.T) { w.Drift(victim(), 0); pass() },
			"crash": func(t *rapid.T) {
				id := victim()
				w.Crash(id, rapid.SampledFrom(crashModels).Draw(t, "model"))
				pass()
				w.Restart(id)
				pass()
			},
			"pause": func(t *rapid.T) {
				id := victim()
				w.Pause(id)
				pass()
				w.Resume(id)
				pass()
			},
		})
	})
}
