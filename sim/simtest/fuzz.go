package simtest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"distsim/sim"
)

// Fuzz lets go test -fuzz look for a plan that breaks something, guided by the code
// that it reaches. The bytes of an input are what rapid draws a plan from, as in
// Check; plain go test runs the corpus in testdata/fuzz/<Fuzz…>. A plan that fails is
// shrunk, told and kept in testdata/sim/<Fuzz…> as Check does it, to be replayed by
// SIM_PLAN. It does not run first: go test keeps the input as well, in the corpus.
func Fuzz(f *testing.F, cfg Config, build func(w *sim.World)) {
	f.Helper()
	o, err := environment(1)
	if err == nil {
		cfg, err = cfg.inWorld(build)
	}
	if err != nil {
		f.Fatalf("simtest: %v", err)
	}
	finds := &finds{runner: newRunner(f, cfg, func(_ testing.TB, w *sim.World) { build(w) })}
	if o.plan != "" {
		finds.rerun(f, finds.site.locate(o.plan))
		f.SkipNow() // testing wants that, or a call of f.Fuzz; a failure stays one
	}
	h := newHunt(cfg, build)
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		one := *h
		one.known = map[string]*verdict{}
		defer func() {
			if one.failing != nil {
				t.Log(finds.tell(&one))
			}
		}()
		one.property(t)
	}))
}

// finds keeps the plans that a fuzz target comes to.
type finds struct {
	*runner
	last string // the file that this process wrote last
}

// tell says what the smallest failing plan shows, and keeps it.
func (f *finds) tell(h *hunt) string {
	story, outcome, err := h.explain()
	if err != nil {
		return "simtest: " + err.Error()
	}
	f.replace(f.site.fileFor(f.planOf(outcome)))
	return story + f.save(outcome)
}

// replace forgets the plan before, if this process works for go test -fuzz: that one
// makes a failing input smaller and smaller, and of one find one plan is enough.
func (f *finds) replace(file string) {
	worker := flag.Lookup("test.fuzzworker")
	if worker == nil || worker.Value.String() != "true" {
		return
	}
	if f.last != "" && f.last != file {
		_ = os.Remove(filepath.FromSlash(f.last)) // it is only one too many
	}
	if f.last != file {
		f.last = ""
	}
	if !exists(file) {
		f.last = file
	}
}
