package lock

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/sim"

	"pgregory.net/rapid"
)

// Random commands, with late copies, duplicates and cancels that overtake what they
// cancel, are carried out by a table and by a model that computes everything the slow way.
// They must say the same, and show the same, whether or not the table went through a
// snapshot on the way.
func TestTableAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := &exam{t: t, table: NewTable(), model: newModel(), hashes: map[uint64]string{}, states: map[string]uint64{}}
		for range rapid.IntRange(1, 80).Draw(t, "commands") {
			x.command(x.draw())
			if rapid.IntRange(0, 9).Draw(t, "snapshot") == 0 {
				x.snapshot()
			}
		}
	})
}

// exam is a table, the model, and what was asked so far.
type exam struct {
	t      *rapid.T
	table  *Table
	model  *model
	asked  []Request
	hashes map[uint64]string
	states map[string]uint64
}

// draw is a command: one that was asked before, or another.
func (x *exam) draw() Request {
	t := x.t
	if len(x.asked) > 0 && rapid.IntRange(0, 5).Draw(t, "copy") == 0 {
		return rapid.SampledFrom(x.asked).Draw(t, "of")
	}
	verbs := []Verb{Open, Open, Close, Try, Acquire, Acquire, Acquire, Cancel, Cancel, Release, Release, Put, expire}
	r := Request{
		Session: SessionID{Client: sim.Client(rapid.IntRange(1, 4).Draw(t, "client")), Session: uint64(rapid.IntRange(1, 3).Draw(t, "session"))},
		Verb:    rapid.SampledFrom(verbs).Draw(t, "verb"),
	}
	if open := x.model.sessions(); len(open) > 0 && rapid.IntRange(0, 7).Draw(t, "known") > 0 && r.Verb != Open {
		r.Session = rapid.SampledFrom(open).Draw(t, "open session")
	}
	switch r.Verb {
	case Open:
		r.TTL = time.Second
	case Close, expire:
	default:
		x.drawRequest(&r)
	}
	return r
}

// drawRequest completes what is asked in a session: a new request mostly, or another copy.
func (x *exam) drawRequest(r *Request) {
	latest := uint64(1)
	if s := x.model.open[r.Session]; s != nil {
		latest = s.n
	}
	step := rapid.SampledFrom([]int{1, 1, 1, 1, 2, 0, 0, -1}).Draw(x.t, "ahead")
	r.N = uint64(max(1, int(latest)+step))
	r.Lock = rapid.SampledFrom([]string{"a", "b"}).Draw(x.t, "lock")
	if r.Verb == Release || r.Verb == Put {
		r.Token = uint64(rapid.IntRange(0, 9).Draw(x.t, "token"))
		if l := x.model.locks[r.Lock]; l != nil && rapid.IntRange(0, 3).Draw(x.t, "right token") > 0 {
			r.Token = l.token
		}
	}
	if r.Verb == Put {
		r.Value = rapid.StringN(0, 2, -1).Draw(x.t, "value")
	}
}

// command carries a command out on both sides.
func (x *exam) command(r Request) {
	x.asked = append(x.asked, r)
	var said []string
	for _, e := range x.table.Apply(1, appendCommand(nil, &r)).([]event) {
		said = append(said, tellAnswer(e.session, e.n, e.answer))
	}
	want := x.model.apply(&r)
	slices.Sort(said)
	slices.Sort(want)
	if !slices.Equal(said, want) {
		x.t.Fatalf("%s of request %d: said %q, want %q", r.Summary(), r.N, said, want)
	}
	if got, want := shown(x.table), x.model.shown(); got != want {
		x.t.Fatalf("after %s:\ngot  %s\nwant %s", r.Summary(), got, want)
	}
	x.hashed()
}

func tellAnswer(id SessionID, n uint64, a answer) string {
	return fmt.Sprintf("%s #%d %v %d %q", id.String(), n, a.status, a.token, a.value)
}

// hashed makes sure that the hash is that of the state: no two states have one, and no
// state has two.
func (x *exam) hashed() {
	state, hash := inFull(x.table), x.table.Hash()
	if other, known := x.hashes[hash]; known && other != state {
		x.t.Fatalf("one hash, %x, of\n%s\nand of\n%s", hash, other, state)
	}
	if other, known := x.states[state]; known && other != hash {
		x.t.Fatalf("two hashes, %x and %x, of\n%s", other, hash, state)
	}
	x.hashes[hash], x.states[state] = state, hash
}

// snapshot goes on with a copy. The capture is of now, whatever happens before it is
// encoded.
func (x *exam) snapshot() {
	encode, hash, state := x.table.Snapshot(), x.table.Hash(), inFull(x.table)
	x.table.Apply(1, appendCommand(nil, &Request{Verb: Open, Session: SessionID{Client: sim.Client(9), Session: 1 << 40}}))
	x.table = NewTable()
	if err := x.table.Restore(encode()); err != nil {
		x.t.Fatal(err)
	}
	if x.table.Hash() != hash || inFull(x.table) != state {
		x.t.Fatalf("restored with hash %x:\n%s\nwant hash %x:\n%s", x.table.Hash(), inFull(x.table), hash, state)
	}
}

// inFull is all of a table's state, but for the order in which sessions were opened.
func inFull(t *Table) string {
	var b strings.Builder
	fmt.Fprintln(&b, "token", t.token, "latest", t.latest)
	for _, id := range slices.SortedFunc(maps.Keys(t.sessions), compareSessions) {
		s := *t.sessions[id]
		fmt.Fprintln(&b, id.String(), s.ttl, s.n, s.answer, s.holds)
	}
	for _, name := range slices.Sorted(maps.Keys(t.locks)) {
		l := t.locks[name]
		fmt.Fprintln(&b, name, l.owner, l.token, l.value, l.queue)
	}
	return b.String()
}

