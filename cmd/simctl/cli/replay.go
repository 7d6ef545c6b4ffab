package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"distsim/faults"
	"distsim/scenarios"
)

// replayFlags are what a user says about a replay.
type replayFlags struct {
	seed seedValue
	set  settings
	view viewFlags
	json bool
}

func (a *app) replay() *cobra.Command {
	f := &replayFlags{seed: 1}
	cmd := &cobra.Command{
		Use:   "replay FILE | replay SCENARIO --seed N",
		Short: "Run a plan again exactly, and tell it step by step",
		Long: `Run a plan, or a seed, again and print its transcript and its verdict. A plan
that says what to expect is compared with that: verdict and properties always,
the trace hash when the same build recorded it.

Exit codes: 0 as the plan expects (without expectations: as declared), 1 not,
2 bad usage or input, 3 undecided, 130 interrupted.`,
		Example: `  simctl replay failures/raft-57.yaml
  simctl replay raft --seed 57 --from 1s --to 2s
  simctl replay raft --seed 57 --width 120 --ascii | less`,
		Args:              exactArgs("plan file or scenario"),
		ValidArgsFunction: a.completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.view.check(cmd); err != nil {
				return err
			}
			if !a.isFile(args[0]) {
				return a.replaySeeded(args[0], f)
			}
			if cmd.Flags().Changed("seed") || len(f.set) > 0 {
				return fmt.Errorf("%s already says seed and parameters: edit it, or leave --seed and --set out", args[0])
			}
			return a.replayFile(args[0], f)
		},
	}
	cmd.Flags().Var(&f.seed, "seed", "replay this seed of a scenario")
	cmd.Flags().Var(&f.set, "set", "set a parameter of a scenario; repeat for more")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document instead of the transcript")
	f.view.add(cmd)
	return cmd
}

// isFile decides what the user means: a path or a name that ends like a plan is
// a file, a known scenario is a scenario, and so is what does not exist.
func (a *app) isFile(arg string) bool {
	if strings.ContainsAny(arg, `/\`) || strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") {
		return true
	}
	if _, ok := scenarios.Find(a.scenarios, arg); ok {
		return false
	}
	_, err := os.Stat(arg)
	return !errors.Is(err, os.ErrNotExist)
}

func (a *app) replaySeeded(name string, f *replayFlags) error {
	s, err := a.find(name)
	if err != nil {
		return err
	}
	plan, err := seeded(s, f.seed, f.set)
	if err != nil {
		return err
	}
	run, err := s.Run(plan, scenarios.Options{Records: true})
	if err != nil {
		return err
	}
	run.Report.Replay = a.replaySeed(s, run.Report.Seed, run.Report.Params)
	return a.retell(run, nil, f)
}

func (a *app) replayFile(path string, f *replayFlags) error {
	file, err := a.loadPlan(path)
	if err != nil {
		return err
	}
	s, err := a.find(file.plan.Scenario)
	if err != nil {
		return err
	}
	run, err := file.run(s, scenarios.Options{Records: true})
	if err != nil {
		return err
	}
	run.Report.Replay = a.command("replay", asPath(path))
	return a.retell(run, file.plan.Expect, f)
}

// replayDocument is what `replay --json` prints: the report, and how it compares
// with the plan's expectation.
type replayDocument struct {
	*scenarios.Report
	AsExpected   *bool        `json:"as_expected"` // null: the plan expects nothing
	HashCompared bool         `json:"hash_compared"`
	Differences  []difference `json:"differences"`
}

// retell prints the transcript and the verdict, and compares with what the plan
// expects.
func (a *app) retell(run *scenarios.Run, e *faults.Expect, f *replayFlags) error {
	doc, err := compare(run.Report, e)
	if err != nil {
		return err
	}
	if f.json {
		if err := a.out.json(doc); err != nil {
			return err
		}
		return doc.status()
	}
	if err := a.transcript(run, &f.view); err != nil {
		return err
	}
	a.explainPanic(run.Report)
	a.showReport(run.Report)
	a.showExpectation(doc)
	return doc.status()
}

func compare(r *scenarios.Report, e *faults.Expect) (*replayDocument, error) {
	doc := &replayDocument{Report: r, Differences: []difference{}}
	if e == nil {
		return doc, nil
	}
	build, err := buildID()
	if err != nil {
		return nil, err
	}
	doc.HashCompared = e.Hash != "" && e.Build == build
	doc.Differences = differences(e, r, doc.HashCompared)
	same := len(doc.Differences) == 0
	doc.AsExpected = &same
	return doc, nil
}

// status is the exit code: the plan's expectation comes before the declaration.
func (d *replayDocument) status() error {
	switch {
	case d.AsExpected == nil:
		return status(d.Exit())
	case *d.AsExpected:
		return nil
	default:
		return exitStatus(1)
	}
}

func (a *app) showExpectation(d *replayDocument) {
	switch {
	case d.AsExpected == nil:
		return
	case *d.AsExpected && d.HashCompared:
		a.out.printf("expected yes: the same verdicts and the same trace hash\n")
	case *d.AsExpected:
		a.out.printf("expected yes: the same verdicts (another build recorded the plan, so hashes are not compared)\n")
	case d.HashCompared:
		a.out.printf("expected no\n")
	default:
		a.out.printf("expected no (this build has not recorded the plan)\n")
	}
	for _, x := range d.Differences {
		a.out.printf("         %s\n", x)
	}
}
