package snowflake_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distsim/nodes/lock"
	"distsim/nodes/snowflake"
	"distsim/sim"
	"distsim/sim/transcript"
)

// leasedTale is a lock service of one server, n1, and two generators, n2 and n3, that share
// one worker id. A message takes 1 ms and a sync half of one; a lease lasts for 200 ms.
type leasedTale struct {
	tale
	t *testing.T
}

var (
	n2, n3 = sim.Server(2), sim.Server(3)
	shares = snowflake.Lease{Service: lock.Config{Servers: 1, TTL: 200 * ms}, Datacenter: 5, Workers: 1}
)

func newLeasedTale(t *testing.T) leasedTale {
	w := leasedTale{tale{sim.New(sim.Config{
		Net:  sim.NetConfig{Latency: sim.Fixed(ms)},
		Disk: sim.DiskConfig{Sync: sim.Fixed(ms / 2)}, Records: true, FreezeCheck: true,
	})}, t}
	t.Cleanup(w.Close)
	cfg := snowflake.Config{Policy: snowflake.Wait, Epoch: epoch}
	w.AddServer(shares.Service.Server)
	w.AddServer(cfg.Leased(shares))
	w.AddServer(cfg.Leased(shares))
	w.AddInvariant(cfg.LeasedInvariants()...)
	w.until(600 * ms)
	return w
}

// ask asks a generator, and gives it so long for the answer.
func (w leasedTale) ask(id sim.NodeID, d time.Duration) *snowflake.Reply {
	var reply *snowflake.Reply
	w.AddClient(sim.Go(func(p *sim.Proc) {
		reply, _ = sim.Call[*snowflake.Reply](p, id, &snowflake.Request{N: 10}, time.Hour)
	}))
	w.RunUntil(w.Now() + sim.Time(d))
	return reply
}

// has asks a generator that must have the worker id now, and is the millisecond of its id.
func (w leasedTale) has(id sim.NodeID, d time.Duration) snowflake.Milli {
	w.t.Helper()
	r := w.ask(id, d)
	if r == nil || r.Status != snowflake.Issued {
		w.t.Fatalf("%v answers %+v, want ids", id, r)
	}
	f := r.Runs[0].First.Decode()
	if f.Worker != (snowflake.Worker{Datacenter: 5}) {
		w.t.Errorf("%v gives out ids of worker %v", id, f.Worker)
	}
	return f.Milli
}

func (w leasedTale) hasNot(id sim.NodeID) {
	w.t.Helper()
	if r := w.ask(id, 3*ms); r == nil || r.Status != snowflake.Homeless {
		w.t.Errorf("%v answers %+v, want that it has no worker id", id, r)
	}
}

// holder is who has the worker id, and who has not.
func (w leasedTale) holder() (has, other sim.NodeID) {
	if v, _ := w.ViewOf(n2).Get("worker"); v.Text != "-" {
		return n2, n3
	}
	return n3, n2
}

// A holder that is paused loses the worker id to another, with a clock that is behind, and
// goes on: the other begins after the mark, and the one who comes back stops.
func TestAPausedHolderAndItsSuccessor(t *testing.T) {
	w := newLeasedTale(t)
	a, b := w.holder()
	w.hasNot(b)
	last := w.has(a, 3*ms)
	w.StepWall(b, -500*ms)
	w.Pause(a)
	w.RunUntil(w.Now() + sim.Time(400*ms))
	if has, _ := w.ViewOf(b).Get("worker"); has.Text != "5/0" {
		t.Fatalf("%v has worker %s, and the lease of %v has ended", b, has.Text, a)
	}
	mark, _ := w.ViewOf(a).Get("mark")
	if first := w.has(b, 3*time.Second); int64(first) <= mark.Int || first <= last {
		t.Errorf("%v begins with millisecond %d, and %v may have gone to %d", b, first, a, mark.Int)
	}
	w.Resume(a)
	w.RunUntil(w.Now() + sim.Time(10*ms))
	w.hasNot(a)
	w.has(b, 3*ms)
	calm(t, w.World, "a successor")
}

