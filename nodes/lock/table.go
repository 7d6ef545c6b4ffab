package lock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	"distsim/sim"
)

// Table is the state machine that the group replicates: sessions, and locks with who
// holds them and who waits. It knows no clock: that a session has ended is a command
// like the others.
type Table struct {
	live     []*session // as they were opened
	sessions map[SessionID]*session
	latest   map[sim.NodeID]uint64 // each machine's session opened last, ended or not
	locks    map[string]*lock
	token    uint64 // granted last
	hash     uint64

	events  []event          // of the command at hand
	deeds   []invariant.Deed // of this incarnation
	unseen  bool             // nobody looks at deeds: none are kept
	scratch []byte
}

// session is one user's.
type session struct {
	id     SessionID
	ttl    time.Duration
	n      uint64 // its latest request; older ones are late copies
	answer answer
	holds  []string // locks, as they were granted
	hash   uint64
}

// answer is what a session was told of its latest request.
type answer struct {
	status Status // waiting: it is in a queue
	token  uint64
	value  string
}

// lock is one lock. It is kept for ever: tokens must not begin anew.
type lock struct {
	name  string
	owner SessionID // zero: nobody
	token uint64    // granted last
	value string
	queue []waiter
	hash  uint64
}

// waiter is a request for a lock that another holds.
type waiter struct {
	session SessionID
	n       uint64
}

// event is an answer that a command has brought about, not always to its own session.
type event struct {
	session SessionID
	n       uint64 // 0: not to a request, but the session has ended
	answer
}

// NewTable is a table without sessions and locks.
func NewTable() *Table {
	return &Table{sessions: map[SessionID]*session{}, latest: map[sim.NodeID]uint64{}, locks: map[string]*lock{}}
}

// Apply carries out a command. The result is a []event.
func (t *Table) Apply(_ raft.Index, command []byte) any {
	r, err := readCommand(command)
	if err != nil {
		panic(err)
	}
	t.events = t.events[:0]
	switch r.Verb {
	case Open:
		t.open(&r)
	case Close:
		t.end(&r, invariant.Deed{Kind: invariant.Release, By: r.Session})
	case expire:
		t.end(&r, invariant.Deed{Kind: invariant.Lapse})
	default:
		t.request(&r)
	}
	return t.events
}

// open begins a session, once: a late copy must not begin it again after its end.
func (t *Table) open(r *Request) {
	id := r.Session
	s, ended := t.sessions[id], id.Session <= t.latest[id.Client]
	switch {
	case s != nil:
		t.tell(id, r.N, answer{status: Opened})
	case ended:
		t.tell(id, r.N, answer{status: Ended})
	default:
		s = &session{id: id, ttl: r.TTL}
		t.live, t.sessions[id] = append(t.live, s), s
		t.setLatest(id)
		t.sessionChanged(s)
		t.tell(id, r.N, answer{status: Opened})
	}
}

// end ends a session: whoever waits for one of its locks gets it. What it waits for
// itself stays in the queues, until its turn comes.
func (t *Table) end(r *Request, how invariant.Deed) {
	over := answer{status: Ended}
	if s := t.sessions[r.Session]; s != nil {
		delete(t.sessions, s.id)
		t.live = slices.DeleteFunc(t.live, func(other *session) bool { return other == s })
		t.hash -= s.hash
		for _, name := range s.holds {
			t.free(t.locks[name], how)
		}
		t.tell(s.id, s.n, over)
	}
	t.tell(r.Session, r.N, over)
}

// request carries out what a session asks for, once.
func (t *Table) request(r *Request) {
	s := t.sessions[r.Session]
	switch {
	case s == nil:
		t.tell(r.Session, r.N, answer{status: Ended})
		return
	case r.N < s.n:
		return // a late copy
	case r.N > s.n:
		s.n = r.N
		s.answer = t.execute(s, r)
	case r.Verb == Cancel && s.answer.status == waiting:
		s.answer = t.cancel(s, r)
	}
	t.sessionChanged(s)
	t.answered(s)
}

// answered tells a session the answer to its latest request, or that it must wait.
func (t *Table) answered(s *session) { t.tell(s.id, s.n, s.told()) }

// told is what a session is told of its latest request.
func (s *session) told() answer {
	a := s.answer
	if a.status == waiting {
		a.status = Queued
	}
	return a
}

func (t *Table) tell(id SessionID, n uint64, a answer) { t.events = append(t.events, event{id, n, a}) }

// execute carries out a new request.
func (t *Table) execute(s *session, r *Request) answer {
	l := t.lockNamed(r.Lock)
	switch r.Verb {
	case Try:
		return t.try(s, l)
	case Acquire:
		return t.acquire(s, l)
	case Cancel: // overtook its Acquire, which is a late copy from now on
		return answer{status: TimedOut}
	case Release:
		return t.release(s, l, r)
	default:
		return t.put(s, l, r)
	}
}

