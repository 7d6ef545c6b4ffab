package sim

import (
	"fmt"
	"testing"
)

// A world that is reset runs as a new one does, whatever it ran before and
// wherever that was broken off.
func TestResetWorldRunsAsANewOne(t *testing.T) {
	result := func(w *World) string {
		w.Close()
		return fmt.Sprintf("hash %016x, fingerprint %016x, names %v, history %v, reached %v, violations %v",
			w.Hash(), w.trace.Fingerprint, w.trace.Names, w.History(), w.Reached(), w.Violations())
	}
	again := New(Config{})
	for seed := range uint64(12) {
		fresh := mixedWorld(seed)
		fresh.RunUntil(chaoticEnd)
		mixedAgain(again, seed)
		again.RunUntil(chaoticEnd)
		equal(t, fmt.Sprintf("seed %d", seed), result(again), result(fresh))

		mixedAgain(again, seed+100) // leaves messages in flight, dirty disks, strikes that wait
		again.RunUntil(ms(int(13 * seed)))
		if seed%3 == 0 {
			again.AddServer(serve(func(*Env, NodeID, Message) { panic("broken off") }))
			again.RunUntil(chaoticEnd)
		}
	}
}

// A small world costs a handful of allocations once there was one like it: what
// its nodes make for themselves, and their Envs.
func TestResetAllocatesLittle(t *testing.T) {
	w := New(Config{})
	echoes := func() {
		cfg := Config{Seed: 1}
		w.Reset(cfg)
		tally := addEchoes(w, 5)
		w.RunUntil(ms(20))
		if tally.fires != 5*20 {
			t.Errorf("%d timers fired", tally.fires)
		}
	}
	fresh := testing.AllocsPerRun(5, func() { w = New(Config{}); echoes() })
	reset := testing.AllocsPerRun(5, echoes)
	if reset > fresh/2 {
		t.Errorf("a reset world makes %.0f allocations, a new one %.0f", reset, fresh)
	}
	t.Logf("allocations: new %.0f, reset %.0f", fresh, reset)
}
