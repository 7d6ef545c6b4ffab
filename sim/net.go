package sim

import "slices"

// NetConfig is the network when no fault disturbs it.
type NetConfig struct {
	Latency   Dist   // of every message, drawn for each
	Loss      uint32 // parts per million
	Duplicate uint32 // parts per million
	FIFO      bool   // links are streams: nothing lost, doubled or overtaken, all broken by a crash
}

type network struct {
	cfg   NetConfig
	rules []*LinkRule
	plain bool // datagrams that no rule, chooser or duplication touches: the short way

	// What some rule in force does, so that links need not be looked at for the rest.
	cuts, holds, tampers bool

	released uint64 // by ends of Hold and Clog
}

// linkTable is what a machine's outgoing links remember, by the receiver's dense
// number; datagram links remember nothing.
type linkTable struct {
	to []*link
}

// link is one direction between two machines.
type link struct {
	lastDue Time   // FIFO: when the latest message arrives
	epoch   uint32 // FIFO: counts the breaks
}

func (t *linkTable) get(peer int) *link {
	for peer >= len(t.to) {
		t.to = append(t.to, nil)
	}
	if t.to[peer] == nil {
		t.to[peer] = &link{}
	}
	return t.to[peer]
}

// outgoing is a message whose sender has done its part.
type outgoing struct {
	env    *Env
	to     NodeID
	msg    Message
	cause  uint64 // record of the step that sent it
	cause2 uint64 // record that released it, if it was held
	effect uint16
	call   uint64
	reply  bool
	part   uint16 // where it arrives
	typ    int32
}

// heldSend waits until the machine's sync number need is durable and its step is
// over. Both only grow from one to the next, so they leave in order.
type heldSend struct {
	outgoing
	need  uint64
	until Time // 0: its step took no time
}

// send holds the message if a sync is under way or the step takes time, else lets
// it leave.
func (w *World) send(o *outgoing) {
	m := o.env.m
	o.effect = m.effect
	o.typ = w.types.of(o.part, o.msg)
	if w.cfg.FreezeCheck {
		w.frozen.freeze(w, o.msg)
	}
	if m.syncing || m.busy {
		w.mustMachine(o.to) // complains here, in the sender's step
		h := heldSend{outgoing: *o, need: m.disk.issued}
		if m.busy {
			h.until = m.busyUntil
		}
		m.held = append(m.held, h)
		return
	}
	w.leave(m, o)
}

// release lets the held sends go whose syncs are durable and whose steps are over.
// by is the record of the sync or resume that did it, 0 if time did.
func (w *World) release(m *machine, by uint64) {
	n := 0
	for n < len(m.held) && m.held[n].need <= m.disk.done && m.held[n].until <= w.now {
		if by != 0 {
			m.held[n].cause2 = by
		}
		w.leave(m, &m.held[n].outgoing)
		n++
	}
	rest := copy(m.held, m.held[n:])
	clear(m.held[rest:])
	m.held = m.held[:rest]
}

// nextMayLeave reports whether nothing holds the oldest held send any more.
func (m *machine) nextMayLeave(now Time) bool {
	return len(m.held) > 0 && m.held[0].need <= m.disk.done && m.held[0].until <= now
}

// releaseNext is release for the oldest held send alone.
func (w *World) releaseNext(m *machine, by uint64) {
	h := m.held[0]
	m.held = slices.Delete(m.held, 0, 1)
	h.cause2 = by
	w.leave(m, &h.outgoing)
}

// unsent records that a crash dropped a held send.
func (w *World) unsent(m *machine, h *heldSend) {
	c := w.rec(KindUnsent, m)
	c.Peer, c.Type, c.Effect, c.Cause2 = h.to, h.typ, h.effect, h.cause
	if h.until > w.now {
		c.Due = h.until
	}
	w.summarize(w.seal(c), h.msg)
}

// leave puts a message on its link: its identity is numbered, its loss,
// duplication and latency are decided.
func (w *World) leave(m *machine, o *outgoing) {
	dst := w.machine(o.to) // not looked into: in a large world it is far away
	if dst == nil {
		w.mustMachine(o.to)
	}
	count := m.sent.find(o.to, o.typ)
	if count.to == 0 {
		count = m.sent.add(o.to, o.typ)
	}
	count.k++
	s := &messageStream{o.typ, count.k, streamKey(w.seed, OfMessage, m.id, o.to, w.trace.hashes[o.typ])}
	fate, due := Delivered, w.now
	switch cfg := &w.net.cfg; {
	case dst == m:
	case !w.net.plain:
		w.leaveDisturbed(m, dst, s, o)
		if len(w.witnesses) > 0 {
			w.witness(m.id, o.to, o.msg)
		}
		return
	case cfg.Loss > 0 && chance(drawKeyed(s.key, s.k, 0, ForLoss), cfg.Loss):
		fate, due = Lost, 0
	default:
		due = w.in(cfg.Latency.sample(drawKeyed(s.key, s.k, 0, ForLatency)))
	}
	w.transmit(m, dst, s, o, 0, fate, due)
	if len(w.witnesses) > 0 && dst != m {
		w.witness(m.id, o.to, o.msg)
	}
}

