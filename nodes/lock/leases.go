package lock

import (
	"slices"
	"time"

	"distsim/sim"
)

// leases is when sessions end unless they are renewed, on the leader's clock.
//
// A session that was renewed by a leader lasts for its TTL from then on at least,
// whoever leads: a later leader gives every session its whole time when it is elected,
// and it is elected after the renewal, as that was told only once a quorum had
// confirmed the reign. A session that its leader has decided to end is not renewed any
// more, though the decision may be lost with the reign.
type leases struct {
	server *Server
	all    []lease // in no order that matters
}

// lease is a session's.
type lease struct {
	session SessionID
	ends    int64 // on the clock that the configuration names
	ending  bool  // its end is proposed
}

// wallTick is how often leases on a wall clock are looked at, at least: the clock may
// jump while a timer runs on the other one.
const wallTick = 20 * time.Millisecond

// begin gives every session its whole time.
func (l *leases) begin() {
	l.all = l.all[:0]
	for _, s := range l.server.table.live {
		l.add(s)
	}
	l.arm()
}

func (l *leases) add(s *session) {
	l.all = append(l.all, lease{session: s.id, ends: l.now() + int64(s.ttl)})
}

func (l *leases) stop() {
	l.all = l.all[:0]
	l.server.env.Cancel(expiryDue{})
}

func (l *leases) now() int64 { return l.server.cfg.Clock.read(l.server.env) }

func (l *leases) of(id SessionID) *lease {
	for i := range l.all {
		if l.all[i].session == id {
			return &l.all[i]
		}
	}
	return nil
}

// follow takes note of sessions that a command has opened or ended.
func (l *leases) follow(events []event) {
	for i := range events {
		id := events[i].session
		s, known := l.server.table.sessions[id], l.of(id)
		switch {
		case s != nil && known == nil:
			l.add(s)
			l.arm()
		case s == nil && known != nil:
			*known = l.all[len(l.all)-1]
			l.all = l.all[:len(l.all)-1]
		}
	}
}

// renew lets a session last for its whole time from now on. One whose end is proposed ends
// all the same.
func (l *leases) renew(id SessionID) {
	if known := l.of(id); known != nil {
		known.ends = l.now() + int64(l.server.table.sessions[id].ttl)
	}
}

// running reports whether a session is open and nobody has decided to end it.
func (l *leases) running(id SessionID) bool {
	known := l.of(id)
	return known != nil && !known.ending
}

// arm waits for the lease that ends first.
func (l *leases) arm() {
	first := int64(-1)
	for _, x := range l.all {
		if !x.ending && (first < 0 || x.ends < first) {
			first = x.ends
		}
	}
	if first < 0 {
		return
	}
	wait := max(0, time.Duration(first-l.now()))
	if l.server.cfg.Clock == Wall {
		wait = min(wait, wallTick)
	}
	l.server.env.Arm(expiryDue{}, wait)
}

// onExpiryDue ends the sessions whose time is over.
func (s *Server) onExpiryDue() {
	now := s.leases.now()
	for i := range s.leases.all {
		if x := &s.leases.all[i]; !x.ending && x.ends <= now {
			x.ending = true
			s.propose(&Request{Verb: expire, Session: x.session})
		}
	}
	s.leases.arm()
}

// onKeepAlive renews a session. Its time counts from now, but it is told only when a
// quorum has confirmed that this server still leads.
func (s *Server) onKeepAlive(env *sim.Env, m *KeepAlive) {
	r := reading{beat: m, owed: owed{to: env.ReplyTo()}}
	if !s.raft.Leads() {
		s.refuseReading(r)
		return
	}
	s.leases.renew(m.Session)
	s.read(r)
}

// reading is what waits until it is certain that this server leads, and that its table
// holds all that anybody was told.
type reading struct {
	owed
	beat *KeepAlive // a session to be renewed; nil: r is to be answered
}

func (s *Server) read(r reading) {
	s.reading = append(s.reading, r)
	s.raft.Read()
}

// Readable answers what has waited longest.
func (s *Server) Readable(count int) {
	for _, r := range s.reading[:count] {
		if r.beat != nil {
			s.renewed(r)
		} else {
			s.look(r.owed)
		}
	}
	s.reading = append(s.reading[:0], s.reading[count:]...)
}

// renewed tells a session that it lasts. One whose end is proposed is told when it has
// come.
func (s *Server) renewed(r reading) {
	id := r.beat.Session
	switch open := s.table.sessions[id] != nil; {
	case !open:
		s.env.Reply(r.to, &Kept{Session: id, Sent: r.beat.Sent, Status: Ended})
	case s.leases.running(id):
		k := &Kept{Session: id, Sent: r.beat.Sent, Status: Renewed}
		k.Leader, k.Term = s.leader()
		s.env.Reply(r.to, k)
	}
}

// refuseReading says who leads.
func (s *Server) refuseReading(r reading) {
	if r.beat == nil {
		s.redirect(r.owed, Refused)
		return
	}
	k := &Kept{Session: r.beat.Session, Sent: r.beat.Sent, Status: Refused}
	k.Leader, k.Term = s.leader()
	s.env.Reply(r.to, k)
}

// look answers what was asked about a lock, or has it watched.
func (s *Server) look(o owed) {
	s.watched = slices.DeleteFunc(s.watched, func(x owed) bool { return x.r.Session == o.r.Session && x.r.N <= o.r.N })
	l := s.table.locks[o.r.Lock]
	if o.r.Verb == Watch && l.isHeldUnder(o.r.Token) {
		s.watched = append(s.watched, o)
		s.reply(o, answer{status: Queued})
		return
	}
	s.reply(o, l.seen())
}

// tellWatchers answers those whose lock is not held under their token any more.
func (s *Server) tellWatchers() {
	keep := s.watched[:0]
	for _, o := range s.watched {
		if l := s.table.locks[o.r.Lock]; l.isHeldUnder(o.r.Token) {
			keep = append(keep, o)
		} else {
			s.reply(o, l.seen())
		}
	}
	s.watched = keep
}

func (l *lock) isHeldUnder(token uint64) bool {
	return l != nil && l.owner != SessionID{} && l.token == token
}

// seen is what a lock looks like; nil is one that nobody has ever asked for.
func (l *lock) seen() answer {
	a := answer{status: Seen}
	if l == nil {
		return a
	}
	a.value = l.value
	if l.owner != (SessionID{}) {
		a.token = l.token
	}
	return a
}
