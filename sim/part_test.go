package sim

import (
	"fmt"
	"strings"
	"testing"
)

// counter is a component: it writes, arms, draws and sends under its part.
type counter struct {
	pings int
	fired int
	drew  int
}

func (c *counter) Step(env *Env, from NodeID, m Message) {
	switch m.(type) {
	case Boot:
		env.File("log").Append([]byte(env.PartName()))
		env.Arm(alarm("tick"), millis(1))
		c.drew = env.Intn("coin", 1000)
		env.Send(Server(1), note(env.PartName()))
	case note:
		c.pings++
	case alarm:
		c.fired++
	}
}

// Two instances of one node type live on one machine.
func TestPartsNamespaceEverything(t *testing.T) {
	w := testWorld(t, Config{Seed: 3, Records: true})
	a, b := &counter{}, &counter{}
	var root inboxLog
	var files, inA []string
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Part("a").Attach(a)
			env.Part("b").Attach(b)
			if env.Part("a") != env.Part("a") {
				t.Error("Part: got two Envs for one name, want the same")
			}
			files, inA = env.Files(), env.Part("a").Files()
		case note:
			root.add(w, string(m))
		}
	}))
	w.RunUntil(ms(5))
	holds(t, w)
	equal(t, "messages at the machine itself", root.String(), "")
	equal(t, "a's pings", a.pings, 1)
	equal(t, "b's pings", b.pings, 1)
	equal(t, "a's timer", a.fired, 1)
	equal(t, "b's timer", b.fired, 1)
	if a.drew == b.drew {
		t.Errorf("draws of one kind in two parts: both %d, want them different", a.drew)
	}
	equalSlices(t, "files", files, []string{"a/log", "b/log"})
	equalSlices(t, "files of part a", inA, []string{"log"})
	var names []string
	for _, r := range ofKind(w, KindDeliver) {
		names = append(names, w.trace.Identity(r).String())
	}
	equalSlices(t, "identities", names, []string{"message n1>n1 a/sim.note #1", "message n1>n1 b/sim.note #1"})
	equal(t, "timer", w.trace.Identity(ofKind(w, KindTimer)[1]).String(), "timer n1 b/sim.alarm #1")
	equal(t, "draw", w.trace.Identity(ofKind(w, KindDraw)[0]).String(), "draw n1 a/coin #1")
}

// A part shares its machine's crash, clock, disk and inbox.
func TestPartsShareTheMachine(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(5))}})
	var l inboxLog
	var stale *Env
	w.AddServer(onBoot(func(env *Env) {
		if env.Incarnation() == 1 {
			stale = env.Part("p")
			stale.File("f").Append([]byte("x"))
			stale.File("f").Sync()
			env.Send(Server(2), note("held")) // waits for the other part's sync
			equal(t, "clock", stale.Elapsed(), env.Elapsed())
		}
	}))
	w.AddServer(sink(w, &l))
	w.RunUntil(ms(4))
	equal(t, "sent before the part's sync", l.String(), "")
	w.RunUntil(ms(5))
	equal(t, "sent after it", l.String(), "held")
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(ms(6))
	stale.Send(Server(2), note("from the grave"))
	stale.Part("q").Send(Server(2), note("from a deeper grave"))
	w.RunUntil(ms(7))
	equal(t, "sent by a dead part", l.String(), "held")
}

// A part that nobody has attached to, or opened, is handled by the part around
// it, with the part's Env.
func TestUnattachedPartIsHandledByItsOuter(t *testing.T) {
	w := testWorld(t, Config{})
	var got []string
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if n, ok := m.(note); ok {
			got = append(got, fmt.Sprintf("%s@%s", n, env.PartName()))
			env.Reply(env.ReplyTo(), note("re:"+n))
		}
	}))
	var answer note
	w.AddClient(Go(func(p *Proc) {
		p.Send(Server(1), note("root"))
		p.Part("a").Send(Server(1), note("one"))
		p.Part("a").Part("b").Send(Server(1), note("two"))
		for range 3 {
			answer += p.Recv().Message.(note) + " "
		}
	}))
	w.RunUntil(ms(1))
	holds(t, w)
	equalSlices(t, "handled", got, []string{"root@", "one@a", "two@a/b"})
	equal(t, "answers", answer, "re:root re:one re:two ")
}

// A request that came in at the machine's own Env may be answered later and by
// one of its parts: the answer goes to the call, in the caller's part.
func TestReplyAcrossParts(t *testing.T) {
	for _, askPart := range []string{"", "x"} {
		w := testWorld(t, Config{})
		var asked ReplyTo
		w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			switch m {
			case note("ask"):
				asked = env.ReplyTo()
				env.Part("g").Arm(alarm("later"), millis(3))
			case alarm("later"):
				equal(t, "part of the timer", env.PartName(), strings.TrimPrefix(askPart+"/g", "/"))
				equal(t, "asker", asked.Node(), Client(1))
				env.Reply(asked, note("answer"))
			}
		}))
		var got note
		ask := func(p *Proc) { got, _ = Call[note](p, Server(1), note("ask"), millis(10)) }
		if askPart == "" {
			w.AddClient(Go(ask))
		} else {
			w.AddClient(onBoot(func(env *Env) { env.Part(askPart).Attach(NewProc(ask)) }))
		}
		w.RunUntil(ms(20))
		holds(t, w)
		equal(t, "answer to part "+askPart, got, "answer")
	}
}

func TestPartMisuse(t *testing.T) {
	for what, c := range map[string]struct {
		step func(env *Env)
		want string
	}{
		"attach twice":      {func(env *Env) { env.Part("p").Attach(&counter{}); env.Part("p").Attach(&counter{}) }, "part p already has a handler"},
		"attach to machine": {func(env *Env) { env.Attach(&counter{}) }, "Attach is for parts"},
		"no name":           {func(env *Env) { env.Part("") }, "a part needs a name"},
	} {
		w := testWorld(t, Config{})
		w.AddServer(onBoot(c.step))
		equal(t, what+": reached its end", w.RunUntil(ms(1)), false)
		violates(t, w, "panic", c.want)
	}
}
