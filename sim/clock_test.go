package sim

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// exactLocal is base + floor((t−t0)·rate/10⁶) with numbers of any size.
func exactLocal(c clock, t Time) *big.Int {
	x := new(big.Int).Mul(big.NewInt(int64(t-c.t0)), big.NewInt(c.rate))
	x.Div(x, big.NewInt(million)) // Euclidean: floor, for a positive divisor
	return x.Add(x, big.NewInt(c.base))
}

var rates = rapid.OneOf(rapid.Int64Range(0, 3*million), rapid.SampledFrom([]int64{0, 1, 999_999, million, 1_000_001, 20 * million}))

func drawClock(t *rapid.T) clock {
	return clock{
		t0:   Time(rapid.Int64Range(0, 1<<60).Draw(t, "t0")),
		base: rapid.Int64Range(0, 1<<60).Draw(t, "base"),
		rate: rates.Draw(t, "rate"),
	}
}

func TestLocalIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClock(t)
		at := c.t0 + Time(rapid.Int64Range(0, 1<<57).Draw(t, "dt"))
		if got, want := c.local(at), exactLocal(c, at); want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("local(%d) of %+v: got %d, want %v", at, c, got, want)
		}
	})
}

// due is the least t ≥ t0 with local(t) ≥ deadline.
func TestDueIsTheLeastTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClock(t)
		deadline := c.base + rapid.Int64Range(-5, 1<<57).Draw(t, "ahead")
		due := c.due(deadline)
		want := big.NewInt(deadline)
		switch {
		case due == Never:
			// Time cannot hold the instant: at its end the clock is still short.
			if c.rate > 0 && exactLocal(c, Never-1).Cmp(want) >= 0 {
				t.Fatalf("due(%d) of %+v: got Never, but local(end) = %v", deadline, c, exactLocal(c, Never-1))
			}
		case due < c.t0:
			t.Fatalf("due(%d) of %+v: got %d, before t0", deadline, c, due)
		case exactLocal(c, due).Cmp(want) < 0:
			t.Fatalf("due(%d) of %+v: got %d, where local is %v", deadline, c, due, exactLocal(c, due))
		case due > c.t0 && exactLocal(c, due-1).Cmp(want) >= 0:
			t.Fatalf("due(%d) of %+v: got %d, but local was there at %d", deadline, c, due, due-1)
		}
	})
}

// A change of rate leaves the reading of the moment as it is, and readings
// never go back.
func TestRebaseKeepsTheReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		now, last := Time(0), int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			now += Time(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "dt"))
			before := c.local(now)
			c.setRate(now, rates.Draw(t, "rate"))
			if after := c.local(now); after != before || after < last {
				t.Fatalf("at a rate change: got %d, want %d (and at least %d)", after, before, last)
			}
			last = before
		}
	})
}

// timed is one machine with a few timers under random rate changes.
type timed struct {
	w        *World
	armed    map[alarm]armed
	problems []string
}

type armed struct {
	at       Time
	deadline int64 // local
}

func (d *timed) Step(env *Env, _ NodeID, m Message) {
	key, ok := m.(alarm)
	if !ok {
		return
	}
	c := d.w.machine(env.ID()).clock
	a, ok := d.armed[key]
	local := int64(env.Elapsed())
	switch {
	case d.w.Now() < a.at:
		d.problems = append(d.problems, string(key)+" fired before it was armed")
	case !ok:
		d.problems = append(d.problems, string(key)+" fired unarmed")
	case local < a.deadline:
		d.problems = append(d.problems, string(key)+" fired early")
	case d.w.Now() > max(a.at, c.t0) && c.local(d.w.Now()-1) >= a.deadline:
		d.problems = append(d.problems, string(key)+" fired late")
	}
	delete(d.armed, key)
}

