package scenarios_test

import (
	"fmt"
	"time"

	"distsim/faults"
	"distsim/scenarios"
	"distsim/sim"
)

// A scenario of one's own: a server counts, and a crash sets it back to zero. With
//
//	func main() { os.Exit(cli.Main(append(scenarios.All(), counting())...)) }
//
// it is one of those that a simctl of one's own lists, runs, hunts and replays.
func counting() *scenarios.Scenario {
	return &scenarios.Scenario{
		Name:   "counting",
		Shows:  "a counter that forgets: it saves nothing, and a crash sets it back to zero",
		Params: []scenarios.Param{{Name: "calls", Default: "30", Min: 1, Max: 1000, Help: "how often the client counts on"}},
		Declare: func(scenarios.Values) scenarios.Declaration {
			return scenarios.Declaration{
				Model:      faults.Model{Kinds: []faults.Kind{"crash"}, MaxDown: 1},
				Properties: []scenarios.Declared{{Property: "counts-up", Promise: scenarios.Sometimes}},
				Chaos:      3 * time.Second, Quiet: time.Second,
			}
		},
		Config: func(scenarios.Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)}}
		},
		Build: func(b *scenarios.Build) {
			b.World.AddServer(func() sim.Node { return &counter{} })
			b.World.AddClient(sim.Go(func(p *sim.Proc) { countOn(b.World, p, b.Values.Int("calls")) }))
		},
	}
}

type (
	next    struct{}
	counter struct{ n int64 }
)

func (c *counter) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, asked := m.(next); asked {
		c.n++
		env.Reply(env.ReplyTo(), c.n)
	}
}

func (c *counter) View(v *sim.View) { v.Int("count", c.n) }

// countOn is the client: each answer must be more than the one before.
func countOn(w *sim.World, p *sim.Proc, calls int) {
	last := int64(0)
	for range calls {
		n, ok := sim.Call[int64](p, sim.Server(1), next{}, 50*time.Millisecond)
		if ok && n <= last {
			w.Report(sim.Violation{Property: "counts-up", Detail: fmt.Sprintf("%d after %d", n, last)})
		}
		last = max(last, n)
		p.Sleep(100 * time.Millisecond)
	}
}

func Example() {
	for seed := uint64(1); ; seed++ {
		run, err := counting().Run(faults.Plan{Version: faults.Version, Seed: seed}, scenarios.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		if p := run.Report.Properties[0]; p.Verdict == "violated" {
			fmt.Printf("seed %d, %v: %s %s, declared %s: %s\n", seed, run.Plan.Faults, p.Name, p.Verdict, p.Declared, p.Detail)
			return
		}
	}
	// Output:
	// seed 25, [crash: {target: any, was: n1} at 186.1ms for 1.5219s]: counts-up violated, declared violated sometimes: 1 after 2
}
