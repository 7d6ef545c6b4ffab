package sim

import (
	"fmt"
	"strings"
	"testing"
)

// pair is a world where n1 sends n notes "1" … to n2 at boot, and what n2 got.
func pair(t *testing.T, cfg Config, n int) (*World, *inboxLog) {
	w := testWorld(t, cfg)
	l := &inboxLog{}
	w.AddServer(onBoot(func(env *Env) {
		for i := range n {
			env.Send(Server(2), note(fmt.Sprint(i+1)))
		}
	}))
	w.AddServer(sink(w, l))
	return w, l
}

func TestLossAndDuplicationAreDecidedAtSend(t *testing.T) {
	const n = 10_000
	w, l := pair(t, Config{Seed: 5, Records: true, Net: NetConfig{Latency: Fixed(millis(1)), Loss: 100_000, Duplicate: 50_000}}, n)
	w.RunUntil(0)
	fates := map[Fate]int{}
	for _, r := range ofKind(w, KindSend) {
		fates[r.Fate]++
		equal(t, "decided at", r.At, 0)
	}
	near := func(what string, got, want int) {
		if got < want*9/10 || got > want*11/10 {
			t.Errorf("%s: got %d, want %d ± 10 %%", what, got, want)
		}
	}
	near("lost", fates[Lost], n/10)
	near("duplicated", fates[Duplicated], n/20)
	equal(t, "sends but for copies", fates[Lost]+fates[Delivered], n)
	w.RunUntil(ms(1))
	equal(t, "arrived", len(l.got), fates[Delivered]+fates[Duplicated])
}

func TestCutAtSend(t *testing.T) {
	w, l := pair(t, Config{Records: true, Net: NetConfig{Latency: Fixed(millis(5))}}, 1)
	end := w.Disturb(LinkRule{From: []NodeID{Server(1)}, To: []NodeID{Server(2)}, Cut: true})
	equal(t, "reachable", w.Reachable(Server(1), Server(2)), false)
	equal(t, "reachable the other way", w.Reachable(Server(2), Server(1)), true)
	equal(t, "reachable from itself", w.Reachable(Server(1), Server(1)), true)
	w.RunUntil(ms(1))
	end()
	equal(t, "reachable again", w.Reachable(Server(1), Server(2)), true)
	w.RunUntil(ms(10))
	equal(t, "got", l.String(), "")
	sends := ofKind(w, KindSend)
	equal(t, "fate at send", sends[0].Fate, Cut)
	equal(t, "misses", len(ofKind(w, KindMiss)), 0)
}

func TestCutAtDelivery(t *testing.T) {
	w, l := pair(t, Config{Records: true, Net: NetConfig{Latency: Fixed(millis(5))}}, 1)
	w.RunUntil(ms(1))
	w.Disturb(LinkRule{Groups: [][]NodeID{{Server(1)}, {Server(2)}}, Cut: true})
	w.RunUntil(ms(10))
	equal(t, "got", l.String(), "")
	equal(t, "fate at send", ofKind(w, KindSend)[0].Fate, Delivered)
	equal(t, "fate at delivery", ofKind(w, KindMiss)[0].Fate, Cut)
}

// A partition that has come and gone while a message was under way did nothing
// to it.
func TestCutInBetweenDoesNotMatter(t *testing.T) {
	w, l := pair(t, Config{Net: NetConfig{Latency: Fixed(millis(5))}}, 1)
	w.RunUntil(ms(1))
	end := w.Disturb(LinkRule{Cut: true})
	w.RunUntil(ms(4))
	end()
	w.RunUntil(ms(10))
	equal(t, "got", l.String(), "1")
}

func TestGroupsCutBetweenGroupsOnly(t *testing.T) {
	w := testWorld(t, Config{})
	for range 4 {
		w.AddServer(idle)
	}
	w.AddClient(idle)
	w.Disturb(LinkRule{Groups: [][]NodeID{{Server(1), Server(2)}, {Server(3)}}, Cut: true})
	var open []string
	for _, a := range append(w.Servers(), w.Clients()...) {
		for _, b := range append(w.Servers(), w.Clients()...) {
			if a < b && w.Reachable(a, b) {
				open = append(open, fmt.Sprintf("%v-%v", a, b))
			}
		}
	}
	equal(t, "open links", strings.Join(open, " "), "n1-n2 n1-n4 n1-c1 n2-n4 n2-c1 n3-n4 n3-c1 n4-c1")
}

func TestRulesAddUp(t *testing.T) {
	w, l := pair(t, Config{Net: NetConfig{Latency: Fixed(millis(1)), Loss: 400_000}}, 1000)
	w.Disturb(LinkRule{Delay: Fixed(millis(2))})
	w.Disturb(LinkRule{Delay: Fixed(millis(4)), Loss: 400_000})
	w.Disturb(LinkRule{From: []NodeID{Server(2)}, Loss: million})
	w.RunUntil(ms(100))
	if n := len(l.got); n < 150 || n > 250 {
		t.Errorf("got %d of 1000 at 80 %% loss, want about 200", n)
	}
	for _, at := range l.at {
		equal(t, "at", at, ms(7))
	}
}

// The messages of a crashed sender still travel, and a datagram may reach a
// later incarnation.
func TestMessagesOutliveBothEnds(t *testing.T) {
	w, l := pair(t, Config{Net: NetConfig{Latency: Fixed(millis(5))}}, 1)
	w.RunUntil(ms(1))
	w.Crash(Server(1), LoseAll)
	w.Crash(Server(2), LoseAll)
	w.Restart(Server(2))
	w.RunUntil(ms(10))
	equal(t, "got", l.String(), "1")
	equal(t, "by incarnation", w.Incarnation(Server(2)), 2)
}

