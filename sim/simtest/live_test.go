package simtest

import (
	"strings"
	"testing"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// spring answers whoever asks, if it is one of those that do.
type spring struct{ answers bool }

func (s spring) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, asked := m.(ops.Op); asked && s.answers {
		env.Reply(env.ReplyTo(), ops.Result{OK: true})
	}
}

// springs is three servers of which the first so many answer.
func springs(answering int) func(w *sim.World) {
	return func(w *sim.World) {
		for i := range 3 {
			w.AddServer(func() sim.Node { return spring{i < answering} })
		}
		w.AddClient(busyFor(100 * time.Millisecond))
	}
}

// askAround goes round until somebody answers.
func askAround(p *sim.Proc) {
	record := p.Invoke(p.NextOp(), ops.Op{Kind: ops.Get, Key: "k"})
	for i := 0; ; i++ {
		if r, ok := sim.Call[ops.Result](p, p.Servers()[i%3], ops.Op{Kind: ops.Get, Key: "k"}, 50*time.Millisecond); ok {
			record.OK(r)
			return
		}
	}
}

// Two of three servers are well, and which two is drawn: a service of all three
// always goes on, one of a single server stalls when it is that one which is not.
func TestLive(t *testing.T) {
	cfg := Config{
		Net:    sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Faults: faults.Model{Kinds: []faults.Kind{"crash", "isolate"}, MaxDown: 1}, Chaos: time.Second,
		Live: &Live{Servers: 2, Bound: 2 * time.Second, Probe: askAround},
	}
	stalled := 0
	for seed := uint64(1); seed <= 30; seed++ {
		if o := Try(cfg, seed, springs(3)); o.Failed() {
			t.Errorf("all servers answer, and yet: %v", o)
		}
		o := Try(cfg, seed, springs(1))
		if !o.Failed() {
			continue
		}
		stalled++
		f := o.Findings[0]
		if f.Property != "progress" || f.Verdict != checker.Stalled || !strings.Contains(f.String(), "progress stalled at") {
			t.Errorf("got %v, want a stall", f)
		}
	}
	if stalled < 3 || stalled > 25 {
		t.Errorf("of 30 seeds %d stall, want about a third: those in which n1 is not in the core", stalled)
	}
}

// What cannot be promised is said, not passed over.
func TestLiveIsUndecidedWithoutEnoughServers(t *testing.T) {
	cfg := Config{Live: &Live{Servers: 4, Bound: time.Second, Probe: askAround}}
	o := Try(cfg, 1, springs(3))
	if len(o.Findings) != 1 || o.Findings[0].Verdict != checker.Unknown || !strings.Contains(o.Findings[0].Detail, "only 3 servers") {
		t.Errorf("got %v, want progress undecided", o.Findings)
	}
	if err := (Config{Live: &Live{}}).check(); err == nil {
		t.Error("a promise without servers, bound and probe is accepted")
	}
}
