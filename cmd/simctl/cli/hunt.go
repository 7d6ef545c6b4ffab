package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"distsim/scenarios"
)

const maxWorkers, maxDeclared = 1024, 10_000

// huntFlags are what a user says about a hunt.
type huntFlags struct {
	seeds   seedRange
	set     settings
	limit   time.Duration
	workers int
	keep    bool
	seen    int
	out     string
	json    bool
}

func (a *app) hunt() *cobra.Command {
	f := &huntFlags{seeds: seedRange{from: 1, to: 1000}, workers: defaultWorkers()}
	cmd := &cobra.Command{
		Use:   "hunt SCENARIO",
		Short: "Run many seeds in parallel and look for a failing one",
		Long: `Run a range of seeds, one world per worker, and stop at the first undeclared
violation: the lowest failing seed is reported whatever the timing. Each failing
seed is written as a plan that replays it. Declared violations are no failures:
their first seeds are named, and --declared writes plans of those, too. Ctrl-C
reports what was covered.

What a scenario measures is shown for all runs together. A span of time or a count is
one value a run; samples are pooled; p50 and p99 are nearest ranks, exact for up to
262,144 different values and beyond that up to 1/1024 too high. A run without a value
counts as never, longer than all. A ratio is that of the sums.

Exit codes: 0 the outcome is as declared, 1 it is not (an undeclared violation, a
run without its declared one, or no run with one declared to happen sometimes),
2 bad usage or input, 3 undecided, 130 interrupted.`,
		Example: `  simctl hunt raft --seeds 1-2000
  simctl hunt raft --for 10m --set nodes=7 -j 8
  simctl hunt raft --keep-going --out found --json        a plan of every failure
  simctl hunt even-cluster --declared 3 --out found       plans of what it declares`,
		Args:              exactArgs("scenario"),
		ValidArgsFunction: a.completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return a.huntFor(cmd.Context(), args[0], f)
		},
	}
	cmd.Flags().Var(&f.seeds, "seeds", "the seeds to try, or one seed")
	cmd.Flags().Var(&f.set, "set", "set a parameter; repeat for more ('simctl list --json' shows them)")
	cmd.Flags().DurationVar(&f.limit, "for", 0, "stop after this much time, such as 30s or 10m; without --seeds try seeds from 1 until then")
	cmd.Flags().IntVarP(&f.workers, "jobs", "j", f.workers, "how many worlds run at once")
	cmd.Flags().Lookup("jobs").DefValue = "one per processor"
	cmd.Flags().BoolVar(&f.keep, "keep-going", false, "try all seeds, also after a failing one")
	cmd.Flags().IntVar(&f.seen, "declared", 0, "also write plans of the first `N` runs with declared violations")
	cmd.Flags().StringVar(&f.out, "out", "failures", "write plans into this `DIR`, named SCENARIO-SEED.yaml")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	return cmd
}

// defaultWorkers is one world per processor.
func defaultWorkers() int { return runtime.GOMAXPROCS(0) }

func (f *huntFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case f.workers < 1 || f.workers > maxWorkers:
		return fmt.Errorf("-j %d: want 1 to %d worlds at once", f.workers, maxWorkers)
	case changed("for") && f.limit <= 0:
		return fmt.Errorf("--for %v: want more than no time, such as 30s", f.limit)
	case f.seen < 0 || f.seen > maxDeclared:
		return fmt.Errorf("--declared %d: want 0 to %d plans", f.seen, maxDeclared)
	case f.out == "":
		return errors.New("--out: want a directory, such as failures")
	}
	if changed("for") && !changed("seeds") {
		f.seeds = seedRange{from: 1, to: math.MaxUint64, open: true}
	}
	return nil
}

// huntFor is the command: try the seeds, write the plans of those that fail,
// report.
func (a *app) huntFor(ctx context.Context, name string, f *huntFlags) error {
	s, err := a.find(name)
	if err != nil {
		return err
	}
	if _, err := s.Resolve(f.set); err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	if err := checkOutDir(f.out); err != nil {
		return in("--out", err)
	}
	rep, err := a.sweep(ctx, s, f)
	if err != nil {
		return err
	}
	unsaved := errors.Join(a.savePlans(f.out, rep.Scenario, rep.Failures),
		a.savePlans(f.out, rep.Scenario, rep.Seen[:min(f.seen, len(rep.Seen))]))
	if !f.json {
		a.showHunt(rep, f)
	} else if err := a.out.json(rep); err != nil {
		return err
	}
	if unsaved != nil {
		return in("--out", unsaved)
	}
	return status(rep.Exit())
}

func (a *app) sweep(ctx context.Context, s *scenarios.Scenario, f *huntFlags) (*scenarios.HuntReport, error) {
	bar := a.progress("hunt "+s.Name, "seed", f.seeds.count())
	a.signals.graceful.Store(true)
	h := scenarios.Hunt{Scenario: s, Params: f.set, From: f.seeds.from, To: f.seeds.to, For: f.limit,
		Workers: f.workers, Keep: f.keep, Declared: f.seen, Progress: bar.update}
	rep, err := h.Run(ctx)
	bar.stop()
	if err != nil {
		return nil, err
	}
	if f.seeds.open {
		rep.To = nil
	}
	all := rep.Ran > 0 && f.seeds.from+(rep.Ran-1) == f.seeds.to
	cutShort := !all && (f.keep || len(rep.Failures) == 0)
	rep.Interrupted = ctx.Err() != nil && cutShort
	return rep, nil
}

