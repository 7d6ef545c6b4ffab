package twopc

import (
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// What a participant grants, and to whom, in one life with crashes.
func TestClaims(t *testing.T) {
	w := sim.New(sim.Config{Disk: sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	cfg := Config{Keeping: WithBackup, RetryEvery: 1000 * time.Hour}
	puppets := []*puppet{{about: map[Tx]phase{}}, {about: map[Tx]phase{}}}
	for _, p := range puppets {
		w.AddServer(func() sim.Node { return p })
	}
	w.AddServer(cfg.Participant)
	prepare := func(epoch uint64) sim.Message {
		return &Prepare{Tx: Tx{Process: 1, N: 1, Try: 1, Epoch: epoch}, Legs: []ops.Leg{{Account: "a1"}}, Participants: servers(3)}
	}
	for i, step := range []struct {
		why   string
		crash bool
		from  int
		says  sim.Message
		hears sim.Message
	}{
		{"the first", false, 1, &Claim{Epoch: 1}, &Granted{1}},
		{"asked again", false, 1, &Claim{Epoch: 1}, &Granted{1}},
		{"asked again after a crash", true, 1, &Claim{Epoch: 1}, &Granted{1}},
		{"it may lack decisions of epoch 1", false, 2, &Claim{Epoch: 2}, &Fenced{1}},
		{"n1 has begun none", false, 2, &Claim{Epoch: 2, Waived: 1}, &Granted{2}},
		{"of an earlier epoch", false, 1, &Claim{Epoch: 1}, &Fenced{2}},
		{"replaced", false, 1, prepare(1), &Fenced{2}},
		{"replaced, also after a crash", true, 1, prepare(1), &Fenced{2}},
		{"it may lack decisions of epoch 2, also after a crash", true, 1, &Claim{Epoch: 3, Base: 1}, &Fenced{2}},
		{"a later one for itself", false, 2, &Claim{Epoch: 4}, &Granted{4}},
		{"others have granted it epoch 5", false, 1, prepare(5), &Vote{Yes: true}},
		{"so it may have decisions of epoch 5, also after a crash", true, 2, &Claim{Epoch: 6, Base: 4}, &Fenced{5}},
		{"it has joined epoch 5", false, 2, &Claim{Epoch: 6, Base: 5}, &Granted{6}},
		{"replaced in turn", false, 1, prepare(5), &Fenced{6}},
	} {
		if step.crash {
			w.Crash(sim.Server(3), sim.LoseAll)
			w.Restart(sim.Server(3))
		}
		w.RunUntil(w.Now() + sim.Time(100*time.Millisecond))
		p := puppets[step.from-1]
		p.heard = nil
		p.env.Send(sim.Server(3), step.says)
		w.RunUntil(w.Now() + sim.Time(100*time.Millisecond))
		want := sim.Summary(step.hears)
		if v, ok := step.hears.(*Vote); ok {
			v.Tx = step.says.(*Prepare).Tx
			want = v.Summary() + "[100]"
		}
		if len(p.heard) != 1 || p.heard[0] != want {
			t.Fatalf("step %d (%s): %s: heard %q, want %q", i+1, step.why, sim.Summary(step.says), p.heard, want)
		}
	}
}

// An owner that nobody has joined misses nobody.
func TestAnOwnerAloneKeepsItsEpoch(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	cfg := Config{Keeping: WithBackup}
	for range 2 {
		w.AddServer(cfg.Coordinator)
	}
	w.AddServer(cfg.Participant)
	w.RunUntil(0)
	w.Crash(sim.Server(2), sim.LoseAll)
	var epochs []uint64
	for range 10 {
		w.RunUntil(w.Now() + sim.Time(time.Second))
		epochs = append(epochs, w.Node(sim.Server(1)).(*Coordinator).Owns())
	}
	if epochs[0] == 0 || epochs[0] != epochs[9] {
		t.Errorf("epochs are %v, second by second", epochs)
	}
}

// An owner of a new epoch is alone in it, also if it was not in an earlier one: it does
// not wait for the other, which has failed.
func TestAnOwnerBeginsAloneAgain(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	cfg := Config{Keeping: WithBackup}
	for range 2 {
		w.AddServer(cfg.Coordinator)
	}
	w.AddServer(cfg.Participant)
	w.AddClient(Client{Config: cfg, Listed: []ops.Transaction{{Legs: []ops.Leg{{Account: "a1", Amount: 1}}}}, Think: sim.Fixed(10 * time.Second)}.Node)
	w.RunUntil(0)
	one, other := sim.Server(1), sim.Server(2)
	owns := func(id sim.NodeID) uint64 { return w.Node(id).(*Coordinator).Owns() }
	second := func(n int64) { w.RunUntil(sim.Time(n) * sim.Time(time.Second)) }
	second(2)
	if owns(one) == 0 {
		one, other = other, one
	}
	w.Pause(one)
	second(4)
	if owns(other) == 0 {
		t.Fatalf("%v is paused, and %v does not take over", one, other)
	}
	w.Resume(one)
	second(6)
	if owns(one) != 0 || owns(other) == 0 {
		t.Fatalf("%v is back, and owns epoch %d", one, owns(one))
	}
	w.Crash(other, sim.LoseAll)
	second(8)
	first := owns(one)
	second(14)
	if first == 0 || owns(one) != first {
		t.Errorf("alone %v owns epoch %d, and six seconds later %d", one, first, owns(one))
	}
	if !w.ClientsDone() || w.History()[0].Outcome != history.OK {
		t.Errorf("what it is asked to do alone: %+v", w.History())
	}
}

// A copy of a request that comes when its client has gone on is not run, and takes
// nobody's answer away.
func TestALateCopyIsNotRun(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	cfg := Config{}
	w.AddServer(cfg.Coordinator)
	w.AddServer(cfg.Participant)
	w.AddClient(sim.Go(func(p *sim.Proc) {
		ask := func(n, try int) bool {
			m := &Begin{Process: 1, N: n, Try: try, Epoch: 1, Transaction: ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: 1}}}}
			_, answered := sim.Call[*Outcome](p, sim.Server(1), m, 200*time.Millisecond)
			return answered
		}
		for _, c := range []struct {
			n, try int
			want   bool
		}{{1, 1, true}, {2, 2, true}, {1, 1, false}, {2, 1, false}, {2, 2, true}, {1, 9, false}, {3, 1, true}} {
			if got := ask(c.n, c.try); got != c.want {
				t.Errorf("operation %d, try %d: answered is %v, want %v", c.n, c.try, got, c.want)
			}
		}
	}))
	w.RunClients(sim.Time(5 * time.Second))
	if got := w.Node(sim.Server(2)).(*Participant).Accounts()["a1"]; got != 103 || !w.ClientsDone() {
		t.Errorf("a1 has %d after three deposits of 1, want 103", got)
	}
}
