package scenarios

import (
	"context"
	"slices"
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

// BenchmarkHunt is a hunt of one seed range on one worker and on two, in turns: the
// ratio is how many times faster two are.
func BenchmarkHunt(b *testing.B) {
	raft, _ := Find(All(), "raft")
	var took [2][]float64
	for b.Loop() {
		for i := range took {
			h := Hunt{Scenario: raft, From: 1, To: 200, Workers: i + 1}
			rep, err := h.Run(context.Background())
			if err != nil || rep.Ran != 200 {
				b.Fatalf("%d runs: %v", rep.Ran, err)
			}
			took[i] = append(took[i], float64(rep.WallNS))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	one, two := took[0][len(took[0])/2], took[1][len(took[1])/2]
	b.ReportMetric(200e9/one, "runs/s:j1")
	b.ReportMetric(200e9/two, "runs/s:j2")
	b.ReportMetric(one/two, "ratio:j2")
}