// try gives a lock that nobody holds. Nobody waits for one either, or it would not be
// free; the invariants are shown that.
func (t *Table) try(s *session, l *lock) answer {
	switch l.owner {
	case SessionID{}:
		return t.grant(s, l, t.waiting(l))
	case s.id:
		return t.refuse(s, l, AlreadyHeld)
	default:
		return t.refuse(s, l, Busy)
	}
}

// acquire gives a lock, or a place in its queue.
func (t *Table) acquire(s *session, l *lock) answer {
	a := t.try(s, l)
	if a.status == Busy {
		l.queue = append(l.queue, waiter{s.id, s.n})
		t.lockChanged(l)
		a.status = waiting
	}
	return a
}

// cancel gives up the place in the queue.
func (t *Table) cancel(s *session, r *Request) answer {
	l := t.lockNamed(r.Lock)
	l.queue = slices.DeleteFunc(l.queue, func(x waiter) bool { return x == waiter{s.id, s.n} })
	t.lockChanged(l)
	return answer{status: TimedOut}
}

// release gives a lock back, if it is this session's under that token.
func (t *Table) release(s *session, l *lock, r *Request) answer {
	if !s.owns(l, r.Token) {
		return t.refuse(s, l, NotOwner)
	}
	s.holds = slices.DeleteFunc(s.holds, func(name string) bool { return name == l.name })
	t.free(l, invariant.Deed{Kind: invariant.Release, By: s.id})
	return answer{status: Released}
}

// put changes a lock's value, if the lock is this session's under that token.
func (t *Table) put(s *session, l *lock, r *Request) answer {
	if !s.owns(l, r.Token) {
		return t.refuse(s, l, NotOwner)
	}
	before := l.state()
	l.value = r.Value
	t.lockChanged(l)
	t.did(invariant.Deed{Kind: invariant.Write, By: s.id, Before: before}, l)
	return answer{status: Stored}
}

func (s *session) owns(l *lock, token uint64) bool { return l.owner == s.id && l.token == token }

func (t *Table) refuse(s *session, l *lock, why Status) answer {
	t.did(invariant.Deed{Kind: invariant.Refuse, By: s.id, Before: l.state()}, l)
	return answer{status: why}
}

// grant gives a lock to a session, under a token larger than any before. The waiters are
// those who were there when it became free, the session among them.
func (t *Table) grant(s *session, l *lock, waiters []invariant.Owner) answer {
	before := l.state()
	t.token++
	l.owner, l.token = s.id, t.token
	s.holds = append(s.holds, l.name)
	t.lockChanged(l)
	t.did(invariant.Deed{Kind: invariant.Grant, By: s.id, Before: before, Queue: waiters}, l)
	return answer{status: Granted, token: l.token, value: l.value}
}

// free takes a lock from its owner, and gives it to the next in the queue.
func (t *Table) free(l *lock, how invariant.Deed) {
	how.Before = l.state()
	l.owner = SessionID{}
	t.lockChanged(l)
	t.did(how, l)
	t.next(l)
}

// next gives a free lock to the first in its queue who still waits.
func (t *Table) next(l *lock) {
	waiters := t.waiting(l)
	for len(l.queue) > 0 {
		head := l.queue[0]
		l.queue = l.queue[1:]
		if !t.waits(head) {
			continue
		}
		s := t.sessions[head.session]
		s.answer = t.grant(s, l, waiters)
		t.sessionChanged(s)
		t.tell(s.id, s.n, s.answer)
		return
	}
	t.lockChanged(l)
}

// waiting lists who waits for a lock, first come first.
func (t *Table) waiting(l *lock) []invariant.Owner {
	var all []invariant.Owner
	for _, x := range l.queue {
		if t.waits(x) {
			all = append(all, x.session)
		}
	}
	return all
}

// waits reports whether somebody in a queue still waits: meanwhile its session may have
// ended, or gone on to another request.
func (t *Table) waits(x waiter) bool {
	s := t.sessions[x.session]
	return s != nil && s.n == x.n && s.answer.status == waiting
}

func (t *Table) lockNamed(name string) *lock {
	l := t.locks[name]
	if l == nil {
		l = &lock{name: name}
		t.locks[name] = l
		t.lockChanged(l)
	}
	return l
}

// did notes a deed for the invariants.
func (t *Table) did(d invariant.Deed, l *lock) {
	if t.unseen {
		return
	}
	d.Lock, d.After = l.name, l.state()
	t.deeds = append(t.deeds, d)
}

func (l *lock) state() invariant.State {
	return invariant.State{Owner: l.owner, Token: l.token, Value: l.value}
}

// held lists who holds what, for views: l1 c2/1 token 7.
func (t *Table) held() string {
	var all []string
	for _, s := range t.live {
		for _, name := range s.holds {
			all = append(all, fmt.Sprintf("%s %s token %d", name, s.id.String(), t.locks[name].token))
		}
	}
	return strings.Join(all, ", ")
}
