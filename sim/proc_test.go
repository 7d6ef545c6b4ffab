package sim

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A Proc killed from outside unwinds: its deferred calls run, with no effect on
// the world.
func TestKilledProcRunsItsDefers(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var l inboxLog
	deferred := ""
	w.AddServer(sink(w, &l))
	w.AddClient(Go(func(p *Proc) {
		defer func() {
			deferred += "ran"
			p.Send(Server(1), note("from the grave"))
			p.Logf("from the grave")
			panic("from the grave")
		}()
		p.Recv()
		t.Error("a dead Proc went on")
	}))
	w.RunUntil(ms(1))
	w.Crash(Client(1), LoseAll)
	w.RunUntil(ms(2))
	holds(t, w)
	equal(t, "deferred", deferred, "ran")
	equal(t, "sent", l.String(), "")
	equal(t, "logged", len(ofKind(w, KindLog)), 0)
}

// One that is killed by its own effect unwinds there; panics in its deferred
// calls are those of a dead process.
func TestProcKilledByItsOwnEffectUnwinds(t *testing.T) {
	w := testWorld(t, Config{})
	trail := ""
	w.AddServer(idle)
	w.AddClient(Go(func(p *Proc) {
		defer func() { trail += "outer "; panic("nobody hears") }()
		defer func() { trail += "inner " }()
		p.Send(Server(1), note("1"))
		trail += "1 "
		p.Send(Server(1), note("2"))
		trail += "2 "
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 2}, Node: Client(1), Effect: 2}, nil)
	equal(t, "reached", w.RunUntil(ms(1)), true)
	holds(t, w)
	equal(t, "trail", trail, "1 inner outer ")
}

// A nemesis may crash its own machine: it is dead from there on and ends at
// its next wait.
func TestProcThatCrashesItself(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(sink(w, &l))
	w.AddClient(Go(func(p *Proc) {
		w.Crash(p.ID(), LoseAll)
		p.Send(Server(1), note("dead"))
		p.Sleep(1)
		t.Error("a dead Proc went on")
	}))
	w.RunUntil(ms(1))
	holds(t, w)
	equal(t, "sent", l.String(), "")
	equal(t, "up", w.Up(Client(1)), false)
}

// A Proc may crash, and thereby stop, another.
func TestProcThatCrashesAnother(t *testing.T) {
	w := testWorld(t, Config{})
	deferred := false
	w.AddClient(Go(func(p *Proc) {
		defer func() { deferred = true }()
		p.Recv()
	}))
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(1)
		w.Crash(Client(1), LoseAll)
		equal(t, "deferred", deferred, true)
	}))
	w.RunUntil(ms(1))
	holds(t, w)
	equal(t, "clients done", w.ClientsDone(), true)
}

func procThatPanics(p *Proc) {
	p.Sleep(1)
	var m map[string]int
	m["x"]++
}

// A client that has crashed is not waited for, and one that is about to start again is:
// a run that ends with its clients ends when that one's work, done anew, is.
func TestRunClientsWaitsForWhoStartsAgain(t *testing.T) {
	w := testWorld(t, Config{})
	ended := ""
	for range 2 {
		w.AddClient(Go(func(p *Proc) {
			p.Sleep(millis(10))
			ended += fmt.Sprintf("%v@%v ", p.ID(), w.Now())
		}))
	}
	w.At(ms(5), func(w *World) { w.Crash(Client(2), LoseAll) })
	equal(t, "reached", w.RunClients(ms(100)), true)
	equal(t, "while it is down", ended, "c1@10ms ")
	w.Restart(Client(2))
	equal(t, "done before its boot", w.ClientsDone(), false)
	equal(t, "reached", w.RunClients(ms(100)), true)
	equal(t, "when it was up again", ended, "c1@10ms c2@20ms ")
	equal(t, "done", w.ClientsDone(), true)
	w.Crash(Client(1), LoseAll) // its work was done
	w.Restart(Client(1))
	w.RunClients(ms(100))
	equal(t, "the work that was done", ended, "c1@10ms c2@20ms c1@30ms ")
}

