package scenarios

import (
	"strings"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

// progress is the property that a healed core gets something done.
const progress = faults.ProgressProperty

// Liveness is a promise of progress: once faults have stopped and a core of servers is
// well, the others having failed for good, one operation of a fresh client is
// answered within Bound. Failing that the run is stalled.
type Liveness struct {
	Core  []faults.Group // who is well: faults.AnyOf(n), or so many of each group
	Bound time.Duration  // for the answer
	Why   string         // how the bound is derived, and how likely a false alarm is

	// Probe adds the client that asks, and gives up after the time given.
	Probe func(b *Build, patience time.Duration) sim.NodeID
}

// LivenessReport is how the core fared.
type LivenessReport struct {
	Core       []string     `json:"core"`
	BoundNS    int64        `json:"bound_ns"`
	Why        string       `json:"bound_why"`          // how the bound is derived
	AnsweredNS *int64       `json:"answered_ns"`        // after this long; null: not within the bound
	Lasso      *LassoReport `json:"lasso,omitempty"`    // the proof that it never will
	NoLasso    string       `json:"no_lasso,omitempty"` // why there is none

	stalled bool
	lacking string // why the core was too small to be asked
}

// LassoReport is the proof that a stalled run goes round in circles, or stands still.
type LassoReport struct {
	FromNS int64    `json:"from_ns"`
	ToNS   int64    `json:"to_ns"`
	Events uint64   `json:"events"` // of one round
	State  []string `json:"state"`  // that comes back
	Still  bool     `json:"still"`  // nothing is under way between servers, and no timer of theirs will ever be due

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
	case r.lacking != "":
		unknown.Detail = r.lacking
	default:
		unknown.Detail = "the run ended before the bound"
	}
	return []checker.Result{unknown}
}

func (r *LivenessReport) isStalled() bool { return r != nil && r.stalled }

// core is the liveness phase. It reports whether the run goes on.
func (c *course) core() bool {
	live, b := c.decl.Live, c.build
	p := c.installed.RunCore(faults.Core{
		Groups: live.Core, Bound: live.Bound,
		Probe: func(*sim.World) sim.NodeID { return live.Probe(b, 2*live.Bound) },
	}, func() { c.report.Measures = b.measured() }) // the search for a lasso runs on
	if p.Core == nil {
		return false
	}
	r := &LivenessReport{Core: nodeNames(p.Core), BoundNS: int64(live.Bound), Why: live.Why, NoLasso: p.NoLasso, stalled: p.Stalled, lacking: p.Lacking}
	if p.Answered {
		took := int64(p.After)
		r.AnsweredNS = &took
	}
	if l := p.Lasso; l != nil {
		r.Lasso = &LassoReport{FromNS: int64(l.From), ToNS: int64(l.To), Events: l.Events, Still: l.Still,
			State: strings.Split(l.State, "\n"), From: l.From, To: l.To}
	}
	c.report.Liveness = r
	return p.Answered
}
