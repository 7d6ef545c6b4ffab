package lock

import (
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	"distsim/sim"
)

// A tale is a short run of the service, whose elections the test decides, and of some
// users. Messages take a millisecond.
type tale struct {
	*sim.World
	t      *testing.T
	cfg    Config
	users  []*owner
	raw    *raw
	reigns map[sim.NodeID][]int // election timeouts in ms, in the order of their draws; then an hour
	pieces int                  // of work that a Client does in its section
}

// raw is a user, the last, that says exactly what the test wants, and notes what it hears.
type raw struct {
	env   *sim.Env
	heard []string
}

// Section is none: it only asks.
func (*raw) Section() (s invariant.Section, in bool) { return s, false }

func (r *raw) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		r.env = env
		return
	}
	r.heard = append(r.heard, sim.Summary(m))
}

// newTale begins with n1, which leads from about 100 ms on.
func newTale(t *testing.T, cfg Config, users int) *tale {
	w := newService(t, cfg)
	w.raw = &raw{}
	for range users {
		u := &owner{cfg: w.cfg}
		w.users = append(w.users, u)
		w.AddClient(func() sim.Node { return u })
	}
	w.AddClient(func() sim.Node { return w.raw })
	return w
}

// newService is one without users.
func newService(t *testing.T, cfg Config) *tale {
	w := &tale{t: t, cfg: cfg, reigns: map[sim.NodeID][]int{sim.Server(1): {100}}}
	w.cfg.Raft.HeartbeatEvery = 20 * time.Millisecond
	w.World = sim.New(sim.Config{
		Net:     sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Disk:    sim.DiskConfig{Sync: sim.Fixed(500 * time.Microsecond)},
		Chooser: sim.ChooserFunc(w.choose), Records: true, FreezeCheck: true,
	})
	for range w.cfg.complete().Servers {
		w.AddServer(w.cfg.Server)
	}
	w.AddInvariant(Invariants(invariant.System{})...)
	t.Cleanup(func() {
		for _, v := range w.Violations() {
			t.Errorf("%v\n%s", v, v.Stack)
		}
		w.Close()
	})
	return w
}

// choose gives election timeouts and latencies as the tale wants them.
func (w *tale) choose(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
	switch {
	case id.Subject == sim.OfNode && id.Name == "raft/election timeout":
		if own := w.reigns[id.Node]; uint64(len(own)) >= id.K {
			return int64(own[id.K-1]) * int64(time.Millisecond)
		}
		return int64(time.Hour)
	case id.Subject == sim.OfNode && id.Name == "pieces":
		return int64(w.pieces - 1)
	case id.Subject == sim.OfMessage && id.Purpose == sim.ForLatency:
		return int64(time.Millisecond)
	}
	return drawn
}

// until runs on to a time, in milliseconds.
func (w *tale) until(ms float64) { w.RunUntil(sim.Time(ms * float64(time.Millisecond))) }

func (w *tale) server(i int) *Server { return w.Node(sim.Server(i)).(*Server) }

// cut cuts the links between one machine and others.
func (w *tale) cut(one sim.NodeID, others ...sim.NodeID) (end func()) {
	return w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{one}, others}, Cut: true})
}

// rawID is the raw user's session.
func (w *tale) rawID() SessionID { return SessionID{Client: sim.Client(len(w.users) + 1), Session: 1} }

// asks sends a request to a server, which leads a term.
func (w *tale) asks(server int, term raft.Term, r Request) {
	r.Session, r.Term = w.rawID(), term
	w.raw.env.Send(sim.Server(server), &r)
}

func (w *tale) beats(server int) {
	w.raw.env.Send(sim.Server(server), &KeepAlive{Session: w.rawID(), Sent: int64(w.Now())})
}

// hears wants the raw user to have heard that since it was last asked.
func (w *tale) hears(want ...string) {
	w.t.Helper()
	if len(w.raw.heard) != len(want) {
		w.t.Errorf("at %v: heard %q, want %q", time.Duration(w.Now()), w.raw.heard, want)
	}
	for i := range min(len(want), len(w.raw.heard)) {
		if w.raw.heard[i] != want[i] {
			w.t.Errorf("at %v: heard %q, want %q", time.Duration(w.Now()), w.raw.heard, want)
		}
	}
	w.raw.heard = nil
}

// alive wants a server to hold the raw user's session for open, or not.
func (w *tale) alive(server int, want bool) {
	w.t.Helper()
	if got := w.server(server).Alive(w.rawID()); got != want {
		w.t.Errorf("at %v: n%d has the session open: %v, want %v", time.Duration(w.Now()), server, got, want)
	}
}
