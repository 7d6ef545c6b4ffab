package sim

import "slices"

// watches lets faults wait for an event by its identity.
type watches struct {
	active  bool
	by      map[Identity][]*watch
	records []*watch     // those that wait for a record number, ascending
	due     []*watch     // what has happened in the current event
	tail    func(*World) // looks at the world after every event; nil: nobody does
}

// watch waits for an identity, and then either runs fn or strikes a machine
// before an effect of the step that the identity names.
type watch struct {
	on     Identity
	strike *strike
	fn     func(*World)
}

// strike stops a machine before an effect of a step.
type strike struct {
	node   NodeID
	effect uint16
	pause  bool
	model  CrashModel
	begins func(w *World) // may be nil
	struck bool
	then   func(w *World, struck bool)
}

// When runs fn once, right after the event that id names:
//
//	message  its delivery, the step it triggers included (a lost message never happens)
//	timer    its firing, likewise
//	sync     its issue, at the end of the issuing step: it is under way
//	draw     the draw, at the end of the drawing step; "sim.Boot" is no draw but the
//	         boot of incarnation K, the step included
//	record   record K, at the end of the event it belongs to
func (w *World) When(id Identity, fn func(w *World)) {
	w.watch(&watch{on: id, fn: fn})
}

// Strike says where a crash or a pause hits in the middle of a step.
type Strike struct {
	// On names the step: it is the one that this event triggers, or for a sync or
	// draw the one that makes it. A sync can be struck before itself, but not
	// before what its step did earlier. The record of a sync that is durable names what
	// comes of it: the sends that leave then count as effects, from 1, and what a crash
	// discards they have never said, though it is saved.
	On     Identity
	Node   NodeID     // the machine that must be running that step
	Effect int        // from 1: the effect before which the fault hits
	Pause  bool       // postpone the effects from there on instead of discarding them
	Model  CrashModel // what a crash leaves on the disk

	// Begins, if not nil, is called when it hits, before anything comes of it: to
	// record what fault this is.
	Begins func(w *World)
}

// StrikeAt arranges a Strike. Then runs when the step is over; struck is false
// when the step ended, or was on another machine, before it came to the effect.
// Once called off, between events, it neither strikes nor calls then.
func (w *World) StrikeAt(s Strike, then func(w *World, struck bool)) (callOff func()) {
	assert(s.Effect >= 1 && s.Effect < 1<<16, "a fault strikes before effect 1 or later, not %d", s.Effect)
	if then == nil {
		then = func(*World, bool) {}
	}
	x := &watch{on: s.On, strike: &strike{node: s.Node, effect: uint16(s.Effect), pause: s.Pause, model: s.Model, begins: s.Begins, then: then}}
	w.watch(x)
	return func() { x.strike, x.fn = nil, func(*World) {} }
}

func (w *World) watch(x *watch) {
	x.on.Copy, x.on.Purpose = 0, ForValue
	ws := &w.watches
	ws.active = true
	if x.on.Subject == OfRecord {
		at, _ := slices.BinarySearchFunc(ws.records, x.on.K, func(r *watch, k uint64) int {
			if r.on.K <= k {
				return -1
			}
			return 1
		})
		ws.records = slices.Insert(ws.records, at, x)
		return
	}
	if ws.by == nil {
		ws.by = map[Identity][]*watch{}
	}
	ws.by[x.on] = append(ws.by[x.on], x)
}

// stepBegins looks whether the record that begins m's step is waited for.
func (ws *watches) stepBegins(w *World, m *machine) {
	for len(ws.records) > 0 && ws.records[0].on.K <= w.trace.Len {
		x := ws.records[0]
		ws.records = ws.records[1:]
		if x.on.K == w.trace.Len {
			ws.happens(m, x, 1)
		} else { // recorded between events
			ws.happens(nil, x, 0)
		}
	}
	c := w.trace.slot(w.trace.Len - 1)
	switch c.Kind {
	case KindDeliver:
		if c.Copy == 0 {
			ws.sees(m, Identity{Subject: OfMessage, Node: c.Peer, Peer: c.Node, Name: w.trace.NameOf(c), K: c.K}, 1)
		}
	case KindTimer:
		ws.sees(m, Identity{Subject: OfTimer, Node: c.Node, Name: w.trace.NameOf(c), K: c.K}, 1)
	case KindBoot:
		ws.sees(m, Identity{Subject: OfNode, Node: c.Node, Name: bootName, K: uint64(c.Inc)}, 1)
	}
}