// Timers keep local deadlines and fire at the least t with local(t) ≥ deadline,
// whatever the rates do in between.
func TestTimersFireAtTheLeastTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &timed{armed: map[alarm]armed{}}
		d.w = New(Config{})
		defer d.w.Close()
		d.w.AddServer(func() Node { return d })
		d.w.RunUntil(0)
		env := d.w.machine(Server(1)).envs[0]
		key := func(t *rapid.T) alarm { return rapid.SampledFrom([]alarm{"a", "b", "c"}).Draw(t, "key") }
		t.Repeat(map[string]func(*rapid.T){
			"arm": func(t *rapid.T) {
				k, in := key(t), rapid.Int64Range(0, 1000).Draw(t, "in")
				env.Arm(k, time.Duration(in))
				d.armed[k] = armed{d.w.Now(), int64(env.Elapsed()) + in}
			},
			"cancel": func(t *rapid.T) {
				k := key(t)
				env.Cancel(k)
				delete(d.armed, k)
			},
			"rate": func(t *rapid.T) { d.w.Drift(Server(1), rates.Draw(t, "rate")-million) },
			"step": func(t *rapid.T) {
				d.w.StepWall(Server(1), time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "step")))
			},
			"wait": func(t *rapid.T) { d.w.RunUntil(d.w.Now() + Time(rapid.IntRange(0, 2000).Draw(t, "ns"))) },
			"": func(t *rapid.T) {
				for _, k := range []alarm{"a", "b", "c"} {
					if _, armed := d.armed[k]; armed != env.Armed(k) {
						t.Fatalf("armed(%s): got %v, want %v", k, env.Armed(k), armed)
					}
				}
				if len(d.problems) > 0 || len(d.w.Violations()) > 0 {
					t.Fatalf("%v %v", d.problems, d.w.Violations())
				}
			},
		})
		d.w.Drift(Server(1), 0)
		d.w.RunUntil(d.w.Now() + 10_000)
		if len(d.armed) > 0 || len(d.problems) > 0 {
			t.Fatalf("in the end: %v armed, %v", d.armed, d.problems)
		}
	})
}

// readings are a machine's two clocks.
func readings(w *World) (wall int64, mono time.Duration) {
	env := w.machine(Server(1)).envs[0]
	return env.Now() - WallEpoch, env.Elapsed()
}

// Drift changes both clocks, a step only the wall, and both survive a restart.
func TestTwoClocks(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(idle)
	want := func(what string, wall, mono time.Duration) {
		t.Helper()
		gotWall, gotMono := readings(w)
		equal(t, what+": wall", time.Duration(gotWall), wall)
		equal(t, what+": monotonic", gotMono, mono)
		equal(t, what+": wall, from outside", time.Duration(w.Wall(Server(1))-WallEpoch), wall)
	}
	w.RunUntil(ms(100))
	want("exact", millis(100), millis(100))
	w.Drift(Server(1), 100_000)
	w.RunUntil(ms(200))
	want("10 % fast", millis(210), millis(210))
	w.StepWall(Server(1), -millis(50))
	want("stepped back", millis(160), millis(210))
	w.Crash(Server(1), LoseAll)
	w.RunUntil(ms(300))
	equal(t, "wall, of a machine that is down", time.Duration(w.Wall(Server(1))-WallEpoch), millis(270))
	w.Restart(Server(1))
	w.RunUntil(ms(300))
	want("after a restart", millis(270), millis(320))
	w.Drift(Server(1), -million)
	w.RunUntil(ms(400))
	want("frozen", millis(270), millis(320))
}

// A timer on a frozen clock never fires; it goes on when the clock does. A step
// of the wall clock moves no timer.
func TestTimersFollowTheMonotonicClock(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Arm(alarm("x"), millis(100))
		case alarm:
			l.add(w, string(m))
		}
	}))
	w.RunUntil(ms(40))
	w.StepWall(Server(1), time.Hour)
	w.Drift(Server(1), -million)
	w.RunUntil(Time(time.Hour))
	equal(t, "fired while frozen", l.String(), "")
	w.machine(Server(1)).envs[0].Arm(alarm("now"), 0) // is due: it asks for no time
	w.RunUntil(w.Now())
	equal(t, "fired on a frozen clock", l.String(), "now")
	w.StepWall(Server(1), -2*time.Hour)
	w.Drift(Server(1), 0)
	w.RunUntil(Time(time.Hour) + ms(59))
	equal(t, "fired early", l.String(), "now")
	w.RunUntil(Time(time.Hour) + ms(60))
	equal(t, "fired", l.String(), "now x")
}

// Arming a name again replaces it; names that come and go do not pile up.
func TestArmReplaces(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(serve(func(env *Env, from NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Arm(alarm("x"), millis(10))
			env.Arm(alarm("x"), millis(30))
			env.Arm(alarm("y"), millis(30))
			env.Arm(alarm("y"), millis(20))
			env.Arm(alarm("z"), millis(5))
			env.Cancel(alarm("z"))
			equal(t, "armed x", env.Armed(alarm("x")), true)
			equal(t, "armed z", env.Armed(alarm("z")), false)
			equal(t, "armed w", env.Armed(alarm("w")), false)
		case alarm:
			equal(t, "from", from, 0)
			l.add(w, string(m))
		}
	}))
	w.RunUntil(ms(100))
	equal(t, "fired", arrivals(&l), "y@20 x@30 ")
	env := w.machine(Server(1)).envs[0]
	for i := range 1000 {
		env.Arm(alarm(string(rune('A'+i))), 1)
		w.RunUntil(w.Now() + 1)
	}
	if n := len(env.timers); n > 4 {
		t.Errorf("timer slots after 1000 names: got %d, want a handful", n)
	}
}
