package shrink

import (
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// sharedStream is the control: a Chooser that ignores whose decision it is and
// draws all of them from one stream (SplitMix64; Steele, Lea and Flood 2014).
// Whatever is removed moves everything that comes after it.
type sharedStream struct{ state uint64 }

func (s *sharedStream) Choose(_ sim.Identity, o sim.Outcomes, _ int64) int64 {
	s.state += 0x9e3779b97f4a7c15
	z := s.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	switch o.Kind {
	case sim.Chance:
		if z%1_000_000 < uint64(o.PPM) {
			return 1
		}
		return 0
	case sim.Pick:
		return int64(z>>1) % o.N
	default:
		return int64(o.Dist.Sample(z))
	}
}

// teller counts aloud: it tells the others a number that it has written but not
// yet synced. A crash in the few milliseconds between makes it say a number
// twice, which is the violation.
type teller struct{ told map[sim.NodeID]int }

type (
	due  struct{}
	told struct{ n int }
)

func (x *teller) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	f := env.File("count")
	switch m := m.(type) {
	case sim.Boot:
		env.Arm(due{}, env.Duration("wait", sim.Uniform(0, 100*time.Millisecond)))
	case due:
		env.Arm(due{}, env.Duration("wait", sim.Uniform(0, 100*time.Millisecond)))
		peers := env.Servers()
		env.Send(peers[env.Intn("peer", len(peers))], told{f.Size() + 1}) // too early
		f.Append([]byte{1})
		f.Sync()
		env.SyncDir()
	case told:
		x.told[from] = max(x.told[from], m.n)
	}
}

// tellsTwice runs a plan on ten tellers.
func tellsTwice(p faults.Plan, shared bool) bool {
	cfg := sim.Config{Seed: p.Seed,
		Net:  sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 20_000},
		Disk: sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 2*time.Millisecond)},
	}
	if shared {
		cfg.Chooser = &sharedStream{p.Seed}
	}
	heard := map[sim.NodeID]int{}
	violated := false
	w := sim.New(cfg)
	for range 10 {
		w.AddServer(func() sim.Node { return &teller{heard} })
	}
	if _, err := faults.Install(w, p.Faults); err != nil {
		panic(err)
	}
	for _, id := range w.Servers() {
		for at := sim.Time(0); at < sim.Time(3*time.Second); at += sim.Time(20 * time.Millisecond) {
			w.At(at, func(w *sim.World) {
				if !w.Up(id) && heard[id] > len(w.Durable(id, "count")) {
					violated = true
				}
			})
		}
	}
	w.RunUntil(sim.Time(3 * time.Second))
	w.Close()
	return violated
}

// failingPlans finds plans of three cuts and ten crashes, one for every teller,
// of which one makes its victim say a number twice.
func failingPlans(want int, shared bool) []faults.Plan {
	var out []faults.Plan
	for seed := uint64(1); len(out) < want && seed < 5000; seed++ {
		draw := func(what string, k, n uint64) uint64 {
			return sim.Draw(seed, sim.Identity{Subject: sim.OfPlanner, Name: what, K: k}) >> 8 % n
		}
		p := faults.Plan{Version: faults.Version, Scenario: "tellers", Seed: seed, Faults: []faults.Entry{}}
		for k := range uint64(10) {
			p.Faults = append(p.Faults, faults.Entry{
				Fault: faults.Crash{Target: faults.On(sim.Server(1 + int(k)))},
				At:    sim.Time(draw("at", k, uint64(2800*time.Millisecond))), For: 100 * time.Millisecond,
			})
		}
		for k := uint64(10); k < 13; k++ {
			p.Faults = append(p.Faults, faults.Entry{
				Fault: faults.Isolate{Target: faults.On(sim.Server(1 + int(draw("who", k, 10))))},
				At:    sim.Time(draw("at", k, uint64(2800*time.Millisecond))), For: 400 * time.Millisecond,
			})
		}
		if tellsTwice(p, shared) {
			out = append(out, p)
		}
	}
	return out
}

// Keyed identities are what makes removing faults work: with them a plan ends
// at little more than the one crash that is to blame, in the control build at many.
// (The rarer the coincidence that a failure needs, the wider the gap: where one
// plan in three fails, the control often finds another failure by luck.)
func TestKeyedIdentitiesMakeShrinkingWork(t *testing.T) {
	const plans = 20
	left := map[bool]int{}
	for _, shared := range []bool{false, true} {
		runs := 0
		found := failingPlans(plans, shared)
		if len(found) < plans {
			t.Fatalf("only %d failing plans", len(found))
		}
		for _, p := range found {
			removed, n := p.Faults, 0
			removed = remove(removed, func(rest []faults.Entry) bool {
				n++
				q := p
				q.Faults = rest
				return tellsTwice(q, shared)
			})
			left[shared] += len(removed)
			runs += n
		}
		t.Logf("shared stream %-5v: %d plans of 13 faults end at %d faults in all, after %d re-runs", shared, plans, left[shared], runs)
	}
	if 2*left[false] > left[true] {
		t.Errorf("keyed identities leave %d faults, one shared stream %d: want half or less", left[false], left[true])
	}
}