// A message to oneself takes no time and is never lost, cut or duplicated.
func TestSelfSend(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(5)), Loss: million, Duplicate: million}})
	var l inboxLog
	w.AddServer(serve(func(env *Env, from NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Send(env.ID(), note("x"))
			l.add(w, "boot")
		case note:
			equal(t, "from", from, env.ID())
			l.add(w, string(m))
		}
	}))
	w.Disturb(LinkRule{Cut: true})
	w.RunUntil(0)
	equal(t, "got", l.String(), "boot x")
}

func TestSelfSendIsForgottenInACrash(t *testing.T) {
	for _, model := range []CrashModel{LoseAll, KeepAll} {
		w := testWorld(t, Config{Records: true})
		var l inboxLog
		w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			if m == (Boot{}) && env.Incarnation() == 1 {
				env.Send(env.ID(), note("x"))
				env.Send(env.ID(), note("y"))
			} else if n, ok := m.(note); ok {
				l.add(w, string(n))
			}
		}))
		w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 2, Model: model},
			func(w *World, _ bool) { w.Restart(Server(1)) })
		w.RunUntil(ms(1))
		equal(t, "incarnation", w.Incarnation(Server(1)), 2)
		equal(t, "got", l.String(), "")
		equal(t, "fate", ofKind(w, KindMiss)[0].Fate, Down)
	}
}

// FIFO links keep the order whatever the latency, and lose and double nothing.
func TestFIFOKeepsOrder(t *testing.T) {
	w, l := pair(t, Config{Seed: 2, Net: NetConfig{Latency: Uniform(0, millis(50)), Loss: 500_000, Duplicate: 500_000, FIFO: true}}, 100)
	w.RunUntil(ms(100))
	equal(t, "got", len(l.got), 100)
	for i, s := range l.got {
		if s != fmt.Sprint(i+1) {
			t.Fatalf("message %d of a stream: got %s", i+1, s)
		}
	}
}

// A datagram link reorders.
func TestDatagramsReorder(t *testing.T) {
	w, l := pair(t, Config{Seed: 2, Net: NetConfig{Latency: Uniform(0, millis(50))}}, 100)
	w.RunUntil(ms(100))
	overtaken := 0
	for i := 1; i < len(l.got); i++ {
		if len(l.got[i]) < len(l.got[i-1]) {
			overtaken++
		}
	}
	if overtaken == 0 {
		t.Error("100 datagrams with latencies of 0 to 50 ms: none was overtaken")
	}
}

// A stream is broken by the crash of either end and by a lost segment; a new
// one begins with the next message.
func TestFIFOBreaks(t *testing.T) {
	for name, fault := range map[string]func(w *World){
		"sender crashes":   func(w *World) { w.Crash(Server(1), LoseAll); w.Restart(Server(1)) },
		"receiver crashes": func(w *World) { w.Crash(Server(2), LoseAll); w.Restart(Server(2)) },
		"segment is cut":   func(w *World) { end := w.Disturb(LinkRule{Cut: true}); w.At(ms(10), func(*World) { end() }) },
	} {
		w := testWorld(t, Config{Records: true, Net: NetConfig{Latency: Fixed(millis(10)), FIFO: true}})
		var l inboxLog
		w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			env.Send(Server(2), note(fmt.Sprint("at", env.Elapsed())))
			env.Arm(alarm("x"), millis(3))
		}))
		w.AddServer(sink(w, &l))
		w.RunUntil(ms(8)) // sent at 0, 3 and 6
		fault(w)
		w.RunUntil(ms(50))
		for _, early := range []string{"at0s", "at3ms", "at6ms"} {
			if strings.Contains(l.String(), early) {
				t.Errorf("%s: %s arrived over the broken stream (got %s)", name, early, l.String())
			}
		}
		if len(l.got) == 0 {
			t.Errorf("%s: the new stream brought nothing (got %s)", name, l.String())
		}
		broken := records(w, func(r *Record) bool { return r.Fate == Broken })
		if len(broken) < 2 {
			t.Errorf("%s: got %d broken messages recorded, want at least 2", name, len(broken))
		}
	}
}

// A delay so long that time cannot hold it is for ever, not in the past.
func TestEndlessLatency(t *testing.T) {
	w := testWorld(t, Config{Chooser: ChooserFunc(func(id Identity, o Outcomes, drawn int64) int64 {
		if o.Kind == Value {
			return int64(Never)
		}
		return drawn
	}), Net: NetConfig{Latency: Fixed(1)}, Disk: DiskConfig{Sync: Fixed(1)}})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if m == (Boot{}) {
			env.Arm(alarm("x"), 1)
			return
		}
		if m != alarm("x") {
			return
		}
		env.Send(Server(2), note("x"))
		env.File("f").Append([]byte("x"))
		env.File("f").Sync()
		env.Arm(alarm("never"), 1<<60)
		env.Arm(alarm("never"), 1<<63-1)
	}))
	w.AddServer(sink(w, &l))
	last := Time(0)
	w.cfg.Invariants = []Invariant{Assert("time", func(w *World, _ NodeID) error {
		if w.Now() < last {
			return fmt.Errorf("went back from %v to %v", last, w.Now())
		}
		last = w.Now()
		return nil
	})}
	w.RunUntil(ms(1000))
	holds(t, w)
	equal(t, "got", l.String(), "")
	equal(t, "dirty", w.Dirty(Server(1)), true)
}
