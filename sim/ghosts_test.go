package sim

import (
	"fmt"
	"strings"
	"testing"
)

// pausedTwice runs deed with a pause before its first effect and, when it has been
// resumed, a strike before effect k.
func pausedTwice(t *testing.T, k int, again Strike) (w *World, struck bool) {
	w, _, _ = struckDeed(t, 1, Strike{Pause: true})
	again.On, again.Node, again.Effect = Identity{Subject: OfRecord, K: w.trace.Len + 1}, Server(1), k
	w.StrikeAt(again, func(_ *World, hit bool) { struck = hit })
	w.Resume(Server(1))
	w.RunUntil(w.Now())
	return w, struck
}

// What a paused step has written becomes real effect by effect: another strike in the
// resumed step finds the writes before it, and none of those behind it.
func TestPostponedWritesBecomeRealOneByOne(t *testing.T) {
	for k, want := range []string{1: "", 2: "A", 3: "A", 4: "AB", 5: "AB", 6: "AB", 7: "ABC"} {
		if k == 0 {
			continue
		}
		w, struck := pausedTwice(t, k, Strike{Model: KeepAll})
		equal(t, fmt.Sprintf("crash before effect %d", k), struck, true)
		equal(t, fmt.Sprintf("crashed at %d: kept", k), cached(w, Server(1), "f"), want)

		w, struck = pausedTwice(t, k, Strike{Pause: true})
		equal(t, fmt.Sprintf("pause before effect %d", k), struck, true)
		equal(t, "visible in the paused step", string(w.machine(Server(1)).envs[0].File("f").Bytes()), "ABC")
		w.Crash(Server(1), KeepAll)
		equal(t, fmt.Sprintf("paused again at %d, then killed: kept", k), cached(w, Server(1), "f"), want)

		w, _ = pausedTwice(t, k, Strike{Pause: true})
		w.Resume(Server(1))
		w.RunUntil(w.Now())
		w.Crash(Server(1), KeepAll)
		equal(t, fmt.Sprintf("paused again at %d, then resumed: kept", k), cached(w, Server(1), "f"), "ABC")
	}
}

// Names become real in their turn too, and a sync is not issued before a strike that
// comes before it. What can never be durable stays readable when a process is killed,
// the ghosts behind it do not.
func TestPostponedNamesBecomeRealOneByOne(t *testing.T) {
	for k, want := range map[int]string{3: "old:12", 4: "new:3 old:12", 5: "old:3", 6: "old:34", 7: "old:34", 8: ""} {
		w := testWorld(t, Config{Records: true})
		id := w.AddServer(onBoot(func(env *Env) {
			if env.Incarnation() > 1 {
				return
			}
			env.File("old").Append([]byte("12")) // 1
			env.File("old").Sync()               // 2, lies
			env.File("new").Append([]byte("3"))  // 3
			env.Rename("new", "old")             // 4
			env.File("old").Append([]byte("4"))  // 5
			env.SyncDir()                        // 6
			env.Remove("old")                    // 7
			env.Send(Server(1), note("done"))    // 8
		}))
		w.DisturbDisk(id, DiskRule{Phantom: million, File: "old"})
		w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: id, Effect: 3, Pause: true}, nil)
		w.RunUntil(0)
		w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: w.trace.Len + 1}, Node: id, Effect: k, Pause: true}, nil)
		w.Resume(id)
		w.RunUntil(0)
		equal(t, fmt.Sprintf("paused again at %d", k), w.Paused(id), true)
		equal(t, fmt.Sprintf("paused again at %d: syncs of the directory", k), len(ofKind(w, KindSync)) > 1, k > 6)
		w.Crash(id, KeepAll)
		w.Restart(id)
		w.RunUntil(0)
		env, got := w.machine(id).envs[0], ""
		for _, name := range env.Files() {
			got += fmt.Sprintf(" %s:%s", name, env.File(name).Bytes())
		}
		equal(t, fmt.Sprintf("paused again at %d, then killed", k), strings.TrimSpace(got), want)
	}
}
