package sim

import (
	"fmt"
	"testing"
	"time"
)

// wanting is a Chooser that wants the crashes with these numbers, and logs what it is
// asked about crashes.
type wanting struct {
	crash   map[uint64]bool
	restart int64
	asked   []string
	told    []CrashPoint
}

func (c *wanting) Choose(id Identity, o Outcomes, drawn int64) int64 {
	switch id.Purpose {
	case ForCrash:
		c.asked = append(c.asked, fmt.Sprint(id))
		return outcome(c.crash[id.K])
	case ForRestart:
		return c.restart
	}
	return drawn
}

func (c *wanting) explore(after ...time.Duration) *Explore {
	return &Explore{RestartAfter: after, Crashed: func(p CrashPoint) { c.told = append(c.told, p) }}
}

// exploring is a world whose n1 makes three effects at boot and none for a note, beside a
// client that sends it one.
func exploring(t *testing.T, c *wanting, x *Explore) *World {
	w := testWorld(t, Config{Records: true, Chooser: c, Explore: x, Net: NetConfig{Latency: Fixed(millis(1))}, Disk: DiskConfig{Sync: Fixed(millis(10))}})
	w.AddServer(onBoot(func(env *Env) {
		env.Arm(alarm("x"), millis(100))
		env.File("f").Append([]byte("entry"))
		env.File("f").Sync()
	}))
	w.AddClient(onBoot(func(env *Env) { env.Send(Server(1), note("x")) }))
	return w
}

// A server's steps are asked about before each effect and after the last, a client's are
// not; the numbers run on in the next life.
func TestCrashPointsAreAskedAbout(t *testing.T) {
	c := &wanting{crash: map[uint64]bool{5: true}}
	w := exploring(t, c, c.explore(millis(5)))
	w.RunUntil(ms(20))
	equalSlices(t, "asked", c.asked, []string{"effect n1 #1", "effect n1 #2", "effect n1 #3", "effect n1 #4", // boot
		"effect n1 #5",                                                  // the note
		"effect n1 #6", "effect n1 #7", "effect n1 #8", "effect n1 #9"}) // the next boot
	equal(t, "incarnation", w.Incarnation(Server(1)), 2)
}

// A crash discards the effects from the one on that it comes before; it is told in the
// words of a plan and recorded as a fault, and the server starts again when it should.
func TestExploredCrashes(t *testing.T) {
	boot := Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 1}
	noted := Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.note", K: 1}
	for k, want := range map[uint64]struct {
		step    Identity
		effect  int
		at      Time
		effects int
	}{
		1: {boot, 1, 0, 0},
		2: {boot, 2, 0, 0}, // Arm leaves no record
		3: {boot, 3, 0, 1},
		4: {boot, 0, 0, 2},
		5: {noted, 0, ms(1), 2},
	} {
		c := &wanting{crash: map[uint64]bool{k: true}, restart: 1}
		w := exploring(t, c, c.explore(millis(5), millis(7)))
		w.RunUntil(want.at + ms(6))
		what := fmt.Sprintf("crash %d", k)
		equalSlices(t, what, c.told, []CrashPoint{{Node: Server(1), Step: want.step, Effect: want.effect, Restart: millis(7), At: want.at}})
		equal(t, what+": effects", len(records(w, func(r *Record) bool { return r.Node == Server(1) && r.Effect > 0 && r.Inc == 1 })), want.effects)
		equal(t, what+": told as a fault", ofKind(w, KindFault)[0].Text, c.told[0].String())
		equal(t, what+": up before", w.Up(Server(1)), false)
		w.RunUntil(want.at + ms(7))
		equal(t, what+": up after", w.Up(Server(1)), true)
		equal(t, what+": faults that are over", len(ofKind(w, KindHeal)), 1)
	}
}

// Without times a server stays down until somebody else restarts it, and is still asked
// about then.
func TestExploredCrashWithoutRestart(t *testing.T) {
	c := &wanting{crash: map[uint64]bool{2: true}}
	w := exploring(t, c, c.explore())
	w.At(ms(50), func(w *World) { w.Restart(Server(1)) })
	w.RunUntil(ms(49))
	equal(t, "up", w.Up(Server(1)), false)
	w.RunUntil(ms(60))
	equal(t, "up", w.Up(Server(1)), true)
	equal(t, "asked", len(c.asked), 2+4)
	equal(t, "as a plan", c.told[0].String(), "crash: {target: n1, before_effect: 2}")
}