// savePlans writes a plan for every run that it can, and returns the first error:
// what a hunt found is reported all the same.
func (a *app) savePlans(dir, scenario string, runs []scenarios.Failure) (first error) {
	for i := range runs {
		x := &runs[i]
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", scenario, x.Seed))
		err := a.saveInto(dir, path, &scenarios.Run{Plan: x.Plan, Report: x.Report})
		switch {
		case err == nil:
			x.Artifact = path
		case first == nil:
			first = err
		}
	}
	return first
}

// showHunt prints what a hunt found.
func (a *app) showHunt(rep *scenarios.HuntReport, f *huntFlags) {
	a.out.printf("hunt %s, %s: %s\n\n", rep.Scenario, f.seeds.heading(), outcome(rep))
	if len(rep.Failures) > 0 {
		a.showFailures(rep)
	}
	if len(rep.Measures) > 0 {
		a.showMeasures(rep)
	}
	for _, line := range a.huntFacts(rep, f) {
		a.out.printf("%-11s%s\n", line.name, line.text)
	}
	fmt.Fprintf(a.err, "%s in %v\n", scenarios.Plural(rep.Ran, "seed"), time.Duration(rep.WallNS).Round(time.Millisecond))
}

func (a *app) showFailures(rep *scenarios.HuntReport) {
	t := a.sheet("seed", "property", "detail")
	wide := 0
	for _, x := range rep.Failures {
		t.row(x.Seed, x.Property, oneLine(x.Detail))
		wide = max(wide, len(x.Property))
	}
	t.wrap(3, wide+20)
	a.out.printf("%s\n", t)
	for _, x := range rep.Failures {
		a.out.printf("%s\n", a.replayFound(x))
	}
	a.out.printf("\n")
}

// replayFound is the command that repeats a run, from its plan if one was written.
func (a *app) replayFound(x scenarios.Failure) string {
	if x.Artifact != "" {
		return a.command("replay", asPath(x.Artifact))
	}
	s, ok := scenarios.Find(a.scenarios, x.Report.Scenario)
	if !ok {
		return ""
	}
	return a.replaySeed(s, x.Seed, x.Report.Params)
}

// outcome says in words what the exit code says.
func outcome(rep *scenarios.HuntReport) string {
	switch rep.Exit() {
	case exitOK:
		return "as declared"
	case exitInterrupted:
		return "interrupted"
	case 3:
		if rep.Doubtful != nil {
			return fmt.Sprintf("undecided: the first run that no checker could judge has seed %d", *rep.Doubtful)
		}
		return "undecided"
	}
	switch {
	case len(rep.Failures) > 0:
		return fmt.Sprintf("not as declared: seed %d fails", rep.Failures[0].Seed)
	case rep.Missing > 0:
		return fmt.Sprintf("not as declared: runs without the violation declared for every run, the first with seed %d", *rep.Lacking)
	default:
		return "not as declared: no run with the violation declared to happen sometimes"
	}
}

func (a *app) huntFacts(rep *scenarios.HuntReport, f *huntFlags) []fact {
	out := []fact{
		{"covered", fmt.Sprintf("%s (%s)", rep.Covered, scenarios.Plural(rep.Ran, "run"))},
		{"failures", fmt.Sprintf("%d undeclared", len(rep.Failures))},
		{"declared", fmt.Sprintf("%s with declared violations%s, %d without one declared always", scenarios.Plural(rep.Declared, "run"), seenSeeds(rep), rep.Missing)},
	}
	if len(rep.Seen) > 0 {
		out = append(out, fact{"replay", a.replayFound(rep.Seen[0])})
	}
	out = append(out, []fact{
		{"undecided", fmt.Sprint(rep.Undecided)},
		{"events", fmt.Sprintf("%d in %v of virtual time", rep.Events, time.Duration(rep.VirtualNS))},
	}...)
	if len(f.set) > 0 {
		out = append(out, fact{"params", strings.TrimSpace(f.set.String())})
	}
	return out
}

// mostSeeds is how many seeds a line names.
const mostSeeds = 5

// seenSeeds names the first runs with declared violations, if there are any.
func seenSeeds(rep *scenarios.HuntReport) string {
	named := rep.Seen[:min(mostSeeds, len(rep.Seen))]
	if len(named) == 0 {
		return ""
	}
	seeds := make([]string, len(named))
	for i, x := range named {
		seeds[i] = strconv.FormatUint(x.Seed, 10)
	}
	line := strings.Join(seeds, ", ")
	if more := rep.Declared - uint64(len(named)); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	if rep.Declared == 1 {
		return " (seed " + line + ")"
	}
	return " (seeds " + line + ")"
}
