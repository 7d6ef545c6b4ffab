package explain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/checker/explain"
	"distsim/sim"
	"distsim/sim/history"
)

// register is a server that keeps one value, on disk, and says when it has it.
type register struct{ value string }

type (
	save  struct{ value string }
	saved struct{}
)

func (r *register) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		r.value = string(env.File("value").Bytes())
	case save:
		r.value = m.value
		f := env.File("value")
		f.WriteAt(0, []byte(m.value))
		f.Sync()
		env.SyncDir()
		env.Reply(env.ReplyTo(), saved{})
	}
}

func (r *register) View(v *sim.View) { v.Text("value", r.value) }

// registerRun saves "a" and then "b" on one register, with a retry after 50 ms,
// while trouble does what it does; syncs take 10 ms, messages 1 ms.
func registerRun(trouble func(w *sim.World)) *sim.World {
	w := sim.New(sim.Config{Seed: 1, Records: true,
		Net:  sim.NetConfig{Latency: sim.Fixed(time.Millisecond)},
		Disk: sim.DiskConfig{Sync: sim.Fixed(10 * time.Millisecond)}})
	w.AddServer(func() sim.Node { return &register{} })
	w.AddClient(sim.Go(func(p *sim.Proc) {
		for _, value := range []string{"a", "b"} {
			o := p.Invoke(p.NextOp(), value)
			for range 2 {
				if _, ok := sim.Call[saved](p, sim.Server(1), save{value}, 50*time.Millisecond); ok {
					o.OK("saved")
					break
				}
			}
		}
	}))
	trouble(w)
	w.RunUntil(ms(400))
	w.Close()
	return w
}

func ms(n int) sim.Time { return sim.Time(n) * sim.Time(time.Millisecond) }

// lines are the records of a slice in words, without numbers.
func lines(w *sim.World, r explain.Result) string {
	var b strings.Builder
	r.WriteText(&b, w.Trace())
	return b.String()
}

func TestRulesOfASlice(t *testing.T) {
	value := explain.Start{Places: []sim.Place{{Node: sim.Server(1), Field: "value"}}}
	op := func(n int) explain.Start { return explain.Start{Ops: []history.ID{{Client: 1, N: n}}} }
	crash := func(model sim.CrashModel) func(w *sim.World) {
		return func(w *sim.World) {
			w.At(ms(30), func(w *sim.World) { w.Crash(sim.Server(1), model) })
			w.At(ms(40), func(w *sim.World) { w.Restart(sim.Server(1)) })
		}
	}
	cut := func(from, to int) func(w *sim.World) {
		return func(w *sim.World) {
			w.At(ms(from), func(w *sim.World) {
				begun := w.FaultBegins("isolate n1")
				heal := w.Disturb(sim.LinkRule{Cut: true})
				w.At(ms(to), func(w *sim.World) { heal(); w.FaultEnds(begun, "isolate n1") })
			})
		}
	}
	nothing := func(*sim.World) {}
	for _, test := range []struct {
		name    string
		trouble func(*sim.World)
		start   explain.Start
		want    []string // in the slice's text
		without []string
	}{
		{"an answer held until the sync", nothing, op(1),
			[]string{"n1 synced directory: released", "n1 sync directory: was completed by", "sends c1 explain_test.saved: was received as", "hears from c1 explain_test.save {value:a}: led to"},
			[]string{"value:b", "✗"}},
		{"a request cut", cut(0, 20), op(1),
			[]string{"✗ n1 does not hear from c1 explain_test.save {value:a}, cut: was a lost attempt at", "fault isolate n1: was in force at", "c1 times out: sim.wake: led to"}, nil},
		{"an answer cut", cut(2, 40), op(1),
			[]string{"✗ n1 sends c1 explain_test.saved, cut: was an answer missed by"}, nil},
		{"a request waiting in a paused machine", func(w *sim.World) {
			w.At(0, func(w *sim.World) { w.Pause(sim.Server(1)) })
			w.At(ms(30), func(w *sim.World) { w.Resume(sim.Server(1)) })
		}, op(1), []string{"n1 resume: let in the waiting", "n1 pause: was ended by"}, nil},
		{"an answer too late", func(w *sim.World) {
			w.At(ms(5), func(w *sim.World) { w.Pause(sim.Server(1)) })
			w.At(ms(60), func(w *sim.World) { w.Resume(sim.Server(1)) })
		}, op(1), []string{"✗ c1 does not hear from n1 explain_test.saved, late: was an answer too late for"}, nil},
	} {
		w := registerRun(test.trouble)
		check(t, test.name, lines(w, explain.Slice(w.Trace(), test.start)), test.want, test.without)
	}
	for model, want := range map[sim.CrashModel]string{
		sim.LoseAll: "{value:b}: set what was gone in", sim.KeepAll: "{value:b}: set what came back in"} {
		w := registerRun(crash(model))
		value.Seq = lastBoot(w.Trace())
		check(t, "a crash, "+model.String(), lines(w, explain.Slice(w.Trace(), value)),
			[]string{want, "n1 crash: made necessary the boot", "n1 restart: led to the boot"}, nil)
		check(t, "the retry after a crash, "+model.String(), lines(w, explain.Slice(w.Trace(), op(2))), []string{want}, nil)
	}
}

