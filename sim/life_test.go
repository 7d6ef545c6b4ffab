package sim

import (
	"fmt"
	"strconv"
	"testing"

	"distsim/sim/history"
)

// Every incarnation begins with Boot from nobody, and with nothing but the disk.
func TestBootIsTheFirstMessage(t *testing.T) {
	w := testWorld(t, Config{})
	var got []string
	w.AddServer(serve(func(env *Env, from NodeID, m Message) {
		got = append(got, fmt.Sprintf("%T from %v in %d", m, from, env.Incarnation()))
		env.Send(env.ID(), note("x"))
		if m != (Boot{}) {
			w.Crash(env.ID(), LoseAll)
		}
	}))
	w.RunUntil(1)
	w.Restart(Server(1))
	w.RunUntil(2)
	equalSlices(t, "messages", got, []string{"sim.Boot from - in 1", "sim.note from n1 in 1", "sim.Boot from - in 2", "sim.note from n1 in 2"})
}

func TestRestartIsOneBoot(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(onBoot(func(env *Env) { env.Cancel(alarm("an effect")) }))
	w.Restart(Server(1)) // its first boot is on its way
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 1}, nil)
	w.RunUntil(1)
	equal(t, "up after a crash in the first boot", w.Up(Server(1)), false)
	equal(t, "incarnation", w.Incarnation(Server(1)), 1)
	w.Restart(Server(1))
	w.Restart(Server(1))
	w.After(0, func(w *World) { w.Crash(Server(1), LoseAll) })
	w.RunUntil(2)
	equal(t, "up after restart, restart, crash", w.Up(Server(1)), false)
	equal(t, "incarnation", w.Incarnation(Server(1)), 2)
	w.Restart(Server(1))
	w.RunUntil(3)
	equal(t, "up", w.Up(Server(1)), true)
	w.Restart(Server(1))
	equal(t, "restarts recorded", len(ofKind(w, KindRestart)), 2)
}

// A node that finds its disk corrupt refuses to start and says so; what it wrote
// is not lost.
func TestFatalEndsTheProcess(t *testing.T) {
	for _, proc := range []bool{false, true} {
		for _, reason := range []string{"the log is corrupt", ""} {
			w := testWorld(t, Config{Records: true})
			var l inboxLog
			step := func(env *Env) {
				env.File("f").Append([]byte("x"))
				env.Send(Server(2), note("before"))
				env.Fatal("%s", reason)
				env.Send(Server(2), note("after"))
				env.File("f").Append([]byte("y"))
				env.Part("p").Attach(handlerFunc(func(*Env, NodeID, Message) { t.Error("a dead node attached a part") }))
			}
			if proc {
				w.AddServer(Go(func(p *Proc) { step(p.Env) }))
			} else {
				w.AddServer(onBoot(step))
			}
			w.AddServer(sink(w, &l))
			w.RunUntil(1)
			holds(t, w)
			equal(t, "up", w.Up(Server(1)), false)
			equal(t, "sent", l.String(), "before")
			equal(t, "in the page cache", cached(w, Server(1), "f"), "x")
			if halts := ofKind(w, KindHalt); len(halts) != 1 {
				t.Errorf("halts: got %d, want 1", len(halts))
			} else if reason != "" {
				equal(t, "reason", halts[0].Text, reason)
			}
		}
	}
}

// A client that crashes in the middle of an operation comes back as a new
// process: nobody knows what became of the operation.
func TestClientGoesOnAsANewProcess(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddClient(Go(func(p *Proc) {
		p.Invoke(p.NextOp(), "done").OK("ok")
		p.Invoke(p.NextOp(), "refused").Failed("no")
		p.Invoke(p.NextOp(), "lost").Unknown("gave up")
		p.Invoke(p.NextOp(), "crashed")
		p.Sleep(millis(5))
	}))
	w.RunUntil(ms(1))
	w.Crash(Client(1), LoseAll)
	w.Restart(Client(1))
	w.RunUntil(ms(2))
	h := w.History()
	if len(h) != 8 {
		t.Fatalf("operations: got %d, want 8", len(h))
	}
	var processes []int
	for i, op := range h {
		equal(t, "id", op.ID, history.ID{Client: 1, N: i + 1})
		processes = append(processes, op.Process)
		if op.Returned != 0 && op.Returned <= op.Invoked {
			t.Errorf("%v returned at record %d, invoked at %d", op.ID, op.Returned, op.Invoked)
		}
	}
	first, second, third := 1, 1|1<<20, 1|2<<20
	equalSlices(t, "processes", processes, []int{first, first, first, second, third, third, third, 1 | 3<<20})
	equal(t, "counts", history.Count(h), history.Counts{Ops: 8, OK: 2, Failed: 2, Unknown: 4})
}

// A client never comes back as a process that it was before: where an int has 32
// bits, the run ends instead.
func TestProcessNumbersNeverRepeat(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddClient(Go(func(p *Proc) {
		for range 5000 {
			p.Invoke(p.NextOp(), "x").Unknown("gave up")
		}
	}))
	w.RunUntil(1)
	last := 0
	for _, op := range w.History() {
		if op.Process <= last {
			t.Fatalf("%v is of process %d, the one before of %d", op.ID, op.Process, last)
		}
		last = op.Process
	}
	if n := len(w.History()); strconv.IntSize == 32 {
		equal(t, "operations", n, 2048)
		equal(t, "violations", len(w.Violations()), 1)
	} else {
		equal(t, "operations", n, 5000)
	}
}

// An operation ends once, and a dead client ends none.
func TestOperationsEndOnce(t *testing.T) {
	w := testWorld(t, Config{})
	var stale *Operation
	w.AddClient(Go(func(p *Proc) {
		op := p.Invoke(p.NextOp(), "a")
		op.OK(1)
		op.Unknown("too late")
		stale = p.Invoke(p.NextOp(), "b")
		p.Recv()
	}))
	w.RunUntil(1)
	w.Crash(Client(1), LoseAll)
	stale.OK("from the grave")
	h := w.History()
	equal(t, "first", h[0].Outcome, history.OK)
	equal(t, "second", h[1].Outcome, history.Unknown)
}

// Stop ends the run after the current event.
func TestStop(t *testing.T) {
	w := testWorld(t, Config{})
	n := 0
	for range 3 {
		w.At(1, func(w *World) { n++; w.Stop() })
	}
	equal(t, "reached", w.RunUntil(5), false)
	equal(t, "events", n, 1)
	equal(t, "now", w.Now(), 1)
}

// Effects are caused by steps; what a nemesis does in its own step is, too, and
// does not change the cause of the rest. What happens between runs has none.
func TestCausesOfInterventions(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(idle)
	w.AddServer(idle)
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(1)
		w.Drift(Server(1), 5)
		w.StepWall(Server(1), 5)
		w.Pause(Server(2))
		w.Crash(Server(1), LoseAll)
		w.Restart(Server(1))
		p.Send(Server(2), note("x"))
	}))
	w.RunUntil(2)
	w.Crash(Server(2), LoseAll)
	step := ofKind(w, KindTimer)[0].Seq
	for _, k := range []Kind{KindClock, KindPause, KindRestart, KindSend} {
		for _, r := range ofKind(w, k) {
			equal(t, "cause of "+k.String(), r.Cause, step)
		}
	}
	crashes := ofKind(w, KindCrash)
	equal(t, "cause of the first crash", crashes[0].Cause, step)
	equal(t, "cause of a crash between runs", crashes[1].Cause, 0)
	equal(t, "cause of the boot", ofKind(w, KindBoot)[3].Cause, ofKind(w, KindRestart)[0].Seq)
}
