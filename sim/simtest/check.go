package simtest

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"distsim/faults"
	"distsim/faults/shrink"
	"distsim/sim"
)

// Check is a property run: rapid draws plans (see Plans), each runs in a world of
// its own, and one that fails is shrunk until nothing can go, to the smallest plan
// that breaks the same property. That one is told as Run tells a failing seed, kept
// as a plan in testdata/sim/<Test>, and runs first until it passes.
//
// Rapid's flags say how many plans (-rapid.checks) and which (-rapid.seed: each test
// run draws others unless it is set). Of the environment only SIM_PLAN counts: seeds
// are drawn here. build may run many times and must build its world from nothing.
func Check(t *testing.T, cfg Config, build func(w *sim.World)) {
	t.Helper()
	o, err := environment(1)
	if err == nil {
		cfg, err = cfg.inWorld(build)
	}
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	r := newRunner(t, cfg, func(_ testing.TB, w *sim.World) { build(w) })
	if o.plan != "" {
		r.replay(t, o.plan)
		return
	}
	if !r.saved(t) {
		return
	}
	h := newHunt(cfg, build)
	t.Run("plans", func(t *testing.T) { // apart, for rapid ends the test that it fails
		t.Helper()
		rapid.Check(t, h.property)
	})
	if h.failing != nil {
		h.report(t, r)
	}
}

// hunt is a property over plans: none of them fails.
type hunt struct {
	cfg     Config
	build   func(w *sim.World)
	plans   *rapid.Generator[faults.Plan]
	known   map[string]*verdict // by plan: rapid asks again, and so do plans that came out alike
	broken  string              // what failed first: shrinking holds on to it
	first   *faults.Plan        // the plan that showed it
	failing *faults.Plan        // the last plan that broke it, which at the end is the smallest
}

// verdict is what a run came to.
type verdict struct {
	broken []string // the properties that do not hold, and how
	text   string
	err    error // the plan does not fit the world
}

// newHunt is for a Config that knows its world.
func newHunt(cfg Config, build func(w *sim.World)) *hunt {
	return &hunt{cfg: cfg, build: build, plans: Plans(cfg, cfg.Faults.Servers), known: map[string]*verdict{}}
}

// property fails if the plan that t draws does.
func (h *hunt) property(t *rapid.T) {
	t.Helper()
	plan := h.plans.Draw(t, "plan")
	v := h.judge(plan)
	if v.err != nil {
		t.Fatalf("simtest: %v", v.err)
	}
	if h.broken == "" && len(v.broken) > 0 {
		h.broken, h.first = v.broken[0], &plan
	}
	if !h.fails(plan) {
		return
	}
	h.failing = &plan
	t.Fatalf("%s", v.text)
}

// judge runs a plan, unless it has been run: a run is a function of its plan.
func (h *hunt) judge(plan faults.Plan) *verdict {
	name := plan.GoString()
	if v := h.known[name]; v != nil {
		return v
	}
	v := &verdict{}
	h.known[name] = v
	tr := &trial{cfg: h.cfg.complete(), plan: plan, build: h.build}
	if v.err = tr.run(); v.err != nil {
		return v
	}
	outcome := tr.outcome()
	for _, f := range outcome.Findings {
		v.broken = append(v.broken, f.Property+" "+f.Verdict.String())
	}
	if outcome.Failed() {
		v.text = fmt.Sprintf("seed %d: %s", plan.Seed, outcome.Findings[0].head())
	}
	return v
}

// fails reports whether a plan breaks what failed first.
func (h *hunt) fails(plan faults.Plan) bool {
	return slices.Contains(h.judge(plan).broken, h.broken)
}

// smallest is the plan that rapid ended with, unless delta debugging leaves fewer
// faults of it or of the one that was found first: making a fault milder than a
// planner draws it may make another superfluous, and a smaller seed may need another.
func (h *hunt) smallest() faults.Plan {
	best := *h.failing
	for _, start := range []faults.Plan{*h.failing, *h.first} {
		less, err := shrink.Shrink(start, h.fails, shrink.Options{Model: &h.cfg.Faults})
		if err == nil && len(less.Plan.Faults) < len(best.Faults) {
			best = less.Plan
		}
	}
	return best
}

// report fails t with what the smallest failing plan shows.
func (h *hunt) report(t *testing.T, r *runner) {
	t.Helper()
	story, outcome, err := h.explain()
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	t.Errorf("%s%s", story, r.save(outcome))
}

// explain runs the smallest failing plan once more, with records.
func (h *hunt) explain() (story string, o *Outcome, err error) {
	plan := h.smallest()
	tr := &trial{cfg: h.cfg.complete(), plan: plan, build: h.build}
	if err := tr.run(); err != nil {
		return "", nil, err
	}
	o = tr.outcome().recorded(tr)
	how := fmt.Sprintf("  %s: %#v\n", shrunk(len(h.first.Faults), len(plan.Faults), len(h.known)), plan)
	return o.Report() + how, o, nil
}

// shrunk says in words what became of how many faults.
func shrunk(from, to, runs int) string {
	switch {
	case from == 0:
		return fmt.Sprintf("found with no faults, in %s", count(runs, "run"))
	case from == to:
		return fmt.Sprintf("found with %s, and not with fewer, in %s", count(from, "fault"), count(runs, "run"))
	}
	return fmt.Sprintf("shrunk from %s to %d by %s", count(from, "fault"), to, count(runs, "run"))
}
