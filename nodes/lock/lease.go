package lock

import (
	"distsim/nodes/raft"
	"distsim/sim"
)

// The lease of a session, as its user sees it. It is renewed every quarter of its
// length; each renewal counts from when it was sent, which its answer repeats, so that
// answers may come late and in any order.

// beat asks to renew the session.
func (s *Session) beat() {
	s.env.Send(s.target, &KeepAlive{Session: s.id, Sent: s.cfg.Clock.read(s.env)})
	s.env.Arm(beatLost{}, min(s.cfg.Timeout, s.cfg.every()))
}

// onBeatDue renews, or repeats a renewal elsewhere that was not answered.
func (s *Session) onBeatDue(timer any) {
	if timer == (beatLost{}) {
		s.askNext()
	}
	s.beat()
}

func (s *Session) onKept(m *Kept) {
	if m.Session != s.id || s.phase != open {
		return
	}
	switch m.Status {
	case Renewed:
		s.env.Cancel(beatLost{})
		s.env.Arm(beatDue{}, s.cfg.every())
		s.learn(m.Leader, m.Term)
		s.extend(m.Sent)
	case Ended:
		s.over()
	case Refused:
		s.beatElsewhere(m)
	}
}

// beatElsewhere goes where a server says the leader is, or waits for the renewal to be
// taken for lost.
func (s *Session) beatElsewhere(m *Kept) {
	if s.learn(m.Leader, m.Term) {
		s.beat()
	}
}

// learn takes note of who leads, and reports whether that is news. Then what is under way
// is repeated there: a new leader knows who waits, and not where.
func (s *Session) learn(leader sim.NodeID, term raft.Term) bool {
	if leader == 0 || term < s.term || term == s.term && leader == s.target {
		return false
	}
	s.target, s.leader, s.term = leader, leader, term
	if s.ask != nil {
		s.send()
	}
	return true
}

// extend makes the lease run from an instant of this machine's clock.
func (s *Session) extend(from int64) {
	s.ends = max(s.ends, from+int64(s.cfg.View()))
	s.onLeaseOver()
}

// onLeaseOver: the lease ends, unless it was renewed, or the clock was set back.
func (s *Session) onLeaseOver() {
	if left := s.Left(); left > 0 {
		s.env.Arm(leaseOver{}, left)
		return
	}
	s.over()
}

// over ends the session on this side. A request that is under way is in doubt, if an attempt
// was made that may have reached somebody.
func (s *Session) over() {
	s.reset()
	s.owner.Lapsed()
}

// reset forgets the session and what it held.
func (s *Session) reset() {
	s.phase, s.held, s.ends = closed, nil, 0
	for _, timer := range []any{leaseOver{}, beatDue{}, beatLost{}} {
		s.env.Cancel(timer)
	}
	if s.ask != nil {
		s.fail()
	}
}

// fail ends a request without an answer.
func (s *Session) fail() {
	a := s.ask
	s.done()
	answer := Answer{Session: s.id, Verb: asked(a.request.Verb), Lock: a.request.Lock, Status: Refused}
	if a.inDoubt() {
		answer.Status = InDoubt
	}
	s.owner.Answered(answer)
}
