package scenarios

import (
	"testing"

	"distsim/sim"
)

// Every fault that a scenario declares can be drawn, and in its world some can strike.
func TestDeclaredFaultsCanBeDrawn(t *testing.T) {
	for _, s := range All() {
		values, err := s.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		model := s.Declare(values).Model
		if err := model.CheckKinds(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		w := sim.New(s.Config(values))
		s.Build(&Build{World: w, Values: values})
		if err := model.CheckWorld(len(w.Servers())); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}
