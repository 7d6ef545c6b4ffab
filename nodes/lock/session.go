package lock

import (
	"slices"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Session is the user's side of the service: it opens a session when there is something
// to ask, keeps it alive, finds the leader, repeats what is not answered, and knows how
// long its lease runs. It is a Part of the user's machine, and calls its Owner back:
//
//	u.locks = lock.NewSession(cfg, u)
//	env.Part("locks").Attach(u.locks)
//	…
//	u.locks.Acquire("l1", time.Second) // then u.Answered
//
// It has one request under way at a time. When its lease has ended on this machine's own
// clock, or the service says that the session is over, it holds nothing any more and says
// so at once (Lapsed); the next request opens another session.
type Session struct {
	cfg     Config
	owner   Owner
	env     *sim.Env
	servers []sim.NodeID
	target  sim.NodeID // whom to ask next
	leader  sim.NodeID // who leads, as somebody said; 0: unknown
	term    raft.Term  // which term

	id     SessionID
	number uint64 // of sessions in this incarnation
	phase  phase
	n      uint64 // of requests in this session
	ends   int64  // when the lease ends, on this machine's clock
	opened int64  // when the session was asked for first
	held   []Grant

	ask *ask // under way; nil: none
}

// Owner is who uses a Session.
type Owner interface {
	// Answered tells what became of the request. A grant holds while Left is positive.
	Answered(a Answer)
	// Lapsed tells that nothing is held any more.
	Lapsed()
}

// Answer is what became of a request. Refused is one that has had no effect and never
// will have, InDoubt one of which that is not certain.
type Answer struct {
	Session SessionID
	Verb    Verb
	Lock    string
	Status  Status
	Token   uint64
	Value   string
}

// Grant is the lock that an answer has granted.
func (a *Answer) Grant() Grant { return Grant{a.Session, a.Lock, a.Token, a.Value} }

// result is the answer in the vocabulary of histories, if it has one there.
func (a *Answer) result() (ops.LockResult, bool) {
	answers := [...]ops.LockAnswer{Granted: ops.Granted, Busy: ops.Busy, TimedOut: ops.TimedOut, AlreadyHeld: ops.AlreadyHeld,
		Released: ops.Released, NotOwner: ops.NotOwner, Seen: ops.Seen}
	if int(a.Status) >= len(answers) || answers[a.Status] == 0 {
		return ops.LockResult{}, false
	}
	return ops.LockResult{Answer: answers[a.Status], Token: a.Token}, true
}

// Grant is a lock that is held.
type Grant struct {
	Session SessionID
	Lock    string
	Token   uint64
	Value   string
}

type phase uint8

const (
	closed phase = iota
	opening
	open
)

// ask is a request that is under way.
type ask struct {
	request Request
	doubt   bool // an attempt may have taken effect, or may yet
}

// The timers of a Session.
type (
	leaseOver struct{} // the lease ends, as this machine sees it
	beatDue   struct{} // the session is to be renewed
	beatLost  struct{} // a renewal was not answered
	again     struct{} // the request is to be repeated, as nobody knew a leader
	noAnswer  struct{} // an attempt was not answered
	waitOver  struct{} // the wait for a lock is over
	giveUp    struct{} // the request has taken too long
)

// NewSession is a Session that starts when it is attached. Its machine must be none of the
// servers.
func NewSession(cfg Config, owner Owner) *Session {
	return &Session{cfg: cfg.complete(), owner: owner}
}

// Step handles what the service says, and timers.
func (s *Session) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.onBoot(env)
	case *Reply:
		s.onReply(m)
	case *Kept:
		s.onKept(m)
	case leaseOver:
		s.onLeaseOver()
	case beatDue, beatLost:
		s.onBeatDue(m)
	case again:
		s.send()
	case noAnswer:
		s.onNoAnswer()
	case waitOver:
		s.onWaitOver()
	case giveUp:
		s.abandon()
	}
}

func (s *Session) onBoot(env *sim.Env) {
	s.env = env
	s.servers = env.Servers()[:s.cfg.Servers]
	s.target = s.servers[env.ID().Ordinal()%len(s.servers)]
}

// Try asks for a lock, if it is free.
func (s *Session) Try(lock string) { s.begin(Request{Verb: Try, Lock: lock}, 0) }

// Acquire asks for a lock, and waits for it: so long in line, on this machine's clock.
func (s *Session) Acquire(lock string, wait time.Duration) {
	s.begin(Request{Verb: Acquire, Lock: lock}, wait)
	s.env.Arm(waitOver{}, wait)
}

// Release gives a lock back that it holds under this token, or did. It is not held any
// more from now on: if the service cannot be told, the session ends with it.
func (s *Session) Release(lock string, token uint64) {
	s.drop(lock, token)
	s.begin(Request{Verb: Release, Lock: lock, Token: token}, 0)
}

// Put changes the value kept with a lock that it holds under this token.
func (s *Session) Put(lock string, token uint64, value string) {
	s.begin(Request{Verb: Put, Lock: lock, Token: token, Value: value}, 0)
}

// Inspect asks whether a lock is held.
func (s *Session) Inspect(lock string) { s.begin(Request{Verb: Inspect, Lock: lock}, 0) }

// Watch asks to be told when a lock is not held under a token any more, and waits so long
// for that; then it is Refused.
func (s *Session) Watch(lock string, token uint64, wait time.Duration) {
	s.begin(Request{Verb: Watch, Lock: lock, Token: token}, wait)
}

// Held is the grant of a lock, if it is held and its lease still runs.
func (s *Session) Held(lock string) (Grant, bool) {
	i := slices.IndexFunc(s.held, func(g Grant) bool { return g.Lock == lock })
	if i < 0 || s.Left() <= 0 {
		return Grant{}, false
	}
	return s.held[i], true
}

