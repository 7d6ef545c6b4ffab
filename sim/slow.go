package sim

import "slices"

// slowness is a rule that makes a machine's steps take time.
type slowness struct {
	by  Dist
	key uint64 // of its draws
}

// Slow makes each step of a machine that begins from now on take a time s drawn
// from by, and returns the function that ends that. name keys the draws, so that
// removing one of two rules changes nothing about the other; rules add up.
//
// A step that begins at t occupies its machine until t+s, boots and the steps of
// Procs included:
//
//	at t    the code runs: it reads the clocks, draws, writes and changes its memory;
//	        its syncs are issued and begin; its timers are armed and count from t
//	at t+s  its sends leave, those to itself included, or later if they still wait
//	        for a sync
//
// What arrives or is due in between waits in the inbox, in order of (due,
// sequence), and no partition can touch it there. A crash in between drops the
// sends, as it drops those that wait for a sync. A pause does not lengthen the step:
// it is over at t+s or when the machine resumes, whichever is later. A step that
// ends its process takes no time. Ending the rule lets the step under way take its
// time.
func (w *World) Slow(id NodeID, by Dist, name string) (end func()) {
	m, rule := w.mustMachine(id), &slowness{by, hashName(name)}
	m.slow = append(m.slow, rule)
	w.slowRules++
	w.watches.active = true // steps that take time go the careful way
	return func() {
		if !slices.Contains(m.slow, rule) {
			return
		}
		m.slow = slices.DeleteFunc(m.slow, func(x *slowness) bool { return x == rule })
		w.slowRules--
	}
}

// occupy makes a machine busy with the step that its latest record begins.
func (w *World) occupy(m *machine) {
	took := w.stepTime(m)
	if took == 0 {
		return
	}
	m.busy, m.waits = true, true
	m.busyUntil = addTime(w.now, took)
	ev := w.queue.push(m.busyUntil)
	*ev = event{kind: evReady, to: m.id, inc: m.inc}
}

// stepTime decides how long a step takes: one decision, named by what the step
// answers to.
func (w *World) stepTime(m *machine) uint64 {
	id := w.stepIdentity(w.trace.Len)
	raw := Draw(w.seed, id)
	out := Outcomes{Kind: Value, Dist: m.slow[0].by}
	var sum Time
	for i, r := range m.slow {
		sum = addTime(sum, uint64(r.by.sample(fold(raw, r.key))))
		if i > 0 {
			out.Dist = Uniform(0, out.Dist.Max()+r.by.Max())
		}
	}
	if w.chooser != nil {
		sum = Time(w.choose(id, out, int64(sum)))
	}
	return uint64(sum)
}

// stepIdentity names the step that record seq has begun: by its message, its timer, or
// for a boot by the incarnation.
func (w *World) stepIdentity(seq uint64) Identity {
	c := w.trace.slot(seq - 1)
	id := Identity{Node: c.Node, Name: w.trace.NameOf(c), K: c.K, Copy: c.Copy, Purpose: ForStep}
	switch c.Kind {
	case KindDeliver:
		id.Subject, id.Node, id.Peer = OfMessage, c.Peer, c.Node
	case KindTimer:
		id.Subject = OfTimer
	default:
		id.Subject, id.Name, id.K = OfNode, bootName, uint64(c.Inc)
	}
	return id
}

// bootName stands for boots in identities of draws.
const bootName = "sim.Boot"

// ready ends a step that took time: its sends leave, and the inbox goes on.
func (w *World) ready(m *machine, inc uint32) {
	if !m.up || m.inc != inc || !m.busy || m.busyUntil > w.now {
		return
	}
	m.busy, m.waits = false, m.paused
	if m.paused { // the sends leave when it resumes
		return
	}
	w.release(m, 0)
	w.drain(m, true)
}

// hurry ends a step under way at once: its process ends itself.
func (w *World) hurry(m *machine) {
	if !m.busy {
		return
	}
	m.busy = false
	for i := range m.held {
		m.held[i].until = 0
	}
	w.release(m, 0)
}

// comesToLateTimeout reports whether a timer that waited in the inbox of a busy
// machine may have its step begun: who lurks for it comes first, and may crash or
// pause the machine.
func (w *World) comesToLateTimeout(m *machine, ev *event) bool {
	t := &m.envs[ev.part].timers[ev.typ]
	if len(w.lurkers) == 0 || t.gen != ev.k || !t.armed || m.clock.local(w.now) < t.deadline {
		return true // for timerDue to judge
	}
	if !w.comesToTimeout(m, t) {
		return false
	}
	if m.paused {
		m.inbox = slices.Insert(m.inbox, 0, *ev)
	}
	return !m.paused
}