func lastBoot(t *sim.Trace) (seq uint64) {
	for i := range t.Records() {
		if t.Records()[i].Kind == sim.KindBoot {
			seq = t.Records()[i].Seq
		}
	}
	return seq
}

func check(t *testing.T, name, got string, want, without []string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(got, s) {
			t.Errorf("%s: the slice does not say %q:\n%s", name, s, got)
		}
	}
	for _, s := range without {
		if strings.Contains(got, s) {
			t.Errorf("%s: the slice says %q:\n%s", name, s, got)
		}
	}
}

// tape writes a trace by hand.
type tape struct{ sim.Trace }

func newTape(names ...sim.Name) *tape {
	return &tape{sim.Trace{Names: append([]sim.Name{{}}, names...)}}
}

func (t *tape) add(kind sim.Kind, node sim.NodeID, c sim.Core, fields ...sim.Field) uint64 {
	c.Kind, c.Node, c.Inc, c.At = kind, node, 1, sim.Time(t.Len+1)
	c.Due = max(c.Due, c.At)
	t.Add(sim.Record{Core: c, Fields: fields})
	return t.Len
}

func field(name, text string) sim.Field { return sim.Field{Name: name, Text: text} }

// watched is a tape on which n1 hears beats of n2 and n3 and then times out.
// Beats set alive; the last one of n2 is lost, its copy is not if copied.
func watched(pushedBy []string, copied bool) *tape {
	n1, n2, n3 := sim.Server(1), sim.Server(2), sim.Server(3)
	const beat, watch = 1, 2
	t := newTape(sim.Name{Name: "beat"}, sim.Name{Name: "watch", PushedBy: pushedBy})
	t.add(sim.KindBoot, n1, sim.Core{}, field("alive", ""))
	boot2 := t.add(sim.KindBoot, n2, sim.Core{})
	first := t.add(sim.KindSend, n2, sim.Core{Cause: boot2, Peer: n1, Type: beat, K: 1, Due: 100})
	armed := t.add(sim.KindDeliver, n1, sim.Core{Cause: first, Peer: n2, Type: beat, K: 1}, field("alive", "n2"))
	next := t.add(sim.KindTimer, n2, sim.Core{Cause: boot2, Type: watch, K: 1})
	t.add(sim.KindSend, n2, sim.Core{Cause: next, Peer: n1, Type: beat, K: 2, Fate: sim.Lost})
	if copied {
		again := t.add(sim.KindSend, n2, sim.Core{Cause: next, Peer: n1, Type: beat, K: 2, Copy: 1, Fate: sim.Duplicated, Due: 100})
		t.add(sim.KindDeliver, n1, sim.Core{Cause: again, Peer: n2, Type: beat, K: 2, Copy: 1})
	}
	t.add(sim.KindSend, n3, sim.Core{Peer: n1, Type: beat, K: 1, Fate: sim.Lost})
	third := t.add(sim.KindSend, n3, sim.Core{Peer: n1, Type: beat, K: 2, Due: 100})
	t.add(sim.KindDeliver, n1, sim.Core{Cause: third, Peer: n3, Type: beat, K: 2})
	t.add(sim.KindTimer, n1, sim.Core{Cause: armed, Type: watch, K: 1}, field("alive", "none"))
	return t
}