func compareSessions(a, b SessionID) int {
	if a.Client != b.Client {
		return int(a.Client) - int(b.Client)
	}
	return int(a.Session) - int(b.Session)
}

// shown is what a table shows to those who ask. A lock that nobody ever held is none.
func shown(t *Table) string {
	var all []string
	for id, s := range t.sessions {
		all = append(all, tellAnswer(id, s.n, s.told()))
	}
	for name, l := range t.locks {
		if l.token > 0 {
			all = append(all, fmt.Sprintf("%s %v under %d %q, then %v", name, l.owner, l.token, l.value, t.waiting(l)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// model is the table without its bookkeeping: one list of all who ever waited, and what
// each session was last told.
type model struct {
	open  map[SessionID]*modelSession
	begun map[SessionID]bool // and all sessions before it of that client
	locks map[string]*modelLock
	line  []modelWaiter
	token uint64
	said  []string
}

type modelSession struct {
	n    uint64
	told answer
}

type modelLock struct {
	owner SessionID
	token uint64
	value string
}

type modelWaiter struct {
	who  SessionID
	n    uint64
	lock string
}

func newModel() *model {
	return &model{open: map[SessionID]*modelSession{}, begun: map[SessionID]bool{}, locks: map[string]*modelLock{}}
}

// sessions lists those that are open.
func (m *model) sessions() []SessionID {
	return slices.SortedFunc(maps.Keys(m.open), compareSessions)
}

func (m *model) say(id SessionID, n uint64, a answer) { m.said = append(m.said, tellAnswer(id, n, a)) }

func (m *model) apply(r *Request) []string {
	m.said = nil
	s := m.open[r.Session]
	switch {
	case r.Verb == Open && s == nil && m.tooLate(r.Session):
		m.say(r.Session, 0, answer{status: Ended})
	case r.Verb == Open:
		m.begun[r.Session] = true
		if s == nil {
			m.open[r.Session] = &modelSession{}
		}
		m.say(r.Session, 0, answer{status: Opened})
	case r.Verb == Close || r.Verb == expire:
		m.end(r.Session)
		m.say(r.Session, 0, answer{status: Ended})
	case s == nil:
		m.say(r.Session, r.N, answer{status: Ended})
	case r.N >= s.n:
		m.ask(s, r)
		m.say(r.Session, r.N, s.told)
	}
	return m.said
}

// tooLate: that session, or one of the same client that was opened later, was open once.
func (m *model) tooLate(id SessionID) bool {
	for other := range m.begun {
		if other.Client == id.Client && other.Session >= id.Session {
			return true
		}
	}
	return false
}

func (m *model) end(id SessionID) {
	s := m.open[id]
	if s == nil {
		return
	}
	delete(m.open, id)
	var held []*modelLock
	for _, l := range m.locks {
		if l.owner == id {
			held = append(held, l)
		}
	}
	slices.SortFunc(held, func(a, b *modelLock) int { return int(a.token) - int(b.token) })
	for _, l := range held {
		m.pass(l)
	}
	m.say(id, s.n, answer{status: Ended})
}

// pass gives a lock to whoever has waited longest and still does.
func (m *model) pass(l *modelLock) {
	l.owner = SessionID{}
	for _, x := range m.line {
		if m.locks[x.lock] == l && m.waits(x) {
			m.open[x.who].told = m.grant(l, x.who)
			m.say(x.who, x.n, m.open[x.who].told)
			return
		}
	}
}

func (m *model) waits(x modelWaiter) bool {
	s := m.open[x.who]
	return s != nil && s.n == x.n && s.told.status == Queued
}

func (m *model) grant(l *modelLock, to SessionID) answer {
	m.token++
	l.owner, l.token = to, m.token
	return answer{Granted, l.token, l.value}
}

func (m *model) ask(s *modelSession, r *Request) {
	l := m.locks[r.Lock]
	if l == nil && r.N > s.n {
		l = &modelLock{}
		m.locks[r.Lock] = l
	}
	switch {
	case r.N == s.n && r.Verb == Cancel && s.told.status == Queued:
		s.told = answer{status: TimedOut}
	case r.N > s.n:
		s.n = r.N
		s.told = m.answer(l, r)
	}
}

func (m *model) answer(l *modelLock, r *Request) answer {
	mine := l.owner == r.Session
	switch {
	case r.Verb == Cancel:
		return answer{status: TimedOut}
	case (r.Verb == Release || r.Verb == Put) && (!mine || l.token != r.Token):
		return answer{status: NotOwner}
	case r.Verb == Release:
		m.pass(l)
		return answer{status: Released}
	case r.Verb == Put:
		l.value = r.Value
		return answer{status: Stored}
	case mine:
		return answer{status: AlreadyHeld}
	case l.owner == SessionID{}:
		return m.grant(l, r.Session)
	case r.Verb == Try:
		return answer{status: Busy}
	default:
		m.line = append(m.line, modelWaiter{r.Session, r.N, r.Lock})
		return answer{status: Queued}
	}
}

// shown is what a table must show.
func (m *model) shown() string {
	var all []string
	for id, s := range m.open {
		told := s.told
		if s.n == 0 {
			told.status = Queued // nothing was asked, and nobody is told
		}
		all = append(all, tellAnswer(id, s.n, told))
	}
	for name, l := range m.locks {
		if l.token > 0 {
			all = append(all, fmt.Sprintf("%s %v under %d %q, then %v", name, l.owner, l.token, l.value, m.queue(name)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func (m *model) queue(name string) (all []SessionID) {
	for _, x := range m.line {
		if x.lock == name && m.waits(x) {
			all = append(all, x.who)
		}
	}
	return all
}
