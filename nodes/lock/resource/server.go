package resource

import (
	"fmt"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/wal"
	"distsim/sim"
)

// Config is how a resource behaves.
type Config struct {
	ChecksTokens bool // refuses writes under a smaller token than it has accepted
}

// Server is a machine that keeps values.
type Server struct {
	cfg      Config
	env      *sim.Env
	log      wal.Log
	values   map[string]*value
	writers  map[int]latest
	accepted []invariant.Acceptance // in this incarnation, what was on its disk included
	refused  refusal                // the latest
}

// value belongs to a lock.
type value struct {
	text    string
	write   invariant.Acceptance // that it comes from
	highest invariant.Acceptance // the write with the largest token; with ChecksTokens it is the same
}

// latest is a writer's latest write that was accepted.
type latest struct {
	n     uint64
	write invariant.Acceptance
}

// refusal is a write that was not accepted, and the larger token that stood in its way.
type refusal struct {
	write invariant.Acceptance
	after uint64
}

// Server makes the node; for World.AddServer.
func (c Config) Server() sim.Node { return &Server{cfg: c} }

// Step answers requests.
func (s *Server) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.onBoot(env)
	case *Write:
		s.onWrite(env, from, m)
	case *Read:
		s.onRead(env, m)
	case durable:
		s.log.Marked(m.End)
	}
}

func (s *Server) onBoot(env *sim.Env) {
	s.env, s.values, s.writers = env, map[string]*value{}, map[int]latest{}
	s.open()
}

// onWrite accepts a write, once, or refuses it.
func (s *Server) onWrite(env *sim.Env, from sim.NodeID, m *Write) {
	if m.N == 0 {
		panic("resource: a write has no number; they count from 1")
	}
	v := s.value(m.Lock)
	known := s.writers[m.Process]
	switch {
	case m.N < known.n: // a late copy, which nobody waits for
	case m.N == known.n:
		env.Reply(env.ReplyTo(), &Written{true, v.highest.Token, known.write})
	case s.cfg.ChecksTokens && m.Token < v.highest.Token:
		s.refused = refusal{invariant.Acceptance{Lock: m.Lock, Token: m.Token, By: from}, v.highest.Token}
		env.Reply(env.ReplyTo(), &Written{false, v.highest.Token, v.highest})
	default:
		e := entry{invariant.Acceptance{Lock: m.Lock, Token: m.Token, By: from}, m.Process, m.N, m.Value}
		s.accept(&e)
		s.save(&e)
		env.Reply(env.ReplyTo(), &Written{true, v.highest.Token, e.write})
	}
}

// accept carries a write out.
func (s *Server) accept(e *entry) {
	v := s.value(e.write.Lock)
	v.text, v.write = e.value, e.write
	if e.write.Token >= v.highest.Token {
		v.highest = e.write
	}
	s.writers[e.process] = latest{e.n, e.write}
	s.accepted = append(s.accepted, e.write)
}

func (s *Server) onRead(env *sim.Env, m *Read) {
	v := s.value(m.Lock)
	env.Reply(env.ReplyTo(), &Value{Value: v.text, Token: v.write.Token, write: v.highest})
}

func (s *Server) value(lock string) *value {
	v := s.values[lock]
	if v == nil {
		v = &value{}
		s.values[lock] = v
	}
	return v
}

// Accepted counts the writes that this incarnation has accepted, or found on its disk.
func (s *Server) Accepted() uint64 { return uint64(len(s.accepted)) }

// Acceptance is the i-th of them, from 1.
func (s *Server) Acceptance(i uint64) invariant.Acceptance { return s.accepted[i-1] }

// View shows the writes that were accepted and refused last.
func (s *Server) View(v *sim.View) {
	written := ""
	if n := len(s.accepted); n > 0 {
		last := s.accepted[n-1]
		written = told(last, s.values[last.Lock].highest.Token)
	}
	v.Text("written", written)
	v.Text("refused", told(s.refused.write, s.refused.after))
}

// told says whose write it is, and whether it comes after one under a larger token.
func told(a invariant.Acceptance, largest uint64) string {
	if a.By == 0 {
		return ""
	}
	text := fmt.Sprintf("%s by %v token %d", a.Lock, a.By, a.Token)
	if largest > a.Token {
		text += fmt.Sprintf(" after token %d", largest)
	}
	return text
}