func TestAbsencesBehindATimer(t *testing.T) {
	for _, test := range []struct {
		name     string
		pushedBy []string
		copied   bool
		want     string
	}{
		{"beats push it back, but not those of n3, which came", []string{"beat"}, false, "n2 would have pushed back"},
		{"it names nothing", nil, false, "n2 would have forestalled"},
		{"the copy arrived", []string{"beat"}, true, ""},
		{"other messages push it back", []string{"vote"}, false, ""},
	} {
		tape := watched(test.pushedBy, test.copied)
		r := explain.Slice(&tape.Trace, explain.Start{Places: []sim.Place{{Node: sim.Server(1), Field: "alive"}}})
		var got []string
		for _, a := range r.Absences {
			got = append(got, fmt.Sprintf("%v %s", tape.At(a.Send).Node, a.Why))
		}
		if s := strings.Join(got, "; "); s != test.want {
			t.Errorf("%s: absences %q, want %q", test.name, s, test.want)
		}
	}
}

// A clock that ticked a thousand times is one cause, and its beginning another.
func TestClockCountsAsOne(t *testing.T) {
	const tick, note = 1, 2
	n1, n2 := sim.Server(1), sim.Server(2)
	tape := newTape(sim.Name{Name: "tick"}, sim.Name{Name: "note"})
	cause := tape.add(sim.KindBoot, n1, sim.Core{})
	boot := cause
	tape.add(sim.KindBoot, n2, sim.Core{}, field("noted", "no"))
	for k := range uint64(1000) {
		cause = tape.add(sim.KindTimer, n1, sim.Core{Cause: cause, Type: tick, K: k + 1})
	}
	send := tape.add(sim.KindSend, n1, sim.Core{Cause: cause, Peer: n2, Type: note, K: 1, Due: 1 << 20})
	arrival := tape.add(sim.KindDeliver, n2, sim.Core{Cause: send, Peer: n1, Type: note, K: 1}, field("noted", "yes"))
	r := explain.Slice(&tape.Trace, explain.Start{Places: []sim.Place{{Node: n2, Field: "noted"}}})
	for _, seq := range []uint64{boot, cause, send, arrival} {
		if !r.Contains(seq) {
			t.Errorf("record %d (%s) is not in the slice", seq, tape.Describe(tape.At(seq)))
		}
	}
	if len(r.Records) > 5 {
		t.Errorf("the slice holds %d records, want at most 5: %+v", len(r.Records), r.Records)
	}
	if r.Records[0].Note != "1000 ticks" {
		t.Errorf("the clock's beginning is noted as %q", r.Records[0].Note)
	}
}

// Of many alike, the first and the last stand for all.
func TestAlikeAbsencesAreCounted(t *testing.T) {
	const beat, watch = 1, 2
	n1, n2 := sim.Server(1), sim.Server(2)
	tape := newTape(sim.Name{Name: "beat"}, sim.Name{Name: "watch", PushedBy: []string{"beat"}})
	boot := tape.add(sim.KindBoot, n1, sim.Core{}, field("role", "follower"))
	for k := range uint64(100) {
		tape.add(sim.KindSend, n2, sim.Core{Peer: n1, Type: beat, K: k + 1, Fate: sim.Cut})
	}
	tape.add(sim.KindTimer, n1, sim.Core{Cause: boot, Type: watch, K: 1}, field("role", "candidate"))
	r := explain.Slice(&tape.Trace, explain.Start{Places: []sim.Place{{Node: n1, Field: "role"}}})
	if len(r.Absences) != 2 || r.Absences[0].More != 98 {
		t.Errorf("absences %+v, want the first and the last of 100", r.Absences)
	}
}

