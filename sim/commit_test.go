package sim

import "testing"

// A Sync that a pause postpones covers what was written before it, as it would
// have without the pause: not the writes after it, and the file it was called
// on even if that has another name by now.
func TestPostponedSyncCoversTheEarlierWritesOnly(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(1))}})
	w.AddServer(onBoot(func(env *Env) {
		if env.Incarnation() > 1 {
			return
		}
		f := env.File("tmp")
		f.Append([]byte("covered"))
		f.Sync()
		f.Append([]byte(" not"))
		env.Rename("tmp", "f")
		env.SyncDir()
		env.Remove("f")
	}))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 1, Pause: true}, nil)
	w.At(ms(5), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(10))
	w.Crash(Server(1), LoseAll)
	equal(t, "after a crash", string(w.Durable(Server(1), "f")), "covered")
	holds(t, w)
}