// transmit records a send and, unless it is already lost, queues its arrival.
func (w *World) transmit(m, dst *machine, s *messageStream, o *outgoing, copy uint8, fate Fate, due Time) {
	seq := w.record(m, actOf(KindSend, fate, copy, o.effect), o.to, o.typ, s.k, due, o.cause, o.cause2)
	if w.trace.keep {
		w.summarize(seq, o.msg)
	}
	if fate.Gone() {
		return
	}
	ev := w.queue.push(due)
	ev.kind, ev.copy, ev.reply, ev.msg, ev.cause, ev.k, ev.call = evDeliver, copy, o.reply, o.msg, seq, s.k, o.call
	ev.from, ev.to, ev.inc, ev.typ, ev.part = m.id, o.to, m.inc, o.typ, o.part
	ev.harm = intact
	if !w.net.plain {
		w.underway(m, dst, ev, s, due)
	}
}

// simplyArrives reports whether nothing keeps a message from its machine that would
// have to be looked at; else getsThrough decides.
func (w *World) simplyArrives(m *machine, ev *event) bool {
	return w.net.plain && m.up && !m.waits && ev.from != m.id && ev.harm == intact
}

// getsThrough ends a message's flight at a machine that is up and reachable, and
// reports whether its step begins now. It may wait in the inbox of a process that is
// paused or busy, where no later partition can touch it.
func (w *World) getsThrough(m *machine, ev *event) bool {
	if fate, missed := w.misses(m, ev); missed {
		w.miss(m, ev, fate)
		return false
	}
	if !w.net.plain && w.frozenInFlight(m, ev) {
		return false
	}
	if m.waits {
		m.inbox = append(m.inbox, *ev)
		return false
	}
	return true
}

// receive begins the step of a message that has reached its machine's process.
func (w *World) receive(m *machine, ev *event) {
	e := m.envs[0]
	if ev.part != 0 {
		e = m.arrivalEnv(w, ev.part)
	}
	if ev.reply && e.awaiting != ev.call {
		w.miss(m, ev, Late)
		return
	}
	seq := w.record(m, actOf(KindDeliver, Delivered, ev.copy, 0), ev.from, ev.typ, ev.k, 0, ev.cause, 0)
	if ev.harm == altered { // what arrives is not what was sent
		w.summarize(seq, ev.msg)
	}
	if w.cfg.Fingerprint {
		w.trace.Fingerprint = fold(w.trace.Fingerprint^seq, deepHash(ev.msg))
	}
	e.gotReply = ev.reply
	e.replyTo = ReplyTo{ev.from, ev.part, ev.call}
	if ev.reply {
		e.replyTo.call = 0
	}
	w.step(m, e, ev.from, ev.msg, seq)
}

// misses says why a message in flight does not reach its machine.
func (w *World) misses(m *machine, ev *event) (Fate, bool) {
	if ev.from == m.id { // a machine never loses what it says to itself, but forgets it in a crash
		return Down, !m.up || ev.inc != m.inc
	}
	src := w.machine(ev.from)
	if w.net.cuts && w.between(src, m, ev.typ).cut {
		src.links.get(m.index).epoch++ // a stream that loses a segment is lost
		return Cut, true
	}
	if !m.up {
		return Down, true
	}
	if w.net.cfg.FIFO && src.links.get(m.index).epoch != ev.inc {
		return Broken, true
	}
	if ev.harm == damaged {
		return Corrupted, true
	}
	return Delivered, false
}

func (w *World) miss(m *machine, ev *event, fate Fate) {
	c := w.rec(KindMiss, m)
	c.Peer, c.Cause, c.Type, c.K, c.Copy, c.Fate = ev.from, ev.cause, ev.typ, ev.k, ev.copy, fate
	w.seal(c)
}

// missInbox records what a crash threw out of a machine's inbox.
func (w *World) missInbox(m *machine, ev *event) {
	if ev.kind == evDeliver {
		w.miss(m, ev, Down)
	}
}

// breakStreams ends the FIFO links from and to a machine.
func (t *linkTable) breakStreams(w *World, m *machine) {
	if !w.net.cfg.FIFO {
		return
	}
	for _, peer := range w.all {
		for _, l := range []*link{m.links.get(peer.index), peer.links.get(m.index)} {
			l.epoch++
			l.lastDue = 0
		}
	}
}