// Who is cut off from the service stops when its lease ends by its own clock, before
// anybody else is granted the worker id.
func TestALeaseEndsAtItsHolderFirst(t *testing.T) {
	w := newLeasedTale(t)
	a, b := w.holder()
	heal := w.Disturb(sim.LinkRule{From: []sim.NodeID{a}, To: []sim.NodeID{n1}, Cut: true})
	var lost, got sim.Time
	w.AddInvariant(sim.Observe(func(world *sim.World, id sim.NodeID) {
		v, _ := world.ViewOf(id).Get("worker")
		switch {
		case id == a && v.Text == "-" && lost == 0:
			lost = world.Now()
		case id == b && v.Text == "5/0" && got == 0:
			got = world.Now()
		}
	}))
	w.RunUntil(w.Now() + sim.Time(500*ms))
	if lost == 0 || got == 0 || lost > got {
		t.Errorf("%v lost the worker id at %v, and %v got it at %v", a, lost, b, got)
	}
	heal()
	w.hasNot(a)
	w.has(b, 3*time.Second)
	calm(t, w.World, "cut off")
}

// The service remembers the mark when all its users, and then the service, have crashed.
func TestTheServiceKeepsTheMark(t *testing.T) {
	w := newLeasedTale(t)
	a, b := w.holder()
	last := w.has(a, 3*ms)
	for _, id := range []sim.NodeID{a, b, n1} {
		w.Crash(id, sim.LoseAll)
		w.StepWall(id, -300*ms)
	}
	w.RunUntil(w.Now() + sim.Time(10*ms))
	for _, id := range []sim.NodeID{n1, a, b} {
		w.Restart(id)
	}
	w.RunUntil(w.Now() + sim.Time(2*time.Second))
	has, _ := w.holder()
	if first := w.has(has, 3*time.Second); first < last+500 {
		t.Errorf("it begins with millisecond %d, %d after the last one: not after its mark", first, first-last)
	}
	calm(t, w.World, "a crash of all")
}

// Whatever happens to generators that lease and to the service, on a network that loses and
// doubles, and however leaders change, no invariant is violated.
func TestLeasedGeneratorsUnderEverything(t *testing.T) {
	lease := snowflake.Lease{Service: lock.Config{TTL: 200 * ms, Timeout: 50 * ms, Patience: 300 * ms}, Workers: 2}
	rapid.Check(t, func(t *rapid.T) {
		w := sim.New(sim.Config{Seed: rapid.Uint64().Draw(t, "seed"),
			Net:  sim.NetConfig{Latency: sim.Uniform(ms/2, 30*ms), Loss: 50_000, Duplicate: 200_000},
			Disk: sim.DiskConfig{Sync: sim.Uniform(ms/2, 3*ms)}})
		defer w.Close()
		cfg := snowflake.Config{Epoch: epoch, Reserve: 200 * ms, Patience: 50 * ms, Policy: snowflake.Policy(rapid.IntRange(0, 1).Draw(t, "policy"))}
		for range 3 {
			w.AddServer(lease.Service.Server)
		}
		for range 3 {
			w.AddServer(cfg.Leased(lease))
		}
		w.AddInvariant(cfg.LeasedInvariants()...)
		for range 3 {
			w.AddClient(snowflake.Client{Ops: 100_000, Batch: rapid.IntRange(1, 5000).Draw(t, "batch"), Think: sim.Uniform(0, 10*ms), Timeout: 60 * ms, Skip: 3}.Node)
		}
		w.RunUntil(sim.Time(time.Second))
		victim := func() sim.NodeID { return sim.Server(rapid.IntRange(1, 6).Draw(t, "victim")) }
		pass := func() { w.RunUntil(w.Now() + sim.Time(rapid.IntRange(0, 400).Draw(t, "ms"))*sim.Time(ms)) }
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { calm(t, w, "after this") },
			"step": func(t *rapid.T) {
				w.StepWall(victim(), time.Duration(rapid.IntRange(-300, 300).Draw(t, "by"))*ms)
				pass()
			},
			"rate": func(t *rapid.T) { w.Drift(victim(), rapid.Int64Range(-1_000_000, 500_000).Draw(t, "ppm")); pass() },
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
			"cut": func(t *rapid.T) {
				heal := w.Disturb(sim.LinkRule{From: []sim.NodeID{victim()}, To: []sim.NodeID{victim()}, Cut: true})
				pass()
				heal()
				pass()
			},
		})
	})
}

