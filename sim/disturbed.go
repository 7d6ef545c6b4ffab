package sim

import (
	"slices"
	"time"
)

// Corruptible is a message that can be damaged in a way that its receiver does not
// notice: Corrupt returns an altered copy, chosen by draw, and leaves the message
// itself alone.
type Corruptible interface {
	Corrupt(draw uint64) Message
}

// Sized is a message that says how many bytes it takes on a link of limited
// bandwidth; one that does not takes DefaultSize.
type Sized interface{ Size() int }

// DefaultSize is how many bytes a message takes that is not Sized.
const DefaultSize = 64

// harm is what the network has done to a message in flight.
type harm uint8

const (
	intact  harm = iota
	damaged      // its checksum will not match
	altered      // its checksum matches all the same
)

// leaveDisturbed is leave under rules, a chooser, duplication or streams. It
// decides what the short way decides, in the same order.
func (w *World) leaveDisturbed(m, dst *machine, s *messageStream, o *outgoing) {
	effect := w.between(m, dst, o.typ)
	queued, fits := effect.queue(w, m, dst, o.msg)
	switch {
	case effect.cut:
		w.breakStream(m, dst)
		w.transmit(m, dst, s, o, 0, Cut, 0)
	case !fits:
		w.breakStream(m, dst)
		w.transmit(m, dst, s, o, 0, Overflow, 0)
	case w.net.cfg.FIFO:
		l := m.links.get(dst.index)
		l.lastDue = max(l.lastDue, addTime(w.in(w.latency(s, o, m.id, &effect, 0)), queued))
		w.transmit(m, dst, s, o, 0, Delivered, l.lastDue)
	default:
		w.leaveDatagram(m, dst, s, o, &effect, queued)
	}
}

// leaveDatagram decides loss, latency and duplication.
func (w *World) leaveDatagram(m, dst *machine, s *messageStream, o *outgoing, e *linkEffect, queued uint64) {
	due := func(copy uint8) Time { return addTime(w.in(w.latency(s, o, m.id, e, copy)), queued) }
	if w.decide(s, o, m.id, ForLoss, e.loss) {
		w.transmit(m, dst, s, o, 0, Lost, 0)
	} else {
		w.transmit(m, dst, s, o, 0, Delivered, due(0))
	}
	if w.decide(s, o, m.id, ForDuplicate, e.duplicate) {
		w.transmit(m, dst, s, o, 1, Duplicated, due(1))
	}
}

// breakStream ends a stream whose segment will never arrive: nothing that is sent
// after the gap may be delivered before the stream is opened anew.
func (w *World) breakStream(m, dst *machine) {
	if w.net.cfg.FIFO {
		m.links.get(dst.index).epoch++
	}
}

// underway does to a message that has just left what rules do to messages in
// flight.
func (w *World) underway(m, dst *machine, ev *event, s *messageStream, due Time) {
	if w.net.cfg.FIFO && dst != m {
		ev.inc = m.links.get(dst.index).epoch
	}
	if dst == m || !w.net.tampers && w.chooser == nil {
		return
	}
	effect := w.between(m, dst, ev.typ)
	if !w.net.cfg.FIFO && ev.copy == 0 {
		w.corrupt(m, ev, s, &effect)
	}
	if effect.clog != nil {
		effect.clog.waiting = append(effect.clog.waiting, parked{*ev, due - w.now, true})
		ev.kind = evNothing // its slot in the queue comes up and does nothing
		ev.msg = nil
	}
}

// corrupt decides whether a message is damaged, and whether that will be noticed.
func (w *World) corrupt(m *machine, ev *event, s *messageStream, e *linkEffect) {
	ppm := min(million, e.damaged+e.altered)
	raw := drawKeyed(s.key, s.k, 0, ForCorrupt)
	yes := ppm > 0 && chance(raw, ppm)
	if w.chooser != nil {
		id := w.messageIdentity(s, m.id, ev.to, 0, ForCorrupt)
		yes = w.choose(id, Outcomes{Kind: Chance, PPM: ppm}, outcome(yes)) == 1
	}
	if !yes {
		return
	}
	ev.harm = damaged
	if c, can := ev.msg.(Corruptible); can && e.altered > 0 && below(fold(raw, 1), uint64(e.altered+e.damaged)) < uint64(e.altered) {
		ev.harm, ev.msg = altered, c.Corrupt(fold(raw, 2))
		if w.cfg.FreezeCheck {
			w.frozen.freeze(w, ev.msg)
		}
	}
}

// parked is a message that waits for a rule to end.
type parked struct {
	ev      event
	travel  Time // it still has this long to go
	clogged bool // it has not set out
}

// frozenInFlight parks a message that would arrive over a link that is held.
func (w *World) frozenInFlight(m *machine, ev *event) bool {
	if !w.net.holds || ev.from == m.id {
		return false
	}
	hold := w.between(w.machine(ev.from), m, ev.typ).hold
	if hold == nil {
		return false
	}
	hold.waiting = append(hold.waiting, parked{ev: *ev})
	return true
}

