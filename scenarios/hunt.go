package scenarios

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"distsim/faults"
)

// Hunt is a range of seeds to try, and how.
type Hunt struct {
	Scenario *Scenario
	Params   []Value
	From, To uint64        // inclusive
	For      time.Duration // give up after this much wall time; 0: no limit
	Workers  int           // worlds that run at once; each is single-threaded
	Keep     bool          // go on after an undeclared violation
	Progress func(done uint64)
}

// HuntReport is what a hunt found, as `simctl hunt --json` prints it. Apart
// from WallNS it is a function of the hunt alone, whatever the timing: a hunt
// that stops at a failure covers exactly the seeds up to it.
type HuntReport struct {
	Scenario    string    `json:"scenario"`
	From        uint64    `json:"from"`
	To          uint64    `json:"to"`
	Ran         uint64    `json:"ran"`
	Failures    []Failure `json:"failures"` // undeclared violations
	Declared    uint64    `json:"declared"` // runs with declared violations
	Undecided   uint64    `json:"undecided"`
	Missing     uint64    `json:"missing"` // runs without their violated-always
	Covered     string    `json:"covered"` // the seeds judged, such as 1-2000
	Events      uint64    `json:"events"`
	VirtualNS   int64     `json:"virtual_ns"`
	WallNS      int64     `json:"wall_ns"`
	Interrupted bool      `json:"interrupted,omitempty"`

	promise Promise
}

// Failure is one seed with an undeclared violation.
type Failure struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Detail   string `json:"detail"`
	Artifact string `json:"artifact"` // path of the plan that replays it

	Plan   faults.Plan `json:"-"`
	Report *Report     `json:"-"`
}

// outcome is what the hunt keeps of one run.
type outcome struct {
	seed   uint64
	report *Report
	plan   faults.Plan
}

// Run tries the seeds in parallel and reports them in order. The error is of
// the hunt's arguments.
func (h *Hunt) Run(ctx context.Context) (*HuntReport, error) {
	values, err := h.Scenario.Resolve(h.Params)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	rep := &HuntReport{Scenario: h.Scenario.Name, From: h.From, To: h.To, Failures: []Failure{}}
	rep.promise = h.Scenario.Declare(values).strongest()
	if h.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.For)
		defer cancel()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // short-lived worlds: trade memory for time
	done := h.sweep(ctx, values)
	h.tally(rep, done)
	rep.WallNS = int64(time.Since(start))
	return rep, nil
}

// sweep runs the seeds on the workers. What it returns starts at From and has
// no gaps; it ends at To, at the lowest failure, or where time was up.
func (h *Hunt) sweep(ctx context.Context, values Values) []outcome {
	var (
		mu     sync.Mutex
		next   = h.From
		stopAt = h.To
		over   = h.From > h.To
		byseed = map[uint64]outcome{}
		ran    uint64
		wg     sync.WaitGroup
	)
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		if over || next > stopAt || ctx.Err() != nil {
			return 0, false
		}
		seed := next
		over = seed == h.To
		next++
		return seed, true
	}
	for range max(1, h.Workers) {
		wg.Go(func() {
			for seed, ok := take(); ok; seed, ok = take() {
				o := h.try(seed, values)
				mu.Lock()
				byseed[seed] = o
				ran++
				if _, bad := o.failure(); bad && !h.Keep {
					stopAt = min(stopAt, seed)
				}
				if h.Progress != nil {
					h.Progress(ran)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var out []outcome
	for seed := h.From; ; seed++ {
		o, ok := byseed[seed]
		if !ok {
			return out
		}
		out = append(out, o)
		if seed == stopAt {
			return out
		}
	}
}

// try runs one seed; the run's world is let go, its report stays.
func (h *Hunt) try(seed uint64, values Values) outcome {
	plan := faults.Plan{Version: faults.Version, Seed: seed, Scenario: h.Scenario.Name, Params: planParams(values)}
	run, err := h.Scenario.Run(plan, Options{})
	if err != nil {
		panic(err) // the parameters were resolved before, and drawn faults fit their scenario
	}
	o := outcome{seed: seed, report: run.Report}
	if _, bad := o.failure(); bad {
		o.plan = run.Plan
	}
	return o
}

// failure is the undeclared violation of a run, if it has one.
func (o outcome) failure() (PropertyReport, bool) {
	p, ok := o.report.Violated()
	return p, ok && p.Undeclared()
}

func (h *Hunt) tally(rep *HuntReport, done []outcome) {
	for _, o := range done {
		rep.Ran++
		rep.Events += o.report.Events
		rep.VirtualNS += o.report.VirtualNS
		if p, bad := o.failure(); bad {
			rep.Failures = append(rep.Failures, Failure{Seed: o.seed, Property: p.Name, Detail: p.Detail, Plan: o.plan, Report: o.report})
			continue
		}
		switch {
		case o.report.Verdict == "violated":
			rep.Declared++
		case o.report.Verdict == "unknown":
			rep.Undecided++
		}
		if o.report.AsDeclared != nil && !*o.report.AsDeclared {
			rep.Missing++
		}
	}
	rep.Covered = "none"
	if rep.Ran > 0 {
		rep.Covered = covered(h.From, h.From+rep.Ran-1)
	}
}

// Exit is the exit code a hunt deserves (DESIGN section 8).
func (r *HuntReport) Exit() int {
	switch {
	case r.Interrupted:
		return 130
	case len(r.Failures) > 0 || r.Missing > 0:
		return 1
	case r.promise == Sometimes && r.Declared == 0:
		return 1
	case r.Undecided > 0:
		return 3
	default:
		return 0
	}
}
