package sim_test

import (
	"testing"

	"distsim/sim/simtest"
)

// The same register as a property: rapid draws the plans, and shrinks one that
// fails. Put hasty in place of careful to see it.
func TestRegisterUnderAnyPlan(t *testing.T) {
	simtest.Check(t, config, cluster(careful))
}

// And as a fuzz target: the corpus is in testdata/fuzz/FuzzRegister.
func FuzzRegister(f *testing.F) {
	simtest.Fuzz(f, config, cluster(careful))
}
