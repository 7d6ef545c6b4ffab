// Package primary is a replicated key-value store without quorum and without
// terms, as it is often written first: everybody sends heartbeats, and the
// lowest name heard from lately is the primary.
//
// The primary answers a write when every backup it believes alive has it, which
// looks safe. It is not: whoever cannot hear a lower name believes itself
// primary, so a partition makes two, each acknowledging writes that the other
// never sees. When the partition heals the higher one steps down and takes the
// lower one's store whole, and what it had acknowledged is gone. That mistake is
// the lesson of this package; nodes/raft is the same service done right.
package primary

import (
	"fmt"
	"slices"
	"time"

	"distsim/nodes/kv"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Messages between servers.
type (
	// Heartbeat says that its sender is alive.
	Heartbeat struct{}

	// Replicate carries one write from a primary to a backup.
	Replicate struct {
		Number uint64 // of the write, counted by its primary
		Entry  Entry
	}

	// Replicated acknowledges a write.
	Replicated struct{ Number uint64 }

	// WantCopy asks the primary for its store: a lower name came back.
	WantCopy struct{}

	// Copy is a primary's whole store.
	Copy struct{ Entries []Entry }
)

// Entry is a key and its value; a key without a value is absent.
type Entry struct {
	Key, Value string
	Present    bool
}

// Summary describes the write in a transcript.
func (m *Replicate) Summary() string { return fmt.Sprintf("write %d, %v", m.Number, m.Entry) }

// Summary describes the acknowledgement in a transcript.
func (m Replicated) Summary() string { return fmt.Sprintf("has write %d", m.Number) }

// Summary describes the store in a transcript.
func (m *Copy) Summary() string { return fmt.Sprintf("%d keys", len(m.Entries)) }

// String prints k1="v", or k1 gone.
func (e Entry) String() string {
	if !e.Present {
		return e.Key + " gone"
	}
	return fmt.Sprintf("%s=%q", e.Key, e.Value)
}

// beatDue is the timer of the next heartbeat.
type beatDue struct{}

// Config says how fast failures are noticed. Zero fields take the defaults:
// heartbeats every 50 ms, dead after 200 ms of silence.
type Config struct {
	HeartbeatEvery time.Duration
	DeadAfter      time.Duration
}

// Server is one replica. It keeps everything in memory: its fault model has no
// crashes, partitions are enough.
type Server struct {
	cfg     Config
	id      sim.NodeID
	peers   []peer // the other servers, ascending
	primary sim.NodeID
	stale   bool    // the primary's store is wanted
	store   []Entry // ascending by key
	writes  uint64
	waiting []waiting

	acked []Entry // writes acknowledged in this reign, oldest first
	lost  []Entry // those of them that were thrown away since
}

// peer is what a server knows of another.
type peer struct {
	id    sim.NodeID
	heard time.Duration // when its last heartbeat came
	alive bool
}

// waiting is a write that backups have not all acknowledged.
type waiting struct {
	number uint64
	entry  Entry
	result ops.Result
	to     sim.ReplyTo
	on     []sim.NodeID
}

// New is the build function of a server.
func New(cfg Config) func() sim.Node {
	if cfg.HeartbeatEvery == 0 {
		cfg.HeartbeatEvery = 50 * time.Millisecond
	}
	if cfg.DeadAfter == 0 {
		cfg.DeadAfter = 200 * time.Millisecond
	}
	return func() sim.Node { return &Server{cfg: cfg} }
}

// Step handles one message.
func (s *Server) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		s.onBoot(env)
	case beatDue:
		s.onBeatDue(env)
	case Heartbeat:
		s.onHeartbeat(env, from)
	case *kv.Request:
		s.onRequest(env, m)
	case *Replicate:
		s.onReplicate(env, from, m)
	case Replicated:
		s.onReplicated(env, from, m)
	case WantCopy:
		s.onWantCopy(env, from)
	case *Copy:
		s.onCopy(m)
	}
}

// View shows the role by which everybody can see two primaries at once.
func (s *Server) View(v *sim.View) {
	role := "backup"
	if s.Leads() {
		role = "primary"
	}
	v.Text("role", role)
	v.Node("primary", s.primary)
	v.Int("keys", int64(len(s.store)))
	v.Int("lost", int64(len(s.lost)))
	v.Text("store", fmt.Sprintf("%08x", s.hash()))
}

// Leads reports whether this server believes that it is the primary.
func (s *Server) Leads() bool { return s.primary == s.id }

func (s *Server) onBoot(env *sim.Env) {
	s.id = env.ID()
	for _, id := range env.Servers() {
		if id != s.id {
			s.peers = append(s.peers, peer{id: id, heard: env.Elapsed(), alive: true})
		}
	}
	s.elect()
	s.onBeatDue(env)
}

func (s *Server) onBeatDue(env *sim.Env) {
	env.Arm(beatDue{}, s.cfg.HeartbeatEvery)
	for i := range s.peers {
		p := &s.peers[i]
		env.Send(p.id, Heartbeat{})
		if p.alive && env.Elapsed()-p.heard > s.cfg.DeadAfter {
			p.alive = false
			s.stopWaitingFor(env, p.id)
		}
	}
	s.elect()
	if s.stale && !s.Leads() {
		env.Send(s.primary, WantCopy{})
	}
}

// elect makes the lowest name alive the primary: no vote, no term.
func (s *Server) elect() {
	s.primary = s.id
	for _, p := range s.peers {
		if p.alive {
			s.primary = min(s.primary, p.id)
		}
	}
}