// Left is how long the lease still runs, on this machine's clock; 0 or less: it is over.
func (s *Session) Left() time.Duration {
	if s.phase != open {
		return 0
	}
	return time.Duration(s.ends - s.cfg.Clock.read(s.env))
}

// Close ends the session. All its locks are given back, as soon as a server hears of it.
func (s *Session) Close() {
	if s.phase == open {
		s.env.Send(s.target, &Request{Session: s.id, Term: s.term, Verb: Close})
	}
	s.reset()
}

// begin begins a request; while another is under way that is a mistake.
func (s *Session) begin(r Request, wait time.Duration) {
	if s.ask != nil {
		panic("lock: " + s.env.ID().String() + " asks before its last request is answered")
	}
	s.ask = &ask{request: r}
	s.env.Arm(giveUp{}, wait+s.cfg.Patience)
	if s.phase != open { // one that was asked for earlier in vain may be over by now
		s.open()
	}
	s.n++
	s.ask.request.Session, s.ask.request.N = s.id, s.n
	s.send()
}

// open asks for another session.
func (s *Session) open() {
	s.number++
	s.id = SessionID{Client: s.env.ID(), Session: uint64(s.env.Incarnation())<<32 | s.number}
	s.phase, s.n = opening, 0
	s.opened = s.cfg.Clock.read(s.env)
}

// send makes an attempt. Only who leads the term that it names may carry it out. What
// that one may have had stays in doubt until it is answered: a refusal that comes later
// may be of another copy, which came when the reign was over.
func (s *Session) send() {
	if s.ask == nil {
		return
	}
	s.env.Cancel(again{})
	s.env.Arm(noAnswer{}, s.cfg.Timeout)
	if s.phase == opening {
		s.env.Send(s.target, &Request{Session: s.id, Term: s.term, Verb: Open, TTL: s.cfg.TTL})
		return
	}
	r := s.ask.request
	r.Term = s.term
	s.ask.doubt = s.ask.doubt || s.target == s.leader
	s.env.Send(s.target, &r)
}

// onReply is the answer to an attempt, or to an earlier one.
func (s *Session) onReply(m *Reply) {
	opens := m.N == 0
	if m.Session != s.id || s.ask == nil || !opens && m.N != s.ask.request.N || opens != (s.phase == opening) {
		return
	}
	switch m.Status {
	case Opened:
		s.onOpened()
	case Refused, InDoubt:
		s.redirect(m.Leader, m.Term)
	case Queued:
		s.onQueued()
	case Ended:
		s.over()
	default:
		s.answered(m)
	}
}

// onQueued: the answer will come. The request is repeated all the same, in case the place
// in line is lost with a leader.
func (s *Session) onQueued() {
	if s.ask.request.Verb != Cancel {
		s.env.Arm(noAnswer{}, s.cfg.TTL)
	}
}

// onOpened: the lease counts from the first time that the session was asked for, as the
// service may have opened it then.
func (s *Session) onOpened() {
	s.phase = open
	s.extend(s.opened)
	if s.phase == open {
		s.beat()
		s.send()
	}
}

// answered ends a request.
func (s *Session) answered(m *Reply) {
	r := s.ask.request
	s.done()
	switch m.Status {
	case Granted:
		s.held = append(s.held, Grant{s.id, r.Lock, m.Token, m.Value})
	case NotOwner:
		s.drop(r.Lock, r.Token)
	}
	s.owner.Answered(Answer{s.id, asked(r.Verb), r.Lock, m.Status, m.Token, m.Value})
}

// drop ends a hold.
func (s *Session) drop(lock string, token uint64) {
	s.held = slices.DeleteFunc(s.held, func(g Grant) bool { return g.Lock == lock && g.Token == token })
}

// asked is what the owner asked for.
func asked(v Verb) Verb {
	if v == Cancel {
		return Acquire
	}
	return v
}

func (s *Session) done() {
	s.ask = nil
	s.env.Cancel(again{})
	s.env.Cancel(noAnswer{})
	s.env.Cancel(waitOver{})
	s.env.Cancel(giveUp{})
}

// redirect goes where a server says the leader is, unless it knows better, and waits when
// nobody does.
func (s *Session) redirect(leader sim.NodeID, term raft.Term) {
	if leader != 0 && term > s.term || leader != s.target && term == s.term && leader != 0 {
		s.target, s.leader, s.term = leader, leader, term
		s.send()
		return
	}
	s.askNext()
	s.env.Cancel(noAnswer{})
	s.env.Arm(again{}, s.cfg.Timeout/10)
}

// askNext turns to the next server.
func (s *Session) askNext() {
	i := slices.Index(s.servers, s.target)
	s.target = s.servers[(i+1)%len(s.servers)]
}

func (s *Session) onNoAnswer() {
	s.askNext()
	s.send()
}

// onWaitOver: the lock was not granted in time, as far as is known here. The service has
// the last word.
func (s *Session) onWaitOver() {
	s.ask.request.Verb = Cancel
	s.send()
}

// abandon gives a request up. If something may still come of it, the session ends with
// it; and if it was to give a lock back, which nobody else would get as long as the session
// lives.
func (s *Session) abandon() {
	if !s.ask.inDoubt() && s.ask.request.Verb != Release {
		s.fail()
		return
	}
	s.Close()
	s.owner.Lapsed()
}

// inDoubt reports whether a request may have changed something, or may yet.
func (a *ask) inDoubt() bool { return a.doubt && !a.request.Verb.reads() }
