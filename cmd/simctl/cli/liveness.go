package cli

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"distsim/scenarios"
	"distsim/sim/transcript"
)

// livenessFacts are the lines below the table about progress and measures.
func livenessFacts(r *scenarios.Report) []fact {
	var out []fact
	if l := r.Liveness; l != nil {
		how := "no answer"
		if l.AnsweredNS != nil {
			how = "answered after " + time.Duration(*l.AnsweredNS).String()
		}
		out = append(out, fact{"core", fmt.Sprintf("%s: %s, bound %v", strings.Join(l.Core, ", "), how, time.Duration(l.BoundNS))})
		if l.AnsweredNS == nil {
			out = append(out, fact{"bound", l.Why})
		}
		if l.NoLasso != "" {
			out = append(out, fact{"lasso", "none: " + l.NoLasso})
		}
	}
	for _, m := range r.Measures {
		value := "never"
		if m.Value != nil {
			value = time.Duration(*m.Value).String()
		}
		out = append(out, fact{"measure", m.Name + " " + value})
	}
	return out
}

// showLasso prints one round of a run that goes round in circles. A run without
// records is repeated with them.
func (a *app) showLasso(s *scenarios.Scenario, run *scenarios.Run) error {
	l := run.Report.Liveness
	if l == nil || l.Lasso == nil {
		return nil
	}
	if len(run.World.Trace().Records()) == 0 {
		var err error
		if run, err = s.Run(run.Plan, scenarios.Options{Records: true}); err != nil {
			return err
		}
	}
	a.out.printf("\na lasso: every %v the servers, and what is on its way between them, are in the same state\n"+
		"(--json shows it), terms aside, and nothing in between is a matter of chance. One round, %d events:\n",
		l.Lasso.To-l.Lasso.From, l.Lasso.Events)
	o := transcript.Options{Width: a.term.width, Colour: a.term.colour, From: l.Lasso.From + 1, To: l.Lasso.To, Nodes: run.World.Servers()}
	return transcript.Write(a.out, run.World.Trace(), o)
}

// spreadText is a rank of a measure: how long, or never.
func spreadText(ns int64) string {
	if ns < 0 {
		return "never"
	}
	return time.Duration(ns).Round(100 * time.Microsecond).String()
}

// experiment runs a scenario's Vary and prints its table and plot.
func (a *app) experiment(ctx context.Context, s *scenarios.Scenario, f *runFlags) error {
	if err := a.experimentFlags(s, f); err != nil {
		return err
	}
	v := s.Vary
	bar := a.progress("run "+s.Name, v.Seeds*uint64(len(v.Values)))
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
	a.out.printf("%s: %s, seeds %d-%d for each: %s\n\n", r.Scenario, r, r.From, r.To, varyOutcome(r))
	t := a.sheet(r.Param, "runs", "never", "p50", "p99", "max", "as declared")
	for _, row := range r.Rows {
		if row.Hunt.Ran == 0 {
			t.row(row.Value, 0, 0, "-", "-", "-", outcome(row.Hunt))
			continue
		}
		t.row(row.Value, row.Runs, row.Never, spreadText(row.P50), spreadText(row.P99), spreadText(row.Max), outcome(row.Hunt))
	}
	a.out.printf("%s\n", t)
	a.plot(r)
}

func varyOutcome(r *scenarios.VaryReport) string {
	switch r.Exit() {
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

// plotWidth is how many columns the longest bar has.
const plotWidth = 60

// plot draws p50 and p99 as bars on one logarithmic scale; what never comes goes off
// it.
func (a *app) plot(r *scenarios.VaryReport) {
	s, ok := plotScale(r)
	if !ok {
		a.out.printf("no plot: there is no p50 or p99 to draw\n")
		return
	}
	wide := 0
	for _, row := range r.Rows {
		wide = max(wide, len(row.Value))
	}
	for _, row := range r.Rows {
		if row.Hunt.Ran == 0 {
			continue
		}
		a.out.printf("%*s  p50 %s\n", wide, row.Value, s.bar(row.P50))
		a.out.printf("%*s  p99 %s\n", wide, "", s.bar(row.P99))
	}
	a.out.printf("%*s      %s\n", wide, "", s.axis())
}

// logScale runs from a power of ten nanoseconds to another.
type logScale struct{ from, to float64 } // log₁₀

// plotScale holds every p50 and p99 that is not never; false: there is none.
func plotScale(r *scenarios.VaryReport) (s logScale, ok bool) {
	s = logScale{math.Inf(1), math.Inf(-1)}
	for _, row := range r.Rows {
		for _, ns := range []int64{row.P50, row.P99} {
			if ns >= 0 {
				at := float64(max(ns, 1))
				s.from = min(s.from, math.Floor(math.Log10(at)))
				s.to = max(s.to, math.Ceil(math.Log10(at+1)))
			}
		}
	}
	return s, s.from <= s.to
}

func (s logScale) bar(ns int64) string {
	if ns < 0 {
		return strings.Repeat("#", plotWidth) + "> never"
	}
	part := (math.Log10(float64(max(ns, 1))) - s.from) / (s.to - s.from)
	return strings.Repeat("#", max(1, int(part*plotWidth))) + " " + spreadText(ns)
}

// axis is the line under the bars, with its two ends.
func (s logScale) axis() string {
	from, to := time.Duration(math.Pow(10, s.from)).String(), time.Duration(math.Pow(10, s.to)).String()
	return from + strings.Repeat("-", max(1, plotWidth-len(from)-len(to))) + to + " (logarithmic)"
}