// letGo puts what a rule has parked back on its way, in order. Another rule may
// park it again.
func (w *World) letGo(r *LinkRule) {
	waiting := r.waiting
	r.waiting = nil
	for i := range waiting {
		p := &waiting[i]
		src, dst := w.machine(p.ev.from), w.machine(p.ev.to)
		rules := w.between(src, dst, p.ev.typ)
		if rules.clog != nil && p.clogged {
			rules.clog.waiting = append(rules.clog.waiting, *p)
			continue
		}
		if rules.hold == nil || p.clogged {
			w.net.released++
		}
		due := addTime(w.now, uint64(p.travel))
		if w.net.cfg.FIFO {
			l := src.links.get(dst.index)
			l.lastDue = max(l.lastDue, due)
			due = l.lastDue
		}
		*w.queue.push(due) = p.ev
	}
}

// Released counts the messages that rules with Hold or Clog have let go of when they
// ended; one that waits for another rule is not released.
func (w *World) Released() uint64 { return w.net.released }

// line is one direction of a link of limited bandwidth.
type line struct {
	from, to int
	freeAt   Time
	ends     []Time // when those that are waiting or being sent are through
}

// transmission is when a message of some bytes is through a rule's line, counted
// from now; it does not fit if as many as the rule's Queue wait already.
func (r *LinkRule) transmission(now Time, from, to, bytes int) (wait uint64, fits bool) {
	i := slices.IndexFunc(r.lines, func(l line) bool { return l.from == from && l.to == to })
	if i < 0 {
		r.lines = append(r.lines, line{from: from, to: to})
		i = len(r.lines) - 1
	}
	l := &r.lines[i]
	for len(l.ends) > 0 && l.ends[0] <= now {
		l.ends = l.ends[1:]
	}
	if len(l.ends) > r.Queue { // one is on the line, the others wait
		return 0, false
	}
	took := uint64(bytes) * uint64(time.Second) / uint64(r.Rate)
	l.freeAt = addTime(max(l.freeAt, now), took)
	l.ends = append(l.ends, l.freeAt)
	return uint64(l.freeAt - now), true
}

// decide is one yes-or-no decision about a message.
func (w *World) decide(s *messageStream, o *outgoing, from NodeID, p Purpose, ppm uint32) bool {
	if w.chooser == nil {
		return ppm > 0 && chance(drawKeyed(s.key, s.k, 0, p), ppm)
	}
	id := w.messageIdentity(s, from, o.to, 0, p)
	yes := ppm > 0 && chance(drawKeyed(s.key, s.k, 0, p), ppm)
	return w.choose(id, Outcomes{Kind: Chance, PPM: ppm}, outcome(yes)) == 1
}

// latency is how long a message takes: its own time, what delays add, and what
// reordering adds.
func (w *World) latency(s *messageStream, o *outgoing, from NodeID, e *linkEffect, copy uint8) time.Duration {
	raw := drawKeyed(s.key, s.k, copy, ForLatency)
	d := Time(w.net.cfg.Latency.sample(raw))
	for r := e.delays; r != nil; r = r.next {
		d = addTime(d, uint64(r.Delay.sample(fold(raw, r.key))))
	}
	if w.chooser != nil {
		id := w.messageIdentity(s, from, o.to, copy, ForLatency)
		d = Time(w.choose(id, Outcomes{Kind: Value, Dist: w.net.cfg.Latency}, int64(d)))
	}
	if e.reorders != nil && copy == 0 && !w.net.cfg.FIFO {
		d = addTime(d, w.reorder(s, o, from, e))
	}
	return time.Duration(d)
}

// reorder is how much longer a message takes so that later ones overtake it.
func (w *World) reorder(s *messageStream, o *outgoing, from NodeID, e *linkEffect) uint64 {
	raw := drawKeyed(s.key, s.k, 0, ForReorder)
	var extra, most uint64
	for r := e.reorders; r != nil; r = r.nextReorder {
		most += uint64(r.Window)
		if own := fold(raw, r.key); chance(own, r.Reorder) {
			extra += 1 + below(fold(own, 1), uint64(r.Window))
		}
	}
	if w.chooser == nil {
		return extra
	}
	id := w.messageIdentity(s, from, o.to, 0, ForReorder)
	return uint64(w.choose(id, Outcomes{Kind: Value, Dist: Uniform(0, time.Duration(most))}, int64(extra)))
}

func (w *World) messageIdentity(s *messageStream, from, to NodeID, copy uint8, p Purpose) Identity {
	return Identity{Subject: OfMessage, Node: from, Peer: to, Name: w.trace.Names[s.typ].Name, K: s.k, Copy: copy, Purpose: p}
}