// A fault that waits for a later effect of the step does not strike a server that an
// explored crash has struck before; it strikes one that has not been, in explore mode as
// anywhere, also when it waits for a sync.
func TestExploredCrashAndStrike(t *testing.T) {
	boot := Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 1}
	sync := Identity{Subject: OfSync, Node: Server(1), Name: "f", K: 1}
	for what, c := range map[string]struct {
		on     Identity
		effect int
		crash  uint64 // 0: none
		struck bool
		asked  int
	}{
		"before it":          {boot, 3, 2, false, 2},
		"at the same effect": {boot, 2, 2, true, 1},
		"after it":           {boot, 2, 3, true, 1},
		"none":               {boot, 3, 0, true, 2},
		"at a sync":          {sync, 3, 0, true, 3},
		"at a sync before":   {sync, 3, 3, false, 3},
		"no such effect":     {boot, 4, 0, false, 5},
	} {
		x := &wanting{crash: map[uint64]bool{c.crash: true}}
		w := exploring(t, x, x.explore())
		calls := 0
		w.StrikeAt(Strike{On: c.on, Node: Server(1), Effect: c.effect}, func(_ *World, struck bool) {
			calls++
			equal(t, what+": struck", struck, c.struck)
		})
		w.RunUntil(ms(5))
		if what != "at a sync before" { // the sync never comes, and the strike waits on
			equal(t, what+": told", calls, 1)
		}
		equal(t, what+": asked", len(x.asked), c.asked)
		equal(t, what+": up", w.Up(Server(1)), !c.struck && c.crash == 0)
	}
}

// The rest of a step that a pause postponed is asked about when it happens, and no
// effect twice.
func TestExploredCrashInAPostponedStep(t *testing.T) {
	boot := Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 1}
	for k, syncs := range map[uint64]int{0: 1, 3: 0, 4: 0, 5: 1} {
		c := &wanting{crash: map[uint64]bool{k: true}}
		w := exploring(t, c, c.explore())
		w.StrikeAt(Strike{On: boot, Node: Server(1), Effect: 2, Pause: true}, nil)
		w.At(ms(5), func(w *World) { w.Resume(Server(1)) })
		w.RunUntil(ms(5))
		what := fmt.Sprintf("crash %d", k)
		equal(t, what+": syncs", len(ofKind(w, KindSync)), syncs)
		if k > 0 {
			equal(t, what+": step", c.told[0].Step.Subject, OfRecord)
			equal(t, what+": effect", c.told[0].Effect, map[uint64]int{3: 2, 4: 3, 5: 0}[k])
			continue
		}
		equal(t, "asked", len(c.asked), 1+1+2+1+1) // effect 1, paused, effects 2 and 3, over; and the note
	}
}

// Asking changes nothing when the answer is no; without a Chooser nobody is asked; a
// step in which the process ends itself has no instant after its last effect.
func TestExploreChangesNothing(t *testing.T) {
	plain := New(Config{})
	mixedAgain(plain, 5)
	plain.RunUntil(chaoticEnd)
	asked := New(Config{})
	mixedAgain(asked, 5)
	c := &wanting{}
	asked.chooser, asked.explore, asked.observed = c, c.explore(), true
	asked.net.rulesChanged(c)
	asked.RunUntil(chaoticEnd)
	equal(t, "hash", asked.Hash(), plain.Hash())
	if len(c.asked) < 100 {
		t.Errorf("asked about %d instants", len(c.asked))
	}
	plain.Close()
	asked.Close()

	nobody := testWorld(t, Config{Explore: &Explore{}})
	nobody.AddServer(idle)
	nobody.RunUntil(1)
	holds(t, nobody)

	c = &wanting{}
	ends := testWorld(t, Config{Chooser: c, Explore: c.explore()})
	ends.AddServer(onBoot(func(env *Env) { env.Fatal("no") }))
	ends.RunUntil(1)
	equal(t, "asked", len(c.asked), 1)
	panics(t, "no time", func() { New(Config{Chooser: c, Explore: c.explore(0)}) })
}

// A boot can be waited for by the number of the incarnation.
func TestWhenBoot(t *testing.T) {
	w, _ := watched(t)
	var at []Time
	w.When(Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 2}, func(w *World) { at = append(at, w.Now()) })
	w.At(ms(3), func(w *World) { w.Crash(Server(1), LoseAll) })
	w.At(ms(4), func(w *World) { w.Restart(Server(1)) })
	w.RunUntil(ms(10))
	equalSlices(t, "at", at, []Time{ms(4)})
}

