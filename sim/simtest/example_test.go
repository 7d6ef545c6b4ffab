package simtest_test

import (
	"fmt"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/simtest"
)

// stdout is a T that prints, so that an example can show what a test would say.
type stdout struct{}

func (stdout) Helper()                           {}
func (stdout) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (stdout) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

var (
	t      stdout
	n1, n2 = sim.Server(1), sim.Server(2)
	c1     = sim.Client(1)
)

// The system of these examples: n1 sends n2 a beat every 10 ms, and n2 tells
// clients how many it has heard.
type (
	beat  struct{}
	count struct{}
	heart struct{ heard int64 }
)

func (h *heart) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case sim.Boot:
		if env.ID() == n1 {
			env.Arm("tick", 10*time.Millisecond)
		}
	case string:
		env.Send(n2, beat{})
		env.Arm("tick", 10*time.Millisecond)
	case beat:
		h.heard++
	case count:
		env.Reply(env.ReplyTo(), h.heard)
	}
}

func (h *heart) View(v *sim.View) { v.Int("heard", h.heard) }

func asks(p *sim.Proc) {
	for range 3 {
		p.Sleep(20 * time.Millisecond)
		op := p.Invoke(p.NextOp(), "count")
		if n, ok := sim.Call[int64](p, n2, count{}, 5*time.Millisecond); ok {
			op.OK(n)
		} else {
			op.Unknown("no answer")
		}
	}
}

// beating is a run of 75 ms in which n2 is isolated for the second half.
func beating() *sim.World {
	w := sim.New(sim.Config{Records: true, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	w.AddServer(func() sim.Node { return &heart{} })
	w.AddServer(func() sim.Node { return &heart{} })
	w.AddClient(sim.Go(asks))
	cut := faults.Isolate{Target: faults.On(n2), Clients: true}
	if _, err := faults.Install(w, []faults.Entry{{Fault: cut, At: sim.Time(35 * time.Millisecond)}}); err != nil {
		panic(err)
	}
	w.RunUntil(sim.Time(75 * time.Millisecond))
	return w
}

// Views are compared field by field, as they print.
func ExampleView() {
	w := beating()
	defer w.Close()
	simtest.View(t, w, n2).Want("heard", 3)
	simtest.View(t, w, n1).Want("heard", 3, "role", "leader")
	// Output:
	// n1: heard is 0, want 3 (heard=0)
	// n1 shows no role, want leader (heard=0)
}

// Selections of a trace are chained, and counted or put in order at the end.
func ExampleTrace() {
	w := beating()
	defer w.Close()
	beats := simtest.Trace(t, w).Sent("simtest_test.beat").From(n1)
	beats.Want(7)
	beats.Lost().Want(4)
	beats.First().Before(simtest.Trace(t, w).Of(sim.KindFault))
	beats.Lost().Between(0, sim.Time(50*time.Millisecond)).None()
	// Output:
	// records of simtest_test.beat sent from n1 that were lost from 0s to 50ms: got 2, want none
	//   record 22: 40ms send n1>n2 simtest_test.beat #4 cut {}
	//   record 29: 50ms send n1>n2 simtest_test.beat #5 cut {}
}

// What clients asked and heard.
func ExampleHistory() {
	w := beating()
	defer w.Close()
	simtest.History(t, w).By(c1).WantOutcomes(history.OK, history.Unknown, history.Unknown)
	simtest.History(t, w).OK().WantOutputs(int64(1))
	simtest.History(t, w).Unknown().None()
	// Output:
	// operations that are unknown: got 2, want none
	//   c1#2 count -> unknown (no answer)
	//   c1#3 count -> unknown (no answer)
}

// The same assertions as a Config.Check, which has no test to fail.
func ExampleAsserts() {
	check := simtest.Asserts(func(t simtest.T, w *sim.World) {
		simtest.View(t, w, n2).Want("heard", 7)
	})
	w := beating()
	defer w.Close()
	fmt.Println(check(w))
	// Output:
	// n2: heard is 3, want 7 (heard=3)
}

// A generator of plans draws faults of every kind that the model allows, here for
// a world of three servers.
func ExamplePlans() {
	cfg := simtest.Config{
		Faults: faults.Model{Kinds: []faults.Kind{"crash", "pause"}, MaxDown: 1, Least: 10 * time.Millisecond, Most: 50 * time.Millisecond},
		Chaos:  time.Second,
	}
	plan := simtest.Plans(cfg, 3).Example(6)
	fmt.Println("seed", plan.Seed)
	for _, entry := range plan.Faults {
		fmt.Println(entry)
	}
	// Output:
	// seed 9
	// crash: {target: n2} at 73ms for 15.2ms
	// crash: {target: any} at 177ms for 30ms
	// pause: {target: any} at 348.3ms for 16.9ms
	// pause: {target: any} at 651.8ms for 46.3ms
	// pause: {target: leader} at 769.1ms for 23.1ms
	// crash: {target: n1} at 801.8ms for 24.8ms
}
