package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// deed is a handler whose step for note "go" has seven effects of every kind.
func deed(env *Env, from NodeID, m Message) {
	if m != note("go") {
		return
	}
	f := env.File("f")
	f.Append([]byte("A"))          // 1
	env.Send(Server(2), note("x")) // 2
	f.Append([]byte("B"))          // 3
	env.Arm(alarm("late"), 0)      // 4
	env.Send(Server(2), note("y")) // 5
	f.Append([]byte("C"))          // 6
	env.Cancel(alarm("none"))      // 7
}

// struckDeed runs deed with a strike before effect k.
func struckDeed(t *testing.T, k int, s Strike) (w *World, peer *inboxLog, struck bool) {
	w = testWorld(t, Config{Seed: 1, Records: true})
	peer = &inboxLog{}
	w.AddServer(serve(deed))
	w.AddServer(sink(w, peer))
	s.On = Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.note", K: 1}
	s.Node, s.Effect = Server(1), k
	w.AddClient(onBoot(func(env *Env) { env.Send(Server(1), note("go")) }))
	w.StrikeAt(s, func(_ *World, hit bool) { struck = hit })
	w.RunUntil(ms(1))
	return w, peer, struck
}

func TestEffectsAreNumberedInProgramOrder(t *testing.T) {
	w, _, struck := struckDeed(t, 8, Strike{})
	equal(t, "struck before effect 8 of 7", struck, false)
	var got []string
	for _, r := range w.trace.Records() {
		if r.Node == Server(1) && r.Effect > 0 {
			got = append(got, fmt.Sprint(r.Effect, r.Kind))
		}
	}
	equal(t, "numbered records", strings.Join(got, ", "), "1 write, 2 send, 3 write, 5 send, 6 write")
	holds(t, w)
}

func TestCrashDiscardsFromItsEffectOn(t *testing.T) {
	wantDisk := []string{"", "", "A", "A", "AB", "AB", "AB", "ABC"}
	wantSent := []string{"", "", "", "x", "x", "x", "x y", "x y"}
	for k := 1; k <= 7; k++ {
		w, peer, struck := struckDeed(t, k, Strike{Model: KeepAll})
		equal(t, fmt.Sprintf("effect %d: struck", k), struck, true)
		equal(t, "up", w.Up(Server(1)), false)
		equal(t, fmt.Sprintf("effect %d: kept", k), cached(w, Server(1), "f"), wantDisk[k])
		equal(t, fmt.Sprintf("effect %d: sent", k), peer.String(), wantSent[k])
		holds(t, w)
	}
}

func TestAStepAfterItsCrashNeverHappened(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	step := func(env *Env, _ NodeID, m Message) {
		if m == note("go") {
			env.Send(Server(1), note("struck"))
			env.Logf("a line that nobody reads")
			env.Reached("a place that was never visited")
			env.Part("p").Attach(handlerFunc(func(*Env, NodeID, Message) {}))
			panic("and a panic that nobody hears")
		}
	}
	w.AddServer(serve(step))
	w.AddClient(onBoot(func(env *Env) { env.Send(Server(1), note("go")) }))
	w.StrikeAt(Strike{On: Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.note", K: 1},
		Node: Server(1), Effect: 1}, nil)
	equal(t, "run reached its end", w.RunUntil(ms(1)), true)
	holds(t, w)
	equal(t, "log lines", len(ofKind(w, KindLog)), 0)
	equal(t, "places reached", len(w.Reached()), 0)
}

func TestPauseAtEffectPostponesTheRest(t *testing.T) {
	for k := 1; k <= 7; k++ {
		w, peer, struck := struckDeed(t, k, Strike{Pause: true})
		equal(t, "struck", struck, true)
		equal(t, "paused", w.Paused(Server(1)), true)
		before := peer.String()
		w.RunUntil(ms(5))
		equal(t, fmt.Sprintf("effect %d: sent while paused", k), peer.String(), before)
		w.Resume(Server(1))
		w.RunUntil(ms(6))
		equal(t, fmt.Sprintf("effect %d: sent in the end", k), peer.String(), "x y")
		env := w.machine(Server(1)).envs[0]
		equal(t, "file in the end", string(env.File("f").Bytes()), "ABC")
		equal(t, "fired", len(ofKind(w, KindTimer)), 1)
		w.Crash(Server(1), KeepAll)
		equal(t, "kept in the end", cached(w, Server(1), "f"), "ABC")
		holds(t, w)
	}
}

