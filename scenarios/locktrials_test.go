package scenarios

import (
	"testing"
)

// A trial outside the fault model proves nothing against what the scenario promises.
func TestLeaseTrialsAreWithinTheModel(t *testing.T) {
	s := lockScenario()
	for _, params := range [][]Value{
		{}, {{"ttl", "100ms"}}, {{"ttl", "1m"}}, {{"bound", "1000"}}, {{"bound", "400000"}}, {{"clients", "1"}}, {{"clients", "99"}},
	} {
		v, err := s.Resolve(params)
		if err != nil {
			t.Fatal(err)
		}
		scripted := 0
		for seed := uint64(1); seed <= 40; seed++ {
			plan := leaseTrials(v, seed)
			if err := lockModel(v).Check(plan); err != nil {
				t.Errorf("%v, seed %d: %v", params, seed, err)
			}
			if plan != nil {
				scripted++
			}
		}
		if scripted != 28 {
			t.Errorf("%v: %d of 40 seeds are trials, want 28", params, scripted)
		}
	}
}
