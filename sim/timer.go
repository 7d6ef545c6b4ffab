package sim

import "time"

// timer is one named timer. Its deadline may move without touching the queue: an
// entry that pops early goes back for the rest, so only a deadline that moves
// earlier needs another entry. The one it overtakes stays and does nothing when it
// pops, unless there is such a stale one already: then it is taken out. So a timer
// never has more than two entries, whatever its owner does with it.
type timer struct {
	key      Message
	typ      int32
	armed    bool
	gen      uint64 // of the live entry; entries of other generations are stale
	live     entry
	stale    entry
	deadline int64  // on the machine's monotonic clock
	cause    uint64 // record of the step that armed it
}

// entry is a place in the queue; at is Never when there is none.
type entry struct {
	at   Time
	slot uint32
}

var noEntry = entry{at: Never}

// Arm sets the timer called key to fire in d on this machine's monotonic
// clock; the node is then stepped with key, from nobody. Arming a name again
// replaces it. A key is any comparable value; its type is its name in the trace.
func (e *Env) Arm(key Message, d time.Duration) {
	if !e.unhindered() && !e.stillMay() {
		e.postpones(func() { e.Arm(key, d) })
		return
	}
	if d < 0 {
		panic("sim: Arm with a negative duration: a timer cannot fire in the past")
	}
	i := e.timerIndex(key)
	t := &e.timers[i]
	t.armed, t.cause = true, e.w.cause
	t.deadline = int64(addTime(Time(e.m.clock.local(e.w.now)), uint64(d)))
	e.w.enqueueTimer(e, i)
}

// Cancel disarms a timer; it does nothing to one that is not armed.
func (e *Env) Cancel(key Message) {
	if !e.effect() {
		e.postpones(func() { e.Cancel(key) })
		return
	}
	e.disarm(key)
}

func (e *Env) disarm(key Message) {
	for i := range e.timers {
		if t := &e.timers[i]; t.key == key {
			t.armed = false
		}
	}
}

// Armed reports whether a timer is set.
func (e *Env) Armed(key Message) bool {
	for i := range e.timers {
		if t := &e.timers[i]; t.key == key {
			return t.armed
		}
	}
	return false
}

// timerIndex finds the timer of a name. A slot whose timer is neither armed
// nor queued can take a new name of the same type, so names that come and go
// do not pile up.
func (e *Env) timerIndex(key Message) int {
	free := -1
	for i := range e.timers {
		t := &e.timers[i]
		if sameKey(t.key, key) {
			return i
		}
		if !t.armed && t.live.at == Never {
			free = i
		}
	}
	typ := e.w.types.of(e.part, key)
	mustCompare(key)
	if free < 0 {
		e.timers = append(e.timers, timer{stale: noEntry})
		free = len(e.timers) - 1
	}
	t := &e.timers[free]
	*t = timer{key: key, typ: typ, gen: t.gen + 1, live: noEntry, stale: t.stale}
	return free
}

// enqueueTimer makes sure that an entry pops no later than the timer is due.
func (w *World) enqueueTimer(e *Env, i int) {
	t := &e.timers[i]
	due := max(w.now, e.m.clock.due(t.deadline))
	if t.live.at <= due || due == Never {
		return
	}
	if t.live.at != Never {
		w.overtake(t)
	}
	t.gen++
	ev, slot := w.queue.enter(due)
	t.live = entry{due, slot}
	ev.kind, ev.from, ev.to, ev.inc = evTimer, 0, e.m.id, e.m.inc
	ev.part, ev.typ, ev.k = e.part, int32(i), t.gen
}

// overtake gives up the live entry of a timer that is due earlier than it.
func (w *World) overtake(t *timer) {
	if t.stale.at != Never {
		w.queue.drop(t.live.at, t.live.slot)
		return
	}
	t.stale = t.live
}

// timerDue handles a timer's queue entry, and returns the timer if it fires now;
// late is whether the entry comes out of the inbox of a process that was paused or
// busy.
func (w *World) timerDue(ev *event, late bool) (*Env, *timer) {
	m := w.machine(ev.to)
	if !m.up || ev.inc != m.inc {
		return nil, nil
	}
	e := m.envs[ev.part]
	t := &e.timers[ev.typ]
	if t.gen != ev.k {
		t.stale = noEntry
		return nil, nil
	}
	if t.armed && m.clock.local(w.now) < t.deadline {
		t.live = noEntry
		w.enqueueTimer(e, int(ev.typ))
		return nil, nil
	}
	if len(w.lurkers) > 0 && t.armed && !late && !m.busy && !w.comesToTimeout(m, t) {
		return nil, nil
	}
	if t.armed && m.waits { // fires late, in the order of its due time
		m.inbox = append(m.inbox, *ev)
		return nil, nil
	}
	t.live = noEntry
	if !t.armed {
		return nil, nil
	}
	return e, t
}

// forgetTimers takes what an incarnation's timers have in the queue out of it.
func (w *World) forgetTimers(m *machine) {
	for i := range m.inbox {
		if ev := &m.inbox[i]; ev.kind == evTimer { // popped already
			m.envs[ev.part].timers[ev.typ].live = noEntry
		}
	}
	for _, e := range m.envs {
		if e == nil {
			continue
		}
		for i := range e.timers {
			for _, x := range []entry{e.timers[i].live, e.timers[i].stale} {
				if x.at != Never {
					w.queue.drop(x.at, x.slot)
				}
			}
		}
		e.timers = nil
	}
}

func (w *World) fire(e *Env, t *timer) {
	m := e.m
	t.armed = false
	seq := w.record(m, actOf(KindTimer, Delivered, 0, 0), 0, t.typ, m.fired(t.typ), Time(t.deadline), t.cause, 0)
	e.replyTo = ReplyTo{}
	w.step(m, e, 0, t.key, seq)
}

// fireCount counts the firings of one timer type on one machine, across
// incarnations.
type fireCount struct {
	typ int32
	k   uint64
}

func (m *machine) fired(typ int32) uint64 {
	for i := range m.fires {
		if f := &m.fires[i]; f.typ == typ {
			f.k++
			return f.k
		}
	}
	m.fires = append(m.fires, fireCount{typ, 1})
	return 1
}

// setRate changes the rate of a machine's clocks; its timers keep their local
// deadlines.
func (w *World) setRate(m *machine, rate int64) {
	m.clock.setRate(w.now, rate)
	for _, e := range m.envs {
		if e == nil || e.dead {
			continue
		}
		for i := range e.timers {
			if e.timers[i].armed {
				w.enqueueTimer(e, i)
			}
		}
	}
}

// Drift runs a machine's clocks ppm parts per million fast (or slow, if
// negative) from now on; −1,000,000 freezes them.
func (w *World) Drift(id NodeID, ppm int64) {
	assert(ppm >= -million, "clock drift of %d ppm would run backwards", ppm)
	m := w.mustMachine(id)
	w.setRate(m, million+ppm)
	c := w.rec(KindClock, m)
	c.K = uint64(ppm)
	w.seal(c)
}

// StepWall moves a machine's wall clock at once by d, forward or back. The
// monotonic clock and the timers do not notice.
func (w *World) StepWall(id NodeID, d time.Duration) {
	m := w.mustMachine(id)
	m.clock.wall += int64(d)
	c := w.rec(KindClock, m)
	c.Due = Time(d)
	w.seal(c)
	w.trace.mix(uint64(d))
}
