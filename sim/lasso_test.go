package sim

import (
	"strings"
	"testing"
	"time"
)

// carousel is a ring of servers that pass a token on for ever, each in a later term.
type carousel struct {
	env    *Env
	self   int
	of     int
	term   uint64
	hidden int // counts up, and is shown only on demand
	shows  bool
	each   func(env *Env) // what a server does with the token beside passing it on
}

type token1 struct{ Term uint64 }

func (m token1) Canonical(v *View) { v.Epoch("term", m.Term) }

func (c *carousel) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		c.env, c.self = env, env.ID().Ordinal()
		if c.self == 1 {
			env.Arm(alarm("start"), millis(1))
		}
	case alarm:
		c.pass(1)
	case token1:
		c.term = m.Term
		if c.each != nil {
			c.each(env)
		}
		c.pass(m.Term + 1)
	case note:
		c.hidden++ // a client has changed something
	case poke: // a client has changed nothing
		env.Reply(env.ReplyTo(), note("no"))
	}
}

type poke struct{}

func (c *carousel) pass(term uint64) {
	c.env.Send(Server(c.self%c.of+1), token1{term})
}

func (c *carousel) Canonical(v *View) {
	v.Epoch("term", c.term)
	if c.shows {
		v.Int("hidden", int64(c.hidden))
	}
}

// ring is a world of three such servers, two milliseconds apart.
func ring(t *testing.T, cfg Config, change func(c *carousel)) *World {
	if cfg.Net.Latency == (Dist{}) {
		cfg.Net.Latency = Fixed(2 * time.Millisecond)
	}
	w := testWorld(t, cfg)
	for range 3 {
		w.AddServer(func() Node {
			c := &carousel{of: 3, shows: true}
			if change != nil {
				change(c)
			}
			return c
		})
	}
	w.RunUntil(ms(20))
	return w
}

func TestLassoIsFound(t *testing.T) {
	w := ring(t, Config{}, nil)
	l, why := w.FindLasso(ms(1000))
	if l == nil {
		t.Fatal(why)
	}
	// Three servers, 2 ms each: n1, n2 and n3 hold consecutive terms, then again.
	equal(t, "period", l.Period(), ms(6))
	equal(t, "events of a round", l.Events, 3)
	equal(t, "the world stops there", w.Now() <= l.To+ms(2), true)
	for _, want := range []string{"term=E+0", "term=E+2", " to ", "token1 term=E+3"} {
		if !strings.Contains(l.State, want) {
			t.Errorf("the state does not say %q:\n%s", want, l.State)
		}
	}
	equal(t, "goes on", w.RunUntil(w.Now()+ms(10)), true)
}

// A paused process changes nothing, whatever piles up in its inbox, unless it is about
// to go on.
func TestLassoBesideAPausedProcess(t *testing.T) {
	w := ring(t, Config{}, nil)
	idler := w.AddServer(func() Node { return shower{func(*View) {}} })
	w.RunUntil(ms(21))
	w.Pause(idler)
	w.AddClient(Go(func(p *Proc) {
		for {
			p.Send(idler, note("more"))
			p.Sleep(time.Millisecond)
		}
	}))
	if l, why := w.FindLasso(ms(200)); l == nil {
		t.Errorf("no lasso beside a paused process: %s", why)
	}
	w.Resume(idler)
	if l, why := w.FindLasso(ms(400)); l != nil || !strings.Contains(why, "about to go on") {
		t.Errorf("a process is about to go on: got %v, %q", l, why)
	}
}

// The search looks and does nothing: with it a run has the same hash.
func TestSearchForALassoLeavesNoTrace(t *testing.T) {
	a, b := ring(t, Config{}, nil), ring(t, Config{}, nil)
	a.FindLasso(ms(1000))
	a.RunUntil(ms(100))
	b.RunUntil(ms(100))
	equal(t, "hash", a.Hash(), b.Hash())
}