// telling is a world whose n1 saves and tells n2 thrice: the sends leave at 10 ms, with
// the record of the sync's end.
func telling(t *testing.T, cfg Config) (w *World, l *inboxLog) {
	cfg.Records, cfg.Disk = true, DiskConfig{Sync: Fixed(millis(10))}
	w, l = testWorld(t, cfg), &inboxLog{}
	w.AddServer(onBoot(func(env *Env) {
		if env.Incarnation() > 1 {
			return
		}
		env.SyncDir()
		for _, s := range []note{"a", "b", "c"} {
			env.Send(Server(2), s)
		}
	}))
	w.AddServer(sink(w, l))
	return w, l
}

// The sends that leave when a sync is done can be struck one by one, as effects of the
// record that says so: a crash drops the rest, a pause keeps it.
func TestStrikeWhenASyncIsDone(t *testing.T) {
	whole, l := telling(t, Config{})
	whole.RunUntil(ms(20))
	equal(t, "undisturbed", arrivals(l), "a@10 b@10 c@10 ")
	done := Identity{Subject: OfRecord, K: ofKind(whole, KindSynced)[0].Seq}
	for what, c := range map[string]struct {
		strike Strike
		struck bool
		want   string
	}{
		"crash before all":  {Strike{Effect: 1}, true, ""},
		"crash before last": {Strike{Effect: 3}, true, "a@10 b@10 "},
		"crash after all":   {Strike{Effect: 4}, false, "a@10 b@10 c@10 "},
		"pause":             {Strike{Effect: 2, Pause: true}, true, "a@10 b@15 c@15 "},
	} {
		w, l := telling(t, Config{})
		s, calls := c.strike, 0
		s.On, s.Node = done, Server(1)
		w.StrikeAt(s, func(_ *World, struck bool) {
			calls++
			equal(t, what+": struck", struck, c.struck)
		})
		looked := false
		w.When(done, func(*World) { looked = true })
		w.At(ms(15), func(w *World) { w.Resume(Server(1)) })
		w.RunUntil(ms(20))
		equal(t, what, arrivals(l), c.want)
		equal(t, what+": told", calls, 1)
		equal(t, what+": a When beside it", looked, true)
		equal(t, what+": up", w.Up(Server(1)), !c.struck || s.Pause)
	}
	other, l := telling(t, Config{})
	other.StrikeAt(Strike{On: done, Node: Server(2), Effect: 1}, func(_ *World, struck bool) { equal(t, "another machine", struck, false) })
	other.RunUntil(ms(20))
	equal(t, "another machine struck", arrivals(l), "a@10 b@10 c@10 ")
}

// In explore mode a server can crash between saving and each time it says so.
func TestExploredCrashWhenASyncIsDone(t *testing.T) {
	for k, want := range map[uint64]string{6: "", 7: "a@10 ", 8: "a@10 b@10 ", 9: "a@10 b@10 c@10 "} {
		c := &wanting{crash: map[uint64]bool{k: true}}
		w, l := telling(t, Config{Explore: c.explore(), Chooser: ChooserFunc(func(id Identity, o Outcomes, drawn int64) int64 {
			if id.Node == Server(1) {
				return c.Choose(id, o, drawn)
			}
			return drawn
		})})
		w.RunUntil(ms(20))
		what := fmt.Sprintf("crash %d", k)
		equal(t, what, arrivals(l), want)
		if k == 9 { // there is none
			equal(t, "asked", len(c.asked), 8)
			continue
		}
		done := Identity{Subject: OfRecord, K: ofKind(w, KindSynced)[0].Seq}
		equalSlices(t, what, c.told, []CrashPoint{{Node: Server(1), Step: done, Effect: int(k) - 5, At: ms(10)}})
	}
}

// What a pause from outside postpones is asked about when it happens only; a server that
// something else has crashed by the end of the event is not crashed again.
func TestExploreAsksOnce(t *testing.T) {
	c := &wanting{}
	w := testWorld(t, Config{Chooser: c, Explore: c.explore()})
	w.AddServer(onBoot(func(env *Env) {
		env.Arm(alarm("x"), millis(10))
		w.Pause(Server(1))
		env.Arm(alarm("y"), millis(10))
	}))
	w.RunUntil(ms(1))
	equal(t, "asked before the resume", len(c.asked), 2)
	w.Resume(Server(1))
	w.RunUntil(ms(2))
	equal(t, "asked", len(c.asked), 4)

	c = &wanting{crash: map[uint64]bool{4: true}}
	w = exploring(t, c, c.explore(millis(1)))
	w.When(Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 1}, func(w *World) { w.Crash(Server(1), LoseAll) })
	w.RunUntil(ms(5))
	equal(t, "crashes", len(ofKind(w, KindCrash)), 1)
	equal(t, "faults", len(ofKind(w, KindFault)), 0)
	equal(t, "up", w.Up(Server(1)), false)
}
