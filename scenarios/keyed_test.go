package scenarios

import (
	"os"
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Experiment 2: keyed identities make shrinking work. When a fault is removed,
// the decisions that are left must stay as they were, or the failure goes away
// for reasons that have nothing to do with the fault. The control build draws
// every decision from one shared stream: there, removing anything shifts
// everything after it.

// sharedStream is the control: a Chooser that ignores identities.
type sharedStream struct{ state uint64 }

// Choose draws the next value of one stream (SplitMix64, Steele et al. 2014).
func (s *sharedStream) Choose(_ sim.Identity, o sim.Outcomes, _ int64) int64 {
	s.state += 0x9e3779b97f4a7c15
	x := s.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	switch o.Kind {
	case sim.Chance:
		if x>>44*1_000_000>>20 < uint64(o.PPM) {
			return 1
		}
		return 0
	case sim.Pick:
		return int64(x>>1) % o.N
	default:
		return int64(o.Dist.Sample(x))
	}
}

// withSharedStream is the scenario in the control build.
func withSharedStream(s *Scenario) *Scenario {
	control := *s
	control.Config = func(v Values) sim.Config {
		cfg := s.Config(v)
		cfg.Chooser = &sharedStream{}
		return cfg
	}
	// The stream starts from the seed, as the keys do.
	build := s.Build
	control.Build = func(b *Build) {
		b.World.Chooser().(*sharedStream).state = b.World.Seed()
		build(b)
	}
	return &control
}

// failing finds plans with drawn faults that violate linearizability and names
// every target they hit.
func failing(t *testing.T, s *Scenario, want, atLeast int) []faults.Plan {
	t.Helper()
	var plans []faults.Plan
	for seed := uint64(1); len(plans) < want; seed++ {
		if seed > 20_000 {
			t.Fatalf("only %d failing plans in 20,000 seeds", len(plans))
		}
		run := mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{})
		if len(run.Plan.Faults) >= atLeast && violates(run, linearizable) {
			plans = append(plans, run.Plan)
		}
	}
	return plans
}

func violates(r *Run, property string) bool {
	for _, p := range r.Report.Properties {
		if p.Name == property {
			return p.IsViolated()
		}
	}
	return false
}

// reduce removes faults one at a time while the violation stays, until no
// single one can go.
func reduce(t *testing.T, s *Scenario, plan faults.Plan) (left, runs int) {
	t.Helper()
	for again := true; again; {
		again = false
		for i := 0; i < len(plan.Faults); i++ {
			smaller := plan
			smaller.Faults = append(append([]faults.Entry{}, plan.Faults[:i]...), plan.Faults[i+1:]...)
			runs++
			if violates(mustRun(t, s, smaller, Options{}), linearizable) {
				plan, again = smaller, true
				i--
			}
		}
	}
	return len(plan.Faults), runs
}

// symbolic forgets whom the targets meant, so that they are resolved again.
func symbolic(p faults.Plan) faults.Plan {
	p.Faults = slices.Clone(p.Faults)
	for i := range p.Faults {
		p.Faults[i].Fault = faults.Forget(p.Faults[i].Fault)
	}
	return p
}

// shelf is five servers that have nothing to do with each other, each a register
// that answers before its disk has the value, each with a client of its own. A
// crash does harm only in the few milliseconds between answer and disk, so of
// many crashes one is to blame and the others are noise.
func shelf() *Scenario {
	return &Scenario{
		Name:    "shelf",
		Declare: func(Values) Declaration { return Declaration{Chaos: 10 * time.Second, Quiet: 5 * time.Second} },
		Config: func(Values) sim.Config {
			return sim.Config{Net: lan(), Disk: sim.DiskConfig{Sync: sim.Uniform(2*time.Millisecond, 10*time.Millisecond)}}
		},
		Script: func(_ Values, seed uint64) []faults.Entry {
			var plan []faults.Entry
			for k := uint64(1); k <= 15; k++ {
				draw := func(what string) uint64 {
					return sim.Draw(seed, sim.Identity{Subject: sim.OfPlanner, Name: what, K: k}) >> 1
				}
				plan = append(plan, faults.Entry{
					Fault: faults.Crash{Target: faults.On(sim.Server(1 + int(draw("node")%5)))},
					At:    sim.Time(draw("at") % uint64(9*time.Second)),
					For:   300 * time.Millisecond,
				})
			}
			return plan
		},
		Build: func(b *Build) {
			for i := 1; i <= 5; i++ {
				b.World.AddServer(func() sim.Node { return &hastyRegister{} })
				b.World.AddClient(sim.Go(func(p *sim.Proc) { writeAndRead(p, sim.Server(i)) }))
			}
		},
		Judge: judgeKV,
	}
}

