package sim

import (
	"testing"
)

// busySteps are handlers for n1 and n2 that keep one part of the kernel busy.
func busySteps() map[string]func(env *Env, from NodeID, m Message) {
	ball := &ask{}
	return map[string]func(env *Env, from NodeID, m Message){
		"sends and deliveries": func(env *Env, _ NodeID, m Message) {
			if m == (Boot{}) && env.ID() != Server(1) {
				return
			}
			env.Send(3-env.ID(), ball)
		},
		"timers": func(env *Env, _ NodeID, _ Message) {
			env.Arm(tick{}, millis(3))
			env.Arm(tick{}, millis(2))
			env.Cancel(beat{})
			env.Arm(beat{}, millis(5))
		},
		"draws": func(env *Env, _ NodeID, _ Message) {
			env.Intn("a", 5)
			env.Uint64("b")
			env.Chance("c", 5)
			env.Sometimes("d")
			env.Duration("e", Uniform(millis(1), millis(2)))
			env.Duration("f", Exponential(millis(1), millis(2), millis(20)))
			env.Arm(tick{}, millis(2))
		},
		"sends to oneself": func(env *Env, _ NodeID, m Message) {
			if m == Message(ball) {
				env.Arm(tick{}, millis(1))
				return
			}
			env.Send(env.ID(), ball)
		},
		"replies": func(env *Env, _ NodeID, m Message) {
			if m == (Boot{}) {
				env.Send(3-env.ID(), ball)
				return
			}
			env.Reply(env.ReplyTo(), ball)
		},
		"parts": func(env *Env, _ NodeID, m Message) {
			if m == (Boot{}) {
				env = env.Part("p")
			}
			env.Send(3-env.ID(), ball)
		},
		"held sends": func(env *Env, _ NodeID, m Message) {
			if m == (Boot{}) && env.ID() != Server(1) {
				return
			}
			env.File("f").Sync()
			env.Send(3-env.ID(), ball)
		},
	}
}

// In steady state the kernel allocates nothing of its own: no send, delivery,
// timer, draw or sync. (A message that is not a pointer is boxed by the caller.)
func TestNoAllocationsInSteadyState(t *testing.T) {
	for what, step := range busySteps() {
		for name, cfg := range map[string]Config{
			"plain":     {},
			"disturbed": {Net: NetConfig{Duplicate: 1}},
			"streams":   {Net: NetConfig{FIFO: true}},
		} {
			cfg.Net.Latency, cfg.Disk.Sync = Uniform(millis(1), millis(3)), Fixed(millis(1))
			w := testWorld(t, cfg)
			w.AddServer(serve(step))
			w.AddServer(serve(step))
			for i := range w.trace.ring {
				w.trace.ring[i] = new(page)
			}
			w.trace.Checkpoints = make([]uint64, 0, 1<<16)
			end := ms(200)
			w.RunUntil(end)
			if w.trace.Len < 200 {
				t.Errorf("%s, %s: only %d records, want a busy world", what, name, w.trace.Len)
			}
			if n := testing.AllocsPerRun(100, func() { end += ms(20); w.RunUntil(end) }); n > 0 {
				t.Errorf("%s, %s: %v allocations in 20 ms, want none", what, name, n)
			}
			holds(t, w)
		}
	}
}

type beat struct{}
