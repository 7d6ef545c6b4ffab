package snowflake

import (
	"cmp"
	"slices"
	"time"

	"distsim/sim"
)

// Config is how generators behave. The zero Config refuses.
type Config struct {
	Epoch    int64         // nanoseconds since 1970; 0: sim.WallEpoch
	Policy   Policy        // what to do about a clock that is behind
	Patience time.Duration // Wait: how long a request waits for the clock at most; 0: 5s
	Reserve  time.Duration // how far ahead of the clock the mark is set; 0: 1s
	Most     int           // ids in one request; 0: 1,000,000
}

// Policy is what to do about a clock that is behind the last id, or the mark.
type Policy uint8

const (
	Refuse Policy = iota // answer at once, with how far it is behind
	Wait                 // hold requests until it has caught up, or refuse those for which that takes too long
)

func (c Config) complete() Config {
	c.Epoch = cmp.Or(c.Epoch, defaultEpoch)
	c.Patience = cmp.Or(c.Patience, 5*time.Second)
	c.Reserve = cmp.Or(c.Reserve, time.Second)
	c.Most = cmp.Or(c.Most, 1_000_000)
	return c
}

// Server is a machine that gives out ids.
type Server struct {
	cfg       Config
	who       identity
	env       *sim.Env
	gen       Generator
	workers   []Worker // that it has had in this incarnation
	home      bool     // it has the last of them now
	mark      Milli    // ids up to here may leave
	extending bool     // the mark is being moved on
	queue     []waiting
	state     Status        // what came of the last attempt to give out an id
	isBehind  bool          // requests are held for the clock
	behind    time.Duration // and have been since then, on the monotonic one
}

// waiting is a request that is being served.
type waiting struct {
	to    sim.ReplyTo
	need  int // ids that are still to come
	runs  []Run
	since time.Duration // on the monotonic clock
	held  time.Duration // for the wall clock, before the last id was given out
}

// Server is a build function for a generator whose worker id is its own for good; for
// World.AddServer.
func (c Config) Server(w Worker) func() sim.Node {
	return func() sim.Node { return newServer(c, &static{worker: w}) }
}

func newServer(c Config, who identity) *Server { return &Server{cfg: c.complete(), who: who} }

// nextDue is when the clock should have come to where there are ids again, lookDue when
// to look whether the mark must be moved on.
type (
	nextDue struct{}
	lookDue struct{}
)

// Step handles one message.
func (s *Server) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.env = env
		s.who.boot(env, s)
	case *Request:
		s.onRequest(m)
	case nextDue:
		s.serve()
	case lookDue:
		s.look()
	default:
		s.who.step(from, m)
	}
}

func (s *Server) onRequest(m *Request) {
	to := s.env.ReplyTo()
	switch {
	case !s.home:
		s.env.Reply(to, &Reply{Status: Homeless})
	case m.N < 1 || m.N > s.cfg.Most:
		s.env.Reply(to, &Reply{Status: TooMany})
	default:
		s.queue = append(s.queue, waiting{to: to, need: m.N, since: s.env.Elapsed()})
		s.serve()
	}
}

// acquired begins with a worker id.
func (s *Server) acquired(w Worker, mark Milli) {
	s.gen, s.mark, s.home, s.extending = NewGenerator(w, mark), mark, true, false
	s.workers = append(s.workers, w)
	s.look()
}

// extended lets ids leave up to a mark that is durable.
func (s *Server) extended(mark Milli) {
	s.extending = false
	s.mark = max(s.mark, mark)
	s.gen.Extend(mark)
	s.look()
	s.serve()
}

// lost ends it: whoever waits is told to ask another.
func (s *Server) lost() {
	s.home = false
	for len(s.queue) > 0 {
		s.refuse(Homeless)
	}
	s.env.Cancel(nextDue{})
	s.env.Cancel(lookDue{})
}

