package simtest

import (
	"errors"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// Systems with a bug that only faults bring out. The first is the register of
// child_test.go, the second that of pair_test.go; the others run under all the
// faults that there are.

// planted is one of them.
type planted struct {
	name  string
	cfg   Config
	build func(w *sim.World)
	most  int // faults that may be left of what shows it
}

func plantedBugs() []planted {
	busy := Config{
		Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 3*time.Millisecond)}, Disk: storm.Disk,
		Faults: everything(), Chaos: time.Second, Quiet: 300 * time.Millisecond,
	}
	return []planted{
		{"register", storm, func(w *sim.World) { serve(forgetful)(nil, w) }, 1},
		pair(),
		{"lock", busy, lockService(false), 2},
		{"leaders", busy, bullies, 2},
	}
}

// everything is a model that allows every kind of fault there is.
func everything() faults.Model {
	return faults.Model{
		Kinds: faults.Kinds(), MaxDown: 2, Least: 10 * time.Millisecond, Most: 300 * time.Millisecond,
		LossPPM: 500_000, DuplicatePPM: 500_000, CorruptPPM: 500_000, Undetected: true,
		Delay: 200 * time.Millisecond, Window: 100 * time.Millisecond, Bandwidth: 1000,
		Types: []string{"simtest.guardedWrite", "simtest.alive"}, DriftPPM: 200_000, Step: time.Second,
		Offset: time.Second, SlewPPM: 200_000, Slow: 20 * time.Millisecond, Builds: []string{"v1"},
		CrashModels: []sim.CrashModel{sim.KeepAll, sim.LoseAll, sim.KeepPrefix, sim.TornTail, sim.KeepSubset},
		Moments:     []faults.Moment{{Of: sim.Syncing}, {Of: sim.Synced}, {Of: sim.Timeout}},
	}
}

// busyFor is a client that keeps a run going.
func busyFor(d time.Duration) func() sim.Node {
	return sim.Go(func(p *sim.Proc) { p.Sleep(d) })
}

// The lock is lent by n1, for a time, with a token that grows. n2 and n3 hold it
// in turn and write to n4, which should refuse a token below one that it has seen.
type (
	lend         struct{}
	lent         struct{ token int }
	guardedWrite struct{ token int }
	lender       struct {
		token int
		until time.Duration
	}
	guarded struct {
		fencing       bool
		largest, last int
	}
)

const lease = 50 * time.Millisecond

func (l *lender) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	f := env.File("tokens")
	switch m.(type) {
	case sim.Boot:
		l.token, l.until = f.Size(), env.Elapsed()+lease
	case lend:
		if env.Elapsed() >= l.until {
			l.token, l.until = l.token+1, env.Elapsed()+lease
			f.Append([]byte{0})
			f.Sync()
			env.SyncDir()
			env.Send(from, lent{l.token})
		}
	}
}

// holder writes while it believes in its lease: on its own clock, from when it
// asked.
func holder(p *sim.Proc) {
	for {
		asked := p.Elapsed()
		p.Send(sim.Server(1), lend{})
		e, _ := p.RecvTimeout(10 * time.Millisecond)
		got, ok := e.Message.(lent)
		for ok && p.Elapsed() < asked+lease-10*time.Millisecond {
			p.Send(sim.Server(4), guardedWrite(got))
			p.Sleep(5 * time.Millisecond)
		}
		p.Sleep(p.Duration("rest", sim.Uniform(0, 20*time.Millisecond)))
	}
}

func (g *guarded) Step(_ *sim.Env, _ sim.NodeID, m sim.Message) {
	if m, ok := m.(guardedWrite); ok && (!g.fencing || m.token >= g.largest) {
		g.largest, g.last = max(g.largest, m.token), m.token
	}
}

func lockService(fencing bool) func(w *sim.World) {
	return func(w *sim.World) {
		w.AddServer(func() sim.Node { return &lender{} })
		w.AddServer(sim.Go(holder))
		w.AddServer(sim.Go(holder))
		w.AddServer(func() sim.Node { return &guarded{fencing: fencing} })
		w.AddClient(busyFor(time.Second))
		w.AddInvariant(sim.Assert("fenced", func(w *sim.World, id sim.NodeID) error {
			if g, ok := w.Node(id).(*guarded); ok && g.last < g.largest {
				return errors.New("a write under a lease came after one under a later lease")
			}
			return nil
		}))
	}
}

// A bully leads when it has heard of nobody with a lower name for a while: the
// split brain of every cluster without a quorum.
type (
	alive struct{}
	round struct{}
	bully struct {
		heard map[sim.NodeID]time.Duration
		leads bool
	}
)

func (b *bully) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case sim.Boot:
		b.heard = map[sim.NodeID]time.Duration{}
		for _, id := range env.Servers() {
			b.heard[id] = env.Elapsed()
		}
		env.Arm(round{}, 10*time.Millisecond)
	case alive:
		b.heard[from] = env.Elapsed()
	case round:
		env.Arm(round{}, 10*time.Millisecond)
		b.leads = true
		for _, id := range env.Servers() {
			if id != env.ID() {
				env.Send(id, alive{})
			}
			b.leads = b.leads && (id >= env.ID() || env.Elapsed() > b.heard[id]+50*time.Millisecond)
		}
	}
}

func (b *bully) View(v *sim.View) {
	if b.leads {
		v.Text("role", "leader")
		return
	}
	v.Text("role", "follower")
}

func bullies(w *sim.World) {
	for range 5 {
		w.AddServer(func() sim.Node { return &bully{} })
	}
	w.AddClient(busyFor(time.Second))
	w.AddInvariant(sim.Assert("one-leader", func(w *sim.World, _ sim.NodeID) error {
		leaders := 0
		for _, id := range w.Servers() {
			if b, ok := w.Node(id).(*bully); ok && w.Up(id) && b.leads {
				leaders++
			}
		}
		if leaders > 1 {
			return errors.New("two lead")
		}
		return nil
	}))
}
