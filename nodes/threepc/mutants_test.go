package threepc

import (
	"strings"
	"testing"
	"time"

	"distsim/sim"
)

// The mutants are machines with one rule broken.
type (
	// naive decides alone when nobody is heard from: prepared, it aborts; precommitted,
	// it commits.
	naive struct{ *Participant }
	// hasty commits as backup coordinator without bringing the others to PreCommitted.
	hasty struct{ *Participant }
	// patient waits for ever.
	patient struct{ *Participant }
	// hoarder keeps its locks when it commits.
	hoarder struct{ *Participant }
	// early releases its locks when it has voted.
	early struct{ *Participant }
	// liar tells the client that a transaction was aborted before it commits.
	liar struct{ *Coordinator }
)

func (p naive) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	d, timeout := m.(due)
	switch {
	case !timeout:
		p.Participant.Step(env, from, m)
	case p.records[d.tx].state == PreCommitted:
		p.decide(env, p.records[d.tx], Committed)
	default:
		p.decide(env, p.records[d.tx], Aborted)
	}
}

func (p hasty) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	reply, ok := m.(*StateReply)
	if ok {
		if r := p.records[reply.Tx]; r.lead != nil && r.state == PreCommitted {
			p.conclude(env, r, Committed)
			return
		}
	}
	p.Participant.Step(env, from, m)
}

func (p patient) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if _, timeout := m.(due); !timeout {
		p.Participant.Step(env, from, m)
	}
}

func (p hoarder) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if c, ok := m.(*DoCommit); ok {
		env.Cancel(due{c.Tx})
		p.enter(p.records[c.Tx], Committed)
		return
	}
	p.Participant.Step(env, from, m)
}

func (p early) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if c, ok := m.(*DoCommit); ok {
		env.Cancel(due{c.Tx})
		p.enter(p.records[c.Tx], Committed)
		return
	}
	p.Participant.Step(env, from, m)
	if q, ok := m.(*CanCommit); ok && p.bank.Holds(q.Tx) {
		p.bank.Commit(q.Tx)
	}
}

func (c liar) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if ack, ok := m.(*Ack); ok && c.open[ack.Tx] != nil {
		env.Reply(c.open[ack.Tx].to, &Reply{Aborted: "not true"})
	}
	c.Coordinator.Step(env, from, m)
}

// Each broken rule is noticed: by so many crashes, as what it breaks.
func TestMutantsAreNoticed(t *testing.T) {
	for _, m := range []struct {
		name    string
		crashes int
		breaks  string
		leader  func(*Coordinator) sim.Node
		node    func(*Participant) sim.Node
	}{
		{"naive", 1, "split", nil, func(p *Participant) sim.Node { return naive{p} }},
		{"hasty", 2, "split", nil, func(p *Participant) sim.Node { return hasty{p} }},
		{"patient", 1, "blocked", nil, func(p *Participant) sim.Node { return patient{p} }},
		{"hoarder", 0, "locked", nil, func(p *Participant) sim.Node { return hoarder{p} }},
		{"liar", 0, "answer", func(c *Coordinator) sim.Node { return liar{c} }, nil},
	} {
		t.Run(m.name, func(t *testing.T) {
			set := latencies[0]
			set.participants, set.leader, set.node = 3, m.leader, m.node
			for crashes := range m.crashes {
				s := &search{settings: set, story: oneTransaction, most: crashes}
				if _, err := s.run(nil); err != nil {
					t.Errorf("noticed with %d crashes, want %d: %v", crashes, m.crashes, err)
				}
			}
			s := &search{settings: set, story: oneTransaction, most: m.crashes}
			_, err := s.run(nil)
			if err == nil || !strings.HasPrefix(err.Error(), m.breaks) {
				t.Errorf("got %v, want %s", err, m.breaks)
			}
			t.Logf("%d runs: %v", s.runs, err)
		})
	}
}

// Audits that see money in transit do not add up.
func TestAuditsNoticeEarlyReleases(t *testing.T) {
	for seed := range uint64(10) {
		w := crowd(seed, func(p *Participant) sim.Node { return early{p} })
		w.RunClients(sim.Time(time.Minute))
		err := w.checkAudits()
		w.Close()
		if err != nil && strings.Contains(err.Error(), "adds up to") {
			t.Logf("seed %d: %v", seed, err)
			return
		}
	}
	t.Error("all audits add up for 10 seeds")
}
