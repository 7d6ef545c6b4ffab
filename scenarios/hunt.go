package scenarios

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// Hunt is a range of seeds to try, and how.
type Hunt struct {
	Scenario *Scenario
	Params   []Value
	From, To uint64        // inclusive
	For      time.Duration // give up after this much wall time; 0: no limit
	Workers  int           // worlds that run at once; each is single-threaded
	Keep     bool          // go on after an undeclared violation
	Declared int           // list this many runs with declared violations; 0: the first few
	Progress func(done uint64)
}

// HuntReport is what a hunt found, as `simctl hunt --json` prints it. Apart
// from WallNS it is a function of the hunt alone, whatever the timing: a hunt
// that stops at a failure covers exactly the seeds up to it.
type HuntReport struct {
	Scenario    string    `json:"scenario"`
	From        uint64    `json:"from"`
	To          *uint64   `json:"to"` // null: only its time ends it
	Ran         uint64    `json:"ran"`
	Failures    []Failure `json:"failures"`      // undeclared violations
	Declared    uint64    `json:"declared"`      // runs with declared violations
	Seen        []Failure `json:"declared_runs"` // the first of them
	FirstSeen   *uint64   `json:"first_declared,omitempty"`
	Undecided   uint64    `json:"undecided"`
	Missing     uint64    `json:"missing"` // runs without their violated-always
	Lacking     *uint64   `json:"first_missing,omitempty"`
	Doubtful    *uint64   `json:"first_undecided,omitempty"`
	Covered     string    `json:"covered"` // the seeds judged, such as 1-2000
	Events      uint64    `json:"events"`
	VirtualNS   int64     `json:"virtual_ns"`
	WallNS      int64     `json:"wall_ns"`
	Interrupted bool      `json:"interrupted,omitempty"`
	Measures    []Spread  `json:"measures,omitempty"`

	promise Promise
	listed  int // how many Seen may be
}

// seenAtLeast is how many runs with declared violations a report lists if it is not
// asked for more.
const seenAtLeast = 10

// Failure is one seed with a violation: undeclared, or declared and seen.
type Failure struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Detail   string `json:"detail"`
	Artifact string `json:"artifact"` // path of the plan that replays it; empty: none was written

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
	rep := &HuntReport{Scenario: h.Scenario.Name, From: h.From, To: &h.To, Failures: []Failure{}, Seen: []Failure{}}
	rep.listed = max(seenAtLeast, h.Declared)
	rep.promise = h.Scenario.Declare(values).strongest()
	if h.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.For)
		defer cancel()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // short-lived worlds: trade memory for time
	c := &chase{hunt: h, values: values, rep: rep, next: h.From, stopAt: h.To, due: h.From, early: map[uint64]outcome{}}
	c.run(ctx)
	for i := range rep.Measures {
		rep.Measures[i].settle()
	}
	rep.Covered = "none"
	if rep.Ran > 0 {
		rep.Covered = covered(h.From, h.From+rep.Ran-1)
	}
	rep.WallNS = int64(time.Since(start))
	return rep, nil
}

// chase is a hunt at work. Workers take seeds in order, and what they find is
// entered into the report in order: a hunt of any length keeps only what came
// early. The report covers the seeds from From without gaps, up to To, to the
// lowest failure, or to where time was up.
type chase struct {
	hunt   *Hunt
	values Values

	mu     sync.Mutex
	rep    *HuntReport
	next   uint64 // the next seed to take
	stopAt uint64 // the last seed worth taking
	over   bool   // it is taken
	due    uint64 // the next seed to enter
	early  map[uint64]outcome
	ran    uint64
}

func (c *chase) run(ctx context.Context) {
	c.over = c.next > c.stopAt
	var wg sync.WaitGroup
	for range max(1, c.hunt.Workers) {
		wg.Go(func() {
			w := sim.New(sim.Config{})
			for seed, ok := c.take(ctx); ok; seed, ok = c.take(ctx) {
				c.done(c.hunt.try(w, seed, c.values))
			}
		})
	}
	wg.Wait()
}

func (c *chase) take(ctx context.Context) (seed uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.next > c.stopAt || ctx.Err() != nil {
		return 0, false
	}
	seed = c.next
	c.over = seed == c.stopAt
	c.next++
	return seed, true
}

// done enters an outcome, and those that waited for it. After a failure that
// ends the hunt nothing is entered.
func (c *chase) done(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, bad := o.failure(); bad && !c.hunt.Keep {
		c.stopAt = min(c.stopAt, o.seed)
	}
	c.early[o.seed] = o
	for o, ok := c.early[c.due]; ok && o.seed <= c.stopAt; o, ok = c.early[c.due] {
		delete(c.early, c.due)
		c.rep.enter(o)
		c.due++
	}
	c.ran++
	if c.hunt.Progress != nil {
		c.hunt.Progress(c.ran)
	}
}

// try runs one seed in a world that the next one will reset; the run's report
// stays.
func (h *Hunt) try(w *sim.World, seed uint64, values Values) outcome {
	plan := faults.Plan{Version: faults.Version, Seed: seed, Scenario: h.Scenario.Name, Params: planParams(values)}
	run, err := h.Scenario.runIn(w, plan, Options{})
	if err != nil {
		panic(err) // the parameters were resolved before, and drawn faults fit their scenario
	}
	o := outcome{seed: seed, report: run.Report}
	if _, broken := o.report.Violated(); broken {
		o.plan = run.Plan
	}
	return o
}

// failure is the undeclared violation of a run, if it has one.
func (o outcome) failure() (PropertyReport, bool) {
	p, ok := o.report.Violated()
	return p, ok && p.Undeclared()
}

// enter adds the outcome of the next seed.
func (r *HuntReport) enter(o outcome) {
	r.Ran++
	r.Events += o.report.Events
	r.VirtualNS += o.report.VirtualNS
	r.Measures = addMeasures(r.Measures, o.report.Measures)
	if p, bad := o.failure(); bad {
		r.Failures = append(r.Failures, o.as(p))
		return
	}
	switch o.report.Verdict {
	case "violated", "stalled":
		r.see(o)
	}
	if o.report.Verdict == "unknown" || o.report.undecided() {
		r.Undecided++
		r.Doubtful = first(r.Doubtful, o.seed)
	}
	if o.report.AsDeclared != nil && !*o.report.AsDeclared {
		r.Missing++
		r.Lacking = first(r.Lacking, o.seed)
	}
}

// see adds a run with declared violations.
func (r *HuntReport) see(o outcome) {
	r.Declared++
	r.FirstSeen = first(r.FirstSeen, o.seed)
	if p, ok := o.report.Violated(); ok && len(r.Seen) < r.listed {
		r.Seen = append(r.Seen, o.as(p))
	}
}

// as is the run as a report keeps it, for a violation of p.
func (o outcome) as(p PropertyReport) Failure {
	return Failure{Seed: o.seed, Property: p.Name, Detail: p.Detail, Plan: o.plan, Report: o.report}
}

// first keeps the seed that is there already: seeds are entered in order.
func first(seed *uint64, next uint64) *uint64 {
	if seed != nil {
		return seed
	}
	return &next
}

// Exit is the exit code a hunt deserves (DESIGN section 8).
func (r *HuntReport) Exit() int {
	switch {
	case r.Interrupted:
		return 130
	case len(r.Failures) > 0 || r.Missing > 0:
		return 1
	case r.promise == Sometimes && r.Declared == 0 && r.Ran > 0:
		return 1
	case r.Undecided > 0 || r.Ran == 0:
		return 3
	default:
		return 0
	}
}
