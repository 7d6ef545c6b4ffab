package sim

import (
	"fmt"
	"testing"
)

// oath is a machine that writes, syncs and tells n2, then sets a timer.
func oath(env *Env, _ NodeID, m Message) {
	if m != (Boot{}) {
		return
	}
	env.File("f").Append([]byte("x"))
	env.File("f").Sync()
	env.SyncDir()
	env.Send(Server(2), note("sworn"))
	env.Arm(alarm("late"), millis(10))
}

// Where Lurk calls: a name narrows it down, and who is down or paused comes to
// nothing.
func TestLurkCallsAtMoments(t *testing.T) {
	for _, c := range []struct {
		at   Moment
		name string
		want string
	}{
		{Syncing, "", "n1 0s, n1 0s, "}, // two syncs
		{Syncing, "sim.note", "n1 0s, n1 0s, "},
		{Syncing, "sim.ask", ""},
		{Synced, "", "n1 2ms, n1 4ms, "},
		{Synced, "sim.note", "n1 4ms, "}, // the first sync lets nothing go
		{Timeout, "", "n1 10ms, "},
		{Timeout, "sim.alarm", "n1 10ms, "},
		{Timeout, "sim.tick", ""},
	} {
		w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(2))}})
		w.AddServer(serve(oath))
		w.AddServer(idle)
		got := ""
		w.Lurk(c.at, c.name, func(w *World, node NodeID) bool {
			got += fmt.Sprintf("%v %v, ", node, w.Now())
			return false
		})
		w.RunUntil(ms(20))
		equal(t, fmt.Sprintf("%v %q", c.at, c.name), got, c.want)
	}
}

func TestLurkEnds(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onTimer)
	calls := map[string]int{}
	count := func(who string, enough int) func(*World, NodeID) bool {
		return func(*World, NodeID) bool {
			calls[who]++
			return calls[who] == enough
		}
	}
	w.Lurk(Timeout, "", count("three", 3))
	callOff := w.Lurk(Timeout, "", count("called off", 99))
	w.At(ms(5)+1, func(*World) { callOff() })
	w.RunUntil(ms(20))
	equal(t, "calls until it said so", calls["three"], 3)
	equal(t, "calls until called off", calls["called off"], 5)
	equal(t, "the world looks no closer than before", w.watches.active, false)
}

// onTimer fires every millisecond.
func onTimer() Node {
	return handlerFunc(func(env *Env, _ NodeID, _ Message) { env.Arm(tick{}, millis(1)) })
}

// What is done to the machine at a timeout comes before its step, for good or until
// it resumes.
func TestFaultsAtATimeout(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(onTimer)
	came := 0
	w.Lurk(Timeout, "", func(w *World, node NodeID) bool {
		switch came++; came {
		case 2:
			w.Pause(node)
			w.After(ms(5), func(w *World) { w.Resume(node) })
		case 3:
			w.Crash(node, KeepAll)
			w.After(ms(5), func(w *World) { w.Restart(node) })
		}
		return came == 4
	})
	w.RunUntil(ms(15))
	fired := ""
	for _, r := range w.trace.Records() {
		if r.Kind == KindTimer {
			fired += r.At.String() + " "
		}
	}
	equal(t, "timers fired", fired, "1ms 7ms 14ms 15ms ") // 2 late, 8 never, then from the boot at 13
}
