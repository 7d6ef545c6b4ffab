package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slowWorld is n1, slow by a time for all of the run, which does on each note what
// on says, and n2, which logs the notes it gets. A message takes 1 ms, a sync 4.
func slowWorld(t testing.TB, by Dist, on func(env *Env, text note)) (w *World, n1, n2 *inboxLog) {
	w = testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1))}, Disk: DiskConfig{Sync: Fixed(millis(4))}, Records: true})
	n1, n2 = &inboxLog{}, &inboxLog{}
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case note:
			n1.add(w, string(m))
			on(env, m)
		case alarm:
			n1.add(w, "alarm:"+string(m))
		}
	}))
	w.AddServer(sink(w, n2))
	w.RunUntil(0) // boots take no time
	w.Slow(Server(1), by, "test")
	return w, n1, n2
}

// noteAt sends n1 a note from n2 that arrives at a time.
func noteAt(w *World, at Time, text note) {
	w.At(at-ms(1), func(w *World) { w.machine(Server(2)).envs[0].Send(Server(1), text) })
}

// log prints what came when.
func (l *inboxLog) log() string {
	var b strings.Builder
	for i, what := range l.got {
		fmt.Fprintf(&b, "%s@%v ", what, time.Duration(l.at[i]))
	}
	return strings.TrimSpace(b.String())
}

func TestASlowStepOccupiesItsMachine(t *testing.T) {
	w, n1, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		env.Send(Server(2), text+note(fmt.Sprint(env.Elapsed())))
	})
	for i, text := range []note{"a", "b", "c"} {
		noteAt(w, ms(2+i), text)
	}
	w.RunUntil(ms(30))
	equal(t, "n1 got", n1.log(), "a@2ms b@7ms c@12ms")
	equal(t, "n2 got", n2.log(), "a2ms@8ms b7ms@13ms c12ms@18ms")
}

// Effects of a step that takes 5 ms from 2 to 7: what happens at its begin and what
// at its end.
func TestEffectsOfASlowStep(t *testing.T) {
	w, n1, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		if text != "go" {
			return
		}
		env.Send(Server(2), note("before"))
		env.File("f").Append([]byte("x"))
		env.File("f").Sync() // done at 6
		env.SyncDir()        // done at 10
		env.Arm(alarm("2"), millis(2))
		env.Arm(alarm("3"), millis(3))
		env.Send(Server(2), note("after"))
		env.Send(env.ID(), note("durable"))
	})
	noteAt(w, ms(2), "go")
	w.RunUntil(ms(3))
	equal(t, "written at its begin", w.machine(Server(1)).disk.names["f"] != nil, true)
	w.RunUntil(ms(6))
	equal(t, "syncs done at 6ms", len(ofKind(w, KindSynced)), 1)
	w.RunUntil(ms(40))
	equal(t, "n1 got", n1.log(), "go@2ms alarm:2@7ms alarm:3@12ms durable@17ms")
	equal(t, "n2 got", n2.log(), "before@8ms after@11ms")
}

// In the inbox: (due, sequence), whatever they are.
func TestWhatWaitsForASlowStepKeepsItsOrder(t *testing.T) {
	w, n1, _ := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		if text == "go" {
			env.Arm(alarm("x"), millis(2))
			env.Arm(alarm("y"), millis(5))
		}
	})
	for at, text := range map[int]note{2: "go", 3: "a", 5: "b"} {
		noteAt(w, ms(at), text)
	}
	w.RunUntil(ms(60))
	equal(t, "n1 got", n1.log(), "go@2ms a@7ms alarm:x@12ms b@17ms alarm:y@22ms")
}

func TestACrashDropsWhatASlowStepHasNotSent(t *testing.T) {
	w, n1, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) { env.Send(Server(2), text) })
	noteAt(w, ms(2), "a")
	noteAt(w, ms(3), "b")
	w.At(ms(4), func(w *World) { w.Crash(Server(1), KeepAll); w.Restart(Server(1)) })
	noteAt(w, ms(5), "c") // while it boots, from 4 to 9
	w.RunUntil(ms(30))
	equal(t, "n1 got", n1.log(), "a@2ms c@9ms")
	equal(t, "n2 got", n2.log(), "c@15ms")
	unsent := ofKind(w, KindUnsent)
	if len(unsent) != 1 || unsent[0].Due != ms(7) {
		t.Errorf("unsent: got %v, want one whose step would have been over at 7ms", unsent)
	}
}

// A step from 2 to 7 ms, and a pause around its middle or its end.
func TestSlowAndPaused(t *testing.T) {
	for _, c := range []struct {
		from, to int
		n1, n2   string
	}{
		{3, 5, "a@2ms b@7ms", "a@8ms b@13ms"},
		{3, 9, "a@2ms b@9ms", "a@10ms b@15ms"},
		{7, 9, "a@2ms b@7ms", "a@8ms b@13ms"}, // begins after the step is over
		{1, 9, "a@9ms b@14ms", "a@15ms b@20ms"},
	} {
		w, n1, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) { env.Send(Server(2), text) })
		noteAt(w, ms(2), "a")
		noteAt(w, ms(4), "b")
		w.At(ms(c.from), func(w *World) { w.After(0, func(w *World) { w.Pause(Server(1)) }) })
		w.At(ms(c.to), func(w *World) { w.Resume(Server(1)) })
		w.RunUntil(ms(40))
		what := fmt.Sprintf("paused from %d to %d", c.from, c.to)
		equal(t, what+": n1 got", n1.log(), c.n1)
		equal(t, what+": n2 got", n2.log(), c.n2)
	}
}

