package faults

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// Stage is a world with the faults in force on it. It keeps the books that let
// overlapping faults compose: each ends only what it began.
type Stage struct {
	World *sim.World

	pauses []hold
	clocks map[sim.NodeID]*clockwork // looked up, never walked
	claims int                       // made so far; numbers holds

	met  *bool         // becomes true once what the fault being applied names has turned up
	over func()        // ends the fault that is being applied: for those that end by themselves
	did  func() string // what a fault that is over at once has done

	name      string            // of the fault that is being resolved
	picks     map[string]uint64 // draws made for each of them
	impatient bool              // waiting for a target is over: take what there is
}

// hold is one fault's claim on one incarnation of a machine.
type hold struct {
	claim int
	node  sim.NodeID
	inc   uint32
}

// reason says why a fault found nothing to strike.
type reason struct {
	text string
	wait bool // it may find something soon
}

func (r reason) Error() string { return r.text }

// pick draws one of n for the target of the fault being resolved. The draw is
// named by the fault itself, so that removing one fault moves no other's target.
func (s *Stage) pick(n int) int {
	if s.picks == nil {
		s.picks = map[string]uint64{}
	}
	s.picks[s.name]++
	return s.World.Pick(sim.Identity{Subject: sim.OfPlanner, Name: s.name, K: s.picks[s.name], Purpose: sim.ForTarget}, n)
}

// pause holds a process until the returned function lets go of it. A crash ends
// the hold: it was of the process, not of the machine.
func (s *Stage) pause(node sim.NodeID) (release func()) {
	s.claims++
	h := hold{s.claims, node, s.World.Incarnation(node)}
	releasing := s.World.Paused(node) && !s.held(h)
	s.pauses = append(s.pauses, h)
	s.World.Pause(node)
	if releasing { // its resume is due at this very instant: pause again after it
		s.World.After(0, func(w *sim.World) {
			if s.held(h) && w.Incarnation(node) == h.inc {
				w.Pause(node)
			}
		})
	}
	return func() {
		s.pauses = slices.DeleteFunc(s.pauses, func(x hold) bool { return x.claim == h.claim })
		if !s.held(h) && s.World.Incarnation(node) == h.inc {
			s.World.Resume(node)
		}
	}
}

// held reports whether some fault holds the same incarnation as h.
func (s *Stage) held(h hold) bool {
	return slices.ContainsFunc(s.pauses, func(x hold) bool { return x.node == h.node && x.inc == h.inc })
}

func abs[T ~int64](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

// allDown says that none of the nodes is up, or nil.
func (s *Stage) allDown(nodes []sim.NodeID) error {
	if slices.ContainsFunc(nodes, s.World.Up) {
		return nil
	}
	verb := "is"
	if len(nodes) > 1 {
		verb = "are"
	}
	return reason{text: fmt.Sprintf("%s %s already down", nodesText(nodes), verb)}
}

// onEach strikes the nodes one by one; healing goes in the same order.
func onEach(nodes []sim.NodeID, strike func(id sim.NodeID) (heal func())) (healAll func()) {
	heals := make([]func(), len(nodes))
	for i, id := range nodes {
		heals[i] = strike(id)
	}
	return func() {
		for _, heal := range heals {
			heal()
		}
	}
}

// up filters the nodes that are up.
func (s *Stage) up(nodes []sim.NodeID) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(nodes), func(id sim.NodeID) bool { return !s.World.Up(id) })
}

// firstError is the first of several that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
