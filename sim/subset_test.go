package sim

import "testing"

// Without order every subset of the un-synced writes comes up, and a choice of each
// can be made by itself.
func TestKeepSubset(t *testing.T) {
	write := func(env *Env, _ NodeID, m Message) {
		if m != (Boot{}) || env.Incarnation() > 1 {
			return
		}
		f := env.File("f")
		f.Append([]byte("..."))
		f.Sync()
		env.SyncDir()
		env.Arm(tick{}, millis(5))
	}
	letters := func(env *Env, from NodeID, m Message) {
		write(env, from, m)
		if m == (tick{}) {
			for i := range 3 {
				env.File("f").WriteAt(i, []byte("abc"[i:i+1]))
			}
		}
	}
	seen := map[string]int{}
	for seed := range uint64(200) {
		w := testWorld(t, Config{Seed: seed, Disk: DiskConfig{Sync: Fixed(millis(1))}})
		w.AddServer(serve(letters))
		w.RunUntil(ms(10))
		w.Crash(Server(1), KeepSubset)
		seen[string(w.Durable(Server(1), "f"))]++
	}
	if len(seen) != 8 {
		t.Errorf("of the 8 subsets of three writes came up: %v", seen)
	}
	for only := range 3 {
		w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(1))}, Chooser: ChooserFunc(func(id Identity, o Outcomes, drawn int64) int64 {
			if id.Subject == OfCrash {
				return outcome(id.Name == string(rune('1'+only)))
			}
			return drawn
		})})
		w.AddServer(serve(letters))
		w.RunUntil(ms(10))
		w.Crash(Server(1), KeepSubset)
		want := []byte("...")
		want[only] = "abc"[only]
		equal(t, "one kept", string(w.Durable(Server(1), "f")), string(want))
	}
}