// Rules add up, and the end of one is the end of its share; the step under way
// takes its time.
func TestSlowRulesAddUp(t *testing.T) {
	w, n1, _ := slowWorld(t, Fixed(millis(1)), func(*Env, note) {})
	var end func()
	w.At(ms(1), func(w *World) { end = w.Slow(Server(1), Fixed(millis(4)), "second") })
	w.At(ms(3), func(*World) { end(); end() })
	for i, text := range []note{"a", "b", "c"} {
		noteAt(w, ms(2)+Time(i), text)
	}
	w.RunUntil(ms(30))
	equal(t, "n1 got", n1.log(), "a@2ms b@7ms c@8ms")
	equal(t, "rules in force", w.slowRules, 1)
}

// A process that ends itself says what it had to say.
func TestAStepThatEndsItsProcessTakesNoTime(t *testing.T) {
	w, _, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		env.Send(Server(2), note("bye"))
		env.Fatal("enough")
	})
	noteAt(w, ms(2), "a")
	w.RunUntil(ms(30))
	equal(t, "n2 got", n2.log(), "bye@3ms")
	equal(t, "halted", w.Halted(Server(1)), true)
}

// Of a crash before an effect the earlier effects stay, but its step is not over.
func TestAStrikeInASlowStep(t *testing.T) {
	w, _, n2 := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		env.Send(Server(2), text+"1")
		env.Send(Server(2), text+"2")
	})
	step := func(k uint64) Identity {
		return Identity{Subject: OfMessage, Node: Server(2), Peer: Server(1), Name: "sim.note", K: k}
	}
	w.StrikeAt(Strike{On: step(1), Node: Server(1), Effect: 2, Pause: true}, nil)
	w.StrikeAt(Strike{On: step(2), Node: Server(1), Effect: 2}, nil)
	noteAt(w, ms(2), "a")
	w.At(ms(4), func(w *World) { w.Resume(Server(1)) })
	noteAt(w, ms(10), "b")
	w.RunUntil(ms(30))
	equal(t, "n2 got", n2.log(), "a1@8ms a2@8ms")
}

// Procs are slow too: a call leaves late, and its answer, its timeout and what comes
// after it wait for the Proc.
func TestASlowProc(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1))}, Disk: DiskConfig{Sync: Fixed(millis(2))}})
	log := &inboxLog{}
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if m != (Boot{}) {
			env.Reply(env.ReplyTo(), note("yes"))
		}
	}))
	w.AddClient(Go(func(p *Proc) {
		_, ok := Call[note](p, Server(1), note("?"), millis(20)) // leaves at 5, answered at 7
		log.add(w, fmt.Sprint(ok))
		_, ok = Call[note](p, Server(1), note("?"), millis(6)) // leaves at 12, timed out at 13, answered at 14
		log.add(w, fmt.Sprint(ok))
		p.Sleep(millis(1)) // due at 14, when the step that began at 13 still runs
		log.add(w, "slept")
		p.File("f").Append([]byte("x"))
		p.Sync(p.File("f")) // told when the step is over
		log.add(w, "synced")
	}))
	w.Slow(Client(1), Fixed(millis(5)), "")
	w.RunUntil(ms(60))
	equal(t, "the client", log.log(), "true@7ms false@13ms slept@18ms synced@23ms")
	holds(t, w)
}

// A timer that waits for a slow step comes to its moment when its own step is about
// to begin, and a pause then keeps its place.
func TestLurkingForASlowMachine(t *testing.T) {
	w, n1, _ := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) {
		if text == "go" {
			env.Arm(alarm("x"), millis(1))
		}
	})
	var came inboxLog
	w.Lurk(Timeout, "", func(w *World, _ NodeID) bool {
		came.add(w, "x")
		w.Pause(Server(1))
		w.After(ms(3), func(w *World) { w.Resume(Server(1)) })
		return true
	})
	noteAt(w, ms(2), "go")
	noteAt(w, ms(4), "a")
	w.RunUntil(ms(40))
	equal(t, "it came to the timeout", came.log(), "x@7ms")
	equal(t, "n1 got", n1.log(), "go@2ms alarm:x@10ms a@15ms")
}

func TestACrashAtTheTimeoutOfASlowMachine(t *testing.T) {
	w, n1, _ := slowWorld(t, Fixed(millis(5)), func(env *Env, text note) { env.Arm(alarm("x"), millis(1)) })
	w.Lurk(Timeout, "", func(w *World, id NodeID) bool { w.Crash(id, LoseAll); return true })
	noteAt(w, ms(2), "go")
	noteAt(w, ms(4), "a")
	w.RunUntil(ms(40))
	equal(t, "n1 got", n1.log(), "go@2ms")
	equal(t, "up", w.Up(Server(1)), false)
}

