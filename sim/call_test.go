package sim

import (
	"testing"
)

// slow answers each ask after its delay, and the others at once.
type ask struct {
	what  note
	delay int // milliseconds
}

func slowServer() Node {
	var asked map[alarm]ReplyTo
	return handlerFunc(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			asked = map[alarm]ReplyTo{}
		case ask:
			asked[alarm(m.what)] = env.ReplyTo()
			env.Arm(alarm(m.what), millis(m.delay))
		case alarm:
			env.Reply(asked[m], note(m))
		}
	})
}

// An answer to a call that has given up is dropped and recorded, and never
// handed to the next call.
func TestLateRepliesAreDropped(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(slowServer)
	var first, second note
	var ok1, ok2 bool
	mail := 0
	w.AddClient(Go(func(p *Proc) {
		first, ok1 = Call[note](p, Server(1), ask{"first", 10}, millis(5))
		second, ok2 = Call[note](p, Server(1), ask{"second", 10}, millis(50))
		if _, ok := p.RecvTimeout(millis(50)); ok {
			mail++
		}
	}))
	w.RunUntil(ms(200))
	holds(t, w)
	equal(t, "first answered", ok1, false)
	equal(t, "first answer", first, "")
	equal(t, "second answered", ok2, true)
	equal(t, "second answer", second, "second")
	equal(t, "late answers in the mailbox", mail, 0)
	late := ofKind(w, KindMiss)
	if len(late) != 1 {
		t.Fatalf("misses: got %d, want 1", len(late))
	}
	equal(t, "fate", late[0].Fate, Late)
	equal(t, "at", late[0].At, ms(10))
}

// A duplicated answer answers once.
func TestDuplicatedReply(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(millis(1)), Duplicate: million}})
	w.AddServer(slowServer)
	mail, answers := 0, 0
	w.AddClient(Go(func(p *Proc) {
		for range 3 {
			if _, ok := Call[note](p, Server(1), ask{"x", 1}, millis(50)); ok {
				answers++
			}
		}
		if _, ok := p.RecvTimeout(millis(50)); ok {
			mail++
		}
	}))
	w.RunUntil(ms(200))
	equal(t, "answers", answers, 3)
	equal(t, "mail", mail, 0)
	holds(t, w)
}

// Messages and timer keys that come during a call wait in the mailbox, in order.
func TestOtherMessagesWaitForRecv(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(slowServer)
	w.AddServer(onBoot(func(env *Env) {
		env.Send(Client(1), note("m1"))
		env.Send(Client(1), note("m2"))
	}))
	var got []any
	w.AddClient(Go(func(p *Proc) {
		p.Arm(alarm("key"), millis(1))
		answer, _ := Call[note](p, Server(1), ask{"answer", 5}, millis(50))
		got = append(got, answer)
		for range 3 {
			e := p.Recv()
			got = append(got, e.Message)
		}
	}))
	w.RunUntil(ms(100))
	holds(t, w)
	equalSlices(t, "order", got, []any{note("answer"), note("m1"), note("m2"), alarm("key")})
}

// A later incarnation's call does not take an answer meant for an earlier one.
func TestReplyToADeadCaller(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(slowServer)
	var got []note
	w.AddClient(Go(func(p *Proc) {
		what := ask{"old", 10}
		if p.Incarnation() == 2 {
			what = ask{"new", 10}
		}
		answer, _ := Call[note](p, Server(1), what, millis(50))
		got = append(got, answer)
	}))
	w.At(ms(5), func(w *World) { w.Crash(Client(1), LoseAll); w.Restart(Client(1)) })
	w.RunUntil(ms(100))
	holds(t, w)
	equalSlices(t, "answers", got, []note{"new"})
	equal(t, "late", len(ofKind(w, KindMiss)), 1)
}

func TestAnswerOfTheWrongType(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(slowServer)
	w.AddClient(Go(func(p *Proc) { Call[alarm](p, Server(1), ask{"x", 1}, millis(50)) }))
	equal(t, "reached its end", w.RunUntil(ms(100)), false)
	violates(t, w, "panic", "n1 answered sim.ask with sim.note, want sim.alarm")
}

// Answering nobody is nothing: a boot and a timer have no one to answer.
func TestReplyToNobody(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(serve(func(env *Env, from NodeID, m Message) {
		equal(t, "from", from, 0)
		equal(t, "asker", env.ReplyTo().Node(), 0)
		env.Reply(env.ReplyTo(), note("x"))
		if _, boot := m.(Boot); boot {
			env.Arm(alarm("x"), 1)
		}
	}))
	w.RunUntil(ms(1))
	holds(t, w)
	equal(t, "sends", len(ofKind(w, KindSend)), 0)
}

// An answer can be answered: that is a plain message.
func TestReplyToAReply(t *testing.T) {
	w := testWorld(t, Config{})
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case ask:
			env.Reply(env.ReplyTo(), note("answer"))
		case note:
			l.add(w, string(m))
		}
	}))
	w.AddClient(Go(func(p *Proc) {
		Call[note](p, Server(1), ask{}, millis(5))
		p.Reply(p.ReplyTo(), note("thanks"))
	}))
	w.RunUntil(ms(1))
	equal(t, "got", l.String(), "thanks")
}

// RecvTimeout takes what is in the mailbox before it waits, and gives up on time.
func TestRecvTimeout(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) { env.Send(Client(1), note("early")) }))
	var got []any
	w.AddClient(Go(func(p *Proc) {
		p.Sleep(millis(1))
		for range 2 {
			e, ok := p.RecvTimeout(millis(5))
			got = append(got, e.Message, ok, w.Now())
		}
	}))
	w.RunUntil(ms(100))
	equalSlices(t, "received", got, []any{note("early"), true, ms(1), nil, false, ms(6)})
}

// A reply to a plain message is a plain message.
func TestReplyToAPlainMessage(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if m == note("hello") {
			env.Reply(env.ReplyTo(), note("hello yourself"))
		}
	}))
	var l inboxLog
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case Boot:
			env.Send(Server(1), note("hello"))
		case note:
			l.add(w, string(m))
		}
	}))
	w.RunUntil(ms(1))
	equal(t, "got", l.String(), "hello yourself")
}
