package sim

import (
	"testing"
	"time"
)

// writer syncs a file for each of the names at 10 ms, sends between the first two and
// again at 100 ms, to n2.
func writer(files ...string) func() Node {
	return serve(func(env *Env, _ NodeID, m Message) {
		switch m {
		case Boot{}:
			env.Arm(alarm("write"), millis(10))
			env.Arm(alarm("later"), millis(100))
		case alarm("write"):
			for i, name := range files {
				env.File(name).Append([]byte(name))
				if env.File(name).Sync() == nil && i == 0 {
					env.Send(Server(2), note("behind "+name))
				}
			}
		case alarm("later"):
			env.Send(Server(2), note("later"))
		}
	})
}

// The disk is serial: behind a sync that is stalled nothing is durable, whatever file
// it is of, and what waits for it is held.
func TestAStallOfOneFileHoldsWhatIsBehindIt(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(time.Millisecond)}})
	l := &inboxLog{}
	n1 := w.AddServer(writer("a", "b"))
	w.AddServer(sink(w, l))
	end := w.DisturbDisk(n1, DiskRule{File: "a", Stall: true})
	w.RunUntil(ms(50))
	equal(t, "received while a stalls", l.String(), "")
	equal(t, "a on the platter", string(w.machine(n1).disk.names["a"].durable), "")
	end()
	w.RunUntil(ms(200))
	equal(t, "received in the end", l.String(), "behind a later")
}

// A stall that ends at the instant at which a later sync is due lets the earlier one
// finish first.
func TestAStallEndsWhenALaterSyncIsDue(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(5 * time.Millisecond)}})
	l := &inboxLog{}
	n1 := w.AddServer(writer("a", "a"))
	w.AddServer(sink(w, l))
	end := w.DisturbDisk(n1, DiskRule{Stall: true})
	w.At(ms(20), func(*World) { end() }) // the syncs are due at 15 and 20 ms
	w.RunUntil(ms(200))
	equal(t, "received", l.String(), "behind a later")
	equal(t, "when", l.at[0], ms(20))
}
