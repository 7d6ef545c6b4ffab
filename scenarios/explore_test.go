package scenarios

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"distsim/faults"
	"distsim/faults/planfile"
	"distsim/sim"
	"distsim/sim/explore"
)

// counter is a server that counts in a file whenever its timer fires, and tells the next
// server, in a Part, which counts, too, and answers. The third is a Proc.
type (
	counter struct{}
	count   struct{ n int }
	seen    struct{ n int }
	due     struct{}
)

func (counter) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		env.Arm(due{}, time.Duration(env.Intn("wait", 20))*time.Millisecond)
	case due:
		n := countOnce(env.File("n"))
		env.SyncDir()
		env.Part("group").Send(sim.Server(env.ID().Ordinal()%3+1), count{n})
		if env.Elapsed() < 40*time.Millisecond {
			env.Arm(due{}, 30*time.Millisecond)
		}
	case count:
		countOnce(env.File("others"))
		env.Part("group").Send(env.ID(), seen{m.n}) // on the notice of the sync it answers
		env.Reply(env.ReplyTo(), seen{m.n})
	}
}

func countOnce(f sim.File) int {
	f.Append([]byte{1})
	f.Sync()
	return f.Size()
}

func countingProc(p *sim.Proc) {
	for {
		e := p.Recv()
		if m, ok := e.Message.(count); ok {
			countOnce(p.File("others"))
			p.Reply(e.ReplyTo, seen{m.n})
			p.SyncDir()
		}
	}
}

// counters is a world in which steps are begun by boots, timers, messages, their copies
// and what a machine says to itself.
func counters(w *sim.World, c sim.Chooser, x *sim.Explore) {
	w.Reset(sim.Config{Seed: 7, Chooser: c, Explore: x, Disk: sim.DiskConfig{Sync: sim.Uniform(time.Millisecond, 9*time.Millisecond)},
		Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 9*time.Millisecond), Duplicate: 300_000, Loss: 100_000}})
	w.AddServer(func() sim.Node { return counter{} })
	w.AddServer(func() sim.Node { return counter{} })
	w.AddServer(sim.Go(countingProc))
	w.AddClient(sim.Go(func(p *sim.Proc) { sim.Call[seen](p, sim.Server(3), count{0}, 50*time.Millisecond) }))
}

// Every case is a plan that is valid, survives being written down, strikes as it says
// and has the same trace, whatever began the step that the crash is in.
func TestEveryCaseIsAPlan(t *testing.T) {
	bounds := explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: []time.Duration{3 * time.Millisecond, 60 * time.Millisecond}}
	w, again := sim.New(sim.Config{}), sim.New(sim.Config{})
	began := map[sim.Subject]int{}
	res := explore.Run(bounds, func(c *explore.Case) string {
		counters(w, c, c.Explore())
		w.RunUntil(sim.Time(200 * time.Millisecond))
		for _, p := range c.Crashes() {
			began[p.Step.Subject]++
		}
		if err := replays(again, c, w.Hash()); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		return "same"
	})
	t.Log(res, began)
	for _, s := range []sim.Subject{sim.OfMessage, sim.OfTimer, sim.OfNode, sim.OfRecord} {
		if began[s] == 0 {
			t.Errorf("no crash in a step that began with subject %d", s)
		}
	}
}

// replays runs a case's plan.
func replays(w *sim.World, c *explore.Case, want uint64) error {
	list, fixed := faults.Explored(c.Crashes(), c.Losses())
	plan, err := rewritten(faults.Plan{Version: faults.Version, Scenario: "counters", Seed: 7, Faults: list, Overrides: fixed})
	if err != nil {
		return err
	}
	overrides := faults.Overrides(plan.Overrides, nil)
	counters(w, overrides, nil)
	in, err := faults.Install(w, plan.Faults)
	if err != nil {
		return err
	}
	w.RunUntil(sim.Time(200 * time.Millisecond))
	if idle := append(in.Unapplied(), overrides.Unapplied(w)...); len(idle) > 0 {
		return errors.New(idle[0].String())
	}
	if got := w.Hash(); got != want {
		return fmt.Errorf("hash %016x, want %016x", got, want)
	}
	return nil
}

// rewritten is the plan as it comes back from a file.
func rewritten(p faults.Plan) (faults.Plan, error) {
	text, err := planfile.Encode(p)
	if err != nil {
		return p, err
	}
	return planfile.Decode("case.yaml", text)
}