// Each of these would make a lasso a lie, and is refused or seen.
func TestNoLassoWhereThingsDiffer(t *testing.T) {
	silent := func(c *carousel) { c.each = nil }
	for _, c := range []struct {
		what string
		cfg  Config
		node func(*carousel)
		with func(w *World)
		why  string
	}{
		{"a counter", Config{}, func(c *carousel) { c.each = func(*Env) { c.hidden++ } }, nil, "no state of the servers came twice"},
		{"a draw", Config{}, func(c *carousel) { c.each = func(env *Env) { env.Intn("coin", 2) } }, nil, "chance goes on"},
		{"a look at the clock", Config{}, func(c *carousel) { c.each = func(env *Env) { env.Elapsed() } }, nil, "chance goes on"},
		{"a look at the disk", Config{}, func(c *carousel) { c.each = func(env *Env) { env.File("f").Size() } }, nil, "chance goes on"},
		{"random latency", Config{Net: NetConfig{Latency: Uniform(millis(1), millis(2))}}, silent, nil, "the network draws"},
		{"random loss", Config{Net: NetConfig{Loss: 1}}, silent, nil, "the network draws"},
		{"random disks", Config{Disk: DiskConfig{Sync: Uniform(0, millis(1))}}, silent, nil, "disks draw"},
		{"overrides", Config{Chooser: ChooserFunc(func(_ Identity, _ Outcomes, v int64) int64 { return v })}, silent, nil, "overridden"},
		{"a fault to come", Config{}, silent, func(w *World) { w.At(ms(500), func(*World) {}) }, "from outside"},
		{"a drifting clock", Config{}, silent, func(w *World) { w.Drift(Server(2), 10) }, "wrong clock"},
		{"a slow machine", Config{}, silent, func(w *World) { w.Slow(Server(2), Fixed(millis(1)), "slow") }, "machines are slow"},
		{"a lossy link", Config{}, silent, func(w *World) { w.Disturb(LinkRule{Loss: 10}) }, "disturbed by chance"},
		{"a held link", Config{}, silent, func(w *World) { w.Disturb(LinkRule{Hold: true}); w.RunUntil(ms(30)) }, "hold messages"},
		{"a fault that waits", Config{}, silent, func(w *World) { w.Lurk(Timeout, "", func(*World, NodeID) bool { return true }) }, "waits for its moment"},
		{"a node that shows nothing", Config{}, silent, func(w *World) { w.AddServer(idleNode); w.RunUntil(ms(21)) }, "sim.Canonical"},
	} {
		w := ring(t, c.cfg, c.node)
		if c.with != nil {
			c.with(w)
		}
		l, why := w.FindLasso(ms(400))
		if l != nil || !strings.Contains(why, c.why) {
			t.Errorf("%s: got lasso %v, %q; want none, because %q", c.what, l, why, c.why)
		}
	}
}

func idleNode() Node { return idle() }

// What clients say is no part of the state. As long as it changes nothing there is
// a lasso; what changes something and is then forgotten is seen all the same.
func TestClientsDoNotBreakALassoUnlessTheyChangeSomething(t *testing.T) {
	run := func(say Message, shows bool) (*Lasso, string) {
		w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(2 * time.Millisecond)}})
		for range 3 {
			w.AddServer(func() Node { return &fickle{carousel: carousel{of: 3, shows: shows}} })
		}
		w.AddClient(Go(func(p *Proc) {
			for {
				p.Send(Server(1), say)
				p.Sleep(time.Millisecond)
			}
		}))
		w.RunUntil(ms(20))
		return w.FindLasso(ms(300))
	}
	if l, why := run(poke{}, true); l == nil {
		t.Errorf("refused clients hide the lasso: %s", why)
	}
	if l, _ := run(note("x"), true); l != nil {
		t.Errorf("clients change the servers all the time, and yet there is a lasso of %v", l.Period())
	}
}

// fickle forgets with the token what clients have told it.
type fickle struct{ carousel }

func (f *fickle) Step(env *Env, from NodeID, m Message) {
	if _, ok := m.(token1); ok {
		f.hidden = 0
	}
	f.carousel.Step(env, from, m)
}

