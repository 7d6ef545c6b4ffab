package scenarios

import (
	"fmt"
	"strings"
	"time"

	"distsim/checker"
	"distsim/sim"
)

// progress is the property that a healed core gets something done.
const progress = "progress"

// Liveness is a promise of progress: once faults have stopped and Core servers are
// well, the others having failed for good, one operation of a fresh client is
// answered within Bound. Failing that the run is stalled.
type Liveness struct {
	Core  int           // how many servers are well
	Bound time.Duration // for the answer
	Why   string        // how the bound is derived, and how likely a false alarm is

	// Probe adds the client that asks, and gives up after the bound.
	Probe func(b *Build, bound time.Duration) sim.NodeID
}

// LivenessReport is how the core fared.
type LivenessReport struct {
	Core       []string     `json:"core"`
	BoundNS    int64        `json:"bound_ns"`
	AnsweredNS *int64       `json:"answered_ns"`        // after this long; null: not within the bound
	Lasso      *LassoReport `json:"lasso,omitempty"`    // the proof that it never will
	NoLasso    string       `json:"no_lasso,omitempty"` // why there is none

	stalled bool
}

// LassoReport is the proof that a stalled run goes round in circles.
type LassoReport struct {
	FromNS int64    `json:"from_ns"`
	ToNS   int64    `json:"to_ns"`
	Events uint64   `json:"events"` // of one round
	State  []string `json:"state"`  // that comes back

	From, To sim.Time `json:"-"`
}

// judge is the verdict on progress where the run reported none itself: unknown, if
// it never came to the question.
func (r *LivenessReport) judge(live *Liveness) []checker.Result {
	unknown := checker.Result{Property: progress, Verdict: checker.Unknown}
	switch {
	case live == nil || r != nil && (r.AnsweredNS != nil || r.stalled):
		return nil
	case r == nil:
		unknown.Detail = "the run ended before faults stopped"
	case len(r.Core) < live.Core:
		unknown.Detail = fmt.Sprintf("only %d servers can still run, and %d are needed", len(r.Core), live.Core)
	default:
		unknown.Detail = "the run ended before the bound"
	}
	return []checker.Result{unknown}
}

func (r *LivenessReport) isStalled() bool { return r != nil && r.stalled }

// core is the liveness phase.
func (c *course) core() bool {
	w, live := c.build.World, c.decl.Live
	began := w.Now()
	probe := live.Probe(c.build, live.Bound)
	c.installed.HealAll()
	if !w.RunUntil(began) { // machines start again
		return false
	}
	core := c.installed.LeaveCore(live.Core)
	r := &LivenessReport{Core: nodeNames(core), BoundNS: int64(live.Bound)}
	c.report.Liveness = r
	if len(core) < live.Core {
		return false
	}
	if !w.RunWhile(began+sim.Time(live.Bound), func() bool { return w.Answers(probe) == 0 }) {
		return false
	}
	if w.Answers(probe) > 0 {
		took := int64(w.Now() - began)
		r.AnsweredNS = &took
		return true
	}
	c.stalled(core, r)
	return false
}

// stalled reports the stall, and looks for the proof that it lasts.
func (c *course) stalled(core []sim.NodeID, r *LivenessReport) {
	r.stalled = true
	c.report.Measures = c.build.measured() // the search for a lasso runs on
	w, bound := c.build.World, c.decl.Live.Bound
	v := sim.Violation{Property: progress, Stalled: true, Nodes: core,
		Detail: fmt.Sprintf("%s are well, and %v after faults have stopped no operation has been answered", strings.Join(r.Core, ", "), bound)}
	for _, id := range core {
		v.Fields = append(v.Fields, sim.Place{Node: id, Field: "role"})
	}
	lasso, why := w.FindLasso(w.Now() + sim.Time(bound))
	if lasso != nil {
		r.Lasso = &LassoReport{FromNS: int64(lasso.From), ToNS: int64(lasso.To), Events: lasso.Events,
			State: strings.Split(lasso.State, "\n"), From: lasso.From, To: lasso.To}
		v.Detail += fmt.Sprintf("; none ever will be: the state of %v comes back every %v", lasso.From, lasso.Period())
	}
	r.NoLasso = why
	w.Report(v)
}
