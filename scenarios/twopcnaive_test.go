package scenarios

import (
	"context"
	"testing"
)

// What a naive twin declares always comes in the smallest runs that it accepts too.
func TestSmallestNaiveTwins(t *testing.T) {
	for name, ops := range map[string]string{"twopc-naive-decision": "20", "twopc-naive-prepare": "8", "twopc-naive-timeout": "8"} {
		s, _ := Find(All(), name)
		params := []Value{{"participants", "2"}, {"clients", "2"}, {"accounts", "4"}, {"ops", ops}}
		r, err := (&Hunt{Scenario: s, Params: params, From: 1, To: 100, Workers: 2}).Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if r.Exit() != 0 || r.Ran != 100 {
			t.Errorf("%s: exit %d after %d runs: %+v", name, r.Exit(), r.Ran, r.Failures)
		}
		params[3].Text = map[string]string{"20": "19", "8": "7"}[ops]
		if _, err := s.Resolve(params); err == nil {
			t.Errorf("%s accepts fewer than %s transfers", name, ops)
		}
	}
}
