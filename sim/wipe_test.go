package sim

import (
	"fmt"
	"testing"
)

// keeper keeps count of its boots in a file, made durable.
func keeper(w *World, log *inboxLog) func() Node {
	return onBoot(func(env *Env) {
		f := env.File("boots")
		f.Append([]byte{'x'})
		f.Sync()
		env.SyncDir()
		env.File("more").Append([]byte("never synced"))
		log.add(w, fmt.Sprintf("%d of %d", f.Size(), env.Incarnation()))
	})
}

func TestWipeEmptiesADisk(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	var log inboxLog
	w.AddServer(keeper(w, &log))
	boot := func() { w.Restart(Server(1)); w.RunUntil(w.Now() + ms(1)) }
	w.RunUntil(ms(1))
	w.Crash(Server(1), LoseAll)
	boot()
	equal(t, "kept", log.String(), "1 of 1 2 of 2")

	w.Wipe(Server(1)) // crashes it
	equal(t, "up", w.Up(Server(1)), false)
	equal(t, "files", len(w.DurableFiles(Server(1))), 0)
	boot()
	w.Crash(Server(1), KeepAll)
	w.Wipe(Server(1)) // is down already
	boot()
	equal(t, "kept", log.String(), "1 of 1 2 of 2 1 of 3 1 of 4")
	equal(t, "crashes", len(ofKind(w, KindCrash)), 3)
	equal(t, "wipes", len(ofKind(w, KindWipe)), 2)
	holds(t, w)
}

// What a sync that failed had covered stays in the page cache after the end of a
// process; not on another machine.
func TestWipeForgetsThePageCache(t *testing.T) {
	w := testWorld(t, Config{})
	var log inboxLog
	w.AddServer(keeper(w, &log))
	end := w.DisturbDisk(Server(1), DiskRule{SyncFail: million})
	w.RunUntil(ms(1))
	end()
	w.Crash(Server(1), KeepAll)
	w.Wipe(Server(1))
	equal(t, "journal", len(w.machine(Server(1)).disk.journal), 0)
	w.Restart(Server(1))
	w.RunUntil(ms(2))
	equal(t, "kept", log.String(), "1 of 1 1 of 2")
}
