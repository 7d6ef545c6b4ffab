package sim

import (
	"fmt"
	"testing"
)

// syncing is a world with a serial disk whose syncs take 10 ms.
func syncing(t *testing.T, step func(env *Env, l *inboxLog)) (*World, *inboxLog) {
	w := testWorld(t, Config{Records: true, Disk: DiskConfig{Sync: Fixed(millis(10))}})
	l := &inboxLog{}
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			step(env, l)
		case note:
			l.add(w, string(m))
		case alarm:
			env.Send(Server(2), note(m))
		}
	}))
	w.AddServer(sink(w, l))
	return w, l
}

func arrivals(l *inboxLog) (out string) {
	for i, s := range l.got {
		out += fmt.Sprintf("%s@%d ", s, l.at[i]/ms(1))
	}
	return out
}

// A Send waits for every Sync issued before it and for no later one: syncs of
// other files, of other handlers, of Parts and of the directory included.
func TestSendWaitsForEarlierSyncsOnly(t *testing.T) {
	w, l := syncing(t, func(env *Env, _ *inboxLog) {
		env.Send(Server(2), note("free"))
		env.File("a").Sync()
		env.Send(Server(2), note("a"))
		env.Part("p").File("b").Sync()
		env.Part("p").Send(Server(2), note("b"))
		env.SyncDir()
		env.Send(Server(2), note("dir"))
		env.Send(Server(1), note("self")) // waits as well: it is the notice
		env.File("c").Sync()
		env.Arm(alarm("other handler"), millis(35))
		env.Arm(alarm("done"), millis(45))
	})
	w.RunUntil(ms(100))
	equal(t, "arrivals", arrivals(l), "free@0 a@10 b@20 dir@30 self@30 other handler@40 done@45 ")
	for _, r := range ofKind(w, KindSend) {
		held := r.At > 0 && r.At != ms(45)
		if held != (r.Cause2 != 0) {
			t.Errorf("send at %v: cause2 %d, want one exactly when it was held", r.At, r.Cause2)
		}
		if held {
			equal(t, "cause2", w.trace.At(r.Cause2).Kind, KindSynced)
		}
	}
}

// Handlers go on while a sync is under way.
func TestHandlersGoOnMeanwhile(t *testing.T) {
	w, l := syncing(t, func(env *Env, _ *inboxLog) { env.File("a").Sync() })
	w.AddClient(onBoot(func(env *Env) { env.Send(Server(1), note("hello")) }))
	w.RunUntil(ms(100))
	equal(t, "arrivals", arrivals(l), "hello@0 ")
}

// Latency and cuts begin when a held send leaves.
func TestLatencyAndCutsBeginWhenTheSendLeaves(t *testing.T) {
	w, l := syncing(t, func(env *Env, _ *inboxLog) {
		env.File("a").Sync()
		env.Send(Server(2), note("x"))
	})
	w.cfg.Net.Latency = Fixed(millis(7))
	w.net.cfg = w.cfg.Net
	end := w.Disturb(LinkRule{Cut: true})
	w.RunUntil(ms(5))
	end() // before it leaves
	w.RunUntil(ms(100))
	equal(t, "arrivals", arrivals(l), "x@17 ")
}

// A crash drops held sends, and records them.
func TestCrashDropsHeldSends(t *testing.T) {
	for _, model := range []CrashModel{LoseAll, KeepPrefix, KeepAll, TornTail} {
		w, l := syncing(t, func(env *Env, _ *inboxLog) {
			if env.Incarnation() == 1 {
				env.File("a").Append([]byte("x"))
				env.File("a").Sync()
				env.Send(Server(2), note("x"))
			}
		})
		w.RunUntil(ms(5))
		w.Crash(Server(1), model)
		w.Restart(Server(1))
		w.RunUntil(ms(100))
		equal(t, "arrivals", arrivals(l), "")
		equal(t, "recorded", len(ofKind(w, KindUnsent)), 1)
		equal(t, "syncs done", len(ofKind(w, KindSynced)), 0)
	}
}

// A pause stops the process, not its disk: the sync is done on time, the send
// leaves on resume.
func TestPauseHoldsSendsButNotSyncs(t *testing.T) {
	w, l := syncing(t, func(env *Env, _ *inboxLog) {
		env.File("f").Append([]byte("x"))
		env.File("f").Sync()
		env.Send(Server(2), note("x"))
		env.SyncDir()
		env.Send(Server(2), note("y"))
	})
	w.At(ms(5), func(w *World) { w.Pause(Server(1)) })
	w.At(ms(15), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(14))
	equal(t, "synced at 14", len(ofKind(w, KindSynced)), 1)
	w.RunUntil(ms(100))
	equal(t, "arrivals", arrivals(l), "x@15 y@20 ")
	resume := ofKind(w, KindResume)[0].Seq
	equal(t, "released by", ofKind(w, KindSend)[0].Cause2, resume)
}

// A process sends in order: what it says after a pause does not overtake what
// was held before it.
func TestHeldSendsLeaveBeforeTheRestOfTheStep(t *testing.T) {
	w, l := syncing(t, func(env *Env, _ *inboxLog) {
		env.File("f").Sync()
		env.Send(Server(2), note("first"))
		env.Send(Server(2), note("second"))
	})
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 3, Pause: true}, nil)
	w.At(ms(15), func(w *World) { w.Resume(Server(1)) })
	w.RunUntil(ms(100))
	equal(t, "arrivals", arrivals(l), "first@15 second@15 ")
}

// A Proc's Sync blocks until the data is durable, and only as long.
func TestProcSyncBlocks(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(10))}})
	var synced, dir Time
	w.AddServer(Go(func(p *Proc) {
		p.File("f").Append([]byte("x"))
		p.Sync(p.File("f"))
		synced = w.Now()
		p.SyncDir()
		dir = w.Now()
		equal(t, "durable", string(w.Durable(p.ID(), "f")), "x")
	}))
	w.RunUntil(ms(50))
	equal(t, "sync returned", synced, ms(10))
	equal(t, "sync of the directory returned", dir, ms(20))
}

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
