package sim

import (
	"testing"
	"time"
)

// While a machine is paused, what comes due waits; on resume it is handled by
// (due, sequence), timers and messages in one order.
func TestOneInboxInOrderOfDueTime(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Arm(alarm("12"), millis(12))
			env.Arm(alarm("16"), millis(16))
		case alarm:
			l.add(w, "alarm:"+string(m))
		case note:
			l.add(w, string(m))
		}
	}))
	for i := 1; i <= 3; i++ {
		w.AddClient(Go(func(p *Proc) {
			p.Sleep(millis(8 + 2*i))
			for range i {
				p.Send(Server(1), note(p.ID().String()))
			}
		}))
	}
	w.At(ms(5), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(20), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(19))
	equal(t, "handled while paused", l.String(), "")
	w.RunUntil(ms(30))
	equal(t, "handled on resume", l.String(), "c1 alarm:12 c2 c2 c3 c3 c3 alarm:16")
	for _, at := range l.at {
		equal(t, "handled at", at, ms(20))
	}
}

// A timer that was pushed back has an old entry in the queue; where that entry
// pops during a pause says nothing about where the timer stands in the inbox.
func TestPushedBackTimerKeepsItsPlaceInTheInbox(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Arm(alarm("election"), millis(10))
		case note:
			l.add(w, string(m))
			env.Arm(alarm("election"), millis(10))
		case alarm:
			l.add(w, string(m))
		}
	}))
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(millis(5))
		p.Send(Server(1), note("heartbeat5")) // moves the timer from 10 to 15
		p.Sleep(millis(7))
		p.Send(Server(1), note("heartbeat12")) // waits in the inbox, before the timer
	}))
	w.At(ms(6), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(20), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(29))
	equal(t, "handled", l.String(), "heartbeat5 heartbeat12")
	w.RunUntil(ms(30))
	equal(t, "handled", l.String(), "heartbeat5 heartbeat12 election")
}

// What has reached the inbox has been delivered; a partition that begins later
// does not take it back.
func TestLaterCutLeavesTheInboxAlone(t *testing.T) {
	for _, fifo := range []bool{false, true} {
		w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1)), FIFO: fifo}})
		var l inboxLog
		w.AddServer(sink(w, &l))
		w.AddServer(onBoot(func(env *Env) { env.Send(Server(1), note("x")) }))
		w.RunUntil(0)
		w.Pause(Server(1))
		w.RunUntil(ms(2))
		w.Disturb(LinkRule{Cut: true})
		w.Crash(Server(2), LoseAll)
		w.Resume(Server(1))
		w.RunUntil(ms(3))
		equal(t, "handled", l.String(), "x")
	}
}

func TestCrashEmptiesTheInbox(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var l inboxLog
	w.AddServer(sink(w, &l))
	w.AddServer(onBoot(func(env *Env) { env.Send(Server(1), note("x")) }))
	w.RunUntil(0)
	w.Pause(Server(1))
	w.After(0, func(w *World) {})
	w.RunUntil(ms(1))
	w.Crash(Server(1), KeepAll)
	w.Restart(Server(1))
	w.RunUntil(ms(2))
	equal(t, "handled", l.String(), "x") // it came before the pause
	w.Pause(Server(1))
	w.Crash(Server(2), KeepAll)
	w.Restart(Server(2)) // sends another
	w.RunUntil(ms(3))
	w.Crash(Server(1), KeepAll)
	w.Restart(Server(1))
	w.RunUntil(ms(4))
	equal(t, "handled", l.String(), "x")
	missed := ofKind(w, KindMiss)
	if len(missed) != 1 {
		t.Fatalf("missed messages: got %d, want 1", len(missed))
	}
	equal(t, "fate", missed[0].Fate, Down)
}

// A step that pauses again leaves the rest of the inbox for the next resume.
func TestInboxSurvivesAPauseWhileItIsEmptied(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if n, ok := m.(note); ok {
			l.add(w, string(n))
			env.Cancel(alarm("an effect"))
		}
	}))
	w.AddServer(Go(func(p *Proc) {
		p.Sleep(millis(2))
		for _, n := range []note{"a", "b", "c"} {
			p.Send(Server(1), n)
		}
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfMessage, Node: Server(2), Peer: Server(1), Name: "sim.note", K: 2},
		Node: Server(1), Effect: 1, Pause: true}, nil)
	w.At(ms(1), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(5), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(9))
	equal(t, "handled", l.String(), "a b")
	w.Resume(Server(1))
	w.RunUntil(ms(10))
	equal(t, "handled", l.String(), "a b c")
}

// What waits for an event happens right after it, also when the event comes out
// of an inbox.
func TestWatchesLookAfterEveryInboxMessage(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(sink(w, &l))
	w.AddServer(Go(func(p *Proc) {
		p.Sleep(millis(2))
		for _, n := range []note{"a", "b", "c"} {
			p.Send(Server(1), n)
		}
	}))
	w.When(Identity{Subject: OfMessage, Node: Server(2), Peer: Server(1), Name: "sim.note", K: 2},
		func(w *World) { w.Crash(Server(1), LoseAll) })
	w.At(ms(1), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(5), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(9))
	equal(t, "handled", l.String(), "a b")
}

// Resume is an event of its own: what is due at the same instant and was there
// before keeps its place in the inbox.
func TestResumeComesAfterWhatIsDueAlready(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(5))}})
	var l inboxLog
	w.AddServer(sink(w, &l))
	w.AddServer(onBoot(func(env *Env) { env.Send(Server(1), note("a")); env.Send(Server(1), note("b")) }))
	w.At(ms(1), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(5), func(w *World) { w.Resume(Server(1)) }) // runs between boot and the deliveries at 5
	w.RunUntil(ms(5))
	equal(t, "handled", l.String(), "a b")
	equal(t, "twice resumed, never paused", w.Paused(Server(1)), false)
}

// A pause that ends does not wake the next incarnation's pause.
func TestResumeOfADeadIncarnation(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(idle)
	w.RunUntil(0)
	w.Pause(Server(1))
	w.Resume(Server(1))
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.At(0, func(w *World) { w.Pause(Server(1)) })
	w.RunUntil(ms(1))
	equal(t, "paused", w.Paused(Server(1)), true)
}

// Timers that come due in a pause fire late; those that do not fire on time.
func TestPausedTimersFireLate(t *testing.T) {
	w := testWorld(t, Config{})
	fired := map[alarm]Time{}
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Arm(alarm("in"), millis(10))
			env.Arm(alarm("after"), millis(30))
		case alarm:
			fired[m] = w.Now()
		}
	}))
	w.At(ms(5), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(20), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(Time(time.Second))
	equal(t, "due in the pause", fired["in"], ms(20))
	equal(t, "due after it", fired["after"], ms(30))
}

func TestMessagesToADownMachineAreLost(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var l inboxLog
	w.AddServer(sink(w, &l))
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(millis(1))
		p.Send(Server(1), note("x"))
	}))
	w.RunUntil(0)
	w.Crash(Server(1), LoseAll)
	w.RunUntil(ms(2))
	w.Restart(Server(1))
	w.RunUntil(ms(3))
	equal(t, "handled", l.String(), "")
	equal(t, "fate", ofKind(w, KindMiss)[0].Fate, Down)
}