// A panic of a Proc is the violated property "panic", with the Proc's stack.
func TestProcPanicSurfacesWithItsStack(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddClient(Go(procThatPanics))
	equal(t, "reached its end", w.RunUntil(ms(1)), false)
	v := violates(t, w, "panic", "assignment to entry in nil map")
	if !strings.Contains(v.Stack, "procThatPanics") {
		t.Errorf("stack: got %s, want it to show procThatPanics", v.Stack)
	}
	equalSlices(t, "nodes", v.Nodes, []NodeID{Client(1)})
	equal(t, "a world that panicked runs on", w.RunUntil(ms(2)), false)
}

// The same when the Proc that panics was booted by another Proc.
func TestNestedProcPanic(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddClient(Go(func(p *Proc) {
		p.Part("inner").Attach(NewProc(func(p *Proc) { panic("inner") }))
	}))
	w.RunUntil(ms(1))
	v := violates(t, w, "panic", "inner")
	if !strings.Contains(v.Stack, "TestNestedProcPanic") {
		t.Errorf("stack: got %s, want it to show the test's function", v.Stack)
	}
}

func TestHandlerPanicSurfacesWithItsStack(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) { procThatPanics(&Proc{Env: env}) }))
	w.RunUntil(ms(1))
	v := violates(t, w, "panic")
	if !strings.Contains(v.Stack, "procThatPanics") {
		t.Errorf("stack: got %s, want it to show procThatPanics", v.Stack)
	}
	equalSlices(t, "nodes", v.Nodes, []NodeID{Server(1)})
}

// goexit is what t.FailNow does, in a handler or a Proc: it ends the goroutine
// that runs the world, and the world can still be closed.
func TestGoexitInAStepEndsTheRun(t *testing.T) {
	nodes := map[string]func() Node{
		"handler":           onBoot(func(*Env) { runtime.Goexit() }),
		"proc":              Go(func(p *Proc) { p.Sleep(1); runtime.Goexit() }),
		"proc at its start": Go(func(p *Proc) { runtime.Goexit() }),
		"nested proc":       Go(func(p *Proc) { p.Part("x").Attach(NewProc(func(*Proc) { runtime.Goexit() })) }),
	}
	for name, node := range nodes {
		w := New(Config{})
		w.AddClient(Go(func(p *Proc) { p.Recv() }))
		w.AddServer(node)
		returned, ended := false, make(chan struct{})
		go func() {
			defer close(ended)
			defer w.Close()
			w.RunUntil(ms(1))
			returned = true
		}()
		<-ended
		equal(t, name+": the run returned", returned, false)
		equal(t, name+": violations", len(w.Violations()), 0)
	}
}

const failNowInAProc = "SIM_TEST_FAILNOW"