// A pause may strike again in what the first one postponed.
func TestPauseInThePostponedRest(t *testing.T) {
	w, peer, _ := struckDeed(t, 2, Strike{Pause: true})
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: w.trace.Len + 1}, Node: Server(1), Effect: 4, Pause: true}, nil)
	w.Resume(Server(1))
	w.RunUntil(ms(2))
	equal(t, "sent after the first resume", peer.String(), "x")
	equal(t, "paused", w.Paused(Server(1)), true)
	w.Resume(Server(1))
	w.RunUntil(ms(3))
	equal(t, "sent after the second", peer.String(), "x y")
	equal(t, "timers", len(ofKind(w, KindTimer)), 1)
	sends := records(w, func(r *Record) bool { return r.Kind == KindSend && r.Node == Server(1) })
	equal(t, "number of the last send", sends[1].Effect, 5)
	holds(t, w)
}

// A sync that was under way finishes in the pause; that changes nothing about
// what the pause has postponed.
func TestSyncFinishesWhileWritesArePostponed(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(10))}})
	w.AddServer(onBoot(func(env *Env) {
		env.File("f").Append([]byte("A"))
		env.SyncDir()
		env.File("f").Sync()
		env.File("f").Append([]byte("B"))
		env.File("f").Append([]byte("C"))
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 5, Pause: true}, nil)
	w.RunUntil(ms(25))
	equal(t, "durable in the pause", string(w.Durable(Server(1), "f")), "A")
	w.Crash(Server(1), KeepAll)
	equal(t, "kept", cached(w, Server(1), "f"), "AB")
}

// What a pause postponed keeps its number and its cause; the release is named
// as second cause.
func TestPostponedEffectsKeepNumberAndCause(t *testing.T) {
	w, _, _ := struckDeed(t, 2, Strike{Pause: true})
	w.Resume(Server(1))
	w.RunUntil(ms(2))
	step := records(w, func(r *Record) bool { return r.Kind == KindDeliver && r.Node == Server(1) })[0].Seq
	resume := ofKind(w, KindResume)[0].Seq
	sends := records(w, func(r *Record) bool { return r.Kind == KindSend && r.Node == Server(1) })
	if len(sends) != 2 {
		t.Fatalf("sends: got %d, want 2", len(sends))
	}
	equal(t, "number of the first send", sends[0].Effect, 2)
	equal(t, "number of the second send", sends[1].Effect, 5)
	for _, r := range sends {
		equal(t, "cause", r.Cause, step)
		equal(t, "cause2", r.Cause2, resume)
	}
}

func TestPostponedProcEffectsKeepNumberAndCause(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(idle)
	w.AddClient(Go(func(p *Proc) {
		p.Send(Server(1), note("1"))
		p.Send(Server(1), note("2"))
		p.Send(Server(1), note("3"))
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 2}, Node: Client(1), Effect: 2, Pause: true}, nil)
	w.At(ms(3), func(w *World) { w.Resume(Client(1)) })
	w.RunUntil(ms(5))
	sends := ofKind(w, KindSend)
	resume := ofKind(w, KindResume)[0].Seq
	if len(sends) != 3 {
		t.Fatalf("sends: got %d, want 3", len(sends))
	}
	for i, r := range sends {
		equal(t, "number", int(r.Effect), i+1)
		equal(t, "cause", r.Cause, 2)
	}
	equal(t, "cause2 before the pause", sends[0].Cause2, 0)
	equal(t, "cause2 after the pause", sends[2].Cause2, resume)
}

