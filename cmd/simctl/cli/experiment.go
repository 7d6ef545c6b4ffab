package cli

import (
	"context"
	"fmt"
	"math"

	"distsim/scenarios"
)

// experiment runs a scenario's Vary and prints its table and plot.
func (a *app) experiment(ctx context.Context, s *scenarios.Scenario, f *runFlags) error {
	if err := a.experimentFlags(s, f); err != nil {
		return err
	}
	v := s.Vary
	bar := a.progress("run "+s.Name, "seed", v.Seeds*uint64(len(v.Values)))
	a.signals.graceful.Store(true)
	r, err := s.Experiment(ctx, f.set, uint64(f.seed), defaultWorkers(), bar.update)
	bar.stop()
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	if f.json {
		if err := a.out.json(r); err != nil {
			return err
		}
		return status(r.Exit())
	}
	a.showExperiment(r)
	return status(r.Exit())
}

// experimentFlags refuses what makes no sense for many runs.
func (a *app) experimentFlags(s *scenarios.Scenario, f *runFlags) error {
	one := fmt.Sprintf("--set %s=VALUE makes it one run", s.Vary.Param)
	switch {
	case f.out != "":
		return fmt.Errorf("--out: %s is many runs, and a plan is one: %s", s.Name, one)
	case f.twice:
		return fmt.Errorf("--check-determinism: %s is many runs: %s", s.Name, one)
	case uint64(f.seed) > math.MaxUint64-(s.Vary.Seeds-1):
		return fmt.Errorf("--seed %d: %s runs %d seeds from there on, and the last is %d", uint64(f.seed), s.Name, s.Vary.Seeds, uint64(math.MaxUint64))
	}
	return nil
}

func (a *app) showExperiment(r *scenarios.VaryReport) {
	a.out.printf("%s: %s, seeds %d-%d for each: %s\n\n", r.Scenario, r, r.From, r.To, exitWords(r.Exit()))
	t := a.sheet(heading(r)...)
	columns := len(columnsOf(&r.Rows[0].Spread)) // of the first measure
	for _, row := range r.Rows {
		t.row(cells(row, columns)...)
	}
	a.out.printf("%s\n", t)
	if len(r.Measures) > 1 {
		a.out.printf("%s:\n", r.Measure)
	}
	a.plot(r)
	if r.Threshold != nil {
		a.out.printf("\n%s\n", thresholdWords(r))
	}
}

// thresholdWords says where the first measure leaves 0.
func thresholdWords(r *scenarios.VaryReport) string {
	t := r.Threshold
	switch {
	case t.From == nil && t.Zero == nil:
		return fmt.Sprintf("%s: not taken for any %s", r.Measure, r.Param)
	case t.From == nil && r.Rows[len(r.Rows)-1].Hunt.Interrupted:
		return fmt.Sprintf("%s: 0 up to %s=%s, and interrupted there", r.Measure, r.Param, *t.Zero)
	case t.From == nil:
		return fmt.Sprintf("%s: 0 up to %s=%s, the last", r.Measure, r.Param, *t.Zero)
	case t.Zero == nil:
		return fmt.Sprintf("%s: more than 0 from the first %s on, %s", r.Measure, r.Param, *t.From)
	default:
		return fmt.Sprintf("%s: 0 up to %s=%s, more from %s=%s on", r.Measure, r.Param, *t.Zero, r.Param, *t.From)
	}
}

// heading names the columns of an experiment. The first measure has all its ranks, the
// others their p50; a ratio is one figure.
func heading(r *scenarios.VaryReport) []any {
	first := r.Rows[0]
	out := []any{r.Param, "runs", "never"}
	_, ranked := first.Ranks()
	switch {
	case !ranked:
		out = append(out, first.Name)
	case len(first.Others) == 0:
		out = append(out, "p50", "p99", "max")
	default:
		out = append(out, first.Name+" p50", "p99", "max")
	}
	for _, m := range first.Others {
		name := m.Name
		if _, ranked := m.Ranks(); ranked {
			name += " p50"
		}
		out = append(out, name)
	}
	for _, v := range first.Beside {
		out = append(out, v.Name)
	}
	return append(out, "as declared")
}

// cells are a row of an experiment, under a heading with so many columns for the first
// measure.
func cells(row scenarios.VaryRow, columns int) []any {
	out := []any{row.Value, row.Runs, row.Never}
	for _, text := range columnsOf(&row.Spread)[:columns] {
		out = append(out, text)
	}
	for i := range row.Others {
		out = append(out, columnsOf(&row.Others[i])[0])
	}
	for _, v := range row.Beside {
		out = append(out, v.Text)
	}
	return append(out, outcome(row.Hunt))
}

// exitWords says what an exit code means of many runs.
func exitWords(code int) string {
	switch code {
	case exitOK:
		return "as declared"
	case exitInterrupted:
		return "interrupted"
	case 3:
		return "undecided"
	default:
		return "not as declared"
	}
}
