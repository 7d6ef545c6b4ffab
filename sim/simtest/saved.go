package simtest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"distsim/checker"
	"distsim/faults"
	"distsim/faults/planfile"
)

// saved runs the plans of earlier failures, in the order of their names, and
// reports whether all pass now.
func (r *runner) saved(t *testing.T) (ok bool) {
	t.Helper()
	folder := r.site.folder()
	entries, err := os.ReadDir(filepath.FromSlash(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("simtest: cannot look for plans of earlier failures: %v", err)
	}
	ok = true
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.IsDir() || path.Ext(e.Name()) != ".yaml" {
			continue
		}
		file := path.Join(folder, e.Name())
		ok = t.Run(e.Name(), func(t *testing.T) {
			t.Helper()
			r.rerun(t, file)
		}) && ok
	}
	return ok
}

// replay runs the plan that SIM_PLAN names.
func (r *runner) replay(t *testing.T, file string) {
	t.Helper()
	t.Run("replay", func(t *testing.T) {
		t.Helper()
		r.rerun(t, r.site.locate(file))
	})
}

// rerun runs a plan file and compares what happens with what it expects.
func (r *runner) rerun(t testing.TB, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("simtest: cannot read a plan: %v", err)
	}
	plan, err := r.decode(file, data)
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	tr := &trial{cfg: r.cfg, plan: plan, records: true}
	tr.blame = func(err error) error { return inFile(file, data, err) }
	r.try(t, tr, func(o *Outcome) string {
		return "  plan: " + file + "\n" + tr.idle() + o.compare(plan.Expect) + r.howToReplay(file)
	})
	if t.Failed() || t.Skipped() {
		return
	}
	o := tr.outcome()
	t.Logf("simtest: %s holds now; keep it as a regression test, or delete it\n%s%s%s", file, o.Report(), tr.idle(), o.compare(plan.Expect))
}

// inFile gives an error its place in a plan's file.
func inFile(file string, data []byte, err error) error {
	if placed := planfile.Blame(file, data, err); placed != err {
		return placed
	}
	return fmt.Errorf("%s: %w", file, err)
}

// idle lists what of the plan came to nothing: its faults found nobody, or the plan
// is older than the code, or was edited.
func (tr *trial) idle() string {
	var list []faults.Unapplied
	if tr.installed != nil {
		list = tr.installed.Unapplied()
	}
	if tr.overrides != nil {
		list = append(list, tr.overrides.Unapplied(tr.world)...)
	}
	var s strings.Builder
	for _, u := range list {
		fmt.Fprintf(&s, "  not applied: %v\n", u)
	}
	return s.String()
}

// decode reads a plan and refuses one of another test.
func (r *runner) decode(file string, data []byte) (faults.Plan, error) {
	plan, err := planfile.Decode(file, data)
	if err != nil {
		return faults.Plan{}, err
	}
	if want := r.site.scenario(); plan.Scenario != want {
		return faults.Plan{}, fmt.Errorf("%s: scenario: it is a plan of %s, but this test is %s%s", file, plan.Scenario, want,
			"\n(after renaming a test, change the plan's scenario or delete the plan; with SIM_PLAN, select the plan's test by -run)")
	}
	return plan, nil
}

// save writes a failed run's plan and says where and how to repeat it.
func (r *runner) save(o *Outcome) string {
	plan := r.planOf(o)
	file, err := r.site.keep(plan)
	if err != nil {
		return fmt.Sprintf("  the plan could not be kept: %v\n%s", err, inFull(plan))
	}
	return "  plan: " + file + "\n" + r.howToReplay(file)
}

// planOf is the plan that repeats an outcome, for a file of this test.
func (r *runner) planOf(o *Outcome) faults.Plan {
	plan := o.Plan
	plan.Scenario = r.site.scenario()
	plan.Expect = o.expect()
	return plan
}

// inFull is a plan that no file could take.
func inFull(plan faults.Plan) string {
	data, err := planfile.Encode(plan)
	if err != nil {
		return ""
	}
	return "  here it is, for a file of your own and SIM_PLAN:\n" + string(data)
}

func (r *runner) howToReplay(file string) string {
	return "  replay: " + r.site.replay(filepath.ToSlash(file)) + "\n"
}

// keep stores a plan in its file.
func (s site) keep(plan faults.Plan) (file string, err error) {
	if err := os.MkdirAll(s.folder(), 0o755); err != nil {
		return "", err
	}
	file = s.fileFor(plan)
	return file, planfile.Write(file, plan)
}

// fileFor names a plan after its seed. A plan that stands there already and says
// something else, because it was edited or the code has changed since, stays; the new
// one then gets the hash of its run as a second name.
func (s site) fileFor(plan faults.Plan) string {
	file := fmt.Sprintf("%s/seed-%d.yaml", s.folder(), plan.Seed)
	if exists(file) && !holds(file, plan) {
		file = fmt.Sprintf("%s/seed-%d-%.8s.yaml", s.folder(), plan.Seed, plan.Expect.Hash)
	}
	return file
}

// holds reports whether a file holds the plan, whatever it expects.
func holds(file string, plan faults.Plan) bool {
	old, err := planfile.Read(file)
	if err != nil {
		return false
	}
	old.Expect, plan.Expect = nil, nil
	a, err1 := planfile.Encode(old)
	b, err2 := planfile.Encode(plan)
	return err1 == nil && err2 == nil && bytes.Equal(a, b)
}

// expect is what a replay should see.
func (o *Outcome) expect() *faults.Expect {
	e := &faults.Expect{Hash: fmt.Sprintf("%016x", o.Hash()), Build: build()}
	total := checker.Holds
	for _, f := range o.Findings {
		total = checker.Combine(total, f.Verdict)
		p := faults.Property{Name: f.Property, Verdict: f.Verdict.String()}
		if !slices.Contains(e.Properties, p) { // a history is judged key by key
			e.Properties = append(e.Properties, p)
		}
	}
	e.Verdict = total.String()
	return e
}

// compare says in a line how a run differs from what its plan expects. Hashes
// of different builds prove nothing.
func (o *Outcome) compare(want *faults.Expect) string {
	if want == nil || want.Hash == "" {
		return ""
	}
	switch got := fmt.Sprintf("%016x", o.Hash()); {
	case got == want.Hash:
		return "  the very run that was recorded: the trace hashes are equal\n"
	case want.Build != "" && want.Build == build():
		return "  not the run that was recorded (trace hash " + want.Hash + "), though the build is the same: the plan was edited, or the code is not deterministic\n"
	default:
		return "  another build recorded the plan (trace hash " + want.Hash + "): it may have seen another run\n"
	}
}
