package simtest

import (
	"testing"

	"pgregory.net/rapid"

	"distsim/sim"
)

// Fuzz lets go test -fuzz look for a plan that breaks something, guided by the code
// that it reaches. The bytes of an input are what rapid draws a plan from, as in
// Check; plain go test runs the corpus in testdata/fuzz/<Fuzz…>. A plan that fails is
// shrunk and told as Check tells it; go test keeps the input.
func Fuzz(f *testing.F, cfg Config, build func(w *sim.World)) {
	f.Helper()
	cfg, err := cfg.inWorld(build)
	if err != nil {
		f.Fatalf("simtest: %v", err)
	}
	h := newHunt(cfg, build)
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		one := *h
		one.known = map[string]*verdict{}
		defer func() {
			if one.failing != nil {
				story, _, _ := one.explain()
				t.Log(story)
			}
		}()
		one.property(t)
	}))
}
