package sim

// postponed is an effect of a handler, or the rest of a Proc's step.
type postponed struct {
	effect uint16 // the number of the effect before it
	do     func()
}

// Pause stops a process, not its disk: syncs finish, what arrives waits in its
// inbox, timers fire late and held sends leave on resume.
func (w *World) Pause(id NodeID) {
	m := w.mustMachine(id)
	if m.up && !m.paused {
		m.waits, m.paused, m.pausedIn = true, true, w.cause
		w.seal(w.rec(KindPause, m))
	}
}

// Resume lets a paused process go on where it stopped: first leave the held
// sends whose syncs are done, then comes the rest of the step it was in, then
// its inbox in order.
func (w *World) Resume(id NodeID) {
	if m := w.mustMachine(id); m.up && m.paused {
		// An event of its own, so that what is due at this instant and was
		// queued before still finds the machine paused and keeps its place.
		ev := w.queue.push(w.now)
		*ev = event{kind: evResume, to: id, inc: m.inc}
	}
}

func (w *World) resume(m *machine, inc uint32) {
	if !m.up || !m.paused || m.inc != inc {
		return
	}
	m.paused, m.waits = false, m.busy
	resume := w.seal(w.rec(KindResume, m))
	w.release(m, resume)
	w.finishStep(m, resume)
	w.drain(m, false)
}

// drain handles what waits in the inbox, in order, until there is nothing left or
// the machine waits again. lurk is whether the timers among it are moments.
func (w *World) drain(m *machine, lurk bool) {
	for len(m.inbox) > 0 && m.up && !m.waits {
		ev := m.inbox[0]
		m.inbox[0] = event{}
		m.inbox = m.inbox[1:]
		w.cause, w.cause2 = 0, 0
		switch {
		case ev.kind != evTimer:
			w.receive(m, &ev)
		case !lurk || w.comesToLateTimeout(m, &ev):
			if e, t := w.timerDue(&ev, true); t != nil {
				w.fire(e, t)
			}
		}
		if w.watches.active {
			w.watches.afterEvent(w)
		}
	}
	if len(m.inbox) == 0 {
		m.inbox = nil
	}
}

// postpone keeps what comes after effect number effect of the running step
// until the machine resumes.
func (m *machine) postpone(effect uint16, do func()) {
	m.postponed = append(m.postponed, postponed{effect, do})
}

// finishStep runs what a pause at an effect postponed. The effects keep their
// numbers and their cause; the resume is the second cause. Another pause may
// strike among them.
func (w *World) finishStep(m *machine, resume uint64) {
	if len(m.postponed) == 0 {
		return
	}
	rest := m.postponed
	m.postponed = nil
	w.begin(m)
	w.cause, w.cause2 = m.pausedIn, resume
	for len(rest) > 0 && m.up && !m.paused {
		m.effect = rest[0].effect
		if m.strikeAt != 0 && w.explore != nil {
			m.strikeAt = m.effect + 1
		}
		rest[0].do()
		rest = rest[1:]
	}
	if m.paused {
		m.postponed = append(m.postponed, rest...)
	}
	w.end(m, resume)
}
