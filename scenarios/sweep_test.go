package scenarios

import (
	"context"
	"os"
	"testing"
)

// Every scenario turns out as declared over a few seeds; CI tries many more.
func TestAsDeclared(t *testing.T) { asDeclared(t, 40) }

// TestSweep is the long version, for CI.
func TestSweep(t *testing.T) {
	sweepOnly(t)
	asDeclared(t, 2000)
}

// sweepOnly skips a test that takes minutes, but in CI.
func sweepOnly(t *testing.T) {
	if os.Getenv("DISTSIM_SWEEP") == "" {
		t.Skip("minutes of seeds: set DISTSIM_SWEEP=1, as .ci/run does")
	}
}

func asDeclared(t *testing.T, seeds uint64) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			h := Hunt{Scenario: s, From: 1, To: seeds, Workers: 2}
			r, err := h.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Failures {
				t.Errorf("seed %d: %s: %s", f.Seed, f.Property, f.Detail)
			}
			if r.Exit() != 0 {
				t.Errorf("exit %d over seeds %s: %d with declared violations, %d without the one declared always, %d undecided",
					r.Exit(), r.Covered, r.Declared, r.Missing, r.Undecided)
			}
			t.Logf("%s: seeds %s, %d violated as declared, %d events", s.Name, r.Covered, r.Declared, r.Events)
		})
	}
}
