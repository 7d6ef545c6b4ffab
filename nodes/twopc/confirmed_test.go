package twopc

import (
	"slices"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/history/ops"
)

// A decision of two coordinators is kept when the other has confirmed it in the epoch in
// which it was made. What it has confirmed in another, where changes had other numbers,
// does not count, however late that comes.
func TestOnlyItsEpochConfirmsADecision(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	cfg := Config{Keeping: WithBackup, TakeOver: sim.Fixed(time.Second)}
	other, participant := &puppet{about: map[Tx]phase{}}, &puppet{about: map[Tx]phase{}}
	w.AddServer(cfg.Coordinator)
	w.AddServer(func() sim.Node { return other })
	w.AddServer(func() sim.Node { return participant })
	w.AddClient(sim.Go(func(p *sim.Proc) {
		p.Sleep(1100 * time.Millisecond)
		m := &Begin{Process: 1, N: 1, Try: 1, Epoch: 1, Transaction: ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: 1}}}}
		sim.Call[*Outcome](p, sim.Server(1), m, time.Second)
	}))
	tx := Tx{Process: 1, N: 1, Try: 1, Epoch: 1}
	says := func(p *puppet, at time.Duration, m sim.Message) {
		w.RunUntil(sim.Time(at))
		p.env.Send(sim.Server(1), m)
		w.RunUntil(sim.Time(at + 20*time.Millisecond))
	}
	told := func() bool { return slices.Contains(participant.heard, sim.Summary(&Commit{tx})) }
	says(participant, 1020*time.Millisecond, &Granted{1})
	says(other, 1050*time.Millisecond, &Join{1})
	says(participant, 1200*time.Millisecond, &Vote{Tx: tx, Yes: true, Balances: []int64{101}})
	if replicate := (&Replicate{Epoch: 1, First: 1, changes: []change{{decision: &decision{tx: tx}}}}).Summary(); !slices.Contains(other.heard, replicate) {
		t.Fatalf("n2 has heard %q, and not %q", other.heard, replicate)
	}
	for i, m := range []*Replicated{{Epoch: 0, Number: 9}, {Epoch: 2, Number: 9}, {Epoch: 1, Number: 0}, {Epoch: 1, Number: 1}} {
		says(other, time.Duration(1300+50*i)*time.Millisecond, m)
		if got, want := told(), *m == (Replicated{Epoch: 1, Number: 1}); got != want {
			t.Fatalf("n2 says %q: is the participant told to commit? %t, want %t", m.Summary(), got, want)
		}
	}
}

// What a coordinator that has joined an epoch takes over, and what it answers: changes of
// that epoch, each once and none left out.
func TestWhatIsTakenOver(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	owner := &puppet{about: map[Tx]phase{}}
	w.AddServer(func() sim.Node { return owner })
	w.AddServer(Config{Keeping: WithBackup, TakeOver: sim.Fixed(time.Hour), RetryEvery: time.Hour}.Coordinator)
	w.AddServer(func() sim.Node { return &puppet{about: map[Tx]phase{}} })
	w.RunUntil(0)
	from := func(epoch, first uint64, n int) *Replicate {
		m := &Replicate{Epoch: epoch, First: first}
		for i := range n {
			m.changes = append(m.changes, change{decision: &decision{tx: Tx{Process: 1, N: int(first) + i, Try: 1, Epoch: epoch}}})
		}
		return m
	}
	for i, step := range []struct {
		says, hears sim.Message
		open        int
	}{
		{&Beat{3}, &Join{3}, 0},
		{&Decisions{Epoch: 3, Number: 5}, &Replicated{3, 5}, 0},
		{from(3, 6, 2), &Replicated{3, 7}, 2},
		{from(3, 6, 2), &Replicated{3, 7}, 2},  // again
		{from(3, 7, 2), &Replicated{3, 8}, 3},  // half of it again
		{from(3, 10, 1), &Replicated{3, 8}, 3}, // one is missing
		{from(1, 9, 1), &Fenced{3}, 3},         // of an owner that was replaced
		{from(5, 9, 1), &Join{5}, 3},           // of an owner that it has not joined
		{&Beat{1}, &Fenced{3}, 3},
		{&Beat{3}, &Replicated{3, 8}, 3},                        // tells what it has
		{&Decisions{Epoch: 3, Number: 5}, nil, 3},               // joined before
		{&Decisions{Epoch: 5, Number: 0}, &Replicated{5, 0}, 0}, // joins the next
	} {
		owner.heard = nil
		owner.env.Send(sim.Server(2), step.says)
		w.RunUntil(w.Now() + sim.Time(20*time.Millisecond))
		var want []string
		if step.hears != nil {
			want = append(want, sim.Summary(step.hears))
		}
		open, _ := w.Node(sim.Server(2)).(*Coordinator).Table()
		if !slices.Equal(owner.heard, want) || len(open) != step.open {
			t.Fatalf("step %d: %s: heard %q and has %d decisions, want %q and %d", i+1, sim.Summary(step.says), owner.heard, len(open), want, step.open)
		}
	}
}

// Whoever has waived all epochs before one claims none of them, also after a crash right
// after it has said so.
func TestAWaiverSurvivesACrash(t *testing.T) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}, Disk: sim.DiskConfig{Sync: sim.Fixed(5 * time.Millisecond)}})
	t.Cleanup(w.Close)
	claimant, participant := &puppet{about: map[Tx]phase{}}, &puppet{about: map[Tx]phase{}}
	w.AddServer(func() sim.Node { return claimant })
	w.AddServer(Config{Keeping: WithBackup, TakeOver: sim.Fixed(time.Second)}.Coordinator)
	w.AddServer(func() sim.Node { return participant })
	w.RunUntil(sim.Time(100 * time.Millisecond))
	claimant.env.Send(sim.Server(2), &Claim{Epoch: 5})
	for !slices.Contains(claimant.heard, sim.Summary(&Waived{5})) {
		if w.RunUntil(w.Now() + sim.Time(time.Millisecond)); w.Now() > sim.Time(200*time.Millisecond) {
			t.Fatalf("n1 has heard %q", claimant.heard)
		}
	}
	w.Crash(sim.Server(2), sim.LoseAll)
	w.Restart(sim.Server(2))
	w.RunUntil(w.Now() + sim.Time(1500*time.Millisecond))
	if want := sim.Summary(&Claim{Epoch: 6}); len(participant.heard) == 0 || participant.heard[0] != want {
		t.Errorf("n3 has heard %q, want %q", participant.heard, want)
	}
}
