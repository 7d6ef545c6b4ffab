package simtest

import (
	"fmt"
	"testing"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

// Run runs seeds as subtests; see the package's introduction for what a failing
// one leaves behind and for the environment variables. build makes the nodes
// and clients of one run; t is the subtest's, and may be used from Procs too.
func Run(t *testing.T, cfg Config, build func(t *testing.T, w *sim.World)) {
	t.Helper()
	if err := cfg.check(); err != nil {
		t.Fatalf("simtest: %v", err)
	}
	r := newRunner(t, cfg, func(t testing.TB, w *sim.World) { build(t.(*testing.T), w) })
	o, err := environment(r.cfg.Seeds)
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	switch {
	case o.plan != "":
		r.replay(t, o.plan)
	case o.chosen || r.saved(t): // who chooses seeds wants those, whatever failed before
		r.sweep(t, o)
	}
}

// runner runs one test's seeds and plans.
type runner struct {
	cfg   Config
	build func(t testing.TB, w *sim.World)
	site  site
}

// newRunner must be called on the test's own goroutine.
func newRunner(t testing.TB, cfg Config, build func(t testing.TB, w *sim.World)) *runner {
	return &runner{cfg: cfg.complete(), build: build, site: findSite(t.Name())}
}

// parallelBatch is how many seeds may run at once; after a batch with a failing
// seed there is no further one. It is fixed, so that what is reported does not
// depend on the machine.
const parallelBatch = 32

// sweep tries seeds in order, until one fails, all are tried or time is up.
func (r *runner) sweep(t *testing.T, o order) {
	t.Helper()
	enough := stopwatch(t, o.keepOn)
	for next := o.from; ; {
		last := next
		if r.cfg.Parallel {
			last = next + min(parallelBatch-1, o.to-next)
		}
		ok := r.batch(t, next, last)
		if !ok || last == o.to || enough() {
			t.Logf("simtest: seeds %d-%d tried", o.from, last)
			return
		}
		next = last + 1
	}
}

// batch tries a few seeds, in parallel if there are several.
func (r *runner) batch(t *testing.T, from, to uint64) (ok bool) {
	t.Helper()
	if !r.cfg.Parallel || from == to {
		return r.seed(t, from)
	}
	return t.Run(fmt.Sprintf("seeds-%d-%d", from, to), func(t *testing.T) {
		t.Helper()
		for seed := from; ; seed++ {
			r.seed(t, seed)
			if seed == to {
				return
			}
		}
	})
}

// stopwatch says when SIM_TIME is over, or go test's own timeout is near.
func stopwatch(t *testing.T, d time.Duration) (over func() bool) {
	if d == 0 {
		return func() bool { return false }
	}
	end := time.Now().Add(d)
	if deadline, ok := t.Deadline(); ok {
		if left := time.Until(deadline); d > left-left/10 {
			end = time.Now().Add(left - left/10)
			t.Logf("simtest: SIM_TIME=%v, but go test's timeout leaves %v; see its -timeout flag", d, left.Round(time.Second))
		}
	}
	return func() bool { return !time.Now().Before(end) }
}

// seed tries one seed as a subtest.
func (r *runner) seed(t *testing.T, seed uint64) (ok bool) {
	t.Helper()
	return t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
		t.Helper()
		if r.cfg.Parallel {
			t.Parallel()
		}
		plan := faults.Plan{Version: faults.Version, Seed: seed}
		r.try(t, &trial{cfg: r.cfg, plan: plan}, r.save)
	})
}

// try runs a trial and reports a failure once, also when the test ends itself in
// the middle. keep is told of a failure and says how to repeat it.
func (r *runner) try(t testing.TB, tr *trial, keep func(*Outcome) string) {
	t.Helper()
	tr.build = func(w *sim.World) { r.build(t, w) }
	defer r.report(t, tr, keep)
	if err := tr.run(); err != nil {
		if tr.blame != nil {
			err = tr.blame(err)
		}
		t.Fatalf("simtest: %v", err)
	}
}

// report fails the subtest if its run did not keep a promise.
func (r *runner) report(t testing.TB, tr *trial, keep func(*Outcome) string) {
	t.Helper()
	if tr.installed == nil || t.Skipped() { // the world was never complete
		return
	}
	outcome := tr.outcome()
	if t.Failed() {
		outcome.Findings = append(outcome.Findings, ofTest(t, tr.world))
	}
	if !outcome.Failed() {
		return
	}
	defer func() { // even if the second run ends the test
		t.Helper()
		t.Errorf("%s%s", outcome.Report(), keep(outcome))
	}()
	if !t.Failed() {
		outcome = outcome.recorded(tr)
	}
}

// ofTest is the finding of a test that failed itself. Its run is not repeated to
// record it, or it would say everything twice.
func ofTest(t testing.TB, w *sim.World) Finding {
	return Finding{Property: "test", Verdict: checker.Violated, At: w.Now(), Detail: t.Name() + " failed by itself, with the messages above"}
}