// A message that was lost but whose copy arrived is no absence.
func TestCopyStandsInForALostMessage(t *testing.T) {
	const set = 1
	n1, n2 := sim.Server(1), sim.Server(2)
	for _, copied := range []bool{false, true} {
		tape := newTape(sim.Name{Name: "set"})
		tape.add(sim.KindBoot, n2, sim.Core{}, field("x", "0"))
		step := tape.add(sim.KindTimer, n1, sim.Core{Type: set}, field("x", "1"))
		tape.add(sim.KindSend, n1, sim.Core{Cause: step, Peer: n2, Type: set, K: 1, Fate: sim.Lost})
		if copied {
			again := tape.add(sim.KindSend, n1, sim.Core{Cause: step, Peer: n2, Type: set, K: 1, Copy: 1, Fate: sim.Duplicated, Due: 100})
			tape.add(sim.KindDeliver, n2, sim.Core{Cause: again, Peer: n1, Type: set, K: 1, Copy: 1})
		}
		later := tape.add(sim.KindSend, n1, sim.Core{Cause: step, Peer: n2, Type: set, K: 2, Due: 100})
		tape.add(sim.KindDeliver, n2, sim.Core{Cause: later, Peer: n1, Type: set, K: 2}, field("x", "2"))
		r := explain.Slice(&tape.Trace, explain.Start{Places: []sim.Place{{Node: n2, Field: "x"}}})
		if want := map[bool]int{false: 1, true: 0}[copied]; len(r.Absences) != want {
			t.Errorf("copied %v: %d absences, want %d", copied, len(r.Absences), want)
		}
	}
}

// Where each acknowledgement triggers the next batch, the chain behind an
// answer goes back to the beginning of the run; the path of an operation ends
// at its invocation.
func TestPathEndsAtTheInvocation(t *testing.T) {
	const batch, ack, put = 1, 2, 3
	n1, n2, c1 := sim.Server(1), sim.Server(2), sim.Client(1)
	tape := newTape(sim.Name{Name: "batch"}, sim.Name{Name: "ack"}, sim.Name{Name: "put"})
	step := tape.add(sim.KindBoot, n1, sim.Core{})
	say := func(from, to sim.NodeID, typ int32, cause uint64, fields ...sim.Field) uint64 {
		send := tape.add(sim.KindSend, from, sim.Core{Cause: cause, Peer: to, Type: typ, Due: 1 << 20})
		return tape.add(sim.KindDeliver, to, sim.Core{Cause: send, Peer: from, Type: typ}, fields...)
	}
	for i := range 200 {
		if i == 190 {
			invoke := tape.add(sim.KindInvoke, c1, sim.Core{K: 1})
			say(c1, n1, put, invoke-1, field("log", "put"))
		}
		step = say(n2, n1, ack, say(n1, n2, batch, step, field("log", fmt.Sprint(i))), field("commit", fmt.Sprint(i)))
	}
	tape.add(sim.KindReturn, c1, sim.Core{Cause: say(n1, c1, put, step), K: 1})
	r := explain.Slice(&tape.Trace, explain.Start{Ops: []history.ID{{Client: 1, N: 1}}})
	if len(r.Records) < 40 || len(r.Records) > 80 {
		t.Errorf("the slice holds %d of %d records, want ten rounds of four and a little more", len(r.Records), r.Of)
	}
}

// A timer tells nothing, so what its firing changed rests on what stood before:
// a primary by three suspicions has three reasons.
func TestSuspicionsAddUp(t *testing.T) {
	const suspect = 1
	n4 := sim.Server(4)
	tape := newTape(sim.Name{Name: "suspect", PushedBy: []string{"beat"}})
	boot := tape.add(sim.KindBoot, n4, sim.Core{}, field("alive", "1 2 3 4"))
	for _, alive := range []string{"2 3 4", "3 4", "4"} {
		tape.add(sim.KindTimer, n4, sim.Core{Cause: boot, Type: suspect}, field("alive", alive))
	}
	r := explain.Slice(&tape.Trace, explain.Start{Places: []sim.Place{{Node: n4, Field: "alive"}}})
	if len(r.Records) != 4 {
		t.Errorf("the slice holds %d records, want the boot and three suspicions: %+v", len(r.Records), r.Records)
	}
}
