package lock

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	"distsim/sim"
)

// opens is the raw user's session, open at 200 ms and renewed last at 201 ms.
func (w *tale) opens() {
	w.until(200)
	w.asks(1, 1, Request{Verb: Open, TTL: time.Second})
	w.until(250)
	w.hears("opened")
}

// A leader ends a session when its TTL has passed on the leader's own clock since the
// renewal came, and not before.
func TestALeaseLastsForItsTime(t *testing.T) {
	for _, ppm := range []int64{0, 100_000, -100_000} {
		t.Run(fmt.Sprint(ppm), func(t *testing.T) {
			w := newTale(t, Config{}, 0)
			w.until(1)
			w.Drift(sim.Server(1), ppm)
			w.opens()
			w.until(600)
			w.beats(1)
			w.until(650)
			w.hears("renewed")
			ends := 601 + 1000/(1+float64(ppm)/1_000_000)
			w.until(ends - 0.1)
			if w.server(1).leases.all[0].ending {
				t.Error("the end is proposed too early")
			}
			w.until(ends + 0.1)
			if !w.server(1).leases.all[0].ending {
				t.Error("the end is not proposed")
			}
			w.until(ends + 100)
			for i := 1; i <= 3; i++ {
				w.alive(i, false)
			}
			w.beats(1)
			w.until(ends + 110)
			w.hears("ended")
		})
	}
}

// A session that was never renewed lasts for its time from when it was opened.
func TestALeaseBeginsWhenItsSessionDoes(t *testing.T) {
	w := newTale(t, Config{}, 0)
	w.opens()
	w.until(1201)
	w.alive(1, true)
	w.until(1220)
	w.alive(1, false)
}

// A new leader knows of no renewals, and so gives everybody the full time; one that led
// before, too.
func TestANewLeaderGivesTheFullTime(t *testing.T) {
	for next, term := range map[int]raft.Term{2: 2, 1: 3} {
		w := newTale(t, Config{}, 0)
		w.reigns[sim.Server(1)] = []int{100, 100, 100, 100, 100}
		w.reigns[sim.Server(2)] = []int{500}
		w.opens()
		w.Pause(sim.Server(1))
		w.until(1000) // n2 leads
		w.Resume(sim.Server(1))
		if next == 1 {
			w.Pause(sim.Server(2))
		}
		elected := 1000.0
		for ; elected < 5000 && (w.server(next).raft.Term() < term || !w.server(next).raft.Leads()); elected++ {
			w.until(elected)
		}
		if next == 2 {
			elected = 745 // or a little later
		}
		w.until(elected + 995)
		w.alive(next, true)
		w.until(elected + 1100)
		w.alive(next, false)
	}
}

// A renewal that comes to a leader of an earlier reign is not told: the next may know
// nothing of it.
func TestARenewalInAnOldReignIsNotTold(t *testing.T) {
	w := newTale(t, Config{}, 0)
	w.reigns[sim.Server(2)] = []int{400}
	w.opens()
	end := w.cut(sim.Server(1), sim.Server(2), sim.Server(3))
	w.until(800)
	if !w.server(2).raft.Leads() || !w.server(1).raft.Leads() {
		t.Fatal("two are to believe that they lead")
	}
	w.beats(1)
	w.asks(1, 1, Request{Verb: Inspect, Lock: "l1", N: 1})
	w.until(900)
	w.hears()
	w.beats(2)
	w.until(910)
	w.hears("renewed")
	end()
	w.until(1000)
	w.hears("refused, no leader known", "refused, no leader known")
	w.until(1890)
	w.alive(2, true)
	w.until(1950)
	w.alive(2, false)
}