// The writes after a pause are visible to the step that made them, but a crash
// before it resumes finds that they never happened, keep-all or not.
func TestPostponedWritesDieWithThePause(t *testing.T) {
	for k, want := range []string{1: "", 2: "A", 3: "A", 4: "AB", 5: "AB", 6: "AB", 7: "ABC"} {
		if k == 0 {
			continue
		}
		w, _, _ := struckDeed(t, k, Strike{Pause: true})
		env := w.machine(Server(1)).envs[0]
		equal(t, "visible in the paused step", string(env.File("f").Bytes()), "ABC")
		w.Crash(Server(1), KeepAll)
		equal(t, fmt.Sprintf("paused at %d, then killed: kept", k), cached(w, Server(1), "f"), want)
	}
}

// A paused Proc stops where it is: it reads its clocks after the pause.
func TestPausedProcReadsItsClockAfterThePause(t *testing.T) {
	w := testWorld(t, Config{})
	var before, after time.Duration
	w.AddServer(idle)
	w.AddClient(Go(func(p *Proc) {
		before = p.Elapsed()
		p.Send(Server(1), note("x"))
		after = p.Elapsed()
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 2}, Node: Client(1), Effect: 1, Pause: true}, nil)
	w.At(ms(7), func(w *World) { w.Resume(Client(1)) })
	w.RunUntil(ms(10))
	equal(t, "before", before, 0)
	equal(t, "after", after, millis(7))
}

// The request of a Call is an effect like any other: a pause postpones it.
func TestPauseAtACall(t *testing.T) {
	for effect := 1; effect <= 2; effect++ { // the request, the timeout
		w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1))}})
		w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			if m == note("ask") {
				env.Reply(env.ReplyTo(), note("answer"))
			}
		}))
		var got note
		w.AddClient(Go(func(p *Proc) { got, _ = Call[note](p, Server(1), note("ask"), millis(50)) }))
		w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 2}, Node: Client(1), Effect: effect, Pause: true}, nil)
		w.At(ms(7), func(w *World) { w.Resume(Client(1)) })
		w.RunUntil(ms(100))
		equal(t, "answer", got, "answer")
		holds(t, w)
	}
}

// A Proc that pauses its own machine stops at its next effect.
func TestAProcThatPausesItself(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1))}})
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if m == note("ask") {
			env.Reply(env.ReplyTo(), note("answer"))
		}
	}))
	ok := false
	w.AddClient(Go(func(p *Proc) {
		w.Pause(p.ID())
		_, ok = Call[note](p, Server(1), note("ask"), millis(50))
	}))
	w.At(ms(7), func(w *World) { w.Resume(Client(1)) })
	w.RunUntil(ms(100))
	equal(t, "answered", ok, true)
	holds(t, w)
}

// One step can be a nest: a handler attaches a Proc, which attaches another.
// A fault in the innermost finds the right one to stop.
func TestStrikeInNestedProcs(t *testing.T) {
	for _, pause := range []bool{false, true} {
		for effect := 1; effect <= 3; effect++ {
			w := testWorld(t, Config{})
			var l inboxLog
			w.AddServer(Go(func(p *Proc) {
				p.Part("inner").Attach(NewProc(func(p *Proc) {
					p.Send(Server(2), note("inner1"))
					p.Send(Server(2), note("inner2"))
				}))
				p.Send(Server(2), note("outer"))
			}))
			w.AddServer(sink(w, &l))
			w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: effect, Pause: pause}, nil)
			w.At(ms(7), func(w *World) { w.Resume(Server(1)) })
			w.RunUntil(ms(10))
			holds(t, w)
			want := "inner1 inner2 outer"
			if !pause {
				want = strings.Join(strings.Fields(want)[:effect-1], " ")
			}
			equal(t, fmt.Sprintf("pause %v at %d", pause, effect), l.String(), want)
		}
	}
}

// 65,536 effects and more in one step: the counter may wrap, nothing else may.
func TestAStepOfVeryManyEffects(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) {
		for range 70_000 {
			env.Cancel(alarm("none"))
		}
	}))
	equal(t, "reached", w.RunUntil(ms(1)), true)
	holds(t, w)
}