// How long a step takes is named by what it answers to: a chooser can say it, and
// another rule or another message moves no draw.
func TestStepTimesAreDecisionsWithNames(t *testing.T) {
	times := func(second bool, from int) map[Identity]int64 {
		took := map[Identity]int64{}
		w := testWorld(t, Config{Seed: 5, Chooser: ChooserFunc(func(id Identity, _ Outcomes, drawn int64) int64 {
			if id.Purpose == ForStep {
				took[id] = drawn
			}
			return drawn
		})})
		w.AddServer(onTimer)
		w.AddServer(idle)
		w.At(ms(from), func(w *World) { w.Slow(Server(1), Uniform(0, 900_000), "one") })
		if second {
			w.At(ms(20), func(w *World) { w.Slow(Server(1), Fixed(0), "two") })
		}
		w.At(ms(25), func(w *World) { w.Crash(Server(1), LoseAll); w.Restart(Server(1)) })
		w.RunUntil(ms(40))
		return took
	}
	all, late, two := times(false, 0), times(false, 10), times(true, 0)
	if len(all) < 30 || len(late) < 20 {
		t.Fatalf("%d and %d steps took time", len(all), len(late))
	}
	for id, took := range all {
		if v, ok := late[id]; ok && v != took {
			t.Errorf("%v took %d, and %d when other steps took none", id, took, v)
		}
		if two[id] != took {
			t.Errorf("%v took %d, and %d beside a rule of no time", id, took, two[id])
		}
	}
	if _, ok := all[Identity{Subject: OfNode, Node: Server(1), Name: "sim.Boot", K: 2, Purpose: ForStep}]; !ok {
		t.Error("the second boot took no time")
	}
}

// Whatever is slow, paused or crashed: on streams nothing is overtaken, two runs are
// one, records change nothing, and a step never begins within another.
func TestSlowWorlds(t *testing.T) {
	again := New(Config{})
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		fifo := rapid.Bool().Draw(t, "streams")
		acts := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 40).Draw(t, "acts")
		run := func(w *World, records bool) (uint64, uint64) {
			cfg := Config{Seed: seed, Records: records, Disk: DiskConfig{Sync: Uniform(0, millis(3))},
				Net: NetConfig{Latency: Uniform(millis(1), millis(4)), FIFO: fifo}}
			w.Reset(cfg)
			for range 3 {
				w.AddServer(func() Node { return &streamer{w: w, last: map[NodeID]int64{}, fifo: fifo} })
			}
			for i, act := range acts {
				w.At(ms(2+3*i), func(w *World) { disturb(w, act, Server(1+i%3)) })
			}
			w.RunUntil(ms(200))
			w.Close()
			for _, v := range w.Violations() {
				t.Fatalf("%v\n%s", v, v.Stack)
			}
			return w.Hash(), w.trace.Len
		}
		hash, n := run(New(Config{}), false)
		kept, m := run(again, true)
		if hash != kept || n != m {
			t.Fatalf("hash %x of %d records, in a used world that keeps them %x of %d", hash, n, kept, m)
		}
	})
}

func disturb(w *World, act int, id NodeID) {
	switch act {
	case 0:
		w.Crash(id, KeepPrefix)
		w.After(ms(5), func(w *World) { w.Restart(id) })
	case 1:
		w.Pause(id)
		w.After(ms(6), func(w *World) { w.Resume(id) })
	case 2:
		end := w.Slow(id, Uniform(0, millis(4)), "a")
		w.After(ms(25), func(*World) { end() })
	case 3:
		end := w.Slow(id, Fixed(millis(2)), "b")
		w.After(ms(20), func(*World) { end() })
	case 4:
		w.Drift(id, -500_000)
	default:
		w.Drift(id, 0)
	}
}

// streamer sends streamer notes to all, from timers and answers, and checks its own
// machine.
type streamer struct {
	w    *World
	n    int
	last map[NodeID]int64 // per incarnation of the receiver; senders number on
	fifo bool
}

type serial struct{ inc, n int64 }

func (x *streamer) Step(env *Env, from NodeID, m Message) {
	me := x.w.machine(env.ID())
	assert(!me.paused, "a paused machine runs")
	assert(!me.busy || me.busyUntil > x.w.now, "a step begins when another is not over")
	switch m := m.(type) {
	case Boot, tick:
		env.Arm(tick{}, millis(3))
		if x.n++; x.n%3 == 0 {
			env.File("f").Append([]byte("x"))
			env.File("f").Sync()
		}
		for _, to := range env.Servers() {
			env.Send(to, serial{int64(env.Incarnation()), int64(x.n)})
		}
	case serial:
		n := m.inc<<32 | m.n
		assert(!x.fifo || n > x.last[from], "%v got %v from %v after %d", env.ID(), m, from, x.last[from])
		x.last[from] = n
	}
}
