package cli

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"distsim/faults"
	"distsim/scenarios"
	"distsim/sim"
)

// runFlags are what a user says about one run.
type runFlags struct {
	seed  seedValue
	set   settings
	plan  string
	out   string
	twice bool
	json  bool
}

func (a *app) run() *cobra.Command {
	f := &runFlags{seed: 1}
	cmd := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario once and judge it",
		Long: `Run a scenario once, from a seed or a plan, and judge its properties. A run that
stalls and can be proved to go round in circles shows one round. A scenario that is
an experiment (such as livelock-spread) runs many seeds for each value of one
parameter and shows a table of its measures and a plot of the first: the same seeds
for each value, --seed being the first of them. With that parameter set it is one
run. One that goes through all cases of small systems (twopc-exhaustive) counts them:
every crash and every lost message within bounds, which takes a minute or two; --set
chooses among the systems, and --out writes the plan of a case in which a property was
broken, by as few of them as it takes.

What a plan expects (expect:) is not compared: run judges by what the scenario
declares. 'simctl replay' compares.

Exit codes: 0 the outcome is as declared, 1 it is not (or two runs differ with
--check-determinism), 2 bad usage or input, 3 undecided, 130 interrupted.`,
		Example: `  simctl run raft --seed 57
  simctl run raft --set nodes=7 --set ops=500 --check-determinism
  simctl run raft --seed 57 --out raft-57.yaml    write the plan that repeats it
  simctl run livelock-spread                      time to a leader against randomisation
  simctl run twopc-exhaustive                     every crash and loss of one transaction`,
		Args:              exactArgs("scenario"),
		ValidArgsFunction: a.completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			if s, ok := scenarios.Find(a.scenarios, args[0]); ok && s.Vary != nil && f.plan == "" && !f.set.has(s.Vary.Param) {
				return a.experiment(cmd.Context(), s, f)
			}
			if s, ok := scenarios.Find(a.scenarios, args[0]); ok && s.Cases != nil && f.plan == "" {
				return a.cases(cmd.Context(), s, f)
			}
			return a.runOnce(args[0], f)
		},
	}
	cmd.Flags().Var(&f.seed, "seed", "the seed that decides everything; of an experiment, the first of its seeds")
	cmd.Flags().Var(&f.set, "set", "set a parameter; repeat for more ('simctl list --json' shows them)")
	cmd.Flags().StringVar(&f.plan, "plan", "", "run the plan in this `FILE`")
	cmd.Flags().BoolVar(&f.twice, "check-determinism", false, "run twice and compare everything, payloads and views included")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	cmd.Flags().StringVar(&f.out, "out", "", "write the plan that repeats this run to `FILE`; devices and pipes are written through")
	return cmd
}

func (f *runFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case changed("out") && f.out == "":
		return errors.New("--out: want a file, such as raft-57.yaml")
	case changed("plan") && f.plan == "":
		return errors.New("--plan: want a file, such as failures/raft-57.yaml")
	case changed("plan") && (changed("seed") || len(f.set) > 0):
		return fmt.Errorf("--plan already says seed and parameters: edit %s, or leave --seed and --set out", f.plan)
	}
	return nil
}

func (a *app) completeScenario(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(a.scenarios), cobra.ShellCompDirectiveDefault
}

// runOnce is the command: run, record, show.
func (a *app) runOnce(name string, f *runFlags) error {
	s, plan, err := a.request(name, f)
	if err != nil {
		return err
	}
	out, err := a.outFor(f)
	if err != nil {
		return in("--out", err)
	}
	run, d, err := execute(s, plan.plan, f.twice)
	if err != nil {
		return plan.blame(err)
	}
	run.Report.Replay = a.replayLine(s, f, out, run.Report)
	if err := out.savePlan(run); err != nil {
		return in("--out", err)
	}
	a.noteExpectation(plan)
	if f.twice {
		addDeterministic(run.Report, d)
	}
	if f.json {
		return a.deliver(run.Report, true)
	}
	verdict := a.deliver(run.Report, false)
	if err := a.showLasso(s, run); err != nil {
		return err
	}
	return verdict
}

// noteExpectation says who compares a run with what its plan expects.
func (a *app) noteExpectation(file *planFile) {
	if file.plan.Expect != nil {
		fmt.Fprintf(a.err, "simctl: run judges by the declaration; to compare with what the plan expects: %s\n",
			printable(a.command("replay", asPath(file.path))))
	}
}

// outFor is where the plan goes, or nil.
func (a *app) outFor(f *runFlags) (*outFile, error) {
	if f.out == "" {
		return nil, nil
	}
	out, err := a.openOut(f.out)
	if err == nil && f.json && out.through == a.out {
		return nil, fmt.Errorf("%s is where the document of --json goes; name a file, or leave --json out", f.out)
	}
	return out, err
}

// request is the plan that the flags ask for.
func (a *app) request(name string, f *runFlags) (*scenarios.Scenario, *planFile, error) {
	s, err := a.find(name)
	if err != nil {
		return nil, nil, err
	}
	if f.plan == "" {
		plan, err := seeded(s, f.seed, f.set)
		return s, &planFile{plan: plan}, err
	}
	file, err := a.loadPlan(f.plan)
	if err == nil && file.plan.Scenario != name {
		err = fmt.Errorf("%s is a plan for %s, not for %s", f.plan, file.plan.Scenario, name)
	}
	return s, file, err
}

// seeded is the plan of a bare seed.
func seeded(s *scenarios.Scenario, seed seedValue, set settings) (faults.Plan, error) {
	values, err := s.Resolve(set)
	if err != nil {
		return faults.Plan{}, fmt.Errorf("--set: %w", err)
	}
	plan := faults.Plan{Version: faults.Version, Scenario: s.Name, Seed: uint64(seed)}
	for _, v := range values {
		plan.Params = append(plan.Params, faults.Param{Name: v.Name, Value: v.Text})
	}
	return plan, nil
}

func execute(s *scenarios.Scenario, plan faults.Plan, twice bool) (*scenarios.Run, sim.Divergence, error) {
	if twice {
		return runTwice(s, plan)
	}
	run, err := s.Run(plan, scenarios.Options{})
	return run, sim.Divergence{}, err
}

// deliver prints a report and returns its verdict as the exit code.
func (a *app) deliver(r *scenarios.Report, asJSON bool) error {
	a.explainPanic(r)
	if !asJSON {
		a.showReport(r)
	} else if err := a.out.json(r); err != nil {
		return err
	}
	return status(r.Exit())
}

// replayLine is the command that repeats a run exactly: from the plan it wrote, if
// that stays.
func (a *app) replayLine(s *scenarios.Scenario, f *runFlags, out *outFile, r *scenarios.Report) string {
	switch {
	case out != nil && out.through == nil:
		return a.command("replay", asPath(f.out))
	case f.plan != "":
		return a.command("replay", asPath(f.plan))
	default:
		return a.replaySeed(s, r.Seed, r.Params)
	}
}

func (a *app) replaySeed(s *scenarios.Scenario, seed uint64, values scenarios.Values) string {
	words := []string{"replay", s.Name, "--seed", strconv.FormatUint(seed, 10)}
	for _, v := range changed(s, values) {
		words = append(words, "--set", v.Name+"="+v.Text)
	}
	return a.command(words...)
}