// waitFor reports whether somebody waits for a record up to number seq.
func (ws *watches) waitFor(seq uint64) bool {
	return len(ws.records) > 0 && ws.records[0].on.K <= seq
}

// onRelease is the strike that waits for the sends that m lets go with record seq, or
// nil. Whatever else waited for a record so far is put off to the end of the event.
func (ws *watches) onRelease(m *machine, seq uint64) (s *strike) {
	for ws.waitFor(seq) {
		x := ws.records[0]
		ws.records = ws.records[1:]
		if s == nil && x.strike != nil && x.strike.node == m.id && x.on.K == seq {
			s = x.strike
			continue
		}
		ws.happens(nil, x, 0)
	}
	return s
}

// releaseStruck is release with record seq, the end of a sync, where a strike may hit
// before any of the sends leaves.
func (w *World) releaseStruck(m *machine, seq uint64) {
	s := w.watches.onRelease(m, seq)
	w.stepSeq = seq
	for k := uint16(1); m.up && !m.paused && m.nextMayLeave(w.now); k++ {
		switch {
		case s != nil && s.effect == k:
			w.strikesIdle(m, s)
		case w.explore != nil && w.wantsCrash(m):
			w.strikesIdle(m, w.exploredStrike(m, k))
		default:
			w.releaseNext(m, seq)
		}
	}
	if s != nil && !s.struck {
		s.then(w, false)
	}
}

// strikesIdle hits a machine that is in no step.
func (w *World) strikesIdle(m *machine, s *strike) {
	s.struck = true
	if s.begins != nil {
		s.begins(w)
	}
	if s.pause {
		w.Pause(m.id)
	} else {
		w.crash(m, s.model, "")
	}
	s.then(w, true)
}

// sees takes note that the event id names is happening, in a step of m in which
// a strike can still hit before effect next.
func (ws *watches) sees(m *machine, id Identity, next uint16) {
	xs := ws.by[id]
	if len(xs) == 0 {
		return
	}
	delete(ws.by, id)
	for _, x := range xs {
		ws.happens(m, x, next)
	}
}

// happens arms a strike against the step of m, or of nobody, and puts off
// whatever else was waiting to the end of the event.
func (ws *watches) happens(m *machine, x *watch, next uint16) {
	s := x.strike
	switch {
	case s == nil:
		ws.due = append(ws.due, x)
	case m != nil && s.node == m.id && m.strike == nil && s.effect >= next:
		m.strike, m.ending = s, true
		if m.strikeAt == 0 || s.effect < m.strikeAt { // in explore mode it is the next effect
			m.strikeAt = s.effect
		}
	default:
		ws.due = append(ws.due, &watch{fn: func(w *World) { s.then(w, false) }})
	}
}

// afterEvent runs what waited for something in the event just handled.
func (ws *watches) afterEvent(w *World) {
	for len(ws.records) > 0 && ws.records[0].on.K <= w.trace.Len {
		x := ws.records[0]
		ws.records = ws.records[1:]
		ws.happens(nil, x, 0)
	}
	for len(ws.due) > 0 {
		x := ws.due[0]
		ws.due = ws.due[1:]
		w.cause, w.cause2 = 0, 0
		x.fn(w)
	}
	w.comesToSyncing()
	if ws.tail != nil {
		ws.tail(w)
	}
	ws.active = ws.tail != nil || len(w.lurkers) > 0 || w.diskRules > 0 || w.slowRules > 0 || len(ws.records) > 0 || len(ws.by) > 0
}

// strikes hits the machine in the middle of its running step.
func (w *World) strikes(m *machine) {
	if m.strikeAt == 0 { // no strike; a counter that has wrapped met the zero
		return
	}
	if w.explore != nil && !w.comesToEffect(m) {
		return
	}
	s := m.strike
	m.strikeAt = 0
	s.struck = true
	if s.begins != nil {
		s.begins(w)
	}
	if !s.pause {
		m.dying = true
		m.die()
		return
	}
	m.waits, m.paused, m.pausedIn = true, true, w.cause
	w.seal(w.rec(KindPause, m))
}
