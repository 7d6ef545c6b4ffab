package resource

import (
	"fmt"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/wal"
	"distsim/sim"
)

// Config is how a resource behaves.
type Config struct {
	ChecksTokens bool // refuses writes under a smaller token than it has seen
}

// Server is a machine that keeps values.
type Server struct {
	cfg      Config
	env      *sim.Env
	log      wal.Log
	values   map[string]*value
	writers  map[int]latest
	number   uint64                 // of accepted writes
	accepted []invariant.Acceptance // in this incarnation
	last     invariant.Acceptance
}

// value belongs to a lock.
type value struct {
	text    string
	token   uint64 // it was written under
	highest uint64 // accepted so far
}

// latest is a writer's latest write that was accepted.
type latest struct {
	n     uint64
	write invariant.Acceptance
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

// onWrite accepts a write, or refuses it.
func (s *Server) onWrite(env *sim.Env, from sim.NodeID, m *Write) {
	v := s.value(m.Lock)
	if known := s.writers[m.Process]; m.N <= known.n {
		if m.N == known.n {
			env.Reply(env.ReplyTo(), &Written{Accepted: true, Highest: v.highest, write: known.write})
		}
		return // older ones are late copies, which nobody waits for
	}
	if s.cfg.ChecksTokens && m.Token < v.highest {
		env.Reply(env.ReplyTo(), &Written{Highest: v.highest})
		return
	}
	e := entry{invariant.Acceptance{Lock: m.Lock, Token: m.Token, By: from, Number: s.number + 1}, m.Process, m.N, m.Value}
	s.accept(&e)
	s.save(&e)
	env.Reply(env.ReplyTo(), &Written{Accepted: true, Highest: v.highest, write: e.write})
}

// accept carries a write out.
func (s *Server) accept(e *entry) {
	v := s.value(e.write.Lock)
	v.text, v.token, v.highest = e.value, e.write.Token, max(v.highest, e.write.Token)
	s.writers[e.process] = latest{e.n, e.write}
	s.number, s.last = e.write.Number, e.write
	s.accepted = append(s.accepted, e.write)
}

func (s *Server) onRead(env *sim.Env, m *Read) {
	v := s.value(m.Lock)
	env.Reply(env.ReplyTo(), &Value{v.text, v.token})
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

// View shows the write that was accepted last.
func (s *Server) View(v *sim.View) {
	text := ""
	if s.last.Lock != "" {
		text = fmt.Sprintf("%s by %v token %d", s.last.Lock, s.last.By, s.last.Token)
	}
	v.Text("written", text)
}
