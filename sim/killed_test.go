package sim

import (
	"testing"
)

// The end of a process, unlike that of its machine, leaves what it wrote readable,
// also what no sync will ever make durable, and however often it ends.
func TestKilledProcessesLeaveThePageCache(t *testing.T) {
	w := testWorld(t, Config{})
	var env *Env
	id := w.AddServer(onBoot(func(e *Env) { env = e }))
	w.RunUntil(0)
	again := func(model CrashModel) {
		w.Crash(id, model)
		w.Restart(id)
		w.RunUntil(w.Now())
	}
	write := func(at int, text string) { env.File("f").WriteAt(at, []byte(text)); env.File("f").Sync() }
	read := func() string { return string(env.File("f").Bytes()) }

	end := w.DisturbDisk(id, DiskRule{SyncFail: million, File: directory})
	write(0, "first")
	equal(t, "the sync of the name fails", env.SyncDir(), ErrIO)
	end()
	for range 2 {
		again(KeepAll)
		equal(t, "after a kill", read(), "first")
	}

	// Content that a later write has replaced does not come back.
	end = w.DisturbDisk(id, DiskRule{SyncFail: million})
	env.File("f").WriteAt(0, []byte("lost!"))
	equal(t, "the sync of the content fails", env.File("f").Sync(), ErrIO)
	end()
	write(0, "later")
	w.RunUntil(w.Now())
	again(KeepAll)
	equal(t, "after a kill behind a rewrite", read(), "later")

	// A name that is given anew is saved by the next SyncDir, and is the only one.
	env.Rename("f", "g")
	env.Rename("g", "f")
	equal(t, "the sync of the new name", env.SyncDir(), error(nil))
	w.RunUntil(w.Now())
	again(KeepAll)
	equalSlices(t, "files after a kill", env.Files(), []string{"f"})
	equal(t, "after a kill behind renames", read(), "later")
	again(LoseAll)
	equal(t, "after a crash of the machine", read(), "later")

	// What was written and not synced waits for the next sync, or for the end of the
	// machine: that its process ended makes nothing durable.
	env.File("f").WriteAt(0, []byte("risky"))
	again(KeepAll)
	equal(t, "un-synced, after a kill", read(), "risky")
	equal(t, "dirty", w.Dirty(id), true)
	again(LoseAll)
	equal(t, "un-synced, after a kill and a crash", read(), "later")
	env.File("f").WriteAt(0, []byte("saved"))
	again(KeepAll)
	equal(t, "a sync of the next process covers it", env.File("f").Sync(), error(nil))
	w.RunUntil(w.Now())
	again(LoseAll)
	equal(t, "synced by the next process", read(), "saved")
}
