package shrink

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"distsim/faults"
)

// Options bound the work.
type Options struct {
	MaxRuns  int                              // 0: 2,000
	Progress func(runs int, best faults.Plan) // called whenever the plan gets smaller; may be nil
	Model    *faults.Model                    // a plan inside it stays inside it; nil: anything goes
}

// Result is a smaller plan and what it took.
type Result struct {
	Plan    faults.Plan
	Runs    int  // re-runs of plans; one that was tried before is not run again
	Minimal bool // nothing single can be removed; false when the budget ran out first
}

// Two ways for a plan not to be shrunk.
var (
	ErrDrawn = errors.New("the faults of this plan are drawn from its seed; record the run first, so that they are listed")
	ErrHolds = errors.New("the plan does not fail")
)

// Shrink removes what it can from a plan that fails, then makes milder what is
// left. fails runs a plan and says whether it still fails the same way.
func Shrink(p faults.Plan, fails func(faults.Plan) bool, o Options) (Result, error) {
	if p.Faults == nil {
		return Result{}, ErrDrawn
	}
	if o.MaxRuns == 0 {
		o.MaxRuns = 2000
	}
	if o.Model != nil && o.Model.Check(p.Faults) != nil {
		o.Model = nil
	}
	s := &shrinker{best: p.Clone(), fails: fails, options: o, tried: map[string]bool{}}
	if !s.try(p.Clone()) {
		return Result{Plan: p, Runs: s.runs}, ErrHolds
	}
	for again := true; again; {
		s.removeFaults()
		s.removeOverrides()
		s.removeCalls()
		again = s.soften() // a milder fault may make another one superfluous
	}
	if s.shrunk && s.best.Expect != nil {
		s.best.Expect.Hash = "" // it is another run now
	}
	return Result{Plan: s.best, Runs: s.runs, Minimal: !s.spent}, nil
}

// shrinker is the best plan so far and the budget.
type shrinker struct {
	best    faults.Plan
	fails   func(faults.Plan) bool
	options Options
	runs    int
	shrunk  bool
	spent   bool            // the budget: a candidate was not run
	tried   map[string]bool // verdicts by what was tried
}

// try runs a candidate, unless it was run before or the budget is spent, and
// keeps it if it fails.
func (s *shrinker) try(p faults.Plan) bool {
	key := fingerprint(p)
	failed, known := s.tried[key]
	if !known {
		if m := s.options.Model; m != nil && m.Check(p.Faults) != nil {
			return false
		}
		if s.runs >= s.options.MaxRuns {
			s.spent = true
			return false
		}
		s.runs++
		failed = s.fails(p.Clone())
		s.tried[key] = failed
	}
	if failed {
		s.keep(p)
	}
	return failed
}

func (s *shrinker) keep(p faults.Plan) {
	s.shrunk = s.shrunk || s.runs > 1
	s.best = p
	if s.options.Progress != nil && s.shrunk {
		s.options.Progress(s.runs, p.Clone())
	}
}

// fingerprint tells candidates apart by the parts that shrinking changes.
func fingerprint(p faults.Plan) string {
	var b strings.Builder
	for _, e := range p.Faults {
		fmt.Fprintln(&b, e)
	}
	for _, o := range p.Overrides {
		fmt.Fprintln(&b, o, o.ID.Copy)
	}
	if p.Workload != nil {
		fmt.Fprintln(&b, p.Workload.Calls)
	}
	return b.String()
}

func (s *shrinker) removeFaults() {
	remove(s.best.Faults, func(rest []faults.Entry) bool {
		p := s.best
		p.Faults = rest
		return s.try(p)
	})
}

func (s *shrinker) removeOverrides() {
	remove(s.best.Overrides, func(rest []faults.Override) bool {
		p := s.best
		p.Overrides = rest
		return s.try(p)
	})
}

// removeCalls removes listed operations; a drawn workload stays as it is.
func (s *shrinker) removeCalls() {
	if s.best.Workload == nil {
		return
	}
	remove(s.best.Workload.Calls, func(rest []faults.Call) bool {
		p := s.best
		p.Workload = &faults.Workload{Calls: rest}
		return s.try(p)
	})
}

// soften makes every fault as mild as it can be and reports whether any is.
func (s *shrinker) soften() (any bool) {
	for i := range s.best.Faults {
		for s.softer(i) {
			any = true
		}
	}
	return any
}

// softer tries the milder versions of one fault until one still fails.
func (s *shrinker) softer(i int) bool {
	for _, e := range milder(s.best.Faults[i]) {
		p := s.best
		p.Faults = slices.Clone(p.Faults)
		p.Faults[i] = e
		if s.try(p) {
			return true
		}
	}
	return false
}
