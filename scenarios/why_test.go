package scenarios

import (
	"testing"

	"distsim/checker/explain"
	"distsim/faults"
	"distsim/sim"
)

// Experiment 3: why-slices are small and true. On a five-node split brain under
// load, the slice of each violation holds less than a tenth of the records, and
// names the replication traffic that the partition cut.
func TestWhySlicesAreSmallAndTrue(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		plan := faults.Plan{Version: faults.Version, Seed: seed, Params: []faults.Param{{Name: "ops", Value: "1000"}, {Name: "clients", Value: "8"}}}
		run := mustRun(t, splitBrain(), plan, Options{Records: true})
		for _, p := range run.Report.Properties {
			if !p.IsViolated() {
				t.Errorf("seed %d: %s is not violated", seed, p.Name)
				continue
			}
			start := explain.OfViolation(p.Violation)
			if p.Name == linearizable {
				start = explain.OfHistory(p.Ops)
			}
			slice := explain.Slice(run.World.Trace(), start)
			cut := cutMessages(run.World.Trace(), slice, "primary.Heartbeat")
			writes := cutMessages(run.World.Trace(), slice, "primary.Replicate")
			n := run.World.Trace().Len
			t.Logf("seed %2d, %-24s: %3d of %d records (%.1f %%), %d heartbeats and %d writes cut",
				seed, p.Name, len(slice.Records), n, 100*float64(len(slice.Records))/float64(n), cut, writes)
			if uint64(len(slice.Records))*10 >= n {
				t.Errorf("seed %d, %s: the slice holds %d of %d records, want less than a tenth", seed, p.Name, len(slice.Records), n)
			}
			if cut == 0 || p.Name == linearizable && writes == 0 {
				t.Errorf("seed %d, %s: %d heartbeats and %d writes that the partition cut are in the slice, want some",
					seed, p.Name, cut, writes)
			}
		}
	}
}

// cutMessages counts the messages of a type between servers that a slice says
// were cut.
func cutMessages(tr *sim.Trace, slice explain.Result, name string) int {
	n := 0
	for _, item := range slice.Records {
		r := tr.At(item.Seq)
		if r.Fate == sim.Cut && r.From().IsServer() && r.To().IsServer() && tr.NameOf(&r.Core) == name {
			n++
		}
	}
	return n
}
