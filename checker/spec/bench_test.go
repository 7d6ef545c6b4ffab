package spec_test

import (
	"fmt"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
)

// The yardstick: 10,000 operations of three closed-loop clients on five keys.
// Run with -cpu 1.
func BenchmarkKV(b *testing.B) {
	for _, c := range []struct {
		name  string
		shape histories.Shape
	}{
		{"register-like", histories.Shape{Kinds: putsAndGets}},
		{"in-doubt", histories.Shape{Kinds: putsAndGets, Doubt: 2}},
		{"all-kinds", histories.Shape{Doubt: 2}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.shape.Clients, c.shape.Keys, c.shape.Ops = 3, 5, 10_000
			h := seeded(c.shape, 1)
			for b.Loop() {
				results, err := checker.Linearizable(h, spec.KV(), 0)
				if r := checker.Merge(results); err != nil || r.Verdict != checker.Holds {
					b.Fatal(fmt.Sprint(r, err))
				}
			}
		})
	}
}
