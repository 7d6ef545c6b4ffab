package lock

import (
	"slices"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	raftinvariant "distsim/nodes/raft/invariant"
	"distsim/sim"
)

// Server is a machine that keeps locks: a Table over a Raft node, which runs as the part
// called raft. The leader renews sessions and ends those that were not renewed.
type Server struct {
	cfg     Config
	env     *sim.Env
	raft    *raft.Node
	table   *Table
	leases  leases    // leaders: when sessions end
	owed    []owed    // answers to requests that were proposed here in this reign
	reading []reading // what waits for its read index, oldest first
	watched []owed    // locks that somebody is to be told about
}

// raftPart is the part that the group runs as.
const raftPart = "raft"

// owed is a user that is owed an answer.
type owed struct {
	r  *Request
	to sim.ReplyTo
}

// expiryDue: the lease that ends first ends now.
type expiryDue struct{}

// TypeName is what traces call it.
func (expiryDue) TypeName() string { return "lock.expiryDue" }

// Server makes the node of one server; for World.AddServer:
//
//	for range 3 { w.AddServer(cfg.Server) }
func (c Config) Server() sim.Node { return &Server{cfg: c.complete()} }

// Invariants are those of the servers' Raft group and of locks. Pass them to one world
// only.
func Invariants(of invariant.System) []sim.Invariant {
	return append(raft.Invariants(raftPart), invariant.All(of)...)
}

// Step answers users; the Raft part handles its own messages.
func (s *Server) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.onBoot(env)
	case *Request:
		s.onRequest(env, m)
	case *KeepAlive:
		s.onKeepAlive(env, m)
	case expiryDue:
		s.onExpiryDue()
	}
}

func (s *Server) onBoot(env *sim.Env) {
	s.env, s.table = env, NewTable()
	s.table.unseen = true
	s.leases = leases{server: s}
	cfg := s.cfg.Raft
	cfg.Peers = env.Servers()[:s.cfg.Servers]
	s.raft = raft.New(cfg, s.table, s)
	env.Part(raftPart).Attach(s.raft)
}

// onRequest does what is asked, if this server leads the term it is meant for.
func (s *Server) onRequest(env *sim.Env, m *Request) {
	o := owed{m, env.ReplyTo()}
	switch {
	case !s.raft.Leads() || s.raft.Term() != m.Term:
		s.redirect(o, Refused)
	case m.Verb.reads():
		s.read(reading{owed: o})
	default:
		s.change(o)
	}
}

// change puts a request into the log, unless it stands there already: then the answer is
// known, or will be.
func (s *Server) change(o owed) {
	s.owed = slices.DeleteFunc(s.owed, func(x owed) bool { return x.r.Session == o.r.Session && x.r.N <= o.r.N })
	s.owed = append(s.owed, o)
	known := s.table.sessions[o.r.Session]
	if known != nil && o.r.N > 0 && known.n == o.r.N && o.r.Verb != Cancel {
		s.answer(&event{known.id, known.n, known.told()})
		return
	}
	s.propose(o.r)
}

func (s *Server) propose(r *Request) { s.raft.Propose(appendCommand(nil, r)) }

// Applied answers those whom a command has brought an answer.
func (s *Server) Applied(_ *raft.Entry, result any) {
	events := result.([]event)
	for i := range events {
		s.answer(&events[i])
	}
	if s.raft.Leads() {
		s.leases.follow(events)
		s.tellWatchers()
	}
}

// answer sends an answer to whoever waits for it here. Who is queued waits on.
func (s *Server) answer(e *event) {
	i := slices.IndexFunc(s.owed, func(o owed) bool { return o.r.Session == e.session && o.r.N == e.n })
	if i < 0 {
		return
	}
	o := s.owed[i]
	s.reply(o, e.answer)
	if e.status != Queued {
		s.owed = slices.Delete(s.owed, i, i+1)
	}
}

func (s *Server) reply(o owed, a answer) {
	s.env.Reply(o.to, &Reply{Session: o.r.Session, N: o.r.N, Status: a.status, Token: a.token, Value: a.value})
}

// redirect says who leads. A term without a known leader is not worth naming.
func (s *Server) redirect(o owed, status Status) {
	r := &Reply{Session: o.r.Session, N: o.r.N, Status: status}
	r.Leader, r.Term = s.leader()
	s.env.Reply(o.to, r)
}

func (s *Server) leader() (sim.NodeID, raft.Term) {
	if s.raft.Leader() == 0 {
		return 0, 0
	}
	return s.raft.Leader(), s.raft.Term()
}

// Elected begins a reign: sessions have their full time anew, as nobody here knows when
// they were renewed last.
func (s *Server) Elected() { s.leases.begin() }

// Deposed tells those who wait that their requests are in doubt. What they wanted to
// read was not read.
func (s *Server) Deposed() {
	s.leases.stop()
	for _, o := range s.owed {
		s.redirect(o, InDoubt)
	}
	for _, r := range s.reading {
		s.refuseReading(r)
	}
	for _, o := range s.watched {
		s.redirect(o, Refused)
	}
	s.owed, s.reading, s.watched = nil, nil, nil
}

// Deeds counts what was done since somebody first asked. Invariants do so when the server
// has booted; for nobody nothing is kept.
func (s *Server) Deeds() uint64 {
	if s.table == nil {
		return 0
	}
	s.table.unseen = false
	return uint64(len(s.table.deeds))
}

// Deed is the i-th, from 1.
func (s *Server) Deed(i uint64) invariant.Deed { return s.table.deeds[i-1] }

// Alive reports whether a session has not ended here.
func (s *Server) Alive(o invariant.Owner) bool { return s.table.sessions[o] != nil }

// Group is the server's Raft node as the invariants see it.
func (s *Server) Group(part string) raftinvariant.Node {
	if s.raft == nil || part != raftPart {
		return nil
	}
	return s.raft.Group(part)
}

// View shows the Raft node, how many sessions are open, and who holds what.
func (s *Server) View(v *sim.View) {
	if s.raft == nil {
		return
	}
	v.Part(raftPart, s.raft)
	v.Int("sessions", int64(len(s.table.live)))
	v.Text("held", s.table.held())
}