func (s *Server) onHeartbeat(env *sim.Env, from sim.NodeID) {
	i := slices.IndexFunc(s.peers, func(p peer) bool { return p.id == from })
	p := &s.peers[i]
	p.heard = env.Elapsed()
	if p.alive {
		return
	}
	p.alive = true
	s.elect()
	s.stale = s.stale || from < s.id
}

func (s *Server) onWantCopy(env *sim.Env, from sim.NodeID) {
	if s.Leads() {
		env.Send(from, &Copy{slices.Clone(s.store)})
	}
}

func (s *Server) onRequest(env *sim.Env, req *kv.Request) {
	if !s.Leads() {
		env.Reply(env.ReplyTo(), &kv.Reply{Status: kv.Refused, Leader: s.primary})
		return
	}
	result, entry, wrote := s.apply(req.Op)
	if !wrote {
		env.Reply(env.ReplyTo(), &kv.Reply{Status: kv.Done, Result: result})
		return
	}
	s.writes++
	w := waiting{number: s.writes, entry: entry, result: result, to: env.ReplyTo()}
	for _, p := range s.peers {
		env.Send(p.id, &Replicate{s.writes, entry}) // it may have been wrong about the dead
		if p.alive {
			w.on = append(w.on, p.id)
		}
	}
	s.waiting = append(s.waiting, w)
	s.answer(env)
}

func (s *Server) onReplicate(env *sim.Env, from sim.NodeID, m *Replicate) {
	s.put(m.Entry)
	env.Send(from, Replicated{m.Number})
}

func (s *Server) onReplicated(env *sim.Env, from sim.NodeID, m Replicated) {
	for i := range s.waiting {
		if w := &s.waiting[i]; w.number == m.Number {
			w.on = slices.DeleteFunc(w.on, func(id sim.NodeID) bool { return id == from })
		}
	}
	s.answer(env)
}

// onCopy believes the lower name: whatever this server acknowledged as primary
// meanwhile is gone.
func (s *Server) onCopy(m *Copy) {
	if !s.stale || s.Leads() {
		return
	}
	s.stale = false
	s.store = slices.Clone(m.Entries)
	s.lost = append(s.lost, s.missing()...)
	s.acked, s.waiting = nil, nil
}

// missing lists the writes of this reign that were the last to their keys and
// are not in the store.
func (s *Server) missing() []Entry {
	var out []Entry
	for i, e := range s.acked {
		later := slices.ContainsFunc(s.acked[i+1:], func(x Entry) bool { return x.Key == e.Key })
		if !later && s.get(e.Key) != e {
			out = append(out, e)
		}
	}
	return out
}

// Lost lists the writes that this server acknowledged as primary and threw away
// when it stepped down.
func (s *Server) Lost() []Entry { return s.lost }

// stopWaitingFor takes a dead backup off every list: the step that turns
// "all replicas" into "all I can see".
func (s *Server) stopWaitingFor(env *sim.Env, id sim.NodeID) {
	for i := range s.waiting {
		w := &s.waiting[i]
		w.on = slices.DeleteFunc(w.on, func(x sim.NodeID) bool { return x == id })
	}
	s.answer(env)
}

// answer replies to the writes that wait for nobody any more.
func (s *Server) answer(env *sim.Env) {
	s.waiting = slices.DeleteFunc(s.waiting, func(w waiting) bool {
		if len(w.on) > 0 {
			return false
		}
		s.acked = append(s.acked, w.entry)
		env.Reply(w.to, &kv.Reply{Status: kv.Done, Result: w.result})
		return true
	})
}

// apply executes an operation on the store.
func (s *Server) apply(op ops.Op) (result ops.Result, changed Entry, wrote bool) {
	old := s.get(op.Key)
	read := ops.Result{Value: old.Value, Found: old.Present}
	e := Entry{Key: op.Key, Value: op.Value, Present: true}
	switch op.Kind {
	case ops.Get:
		return read, Entry{}, false
	case ops.Append:
		e.Value = old.Value + op.Value
	case ops.Delete:
		e = Entry{Key: op.Key}
	case ops.CAS:
		if old.Value != op.Expect {
			return read, Entry{}, false
		}
	}
	s.put(e)
	return ops.Result{OK: true}, e, true
}

func (s *Server) find(key string) (int, bool) {
	return slices.BinarySearchFunc(s.store, key, func(e Entry, k string) int {
		switch {
		case e.Key < k:
			return -1
		case e.Key > k:
			return 1
		default:
			return 0
		}
	})
}

func (s *Server) get(key string) Entry {
	if i, ok := s.find(key); ok {
		return s.store[i]
	}
	return Entry{Key: key}
}

func (s *Server) put(e Entry) {
	i, ok := s.find(e.Key)
	switch {
	case ok && e.Present:
		s.store[i] = e
	case ok:
		s.store = slices.Delete(s.store, i, i+1)
	case e.Present:
		s.store = slices.Insert(s.store, i, e)
	}
}

// hash is a short fingerprint of the store (FNV-1a), for the view.
func (s *Server) hash() uint32 {
	h := uint32(2166136261)
	for _, e := range s.store {
		for _, text := range [...]string{e.Key, "=", e.Value, ";"} {
			for i := range len(text) {
				h = (h ^ uint32(text[i])) * 16777619
			}
		}
	}
	return h
}
