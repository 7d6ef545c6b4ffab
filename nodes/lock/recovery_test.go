package lock

import (
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// All servers crash at once, whatever that leaves on their disks, and come back: who holds
// what, under which token, and who waits, is as it was acknowledged.
func TestLocksSurviveCrashesOfAllServers(t *testing.T) {
	for _, model := range []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepAll, sim.TornTail, sim.KeepSubset} {
		w := newTale(t, Config{TTL: 10 * time.Second}, 3)
		w.reigns[sim.Server(1)] = []int{100, 100, 100}
		w.until(150)
		w.users[0].locks.Try("l1")
		w.until(200)
		w.users[1].locks.Acquire("l1", time.Minute)
		w.until(250)
		w.users[2].locks.Acquire("l1", time.Minute)
		w.until(300)
		w.users[0].locks.Put("l1", 1, "value")
		w.until(350)
		before := inFull(w.server(1).table)
		for i := 1; i <= 3; i++ {
			w.Crash(sim.Server(i), model)
		}
		w.until(400)
		for i := 1; i <= 3; i++ {
			w.Restart(sim.Server(i))
		}
		w.until(1500)
		for i := 1; i <= 3; i++ {
			if got := inFull(w.server(i).table); got != before {
				t.Errorf("%v, n%d: got\n%swant\n%s", model, i, got, before)
			}
		}
		w.users[0].locks.Release("l1", 1)
		w.until(14_000) // whoever waits in line asks again after a TTL at the latest
		if a := w.users[1].answers; len(a) != 1 || a[0].Status != Granted || a[0].Token != 2 || a[0].Value != "value" {
			t.Errorf("%v: the first in the queue is answered %v", model, a)
		}
		if a := w.users[2].answers; len(a) != 0 {
			t.Errorf("%v: the second in the queue is answered %v", model, a)
		}
	}
}

// hasty is a user that always wants something, and notes what was refused.
type hasty struct {
	owner
	refused []Request
}

func (h *hasty) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	h.boots(env, m)
	if h.locks.ask == nil {
		switch g, held := h.locks.Held("l1"); {
		case held && env.Intn("what", 2) == 0:
			h.locks.Release("l1", g.Token)
		case held:
			h.locks.Put("l1", g.Token, "x")
		default:
			h.locks.Acquire("l1", time.Second)
		}
	}
	env.Arm(again{}, 30*time.Millisecond)
}

func (h *hasty) Answered(a Answer) {
	if a.Status == Refused && h.locks.n > 0 && h.locks.phase == open {
		h.refused = append(h.refused, Request{Session: a.Session, N: h.locks.n, Verb: a.Verb})
	}
}

// What was refused has had no effect, on a network that loses, doubles and delays, while
// leaders come and go: its number was never carried out.
func TestWhatWasRefusedWasNeverDone(t *testing.T) {
	refused := 0
	for seed := uint64(1); seed <= 40; seed++ {
		w := sim.New(sim.Config{Seed: seed, Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 150*time.Millisecond), Loss: 450_000, Duplicate: 300_000}})
		cfg := Config{TTL: 8 * time.Second, Patience: 400 * time.Millisecond, Timeout: 100 * time.Millisecond}
		executed := map[SessionID]map[uint64]bool{}
		for range 3 {
			w.AddServer(cfg.Server)
		}
		w.AddInvariant(Invariants(invariant.System{Zombies: true})...) // it does not leave before it gives back
		w.AddInvariant(sim.Observe(func(w *sim.World, node sim.NodeID) {
			if s, ok := w.Node(node).(*Server); ok && s.table != nil {
				for _, x := range s.table.live {
					if executed[x.id] == nil {
						executed[x.id] = map[uint64]bool{}
					}
					executed[x.id][x.n] = true
				}
			}
		}))
		var users []*hasty
		for range 3 {
			h := &hasty{owner: owner{cfg: cfg}}
			users = append(users, h)
			w.AddClient(func() sim.Node { return h })
		}
		w.RunUntil(sim.Time(20 * time.Second))
		for _, h := range users {
			refused += len(h.refused)
			for _, r := range h.refused {
				if executed[r.Session][r.N] {
					t.Errorf("seed %d: %s %v #%d was refused, and done", seed, r.Session.String(), r.Verb, r.N)
				}
			}
		}
		if v := w.Violations(); len(v) > 0 {
			t.Errorf("seed %d: %v", seed, v)
		}
		w.Close()
	}
	if refused < 15 {
		t.Errorf("only %d requests were refused", refused)
	}
}

// boots attaches the session, which is to call this user back.
func (h *hasty) boots(env *sim.Env, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		h.locks = NewSession(h.cfg, h)
		env.Part(part).Attach(h.locks)
	}
}
