package kv

import (
	"distsim/nodes/raft"
	"distsim/nodes/raft/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Server is a machine of the replicated store: a Store over a Raft node, which
// runs as the part called raft.
type Server struct {
	cfg     Config
	part    string
	env     *sim.Env
	raft    *raft.Node
	store   *Store
	waiting []waiting // proposed here in this reign and not applied, oldest first
	reading []reading // gets that wait for their read index, oldest first
}

// Config is how the servers run their group and answer gets.
type Config struct {
	Raft  raft.Config
	Reads Reads
}

// waiting is a client that is owed an answer.
type waiting struct {
	at   raft.Index
	term raft.Term
	to   sim.ReplyTo
}

// NewServer makes the node of one server that reads through the log; for
// World.AddServer:
//
//	w.AddServer(func() sim.Node { return kv.NewServer(raft.Config{}) })
func NewServer(cfg raft.Config) *Server { return New(Config{Raft: cfg}) }

// New is NewServer with a choice of how gets are answered.
func New(cfg Config) *Server { return &Server{cfg: cfg, part: "raft"} }

// Invariants are those of the servers' Raft group.
func Invariants() []sim.Invariant { return raft.Invariants("raft") }

// Step answers clients; the Raft part handles its own messages.
func (s *Server) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.onBoot(env)
	case *Request:
		s.onRequest(env, m)
	}
}

func (s *Server) onBoot(env *sim.Env) {
	s.env, s.store = env, NewStore()
	s.raft = raft.New(s.cfg.Raft, s.store, s)
	env.Part(s.part).Attach(s.raft)
}

// onRequest executes an operation, if this server leads the term it is meant for.
func (s *Server) onRequest(env *sim.Env, m *Request) {
	switch {
	case !s.raft.Leads() || s.raft.Term() != m.Term:
		env.Reply(env.ReplyTo(), s.redirect(Refused))
	case m.Op.Kind.ReadOnly() && s.cfg.Reads != FromLog:
		s.read(env, m)
	default:
		s.propose(env, m)
	}
}

// propose puts a command into the log. Applied, or Deposed, answers.
func (s *Server) propose(env *sim.Env, m *Request) {
	s.waiting = append(s.waiting, waiting{s.raft.Next(), m.Term, env.ReplyTo()})
	s.raft.Propose(Command(m))
}

// Applied answers the client whose command it is, if it was proposed here.
func (s *Server) Applied(e *raft.Entry, result any) {
	if len(s.waiting) == 0 || s.waiting[0].at != e.Index || s.waiting[0].term != e.Term {
		return
	}
	to := s.waiting[0].to
	s.waiting = s.waiting[1:]
	if r := result.(*ops.Result); r != nil {
		s.env.Reply(to, &Reply{Status: Done, Result: *r})
	}
}

// Deposed tells those who wait that their commands are in doubt. What they
// wanted to read was not read.
func (s *Server) Deposed() {
	for _, w := range s.waiting {
		s.env.Reply(w.to, s.redirect(InDoubt))
	}
	for _, r := range s.reading {
		s.env.Reply(r.to, s.redirect(Refused))
	}
	s.waiting, s.reading = nil, nil
}

// redirect says who leads. A term without a known leader is not worth naming.
func (s *Server) redirect(status Status) *Reply {
	r := &Reply{Status: status, Leader: s.raft.Leader()}
	if r.Leader != 0 {
		r.Term = s.raft.Term()
	}
	return r
}

// View shows the Raft node and the size of the store.
func (s *Server) View(v *sim.View) {
	if s.raft == nil {
		return
	}
	v.Part(s.part, s.raft)
	v.Int("keys", int64(s.store.Len()))
}

// Group is the server's Raft node as the invariants see it.
func (s *Server) Group(part string) invariant.Node {
	if s.raft == nil || part != s.part {
		return nil
	}
	return s.raft.Group(part)
}

// Store is the state machine, for tests that look behind the service.
func (s *Server) Store() *Store { return s.store }

// Raft is the consensus node, for tests that look behind the service.
func (s *Server) Raft() *raft.Node { return s.raft }
