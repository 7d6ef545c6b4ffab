package sim

import (
	"fmt"
	"strings"
	"testing"
)

// leavings logs the messages that leave, with the milliseconds at which they do.
func leavings(log *[]string) Invariant {
	return ObserveSends(func(w *World, from, to NodeID, m Message) {
		*log = append(*log, fmt.Sprintf("%v>%v %v@%d", from, to, m, w.Now()/ms(1)))
	})
}

// A message leaves when nothing holds it any more, in the order of the sends; what
// goes to oneself never does.
func TestSendsAreSeenLeaving(t *testing.T) {
	var log []string
	w := testWorld(t, Config{Invariants: []Invariant{leavings(&log)}, Net: NetConfig{Latency: Fixed(millis(1))}, Disk: DiskConfig{Sync: Fixed(millis(10))}})
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m.(type) {
		case Boot:
			env.Send(Server(2), note("free"))
			env.File("a").Sync()
			env.Send(Server(2), note("a"))
			env.Send(Server(1), note("self"))
			env.SyncDir()
			env.Send(Server(2), note("dir"))
		case note:
			env.Reply(env.ReplyTo(), note("answer"))
		}
	}))
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if n, ok := m.(note); ok {
			env.Reply(env.ReplyTo(), note("heard "+n))
		}
	}))
	w.AddClient(Go(func(p *Proc) { Call[note](p, Server(2), note("call"), millis(5)) }))
	w.RunUntil(ms(12))
	equal(t, "leavings", strings.Join(log, ", "), "n1>n2 free@0, c1>n2 call@0, n2>n1 heard free@1, n2>c1 heard call@1, n1>n2 a@10, n2>n1 heard a@11")
	equalSlices(t, "names", w.Invariants(), []string{})
}

// A message that is lost, cut or doubled on its way has left, once; one that a crash
// drops has not, and what a paused process has said leaves when it goes on.
func TestWhatBecomesOfWhatLeaves(t *testing.T) {
	for what, c := range map[string]struct {
		net  NetConfig
		do   func(w *World)
		want string
	}{
		"nothing":    {NetConfig{}, func(*World) {}, "n1>n2 x@10"},
		"lost":       {NetConfig{Loss: million}, func(*World) {}, "n1>n2 x@10"},
		"doubled":    {NetConfig{Duplicate: million}, func(*World) {}, "n1>n2 x@10"},
		"a stream":   {NetConfig{FIFO: true}, func(*World) {}, "n1>n2 x@10"},
		"cut":        {NetConfig{}, func(w *World) { w.Disturb(LinkRule{Cut: true}) }, "n1>n2 x@10"},
		"dropped":    {NetConfig{}, func(w *World) { w.Crash(Server(1), KeepAll) }, ""},
		"paused":     {NetConfig{}, func(w *World) { w.Pause(Server(1)); w.At(ms(15), func(w *World) { w.Resume(Server(1)) }) }, "n1>n2 x@15"},
		"too late":   {NetConfig{}, func(w *World) { w.At(ms(10), func(w *World) { w.Crash(Server(1), KeepAll) }) }, "n1>n2 x@10"},
		"still held": {NetConfig{}, func(w *World) { w.DisturbDisk(Server(1), DiskRule{Stall: true}) }, ""},
	} {
		var log []string
		w := testWorld(t, Config{Net: c.net, Disk: DiskConfig{Sync: Fixed(millis(10))}})
		w.AddInvariant(leavings(&log))
		w.AddServer(onBoot(func(env *Env) {
			env.File("a").Sync()
			env.Send(Server(2), note("x"))
		}))
		w.AddServer(idle)
		w.At(ms(5), c.do)
		w.RunUntil(ms(20))
		equal(t, what, strings.Join(log, ", "), c.want)
	}
}

// saysSaved must have saved what it says that it has.
type saysSaved struct{ checks, sends int }

func (*saysSaved) Name() string { return "save, then say" }

func (s *saysSaved) Check(w *World, _ NodeID) *Violation { s.checks++; return nil }

func (s *saysSaved) Leaves(w *World, from, _ NodeID, m Message) *Violation {
	s.sends++
	if n, ok := m.(note); ok && string(w.Durable(from, "log")) != string(n) {
		return &Violation{Detail: fmt.Sprintf("%v says %q and has %q", from, n, w.Durable(from, "log")), Nodes: []NodeID{from}}
	}
	return nil
}

// Who says before it saves is found out when it says so, though the sync is done long
// before anybody hears it; who saves first is not, and one violation is told once.
func TestSayingBeforeSavingIsSeen(t *testing.T) {
	for _, early := range []bool{false, true} {
		rule := &saysSaved{}
		w := testWorld(t, Config{Records: true, Invariants: []Invariant{rule}, Net: NetConfig{Latency: Fixed(millis(50))}, Disk: DiskConfig{Sync: Fixed(millis(1))}})
		w.AddServer(onBoot(func(env *Env) {
			if early {
				env.Send(Server(2), note("vote"))
				env.Send(Server(2), note("vote"))
			}
			env.File("log").Append([]byte("vote"))
			env.File("log").Sync()
			env.SyncDir()
			env.Send(Server(2), note("vote"))
		}))
		w.AddServer(serve(func(_ *Env, from NodeID, m Message) {
			if n, ok := m.(note); ok { // whoever looks when it arrives sees nothing wrong
				equal(t, "durable on arrival", string(w.Durable(from, "log")), string(n))
			}
		}))
		w.RunUntil(ms(100))
		if !early {
			holds(t, w)
			equal(t, "sends seen", rule.sends, 1)
			continue
		}
		v := violates(t, w, "save, then say", `n1 says "vote" and has ""`)
		equal(t, "sends seen", rule.sends, 1) // a violated property is not looked at again
		equal(t, "found", v.At, 0)
		equal(t, "the record before the violation", w.trace.At(v.Seq).Kind, KindSend)
		equal(t, "violations", len(w.Violations()), 1)
	}
}

// Who looks changes nothing, and a world that is reset has forgotten who did.
func TestWitnessesChangeNothing(t *testing.T) {
	sends := 0
	seen := mixedWorld(3)
	seen.AddInvariant(ObserveSends(func(*World, NodeID, NodeID, Message) { sends++ }))
	seen.RunUntil(chaoticEnd)
	plain := mixedWorld(3)
	plain.RunUntil(chaoticEnd)
	equal(t, "hash", seen.Hash(), plain.Hash())
	if sends == 0 {
		t.Error("no message was seen")
	}
	seen.Close()
	plain.Close()
	before := sends
	mixedAgain(seen, 3)
	seen.RunUntil(chaoticEnd)
	seen.Close()
	equal(t, "sends seen after a reset", sends, before)
}

// Syncs are counted as they are issued, those of the directory and of earlier
// incarnations too; a failed one is none.
func TestSyncsAreCounted(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(1))}})
	w.AddServer(onBoot(func(env *Env) {
		env.File("a").Sync()
		env.SyncDir()
	}))
	w.AddServer(idle)
	w.RunUntil(ms(5))
	equal(t, "syncs", w.Syncs(Server(1)), 2)
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(ms(6))
	equal(t, "syncs of two lives", w.Syncs(Server(1)), 4)
	w.DisturbDisk(Server(1), DiskRule{SyncFail: million})
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(ms(7))
	equal(t, "syncs after two that failed", w.Syncs(Server(1)), 4)
	equal(t, "syncs of another machine", w.Syncs(Server(2)), 0)
}
