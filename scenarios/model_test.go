package scenarios

import "testing"

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
		if err := model.CheckWorld(values.Int("nodes")); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}