// t.FailNow inside a Proc ends the test as failed, and nothing else.
func TestFailNowInAProc(t *testing.T) {
	if os.Getenv(failNowInAProc) != "" {
		w := testWorld(t, Config{})
		w.AddClient(Go(func(p *Proc) { p.Sleep(1); t.Fatal("told to fail") }))
		w.RunUntil(ms(1))
		t.Log("unreachable")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFailNowInAProc$", "-test.v")
	cmd.Env = append(os.Environ(), failNowInAProc+"=1")
	out, err := output(t, cmd)
	if err == nil || !strings.Contains(string(out), "told to fail") ||
		!strings.Contains(string(out), "--- FAIL") || strings.Contains(string(out), "unreachable") {
		t.Errorf("a child whose Proc calls t.Fatal: got %v and\n%s\nwant a plain failure", err, out)
	}
}

// goroutines waits for coroutines that have ended to be gone.
func goroutines() int {
	n := runtime.NumGoroutine()
	for range 100 {
		runtime.Gosched()
		n = min(n, runtime.NumGoroutine())
	}
	return n
}

// No coroutine is left after ten thousand crashes: from outside, by the Proc's
// own effect, by its own hand, in a pause in mid-step, nested, and at Close.
func TestCrashesLeakNoGoroutines(t *testing.T) {
	before := goroutines()
	w := New(Config{Disk: DiskConfig{Sync: Fixed(1)}})
	client := func(p *Proc) {
		p.Part("inner").Attach(NewProc(func(p *Proc) {
			p.File("f").Append([]byte("x"))
			p.Sync(p.File("f"))
			p.Recv()
		}))
		p.Send(Client(1), note("x"))
		if p.Incarnation()%5 == 0 {
			w.Crash(p.ID(), KeepAll)
		}
		p.Recv()
		p.Fatal("a client that got its note gives up")
	}
	w.AddClient(Go(client))
	struck := 0
	for i := range 10_000 {
		boot := Identity{Subject: OfRecord, K: w.trace.Len + 1}
		if i%4 < 2 {
			w.StrikeAt(Strike{On: boot, Node: Client(1), Effect: 1 + i/4%4, Pause: i%4 == 1}, func(_ *World, hit bool) {
				if hit {
					struck++
				}
			})
		}
		w.RunUntil(w.Now() + 10)
		w.Crash(Client(1), LoseAll)
		w.Restart(Client(1))
	}
	w.RunUntil(w.Now() + 10)
	holds(t, w)
	equal(t, "strikes that hit, of 5,000", struck, 5_000)
	equal(t, "incarnations", w.Incarnation(Client(1)), 10_001)
	w.Close()
	equal(t, "client procs running", w.ClientsDone(), true)
	if after := goroutines(); after > before {
		t.Errorf("goroutines: %d after Close, want the %d from before", after, before)
	}
}

func TestCloseEndsEveryProc(t *testing.T) {
	before := goroutines()
	w := New(Config{})
	deferred := 0
	for range 10 {
		w.AddClient(Go(func(p *Proc) {
			defer func() { deferred++ }()
			p.Recv()
		}))
	}
	w.RunUntil(ms(1))
	w.Close()
	w.Close()
	equal(t, "deferred", deferred, 10)
	if after := goroutines(); after > before {
		t.Errorf("goroutines: %d after Close, want the %d from before", after, before)
	}
	text := panics(t, "running a closed world", func() { w.RunUntil(ms(2)) })
	if !strings.Contains(text, "closed") {
		t.Errorf("running a closed world: got %q, want it to say so", text)
	}
}

// An Env that was kept from an earlier incarnation has no effect in a later one.
func TestEffectsOfADeadEnvDoNothing(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var l inboxLog
	var old *Env
	var oldFile File
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			if old == nil {
				old, oldFile = env, env.File("f")
			}
		case note:
			l.add(w, string(m))
		case alarm:
			l.add(w, string(m))
		}
	}))
	w.RunUntil(0)
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(1)
	n := w.trace.Len
	old.Send(Server(1), note("x"))
	old.Arm(alarm("x"), 1)
	old.Cancel(alarm("x"))
	oldFile.Append([]byte("x"))
	oldFile.Truncate(0)
	oldFile.Sync()
	old.SyncDir()
	old.Rename("f", "g")
	old.Remove("f")
	old.Reply(ReplyTo{node: Server(1)}, note("x"))
	old.Logf("x")
	old.Reached("x")
	old.Fatal("x")
	if a, b := old.Uint64("x"), old.Uint64("x"); a != b {
		t.Errorf("draws of a dead Env: got %d and %d, want the stream to stand still", a, b)
	}
	equal(t, "records", w.trace.Len, n)
	w.RunUntil(ms(1))
	equal(t, "handled", l.String(), "")
	equal(t, "up", w.Up(Server(1)), true)
	equal(t, "records", w.trace.Len, n)
}

// Sleep and timeouts run on the machine's monotonic clock.
func TestProcTimeIsLocal(t *testing.T) {
	w := testWorld(t, Config{})
	var woke, gaveUp Time
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(10 * time.Millisecond)
		woke = w.Now()
		p.RecvTimeout(10 * time.Millisecond)
		gaveUp = w.Now()
	}))
	w.RunUntil(0)
	w.Drift(Client(1), 1_000_000) // twice as fast
	w.RunUntil(ms(20))
	equal(t, "woke", woke, ms(5))
	equal(t, "gave up", gaveUp, ms(10))
}

// The world knows when its clients are done, and stops there when asked to.
func TestRunClients(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) { env.Arm(alarm("x"), millis(70)) }))
	w.AddClient(Go(func(p *Proc) { p.Sleep(millis(30)) }))
	w.AddClient(Go(func(p *Proc) { p.Sleep(millis(50)) }))
	equal(t, "reached", w.RunClients(ms(40)), true)
	equal(t, "done at 40", w.ClientsDone(), false)
	equal(t, "now", w.Now(), ms(40))
	equal(t, "reached", w.RunClients(ms(100)), true)
	equal(t, "done", w.ClientsDone(), true)
	equal(t, "now", w.Now(), ms(50))
	none := testWorld(t, Config{})
	equal(t, "reached without clients", none.RunClients(ms(40)), true)
	equal(t, "now without clients", none.Now(), ms(40))
}