// Numbers are normalised by what they mean.
func TestCanonicalNumbers(t *testing.T) {
	state := func(show func(v *View)) string {
		w := testWorld(t, Config{})
		w.AddServer(func() Node { return shower{show} })
		w.RunUntil(0)
		return w.canonical().normal()
	}
	for _, c := range []struct {
		what string
		a, b func(v *View)
		same bool
	}{
		{"epochs move together", func(v *View) { v.Epoch("a", 3); v.Epoch("b", 5) }, func(v *View) { v.Epoch("a", 13); v.Epoch("b", 15) }, true},
		{"epochs move apart", func(v *View) { v.Epoch("a", 3); v.Epoch("b", 5) }, func(v *View) { v.Epoch("a", 13); v.Epoch("b", 16) }, false},
		{"what is past is only ranked", func(v *View) { v.Epoch("a", 9); v.PastEpoch("b", 1); v.PastEpoch("c", 4) }, func(v *View) { v.Epoch("a", 7); v.PastEpoch("b", 2); v.PastEpoch("c", 3) }, true},
		{"ranks differ", func(v *View) { v.Epoch("a", 9); v.PastEpoch("b", 1); v.PastEpoch("c", 4) }, func(v *View) { v.Epoch("a", 9); v.PastEpoch("b", 4); v.PastEpoch("c", 1) }, false},
		{"a past epoch is still in use", func(v *View) { v.Epoch("a", 4); v.PastEpoch("b", 4) }, func(v *View) { v.Epoch("a", 5); v.PastEpoch("b", 4) }, false},
		{"offsets move together", func(v *View) { v.Offset("a", 30); v.Offset("b", 50) }, func(v *View) { v.Offset("a", 0); v.Offset("b", 20) }, true},
		{"offsets move apart", func(v *View) { v.Offset("a", 30); v.Offset("b", 50) }, func(v *View) { v.Offset("a", 0); v.Offset("b", 21) }, false},
		{"no epoch yet, and any", func(v *View) { v.Epoch("a", 0) }, func(v *View) { v.Epoch("a", 5) }, false},
		{"no past epoch, and one", func(v *View) { v.Epoch("a", 9); v.PastEpoch("b", 0) }, func(v *View) { v.Epoch("a", 9); v.PastEpoch("b", 3) }, false},
		{"at the beginning, and further on", func(v *View) { v.Offset("a", 0) }, func(v *View) { v.Offset("a", 7) }, false},
		{"offsets move together from zero", func(v *View) { v.Offset("a", 0); v.Offset("b", 20) }, func(v *View) { v.Offset("a", 10); v.Offset("b", 30) }, true},
		{"a text that looks like two fields", func(v *View) { v.Text("a", "1 b=2") }, func(v *View) { v.Text("a", "1"); v.Text("b", "2") }, false},
		{"plain numbers stay", func(v *View) { v.Int("a", 1) }, func(v *View) { v.Int("a", 2) }, false},
	} {
		if got := state(c.a) == state(c.b); got != c.same {
			t.Errorf("%s: equal is %t, want %t\n%s\n%s", c.what, got, c.same, state(c.a), state(c.b))
		}
	}
}

type shower struct{ show func(v *View) }

func (shower) Step(*Env, NodeID, Message) {}
func (s shower) Canonical(v *View)        { s.show(v) }

// Timers, messages and held sends are part of the state, by what is left of their
// time, but for what waits in a paused process.
func TestCanonicalStateSeesWhatIsUnderWay(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(5 * time.Millisecond)}, Disk: DiskConfig{Sync: Fixed(4 * time.Millisecond)}})
	w.AddServer(func() Node { return &busy{} })
	w.AddServer(func() Node { return shower{func(*View) {}} })
	w.RunUntil(ms(1))
	state := w.canonical().normal()
	for _, want := range []string{"held for sync", "n1 to n2 sim.note", "in 3ms n1 sync is done", "timer sim.alarm", "due in 9ms"} {
		if !strings.Contains(state, want) {
			t.Errorf("the state does not say %q:\n%s", want, state)
		}
	}
	w.Pause(Server(2))
	w.RunUntil(ms(9))
	if state := w.canonical().normal(); !strings.Contains(state, "n2 paused") || strings.Contains(state, "to n2") {
		t.Errorf("n2 is paused for ever, and what comes there makes no difference:\n%s", state)
	}
	w.Crash(Server(2), LoseAll)
	if state := w.canonical().normal(); !strings.Contains(state, "n2 down") {
		t.Errorf("n2 is down:\n%s", state)
	}
}

type busy struct{ shower }

func (b *busy) Step(env *Env, _ NodeID, m Message) {
	if _, boot := m.(Boot); boot {
		env.Arm(alarm("later"), millis(10))
		env.File("f").WriteAt(0, []byte("x"))
		env.File("f").Sync()
		env.Send(Server(2), note("behind a sync"))
	}
}

func (b *busy) Canonical(*View) {}
