package sim

import (
	"testing"
	"time"
)

// numbered is a timer key: one of many timers of one type.
type numbered int

// Whatever the pattern of re-arming, a timer has at most two entries in the queue:
// ten million re-arms, a thousand a step, with crashes among them.
func TestATimerHasAtMostTwoEntries(t *testing.T) {
	const timers, perStep, steps = 7, 1000, 10_000
	long := 1000 * time.Hour
	patterns := map[string]func(i uint64) time.Duration{
		"ever earlier": func(i uint64) time.Duration { return long - time.Duration(i)*time.Millisecond },
		"ever later":   func(i uint64) time.Duration { return time.Hour + time.Duration(i)*time.Millisecond },
		"to and fro":   func(i uint64) time.Duration { return time.Hour + time.Duration(i%2)*long },
		"mixed":        func(i uint64) time.Duration { return time.Duration(fold(i, 1)%uint64(long)) + time.Minute },
	}
	total := 0
	for name, pattern := range patterns {
		most := 0
		w := testWorld(t, Config{})
		id := w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			if _, late := m.(numbered); late {
				t.Fatalf("%s: a timer fired", name)
			}
			env.Arm(tick{}, time.Millisecond)
			for range perStep {
				total++
				env.Arm(numbered(total%timers), pattern(uint64(total)))
				most = max(most, env.w.queue.len())
			}
		}))
		for end := ms(0); w.Now() < ms(steps/len(patterns)); end += ms(100) {
			w.RunUntil(end)
			w.Crash(id, LoseAll)
			if n := w.queue.len(); n != 0 {
				t.Fatalf("%s: a crash leaves %d entries in the queue", name, n)
			}
			w.Restart(id)
		}
		if want := 2*timers + 2; most > want { // and the tick, and a boot
			t.Errorf("%s: up to %d entries in the queue for %d timers, want at most %d", name, most, timers, want)
		}
		w.Close()
	}
	if total < 10_000_000 {
		t.Errorf("only %d re-arms, want ten million", total)
	}
}
