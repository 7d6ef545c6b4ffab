package sim

import (
	"strings"
	"testing"
	"time"
)

// A world without clients in which nothing is under way and no timer is armed stays as it
// is.
func TestAWorldLeftAloneStandsStill(t *testing.T) {
	for _, c := range []struct {
		what  string
		armed time.Duration // by the server when it boots; 0: nothing
		still bool
	}{
		{"nothing armed", 0, true},
		{"a timer that fires in the search", 50 * time.Millisecond, true},
		{"a timer that fires after it", time.Second, false},
	} {
		w := testWorld(t, Config{})
		w.AddServer(func() Node { return waiter{c.armed} })
		w.RunUntil(ms(1))
		l, why := w.FindLasso(ms(100))
		if (l != nil) != c.still || l != nil && !l.Still {
			t.Errorf("%s: lasso %+v, %q", c.what, l, why)
		}
		if !c.still && !strings.HasPrefix(why, "no state of the servers came twice") {
			t.Errorf("%s: %q", c.what, why)
		}
	}
}

// waiter waits for one alarm, if for anything.
type waiter struct{ armed time.Duration }

func (x waiter) Step(env *Env, _ NodeID, m Message) {
	if _, boots := m.(Boot); boots && x.armed > 0 {
		env.Arm(alarm("late"), x.armed)
	}
}

func (waiter) Canonical(*View) {}

// shelf is a server on which clients put things. It says all that it holds, and answers
// nobody; one that is told to does something more.
type shelf struct {
	holds int
	then  func(env *Env)
}

func (s *shelf) Step(env *Env, _ NodeID, m Message) {
	switch m.(type) {
	case note:
		s.holds++
	case poke:
		if s.then != nil {
			s.then(env)
		}
	}
}

func (s *shelf) Canonical(v *View) { v.Int("holds", int64(s.holds)) }

// chancy is a world in which latency, loss and disks are drawn.
func chancy() Config {
	return Config{
		Net:  NetConfig{Latency: Uniform(millis(1), millis(9)), Loss: 10_000},
		Disk: DiskConfig{Sync: Uniform(millis(1), millis(3))},
	}
}

// shelves is a world of two of them, with a client that says something now and then.
func shelves(t *testing.T, cfg Config, then func(env *Env), every time.Duration, say ...Message) *World {
	w := testWorld(t, cfg)
	for range 2 {
		w.AddServer(func() Node { return &shelf{then: then} })
	}
	w.AddClient(Go(func(p *Proc) {
		for i := range 50 {
			p.Sleep(every)
			p.Send(Server(1), say[min(i, len(say)-1)])
		}
	}))
	w.RunUntil(ms(1))
	return w
}

// Servers that have nothing to do, and wait for nothing, do nothing of themselves: that is
// proof enough, whatever the network draws, with clients that ask in vain or without. A
// message that changes something puts the beginning off, and no more.
func TestAStandstillIsALasso(t *testing.T) {
	for _, c := range []struct {
		what      string
		every     time.Duration
		say       []Message
		after, by Time // when it begins, at the earliest, and is proved, at the latest
		holds     string
	}{
		{"nobody says anything", time.Hour, []Message{poke{}}, 0, ms(2000), "n1 holds=0"},
		{"a client asks in vain", 20 * time.Millisecond, []Message{poke{}}, 0, ms(100), "n1 holds=0"},
		{"a client asks in vain in the end", 20 * time.Millisecond, []Message{note("a"), note("b"), poke{}}, ms(41), ms(150), "n1 holds=2"},
		{"clients say all that they have to", time.Millisecond, []Message{note("a")}, ms(50), ms(2000), "n1 holds="},
	} {
		w := shelves(t, chancy(), nil, c.every, c.say...)
		l, why := w.FindLasso(ms(2000))
		if l == nil {
			t.Errorf("%s: no standstill: %s", c.what, why)
			continue
		}
		if !l.Still || l.From < c.after || l.To <= l.From || l.To > c.by || !strings.Contains(l.State, c.holds) {
			t.Errorf("%s: still %t, from %v to %v, state\n%s", c.what, l.Still, l.From, l.To, l.State)
		}
	}
	if l, why := ring(t, Config{}, nil).FindLasso(ms(1000)); l == nil || l.Still {
		t.Errorf("a ring that turns: %+v, %s", l, why)
	}
}

// Each of these would make a standstill a lie.
func TestNoStandstillWhereSomethingMoves(t *testing.T) {
	for _, c := range []struct {
		what string
		cfg  Config
		then func(env *Env)
		say  Message
		with func(w *World)
		why  string
	}{
		{"a timer", chancy(), func(env *Env) { env.Arm(alarm("later"), time.Hour) }, poke{}, nil, "the network draws"},
		{"a message", chancy(), func(env *Env) { env.Send(Server(2), poke{}) }, poke{}, nil, "the network draws"},
		{"a sync", chancy(), func(env *Env) { env.File("f").Append([]byte("x")); env.File("f").Sync() }, poke{}, nil, "the network draws"},
		{"an answer that may be lost", chancy(), func(env *Env) { env.Reply(env.ReplyTo(), note("yes")) }, poke{}, nil, "the network draws"},
		{"a timer that is always set anew", Config{}, func(env *Env) { env.Arm(alarm("later"), time.Hour) }, poke{}, nil, "no state"},
		{"a client that changes something", chancy(), nil, note("one more"), nil, "has changed something"},
		{"a draw that may come out otherwise", Config{}, func(env *Env) { env.Intn("coin", 2) }, poke{}, nil, "has changed something"},
		{"a look at the clock", Config{}, func(env *Env) { env.Elapsed() }, poke{}, nil, "has changed something"},
		{"a look at the disk", Config{}, func(env *Env) { env.File("f").Size() }, poke{}, nil, "has changed something"},
		{"a disk that may fail next time", chancy(), nil, poke{}, func(w *World) { w.DisturbDisk(Server(1), DiskRule{Stall: true}) }, "disks are disturbed"},
		{"a fault to come", chancy(), nil, poke{}, func(w *World) { w.At(ms(500), func(*World) {}) }, "from outside"},
		{"an end to come", chancy(), nil, poke{}, func(w *World) {
			w.AddInvariant(Observe(func(w *World, id NodeID) {
				if id.IsServer() { // with the message that changes nothing
					w.Stop()
				}
			}))
		}, "no state"},
	} {
		w := shelves(t, c.cfg, c.then, 100*time.Millisecond, c.say)
		if c.with != nil {
			c.with(w)
		}
		if l, why := w.FindLasso(ms(2000)); l != nil || !strings.Contains(why, c.why) {
			t.Errorf("%s: got %+v, %q; want none, for %q", c.what, l, why, c.why)
		}
	}
}

// Where nothing is drawn, a server may refuse what clients ask.
func TestAStandstillWithAnswers(t *testing.T) {
	w := shelves(t, Config{}, func(env *Env) { env.Reply(env.ReplyTo(), note("no")) }, millis(20), poke{})
	if l, why := w.FindLasso(ms(2000)); l == nil || !l.Still {
		t.Errorf("got %+v, %s", l, why)
	}
}
