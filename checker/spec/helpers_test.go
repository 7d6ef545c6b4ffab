package spec_test

import (
	"cmp"
	"slices"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

var putsAndGets = []ops.Kind{ops.Put, ops.Get}

// byInvocation is the order in which Explain gets a partition.
func byInvocation(h []history.Op) []history.Op {
	sorted := slices.Clone(h)
	slices.SortFunc(sorted, func(a, b history.Op) int { return cmp.Compare(a.Invoked, b.Invoked) })
	return sorted
}
