package scenarios

import (
	"testing"

	"distsim/sim"
)

// What is promised is promised inside the fault model: a run outside it proves nothing,
// so no scenario may come to one by itself.
func TestPlansOfSeedsAreInsideTheModel(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			values, err := s.Resolve(nil)
			if err != nil {
				t.Fatal(err)
			}
			decl := s.Declare(values)
			w := sim.New(s.Config(values))
			defer w.Close()
			s.Build(&Build{World: w, Values: values})
			for seed := range uint64(500) {
				if err := decl.Model.Check(s.draw(decl, values, w, seed+1)); err != nil {
					t.Fatalf("seed %d: %v", seed+1, err)
				}
			}
		})
	}
}
