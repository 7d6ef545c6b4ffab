package threepc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// watched plays one transaction, or several, under the invariants, and returns what they
// found: with n1 struck between its first PreCommit and the next, if it is to die.
func watched(t *testing.T, set settings, dies bool) []sim.Violation {
	set.participants = 3
	if set.latency == (sim.Dist{}) {
		set.latency = sim.Fixed(time.Millisecond)
	}
	w := newTown(set, testConfig)
	defer w.Close()
	doubt := &invariant.InDoubt{CrashStop: true}
	w.AddInvariant(Invariants()...)
	w.AddInvariant(doubt.Watch(), doubt.Within("in-doubt-bounded", testConfig.InDoubt(3)))
	w.asks(0, transfer, back)
	if dies {
		w.StrikeAt(sim.Strike{On: lastVote, Node: n(1), Effect: 2, Model: sim.LoseAll}, nil)
		w.At(900*millisecond, func(w2 *sim.World) { w2.Restart(n(1)) })
	}
	w.until(1000)
	return slices.Clone(w.Violations())
}

func TestInvariantsHold(t *testing.T) {
	for _, dies := range []bool{false, true} {
		for _, set := range latencies {
			for _, v := range watched(t, set, dies) {
				t.Errorf("seed %d, dies %v: %v: %s", set.seed, dies, v.Property, v.Detail)
			}
		}
	}
}

type (
	// forward promises before it has noted it.
	forward struct{ *Participant }
	// eager commits without asking anybody.
	eager struct{ *Coordinator }
	// timid aborts when all have voted yes.
	timid struct{ *Coordinator }
	// fickle aborts what it has committed.
	fickle struct{ *Participant }
)

func (p forward) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if q, ok := m.(*CanCommit); ok {
		env.Send(from, &Vote{Tx: q.Tx, Yes: true, Balances: make([]int64, len(q.Legs))})
	}
	p.Participant.Step(env, from, m)
}

func (c eager) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	c.Coordinator.Step(env, from, m)
	if q, ok := m.(*Request); ok {
		t := c.open[bank.Tx{Process: q.Process, N: q.N, Try: q.Try}]
		for _, p := range t.parts {
			p.balances = make([]int64, len(p.at))
		}
		c.commit(env, t)
	}
}

func (c timid) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if a, ok := m.(*Ack); ok && c.open[a.Tx] != nil {
		c.abort(env, c.open[a.Tx], &Reply{Aborted: "afraid"})
		return
	}
	c.Coordinator.Step(env, from, m)
}

func (p fickle) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	p.Participant.Step(env, from, m)
	if c, ok := m.(*DoCommit); ok {
		p.enter(p.records[c.Tx], Aborted)
	}
}

// Each invariant finds the machine that breaks it.
func TestInvariantsFindWhatBreaksThem(t *testing.T) {
	node := func(f func(*Participant) sim.Node) settings { return settings{node: f} }
	leader := func(f func(*Coordinator) sim.Node) settings { return settings{leader: f} }
	for name, c := range map[string]struct {
		set      settings
		dies     bool
		property string
	}{
		"naive":   {node(func(p *Participant) sim.Node { return naive{p} }), true, "threepc.agreement"},
		"patient": {node(func(p *Participant) sim.Node { return patient{p} }), true, "in-doubt-bounded"},
		"hoarder": {node(func(p *Participant) sim.Node { return hoarder{p} }), false, "threepc.no-stray-lock"},
		"forward": {node(func(p *Participant) sim.Node { return forward{p} }), false, "threepc.noted-before-said"},
		"fickle":  {node(func(p *Participant) sim.Node { return fickle{p} }), false, "threepc.no-reversal"},
		"eager":   {leader(func(c *Coordinator) sim.Node { return eager{c} }), false, "threepc.all-voted-yes"},
		"timid":   {leader(func(c *Coordinator) sim.Node { return timid{c} }), false, "threepc.no-needless-abort"},
	} {
		var found []string
		for _, v := range watched(t, c.set, c.dies) {
			found = append(found, v.Property)
		}
		if !slices.Contains(found, c.property) {
			t.Errorf("%s: found %v, want %s among them", name, found, c.property)
		}
	}
}

// A vote that has left is a promise, though its sender is struck before its step is over
// and nobody sees what it has noted; and what it has said counts when it is dead.
func TestWhatTheDeadHaveSaidCounts(t *testing.T) {
	w := newTown(settings{latency: sim.Fixed(time.Millisecond), participants: 3}, testConfig)
	defer w.Close()
	w.AddInvariant(Invariants()...)
	w.asks(0, transfer)
	asked := sim.Identity{Subject: sim.OfMessage, Node: n(1), Peer: n(4), Name: "threepc.CanCommit", K: 1}
	struck := false
	w.StrikeAt(sim.Strike{On: asked, Node: n(4), Effect: 3, Model: sim.LoseAll}, func(_ *sim.World, hit bool) { struck = hit })
	w.until(500)
	if !struck || len(w.Violations()) > 0 {
		t.Errorf("struck %v, found %v, want true and nothing", struck, w.Violations())
	}
	if got, want := fmt.Sprint(w.coordinator.Changes()), "committed"; !strings.Contains(got, want) {
		t.Errorf("n1 has come to %s, want %s", got, want)
	}
}

// A coordinator that is only paused while the votes come in commits when it wakes up: it
// takes those that do not acknowledge for dead, and they have buried it and aborted. A
// pause is outside of what the protocol promises to survive.
func TestAPauseSplits(t *testing.T) {
	w := newTown(settings{latency: sim.Fixed(time.Millisecond), participants: 3}, testConfig)
	defer w.Close()
	w.AddInvariant(Invariants()...)
	w.asks(0, transfer)
	asked := sim.Identity{Subject: sim.OfMessage, Node: n(1), Peer: n(2), Name: "threepc.CanCommit", K: 1}
	w.When(asked, func(*sim.World) { w.Pause(n(1)) })
	w.At(300*millisecond, func(*sim.World) { w.Resume(n(1)) })
	w.until(600)
	if v := w.Violations(); len(v) == 0 || v[0].Property != "threepc.agreement" {
		t.Errorf("found %v, want threepc.agreement", v)
	}
}
