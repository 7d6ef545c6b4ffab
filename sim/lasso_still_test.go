package sim

import (
	"slices"
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
		{"a timer that never fires", 1<<63 - 1, true},
	} {
		w := testWorld(t, Config{})
		w.AddServer(func() Node { return waiter{c.armed} })
		w.RunUntil(ms(1))
		l, why := w.FindLasso(ms(100))
		if (l != nil) != c.still || l != nil && !l.Still {
			t.Errorf("%s: lasso %+v, %q", c.what, l, why)
		}
		if l != nil && c.armed < time.Second {
			equal(t, c.what+": since", l.From, max(ms(1), Time(c.armed)))
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

// then is what servers do for the n-th message, and only then.
func then(n int, do func(env *Env)) func(env *Env) {
	calls := 0
	return func(env *Env) {
		if calls++; calls == n {
			do(env)
		}
	}
}

func looksAt(n int) func(env *Env) { return then(n, func(env *Env) { env.Elapsed() }) }

// chancy is a world in which latency, loss and disks are drawn.
func chancy() Config {
	return Config{
		Net:  NetConfig{Latency: Uniform(millis(1), millis(9)), Loss: 10_000},
		Disk: DiskConfig{Sync: Uniform(millis(1), millis(3))},
	}
}

// shelves is a world of two of them, with a client that says something now and then, and
// draws before it.
func shelves(t *testing.T, cfg Config, then func(env *Env), every time.Duration, say ...Message) *World {
	w := testWorld(t, cfg)
	for range 2 {
		w.AddServer(func() Node { return &shelf{then: then} })
	}
	w.AddClient(Go(func(p *Proc) {
		for i := range 50 {
			p.Sleep(every)
			p.Intn("mood", 2)
			p.Send(Server(1), say[min(i, len(say)-1)])
		}
	}))
	w.RunUntil(ms(1))
	return w
}

// Servers that have nothing to do, and wait for nothing, do nothing of themselves: that is
// proof enough, whatever the network draws, with clients that ask in vain or without. A
// message that changes something, or may the next time, puts the beginning off, and no more.
func TestAStandstillIsALasso(t *testing.T) {
	for _, c := range []struct {
		what      string
		every     time.Duration
		then      func(env *Env)
		say       []Message
		after, by Time // when it begins
		holds     string
	}{
		{"nobody says anything", time.Hour, nil, []Message{poke{}}, ms(1), ms(1), "n1 holds=0"},
		{"a client asks in vain", 20 * time.Millisecond, nil, []Message{poke{}}, ms(1), ms(1), "n1 holds=0"},
		{"a client asks in vain in the end", 20 * time.Millisecond, nil, []Message{note("a"), note("b"), poke{}}, ms(41), ms(50), "n1 holds=2"},
		{"something new after that", 20 * time.Millisecond, nil, []Message{poke{}, note("a"), poke{}, note("b"), poke{}}, ms(81), ms(90), "n1 holds=2"},
		{"clients say all that they have to", time.Millisecond, nil, []Message{note("a")}, ms(50), ms(60), "n1 holds="},
		{"the first looks at the clock", 20 * time.Millisecond, looksAt(1), []Message{poke{}}, ms(21), ms(30), "n1 holds=0"},
	} {
		w := shelves(t, chancy(), c.then, c.every, c.say...)
		if c.every > time.Millisecond { // somebody can still say something at the end
			w.AddClient(Go(func(p *Proc) { p.Sleep(millis(500)); p.Send(Client(1), note("hm")); p.Sleep(time.Hour) }))
		}
		l, why := w.FindLasso(ms(2000))
		if l == nil {
			t.Errorf("%s: no standstill: %s", c.what, why)
			continue
		}
		if !l.Still || l.From < c.after || l.From > c.by || l.To != ms(2000) || l.ToSeq != w.Trace().Len || !strings.Contains(l.State, c.holds) {
			t.Errorf("%s: still %t, from %v to %v, state\n%s", c.what, l.Still, l.From, l.To, l.State)
		}
		equal(t, c.what+": the world goes on", w.RunUntil(ms(2100)), true)
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
		{"a timer that is due at once", Config{}, func(env *Env) { env.Arm(alarm("now"), 0) }, poke{}, nil, "has changed something"},
		{"a message to oneself", Config{}, func(env *Env) { env.Send(env.ID(), nudge{}) }, poke{}, nil, "has changed something"},
		{"a message", chancy(), func(env *Env) { env.Send(Server(2), nudge{}) }, poke{}, nil, "the network draws"},
		{"a message that is lost, and may not be next time", Config{}, func(env *Env) { env.Send(Server(2), nudge{}) }, poke{}, func(w *World) {
			w.Disturb(LinkRule{From: w.Servers(), To: w.Servers(), Loss: million - 1})
		}, "disturbed by chance"},
		{"a sync", chancy(), func(env *Env) { env.File("f").Append([]byte("x")); env.File("f").Sync() }, poke{}, nil, "the network draws"},
		{"an answer that may be lost", chancy(), func(env *Env) { env.Reply(env.ReplyTo(), note("yes")) }, poke{}, nil, "the network draws"},
		{"a timer that is always set anew", Config{}, func(env *Env) { env.Arm(alarm("later"), time.Hour) }, poke{}, nil, "no state"},
		{"a client that changes something", chancy(), nil, note("one more"), nil, "has changed something"},
		{"a draw that may come out otherwise", Config{}, func(env *Env) { env.Intn("coin", 2) }, poke{}, nil, "has changed something"},
		{"a look at the clock", Config{}, func(env *Env) { env.Elapsed() }, poke{}, nil, "has changed something"},
		{"a look at the disk", Config{}, func(env *Env) { env.File("f").Size() }, poke{}, nil, "has changed something"},
		{"a disk that may fail next time", chancy(), nil, poke{}, func(w *World) { w.DisturbDisk(Server(1), DiskRule{Stall: true}) }, "disks are disturbed"},
		{"more records than are kept", Config{}, func(env *Env) {
			for range ringSize {
				env.Reached("the shelf")
			}
		}, poke{}, nil, "more records"},
		{"a link that alters what is said", chancy(), nil, poke{}, func(w *World) { w.Disturb(LinkRule{Altered: million}) }, "links alter"},
		{"a link that holds what a client has said", chancy(), nil, poke{}, func(w *World) { w.Disturb(LinkRule{Hold: true}) }, "hold messages"},
		{"a link that is clogged with it", chancy(), nil, poke{}, func(w *World) { w.Disturb(LinkRule{Clog: true}) }, "hold messages"},
		{"a wrong clock", chancy(), nil, poke{}, func(w *World) { w.Drift(Server(2), -million) }, "wrong clock"},
		{"a step that takes time", chancy(), nil, poke{}, func(w *World) { w.Slow(Server(1), Fixed(millis(1)), "slow") }, "middle of a step"},
		{"a machine that starts again", chancy(), nil, poke{}, func(w *World) { w.Crash(Server(2), LoseAll); w.Restart(Server(2)) }, "the network draws"},
		{"a machine that will", chancy(), nil, poke{}, func(w *World) {
			w.Crash(Server(2), LoseAll)
			w.After(ms(500), func(w *World) { w.Restart(Server(2)) })
		}, "from outside"},
		{"a process that goes on", chancy(), nil, poke{}, func(w *World) { w.Pause(Server(2)); w.Resume(Server(2)) }, "about to go on"},
		{"overridden decisions", Config{Chooser: ChooserFunc(func(_ Identity, _ Outcomes, v int64) int64 { return v })}, nil, poke{}, nil, "overridden"},
		{"a fault that waits for a message", chancy(), nil, poke{}, func(w *World) {
			w.When(Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.poke", K: 7}, func(*World) {})
		}, "waits for its moment"},
		{"a fault that waits for a record", chancy(), nil, poke{}, func(w *World) {
			w.When(Identity{Subject: OfRecord, K: 1 << 20}, func(*World) {})
		}, "waits for its moment"},
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

// nudge is what servers say to each other, and nobody answers.
type nudge struct{}

// What a client said last must have been in vain: neither have changed something nor be a
// matter of a look at the clock. Then another one may be answered.
func TestAStandstillIsProvedByTheLatestMessage(t *testing.T) {
	for _, c := range []struct {
		what string
		cfg  Config
		then func(env *Env)
		last Message
		more Message // 5 ms later
	}{
		{"something new", chancy(), nil, note("new"), nil},
		{"a look at the clock", chancy(), looksAt(50), poke{}, nil},
		{"in vain, but before it stood still", Config{}, then(50, func(env *Env) { env.Arm(alarm("soon"), millis(10)) }), poke{}, poke{}},
	} {
		say := append(slices.Repeat([]Message{poke{}}, 49), c.last)
		w := shelves(t, c.cfg, c.then, 20*time.Millisecond, say...)
		w.AddClient(Go(func(p *Proc) {
			p.Sleep(millis(1005))
			if c.more != nil {
				p.Send(Server(1), c.more)
			}
			p.Sleep(millis(500))
			p.Send(Client(1), poke{}) // in vain, but no server hears it
			p.Sleep(time.Hour)        // it can still say something
		}))
		if l, why := w.FindLasso(ms(900)); l == nil {
			t.Errorf("%s, but not yet: %s", c.what, why)
		}
		if l, why := w.FindLasso(ms(2000)); l != nil || !strings.HasPrefix(why, "nothing is under way, but what clients say has changed something") {
			t.Errorf("%s: got %+v, %q", c.what, l, why)
		}
	}
}

// What waits in a paused process, or is lost on a machine that is down for good, does not
// keep the others from standing still.
func TestAStandstillBesideMachinesThatFailed(t *testing.T) {
	for what, fail := range map[string]func(w *World){
		" paused": func(w *World) { w.Pause(Server(1)) },
		" down":   func(w *World) { w.Crash(Server(1), LoseAll) },
	} {
		w := shelves(t, chancy(), nil, 20*time.Millisecond, note("nobody hears it"))
		fail(w)
		if l, why := w.FindLasso(ms(500)); l == nil || !l.Still || l.State != "n1"+what+"\nn2 holds=0" {
			t.Errorf("n1%s: got %+v, %q", what, l, why)
		}
	}
}

// A world of clients has no servers that could move.
func TestAStandstillOfNobody(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddClient(Go(func(p *Proc) { p.Sleep(time.Hour) }))
	if l, why := w.FindLasso(ms(500)); l == nil || !l.Still || l.State != "" {
		t.Errorf("got %+v, %q", l, why)
	}
}

// What a timer has left in the queue when it was set to an earlier time is not armed.
func TestAStandstillDespiteAnOvertakenTimer(t *testing.T) {
	w := testWorld(t, chancy())
	w.AddServer(func() Node {
		return &boots{func(env *Env) {
			env.Arm(alarm("once"), time.Hour)
			env.Arm(alarm("once"), 0)
		}}
	})
	w.RunUntil(ms(1))
	equal(t, "the queue is empty", w.queue.len() == 0, false)
	if l, why := w.FindLasso(ms(100)); l == nil || !l.Still {
		t.Errorf("got %+v, %q", l, why)
	}
}