// now is the clock's millisecond.
func (s *Server) now() Milli { return milliOf(s.cfg.Epoch, s.env.Now()) }

// until is how long it is to a millisecond, if the clock goes on as it does.
func (s *Server) until(t Milli) time.Duration {
	return max(0, time.Duration(t.begins(s.cfg.Epoch)-s.env.Now()))
}

// half of a reservation is when the mark is moved on.
func (s *Server) half() Milli { return max(1, Milli(s.cfg.Reserve/2/time.Millisecond)) }

// keepAhead begins to move the mark on when half of the reservation is used up, so that
// nobody has to wait for it. It is never further ahead than a reservation of what the
// clock has shown.
func (s *Server) keepAhead() {
	now := s.now()
	mark := min(now+2*s.half(), MaxMilli)
	if s.extending || now < 0 || now > MaxMilli || mark <= s.mark || s.mark-now > s.half() {
		return
	}
	s.extending = true
	s.who.extend(mark)
}

// look keeps the mark ahead, and looks again when half of the reservation is used up. After
// the last millisecond there is nothing to look for.
func (s *Server) look() {
	s.keepAhead()
	if wait := s.until(s.mark - s.half()); wait > 0 && !s.extending {
		s.env.Arm(lookDue{}, wait)
	}
}

// serve gives ids to those who wait, in their order, as far as the clock goes.
func (s *Server) serve() {
	s.keepAhead()
	now := s.now()
	for len(s.queue) > 0 {
		r := &s.queue[0]
		s.state = s.fill(r, now)
		switch s.state {
		case Issued:
			s.answer(&Reply{Status: Issued, Runs: r.runs, Waited: r.held})
		case Unreserved: // serves again when the mark is durable
			return
		case Full:
			s.env.Arm(nextDue{}, s.until(now+1))
			return
		case Behind:
			if s.waits(r) {
				return
			}
		default:
			s.refuse(s.state)
		}
	}
}

// fill gives a request what this millisecond has left.
func (s *Server) fill(r *waiting, now Milli) Status {
	var run Run
	status := Issued
	for run.N < r.need {
		var id ID
		if id, status = s.gen.Next(now); status != Issued {
			break
		}
		if run.N == 0 {
			run.First = id
		}
		run.N++
	}
	if status == Unreserved || run.N > 0 {
		s.caughtUp()
	}
	if run.N > 0 {
		r.need -= run.N
		r.runs = append(r.runs, run)
	}
	return status
}

// caughtUp ends the time in which requests are held for the clock.
func (s *Server) caughtUp() {
	for i := range s.queue {
		s.queue[i].held += s.holds(&s.queue[i])
	}
	s.isBehind = false
}

// holds is for how long a request has been held this time.
func (s *Server) holds(r *waiting) time.Duration {
	if !s.isBehind {
		return 0
	}
	return s.env.Elapsed() - max(r.since, s.behind)
}

// recheck is how often those who wait for the clock look at it: it may be set right.
const recheck = 20 * time.Millisecond

// waits reports whether the request waits for a clock that is behind; else it is
// refused. One for which that takes longer than there is patience is told so at once.
func (s *Server) waits(r *waiting) bool {
	gap := s.until(s.gen.Earliest())
	if !s.isBehind && s.cfg.Policy == Wait {
		s.isBehind, s.behind = true, s.env.Elapsed()
	}
	if s.cfg.Policy == Refuse || s.env.Elapsed()-r.since+gap > s.cfg.Patience {
		s.answer(&Reply{Status: Behind, Behind: gap, Waited: r.held + s.holds(r)})
		return false
	}
	s.env.Arm(nextDue{}, min(gap, recheck))
	return true
}

// refuse answers the oldest request without ids.
func (s *Server) refuse(why Status) { s.answer(&Reply{Status: why}) }

func (s *Server) answer(m *Reply) {
	s.env.Reply(s.queue[0].to, m)
	s.queue = slices.Delete(s.queue, 0, 1)
}
