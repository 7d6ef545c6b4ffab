// Package explore runs every case of a small system: all runs in which at most so many
// servers crash, each before any effect of any of its steps or after the last, or when a
// sync is done before any of the sends that waited for it, and at most so many messages
// are lost, whichever they are. What sampling finds with luck it finds for certain, and
// what it does not find is not there: within these bounds, for one seed, and so for one
// order of events where nothing deviates.
//
// Limits: the number of cases grows with the length of a run to the power of the
// deviations, so runs must be short. Where syncs take no time a crash before the next
// event loses them all the same: give the disk some. Streams (sim.NetConfig.FIFO) lose no
// message.
//
//	var found []explore.Case
//	w := sim.New(sim.Config{})
//	res := explore.Run(explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: []time.Duration{time.Second}},
//		func(c *explore.Case) string {
//			w.Reset(sim.Config{Seed: 1, Chooser: c, Explore: c.Explore(), Invariants: …})
//			addNodes(w)
//			w.RunUntil(sim.Time(time.Minute))
//			if len(w.Violations()) > 0 {
//				found = append(found, c.Clone())
//				return "violated"
//			}
//			return "holds"
//		})
//
// Each case is a plan: faults.Explored(c.Crashes(), c.Losses()).
//
// Contents: explore.go the search · case.go one case and what it decides · result.go
// what is counted.
package explore

import (
	"time"

	"distsim/sim"
)

// Bounds says which runs there are.
type Bounds struct {
	Crashes int // of servers, at most, in one run
	Losses  int // of messages between different machines, at most, in one run

	// RestartAfter are the times after which a crashed server starts again, each of them
	// a case of its own. Without any it stays down until the run restarts it.
	RestartAfter []time.Duration

	Model sim.CrashModel // what the crashes leave on the disk

	// May says whether a decision may deviate from what is drawn, a loss by its identity
	// ({OfMessage, …, ForLoss}) or a crash ({OfEffect, node, -, k, ForCrash}); it may ask
	// the world for the time, and must answer alike in every run that has come to the
	// same point. Nil: all may.
	May func(id sim.Identity) bool

	Limit int         // stop after so many cases; 0: go through all of them
	Stop  func() bool // stop when it says so, asked before each case; nil: never
}

// Run executes each case once, the one without deviations first, and counts what run
// says came of them. It goes depth first: after a case come all those that share its
// deviations and have one more after the last of them, in the order of time, loss and
// crash where they happen. run makes its world with the case as its Chooser and
// c.Explore() as its Explore; the case is only good until run returns.
//
// A run must be a function of its decisions. One that comes to another decision than
// the run it branched from panics.
func Run(b Bounds, run func(c *Case) (outcome string)) *Result {
	x := &search{bounds: b, run: run, result: &Result{Complete: true}}
	x.visit(nil)
	return x.result
}

// search is a depth-first walk through the tree of cases.
type search struct {
	bounds Bounds
	run    func(c *Case) string
	result *Result
}

// visit executes the case with these deviations, and those that branch from it.
func (x *search) visit(deviations []deviation) {
	if b := &x.bounds; b.Limit > 0 && x.result.Cases == b.Limit || b.Stop != nil && b.Stop() {
		x.result.Complete = false
		return
	}
	c := newCase(&x.bounds, x.result.Cases, deviations)
	outcome := x.run(c)
	c.mustHaveDeviated()
	x.result.count(c, outcome)
	for _, d := range c.branches {
		x.visit(append(deviations[:len(deviations):len(deviations)], d))
	}
}