// A session whose end is proposed is not renewed, though a quorum has confirmed the reign: who
// is told that it is may lose its lock in the next moment. The proposal is lost on its way;
// that the next round of heartbeats does not fit is an answer of a quorum, too.
func TestASessionIsNotRenewedOnceItsEndIsProposed(t *testing.T) {
	for delay := range 20 { // one of them falls between two heartbeats
		w := newTale(t, Config{}, 0)
		w.opens()
		w.until(1150)
		end := w.cut(sim.Server(1), sim.Server(2), sim.Server(3))
		w.until(float64(1300 + delay))
		if !w.server(1).leases.all[0].ending {
			t.Fatal("the end is not proposed")
		}
		w.alive(1, true)
		w.hears()
		end()
		w.beats(1)
		w.until(1500)
		w.alive(1, false)
		for _, heard := range w.raw.heard {
			if heard == "renewed" {
				t.Errorf("healed at %d ms: it is renewed, and ends", 1300+delay)
			}
		}
		w.raw.heard = nil
		w.beats(1)
		w.until(1550)
		w.hears("ended")
	}
}

// A proposal to end a session that is lost with its reign has not ended it.
func TestTheEndThatALostReignProposed(t *testing.T) {
	w := newTale(t, Config{}, 0)
	w.reigns[sim.Server(2)] = []int{300}
	w.opens()
	w.until(1150)
	end := w.cut(sim.Server(1), sim.Server(2), sim.Server(3))
	w.until(1600)
	if !w.server(2).raft.Leads() {
		t.Fatal("n2 is to lead")
	}
	w.beats(2)
	w.until(1610)
	w.hears("renewed")
	end()
	w.until(2590)
	w.alive(1, true)
	w.alive(2, true)
	w.until(2700)
	w.alive(2, false)
}

// Whoever closes a session before it has asked for anything is heard, too.
func TestCloseOfASessionThatAskedForNothing(t *testing.T) {
	w := newTale(t, Config{}, 0)
	w.opens()
	w.asks(1, 1, Request{Verb: Close})
	w.until(260)
	w.hears("ended")
	w.alive(1, false)
}

// Whoever watches a lock is told when it is not held any more under the token that it has
// seen, by whoever and however.
func TestWatchers(t *testing.T) {
	w := newTale(t, Config{}, 1)
	w.reigns[sim.Server(2)] = []int{3000}
	w.until(150)
	w.users[0].locks.Try("l1")
	w.opens()
	watch := func(n, token uint64) { w.asks(1, 1, Request{Verb: Watch, Lock: "l1", N: n, Token: token}) }
	watch(1, 9)
	w.until(260)
	w.hears("held 1")
	watch(2, 1)
	w.until(280)
	w.hears("queued")
	w.users[0].locks.Release("l1", 1)
	w.until(300)
	w.hears("free")
	watch(3, 1)
	w.until(310)
	w.hears("free")
	w.users[0].locks.Try("l1")
	w.until(330)
	watch(4, 2)
	w.until(340)
	w.hears("queued")
	w.users[0].locks.Close()
	w.until(360)
	w.hears("free")
	w.asks(1, 1, Request{Verb: Inspect, Lock: "nobody's", N: 5})
	w.until(370)
	w.hears("free")
}

// A leader that is deposed says what it knows: changes are in doubt, reads and watches
// came to nothing.
func TestADeposedLeaderAnswers(t *testing.T) {
	w := newTale(t, Config{}, 1)
	w.reigns[sim.Server(2)] = []int{300}
	w.until(150)
	w.users[0].locks.Try("l1")
	w.opens()
	w.asks(1, 1, Request{Verb: Watch, Lock: "l1", N: 1, Token: 1})
	w.until(260)
	w.hears("queued")
	end := w.cut(sim.Server(1), sim.Server(2), sim.Server(3))
	w.until(700)
	w.asks(1, 1, Request{Verb: Try, Lock: "l2", N: 2})
	w.until(710)
	w.hears()
	end()
	w.until(800)
	w.hears("in doubt, no leader known", "refused, no leader known")
	w.asks(1, 1, Request{Verb: Try, Lock: "l2", N: 2})
	w.asks(2, 1, Request{Verb: Try, Lock: "l2", N: 2})
	w.asks(2, 2, Request{Verb: Try, Lock: "l2", N: 2})
	w.until(820)
	w.hears("refused, n2 leads term 2", "refused, n2 leads term 2", "granted, token 2")
}