type hastyRegister struct{ value string }

func (r *hastyRegister) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	f := env.File("value")
	switch m := m.(type) {
	case sim.Boot:
		r.value = string(f.Bytes())
	case ops.Op:
		if m.Kind == ops.Get {
			env.Reply(env.ReplyTo(), ops.Result{Value: r.value, Found: r.value != ""})
			return
		}
		r.value = m.Value
		env.Reply(env.ReplyTo(), ops.Result{OK: true}) // too early
		f.Truncate(0)
		f.Append([]byte(m.Value))
		f.Sync()
		env.SyncDir()
	}
}

func writeAndRead(p *sim.Proc, server sim.NodeID) {
	for p.Elapsed() < 10*time.Second {
		id := p.NextOp()
		op := ops.Op{Kind: ops.Put, Key: server.String(), Value: id.String()}
		if id.N%2 == 0 {
			op = ops.Op{Kind: ops.Get, Key: server.String()}
		}
		p.Sleep(p.Duration("think", sim.Uniform(0, 150*time.Millisecond)))
		record := p.Invoke(id, op)
		if r, ok := sim.Call[ops.Result](p, server, op, 100*time.Millisecond); ok {
			record.OK(r)
		} else {
			record.Unknown("no answer")
		}
	}
}

// shrinkAll reduces plans and logs how far.
func shrinkAll(t *testing.T, label string, s *Scenario, plans []faults.Plan) (before, left int) {
	t.Helper()
	runs := 0
	for _, p := range plans {
		l, r := reduce(t, s, p)
		before, left, runs = before+len(p.Faults), left+l, runs+r
	}
	t.Logf("%-46s %2d plans, %3d faults -> %3d, %4d re-runs", label, len(plans), before, left, runs)
	return before, left
}

func TestSweepKeyedIdentitiesMakeShrinkingWork(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("thousands of runs: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	const plans = 20
	s := shelf()
	before, left := shrinkAll(t, "five registers, keyed", s, failing(t, s, plans, 8))
	control := withSharedStream(s)
	cBefore, cLeft := shrinkAll(t, "five registers, one shared stream (control)", control, failing(t, control, plans, 8))
	if 2*left*cBefore > cLeft*before {
		t.Errorf("keyed plans end at %d of %d faults, the control's at %d of %d: want half or less", left, before, cLeft, cBefore)
	}
}

// In a Raft group everything hangs on one leader: a fault that is removed moves
// every heartbeat after it, and identities can keep less apart. The figures are
// logged beside those of targets resolved again.
func TestSweepShrinkingRaft(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("thousands of runs: set DISTSIM_SWEEP=1, as .ci/run does")
	}
	const plans = 100 // with 20 the difference drowns in the noise
	s := evenCluster()
	keyed := failing(t, s, plans, 8)
	var again []faults.Plan
	for _, p := range keyed {
		if p = symbolic(p); violates(mustRun(t, s, p, Options{}), linearizable) {
			again = append(again, p)
		}
	}
	before, left := shrinkAll(t, "even cluster, keyed, targets as they were", s, keyed)
	shrinkAll(t, "even cluster, keyed, targets resolved again", s, again)
	control := withSharedStream(s)
	cBefore, cLeft := shrinkAll(t, "even cluster, one shared stream (control)", control, failing(t, control, plans, 8))
	if left*cBefore > cLeft*before {
		t.Errorf("keyed plans end at %d of %d faults, the control's at %d of %d", left, before, cLeft, cBefore)
	}
}
