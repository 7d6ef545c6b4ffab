package cli

import (
	"context"
	"fmt"

	"distsim/scenarios"
)

// cases goes through a scenario's Cases and prints its table.
func (a *app) cases(ctx context.Context, s *scenarios.Scenario, f *runFlags) error {
	if f.twice {
		return fmt.Errorf("--check-determinism: %s is many runs; --plan FILE makes it one", s.Name)
	}
	out, err := a.outFor(f)
	if err != nil {
		return in("--out", err)
	}
	bar := a.progress("run "+s.Name, "case", 0)
	a.signals.graceful.Store(true)
	r, err := s.Explore(ctx, f.set, uint64(f.seed), defaultWorkers(), bar.update)
	bar.stop()
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	if len(r.Families) == 0 {
		return fmt.Errorf("--set: %s has no family of cases with these parameters; 'simctl list --json' shows which values there are", s.Name)
	}
	if err := a.saveCase(s, r, out); err != nil {
		return in("--out", err)
	}
	if f.json {
		if err := a.out.json(r); err != nil {
			return err
		}
		return status(r.Exit())
	}
	a.showCases(r)
	return status(r.Exit())
}

// saveCase writes the plan of a case in which a property was broken, and says of which.
func (a *app) saveCase(s *scenarios.Scenario, r *scenarios.CasesReport, out *outFile) error {
	if out == nil {
		return nil
	}
	p := r.FirstBroken()
	if p == nil {
		fmt.Fprintf(a.err, "simctl: --out: no property was broken in any case; nothing is written\n")
		return nil
	}
	run, err := s.Run(p.Plan, scenarios.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "simctl: --out: %s, in which %s is broken\n", printable(p.First), p.Property)
	return out.savePlan(run)
}

func (a *app) showCases(r *scenarios.CasesReport) {
	a.out.printf("%s, seed %d: every case of %s: %s\n\n", r.Scenario, r.Seed, scenarios.Plural(len(r.Families), "small system"), exitWords(r.Exit()))
	var head []any
	for _, p := range r.Families[0].Params {
		head = append(head, p.Name)
	}
	t := a.sheet(append(head, "crashes", "losses", "cases", "holds", "violated", "stalled", "declared", "as declared")...)
	for i := range r.Families {
		t.row(familyCells(&r.Families[i])...)
	}
	a.out.printf("%s", t)
	a.showBroken(r)
}

func familyCells(f *scenarios.FamilyCases) []any {
	var out []any
	for _, p := range f.Params {
		out = append(out, p.Text)
	}
	cases := fmt.Sprint(f.Cases)
	if !f.Complete {
		cases = "the first " + cases
	}
	declared := "as declared"
	if !f.AsDeclared {
		declared = "not as declared"
	}
	return append(out, atMost(f.Crashes), atMost(f.Losses), cases, f.Holds, f.Violated, f.Stalled, f.Declared, declared)
}

func atMost(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("≤ %d", n)
}

// showBroken tells of each property that was broken, and how first.
func (a *app) showBroken(r *scenarios.CasesReport) {
	for i := range r.Families {
		f := &r.Families[i]
		for _, p := range f.Properties {
			a.out.printf("\n%s: %s broken in %s\n  %s\n  %s\n", f.Name(), p.Property, scenarios.Plural(p.Cases, "case"), p.Detail, p.First)
		}
	}
}