// A leader whose wall clock is set ahead ends leases, if it judges them on that clock.
func TestStepsOfTheWallClock(t *testing.T) {
	for _, clock := range []Clock{Monotonic, Wall} {
		w := newTale(t, Config{Clock: clock}, 0)
		w.opens()
		w.until(500)
		w.StepWall(sim.Server(1), time.Second)
		w.until(550)
		w.alive(1, clock == Monotonic)
		w.until(1190)
		w.alive(1, clock == Monotonic)
		w.until(1250)
		w.alive(1, false)
	}
}

// A wall clock that is set back makes leases last longer.
func TestTheWallClockIsSetBack(t *testing.T) {
	for _, clock := range []Clock{Monotonic, Wall} {
		w := newTale(t, Config{Clock: clock}, 0)
		w.opens()
		w.until(500)
		w.StepWall(sim.Server(1), -2*time.Second)
		w.until(1250)
		w.alive(1, clock == Wall)
		w.until(3190)
		w.alive(1, clock == Wall)
		w.until(3250)
		w.alive(1, false)
	}
}

func TestViews(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want time.Duration
	}{
		{Config{TTL: 2 * time.Second, Drift: 10_000}, 1960396 * time.Microsecond},
		{Config{TTL: time.Second, Drift: 0}, time.Second},
		{Config{TTL: time.Second, Drift: 500_000}, 333333 * time.Microsecond},
		{Config{TTL: time.Second, Drift: 1_000_000}, 0},
		{Config{TTL: time.Hour, Drift: 1}, time.Hour - 7200*time.Microsecond},
		{Config{TTL: time.Second, Drift: 0, Step: time.Second}, time.Second},
		{Config{TTL: time.Second, Drift: 0, Step: 100 * time.Millisecond, Clock: Wall}, 800 * time.Millisecond},
		{Config{TTL: time.Second, Drift: 0, Step: time.Second, Clock: Wall}, 0},
	} {
		if got := c.cfg.View(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.cfg, got, c.want)
		}
	}
}

// The holder's clock is as slow, and the leader's as fast, as they may be. Nobody hears
// the holder any more. It leaves before the next is granted the lock – and does not if the
// clocks are the least bit worse.
func TestClocksAtTheirWorst(t *testing.T) {
	for _, c := range []struct {
		bound, drift int64
		overlaps     bool
	}{
		{10_000, 10_000, false},
		{10_000, 10_010, true},
		{200_000, 200_000, false},
		{200_000, 200_010, true},
		{1, 1, false},
		{1, 11, true},
	} {
		w := sim.New(sim.Config{Seed: 1, Net: sim.NetConfig{Latency: sim.Fixed(10 * time.Microsecond)}})
		defer w.Close()
		cfg := Config{TTL: 100 * time.Second, Drift: c.bound}
		cfg.Raft.ElectionTimeout = sim.Uniform(time.Second, 2*time.Second)
		cfg.Raft.HeartbeatEvery = 500 * time.Millisecond
		for range 3 {
			w.AddServer(cfg.Server)
		}
		w.AddInvariant(Invariants(invariant.System{})...)
		first, second := &owner{cfg: cfg}, &owner{cfg: cfg}
		for _, u := range []*owner{first, second} {
			w.AddClient(func() sim.Node { return u })
		}
		w.RunUntil(sim.Time(3 * time.Second))
		for _, id := range w.Servers() {
			w.Drift(id, c.drift)
		}
		w.Drift(sim.Client(1), -c.drift)
		first.locks.Try("l1")
		w.RunUntil(sim.Time(5 * time.Second))
		w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{sim.Client(1)}, w.Servers()}, Cut: true})
		second.locks.Acquire("l1", time.Hour)
		w.RunUntil(sim.Time(300 * time.Second))
		if len(first.answers) != 1 || first.answers[0].Status != Granted || len(second.answers) != 1 || second.answers[0].Status != Granted {
			t.Errorf("%+v: answered %v and %v", c, first.answers, second.answers)
		}
		if got := len(w.Violations()) > 0; got != c.overlaps {
			t.Errorf("%+v: got %v", c, w.Violations())
		}
	}
}
