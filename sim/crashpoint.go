package sim

import (
	"fmt"
	"math"
	"time"
)

// Explore puts a world into explore mode: its Chooser also decides whether a server
// crashes, before each effect of each of its steps and once after the last, and when a
// sync is done before each send that leaves then. Boots are steps too. The decision is
// {OfEffect, node, k, ForCrash}, a Chance that the seed says no to; k counts these
// instants in the server's life. A crash before an effect is one that StrikeAt makes, one
// after the last is like Crash in a When of what began the step; each is recorded as a
// fault of a plan is, so that a plan can repeat the run with the same hash.
//
// Not asked about are clients, and other instants between steps, where a server's state
// does not change; nor the sends that leave at the end of a pause or of a slow step.
type Explore struct {
	Model CrashModel // what the crashes leave on the disk

	// RestartAfter are the times after which a server that has crashed starts again;
	// with more than one the Chooser picks: {OfEffect, node, k, ForRestart}. Without any
	// it stays down until somebody restarts it.
	RestartAfter []time.Duration

	Crashed func(CrashPoint) // if not nil, is told of each crash as it is decided
}

// CrashPoint is a crash that a Chooser has wanted, in the words of a plan: a crash of
// Node after Step, before Effect.
type CrashPoint struct {
	Node    NodeID
	Step    Identity      // what began the step: a message, timer, boot (the draw sim.Boot #incarnation) or record, such as that of a sync's end
	Effect  int           // within the step, from 1; 0: after the last, when the step is over
	Restart time.Duration // how long the machine is down; 0: until somebody restarts it
	Model   CrashModel
	At      Time
}

// String is how a plan spells the crash.
func (p CrashPoint) String() string {
	s := fmt.Sprintf("crash: {target: %v", p.Node)
	if p.Model != LoseAll {
		s += ", model: " + p.Model.String()
	}
	if p.Effect > 0 {
		s += fmt.Sprintf(", before_effect: %d", p.Effect)
	}
	s += "}"
	if p.Restart > 0 {
		s += fmt.Sprintf(" for %v", p.Restart)
	}
	return s
}

func (x *Explore) check() {
	for _, d := range x.RestartAfter {
		assert(d > 0, "Explore.RestartAfter has %v; a machine is down for more than no time", d)
	}
}

// offers makes the step of m that the latest record begins ask before its first effect.
func (w *World) offers(m *machine) {
	if m.id.IsServer() {
		w.stepSeq, m.strikeAt = w.trace.Len, 1
	}
}

// comesToEffect reports whether a strike hits before the current effect: one that has
// waited for it, or a crash that the Chooser wants. Otherwise the next effect asks.
func (w *World) comesToEffect(m *machine) bool {
	assert(m.effect < math.MaxUint16, "a step of %v has more effects than can be numbered", m.id)
	m.strikeAt = m.effect + 1
	if m.strike != nil && m.strike.effect == m.effect {
		return true
	}
	if m.paused || !w.wantsCrash(m) {
		return false
	}
	m.strike = w.exploredStrike(m, m.effect)
	return true
}

// wantsCrash asks the Chooser whether m, if it is a server, crashes at this instant.
func (w *World) wantsCrash(m *machine) bool {
	if !m.id.IsServer() {
		return false
	}
	m.points++
	id := Identity{Subject: OfEffect, Node: m.id, K: m.points, Purpose: ForCrash}
	return w.choose(id, Outcomes{Kind: Chance}, 0) == 1
}

// exploredStrike is a strike before an effect, in place of any that waits for a later one
// of the step.
func (w *World) exploredStrike(m *machine, effect uint16) *strike {
	p, other := w.crashPoint(m, int(effect)), m.strike
	var begun uint64
	return &strike{
		node: m.id, effect: effect, model: p.Model,
		begins: func(w *World) { begun = w.FaultBegins(p.String()) },
		then: func(w *World, _ bool) {
			if other != nil {
				other.then(w, false)
			}
			w.restartLater(p, begun)
		},
	}
}

// stepIsOver asks about the instant after the last effect of m's step.
func (w *World) stepIsOver(m *machine) {
	if !w.wantsCrash(m) {
		return
	}
	p, inc := w.crashPoint(m, 0), m.inc
	w.watches.active = true
	w.watches.due = append(w.watches.due, &watch{fn: func(w *World) {
		if m.up && m.inc == inc {
			begun := w.FaultBegins(p.String())
			w.Crash(m.id, p.Model)
			w.restartLater(p, begun)
		}
	}})
}

// crashPoint completes a crash that the Chooser wants.
func (w *World) crashPoint(m *machine, effect int) CrashPoint {
	x := w.explore
	p := CrashPoint{Node: m.id, Step: w.stepBegunBy(w.stepSeq), Effect: effect, Model: x.Model, At: w.now}
	if n := int64(len(x.RestartAfter)); n > 0 {
		id := Identity{Subject: OfEffect, Node: m.id, K: m.points, Purpose: ForRestart}
		p.Restart = x.RestartAfter[w.choose(id, Outcomes{Kind: Pick, N: n}, 0)]
	}
	if x.Crashed != nil {
		x.Crashed(p)
	}
	return p
}

// stepBegunBy is the event by which a plan can wait for the step that record seq began.
func (w *World) stepBegunBy(seq uint64) Identity {
	c := w.trace.slot(seq - 1)
	if c.Copy > 0 || c.Kind == KindResume || c.Kind == KindSynced || w.trace.Len-seq >= ringSize {
		return Identity{Subject: OfRecord, K: seq}
	}
	id := w.stepIdentity(seq)
	id.Purpose = ForValue
	return id
}

// restartLater ends an explored crash as a plan's fault ends.
func (w *World) restartLater(p CrashPoint, begun uint64) {
	if p.Restart == 0 {
		return
	}
	inc := w.Incarnation(p.Node)
	w.After(Time(p.Restart), func(w *World) {
		w.FaultEnds(begun, p.String())
		if w.Incarnation(p.Node) == inc {
			w.Restart(p.Node)
		}
	})
}
