package scenarios

import (
	"testing"

	"distsim/faults"
	"distsim/sim"
)

// BenchmarkRun is one checked run of each scenario, as a hunt makes them.
func BenchmarkRun(b *testing.B) {
	for _, s := range All() {
		b.Run(s.Name, func(b *testing.B) {
			b.ReportAllocs()
			var events uint64
			w := sim.New(sim.Config{})
			for seed := uint64(1); b.Loop(); seed++ {
				run, err := s.runIn(w, faults.Plan{Version: faults.Version, Seed: seed}, Options{})
				if err != nil {
					b.Fatal(err)
				}
				events += run.Report.Events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
		})
	}
}
