package explore

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// Case is one run: the decisions in which it deviates from what is drawn. It is the
// Chooser of the run, and afterwards knows how a plan says the same.
type Case struct {
	Number int // in the order of execution, from 0

	bounds     *Bounds
	deviations []deviation // in the order in which the run comes to them
	met        int         // how many it has come to
	decisions  int         // that the run has come to and that may deviate
	branches   []deviation // past the last deviation, those that one more run can have
	crashes    []sim.CrashPoint
}

// deviation is a decision that comes out otherwise than drawn: a loss or a crash.
type deviation struct {
	id      sim.Identity
	at      int   // its number among the decisions of the run that may deviate
	restart int64 // crash: which of the times
}

func newCase(b *Bounds, number int, deviations []deviation) *Case {
	return &Case{Number: number, bounds: b, deviations: deviations}
}

// Explore is what the run's sim.Config needs beside the case as its Chooser.
func (c *Case) Explore() *sim.Explore {
	return &sim.Explore{Model: c.bounds.Model, RestartAfter: c.bounds.RestartAfter,
		Crashed: func(p sim.CrashPoint) { c.crashes = append(c.crashes, p) }}
}

// Crashes are the crashes of the run so far, in order; faults.Explored puts them into
// the words of a plan.
func (c *Case) Crashes() []sim.CrashPoint { return slices.Clone(c.crashes) }

// Losses are the messages that the run loses beside those that the seed does, in order;
// in a plan they are overrides (faults.Explored).
func (c *Case) Losses() []sim.Identity {
	var ids []sim.Identity
	for _, d := range c.deviations {
		if d.id.Purpose == sim.ForLoss {
			ids = append(ids, d.id)
		}
	}
	return ids
}

// Clone is the case without its run: for keeping what was found.
func (c *Case) Clone() Case {
	return Case{Number: c.Number, deviations: c.deviations, crashes: slices.Clone(c.crashes)}
}

// String tells the deviations in a line.
func (c *Case) String() string {
	s := fmt.Sprintf("case %d:", c.Number)
	for _, id := range c.Losses() {
		s += fmt.Sprintf(" %v lost;", id)
	}
	for _, p := range c.crashes {
		s += fmt.Sprintf(" %v after %v;", p, p.Step)
	}
	if len(c.deviations) == 0 {
		return s + " nothing deviates"
	}
	return s[:len(s)-1]
}

// Choose is called by the kernel for every decision.
func (c *Case) Choose(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
	switch id.Purpose {
	case sim.ForLoss, sim.ForCrash:
		if drawn == 0 && c.deviates(id) {
			return 1
		}
	case sim.ForRestart:
		return c.deviations[c.met-1].restart
	}
	return drawn
}

// deviates reports whether a decision comes out otherwise in this run, and notes what
// else could branch here.
func (c *Case) deviates(id sim.Identity) bool {
	if c.bounds.May != nil && !c.bounds.May(id) {
		return false
	}
	at := c.decisions
	c.decisions++
	if c.met == len(c.deviations) {
		c.branch(deviation{id: id, at: at})
		return false
	}
	next := c.deviations[c.met]
	if next.at != at {
		return false
	}
	if next.id != id {
		panic(fmt.Sprintf("explore: decision %d was %v, and is now %v: the run is not a function of its decisions", at, next.id, id))
	}
	c.met++
	return true
}

// branch notes the cases that have one more deviation than this one.
func (c *Case) branch(d deviation) {
	most, ways := c.bounds.Losses, 1
	if d.id.Purpose == sim.ForCrash {
		most, ways = c.bounds.Crashes, max(1, len(c.bounds.RestartAfter))
	}
	if c.have(d.id.Purpose) >= most {
		return
	}
	for i := range ways {
		d.restart = int64(i)
		c.branches = append(c.branches, d)
	}
}

// have counts the deviations of one sort.
func (c *Case) have(p sim.Purpose) (n int) {
	for _, d := range c.deviations {
		if d.id.Purpose == p {
			n++
		}
	}
	return n
}

// mustHaveDeviated complains about a run that ended before its last deviation.
func (c *Case) mustHaveDeviated() {
	if c.met < len(c.deviations) {
		panic(fmt.Sprintf("explore: the run has not come to %v: it is not a function of its decisions, or did not use the case as its Chooser",
			c.deviations[c.met].id))
	}
}