// A generator that gives out what it likes, as worker 5/0, is found as soon as that lies
// beyond the mark that the service has stored, and not before.
func TestIDsBeyondTheStoredMarkAreFound(t *testing.T) {
	w := newLeasedTale(t)
	a, _ := w.holder()
	v, _ := w.ViewOf(a).Get("mark")
	for _, beyond := range []snowflake.Milli{0, 1} {
		id := snowflake.Fields{Milli: snowflake.Milli(v.Int) + beyond, Worker: snowflake.Worker{Datacenter: 5}}.Pack()
		liar := w.AddServer(sim.Go(func(p *sim.Proc) {
			p.Send(n1, &snowflake.Reply{Status: snowflake.Issued, Runs: []snowflake.Run{{First: id, N: 1}}})
		}))
		w.RunUntil(w.Now() + sim.Time(2*ms))
		if found := w.finds(liar, "and the service has stored"); found != (beyond > 0) {
			t.Errorf("%d beyond the mark, %d: found %v, violations %v", beyond, v.Int, found, w.Violations())
		}
	}
}

// So is a mark that goes back in the service.
func TestAMarkThatGoesBackIsFound(t *testing.T) {
	w := newLeasedTale(t)
	for _, mark := range []string{"100", "100", "99"} {
		w.AddClient(sim.Go(func(p *sim.Proc) {
			b := lock.Attach(p, shares.Service, func() {})
			a := b.Ask(func() { b.Try("worker 7/7") })
			b.Ask(func() { b.Put("worker 7/7", a.Token, mark) })
			b.Close()
		}))
		w.RunUntil(w.Now() + sim.Time(100*ms))
		if found := w.finds(n1, "the mark of worker 7/7 goes back from 100 to 99"); found != (mark == "99") {
			t.Errorf("mark %s: found %v, violations %v", mark, found, w.Violations())
		}
	}
}

// finds reports whether the rule of stored marks has found out a machine.
func (w leasedTale) finds(id sim.NodeID, what string) bool {
	return slices.ContainsFunc(w.Violations(), func(v sim.Violation) bool {
		return v.Property == "snowflake.saved-before-said" && slices.Equal(v.Nodes, []sim.NodeID{id}) && strings.Contains(v.Detail, what)
	})
}

// The story of a worker id that changes hands, as the generators see it.
func TestTheStoryOfALease(t *testing.T) {
	w := newLeasedTale(t)
	a, b := w.holder()
	w.has(a, 3*ms)
	w.StepWall(b, -500*ms)
	w.Pause(a)
	w.RunUntil(w.Now() + sim.Time(400*ms))
	w.has(b, 800*ms)
	w.Resume(a)
	w.RunUntil(w.Now() + sim.Time(20*ms))
	var got bytes.Buffer
	if err := transcript.Prose(&got, w.Trace(), transcript.Options{Nodes: []sim.NodeID{n2, n3}}); err != nil {
		t.Fatal(err)
	}
	story{name: "a-worker-id-changes-hands", crucial: []string{
		fmt.Sprintf("%v: worker 5/0, on lock.Reply granted, token 1", a), fmt.Sprintf("%v is paused", a),
		fmt.Sprintf("%v: worker 5/0, last 0→3601253, mark 0→3601253, on lock.Reply granted, token 2", b),
		"state none→behind", "state behind→issued", fmt.Sprintf("%v resumes", a), fmt.Sprintf("%v: worker 5/0→-", a),
	}}.check(t, got.String())
}
