package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"distsim/scenarios"
)

// Exit codes (DESIGN section 8).
const (
	exitOK          = 0
	exitBadInput    = 2
	exitInterrupted = 130
)

// app is one invocation of simctl.
type app struct {
	scenarios []*scenarios.Scenario
	name      string    // how the user called it, for commands to copy
	out       *results  // stdout
	err       io.Writer // stderr
	term      terminal
	signals   *signals
}

// exitStatus is a command that did its work and has a verdict to return.
type exitStatus int

// Error is never shown: the report has been printed.
func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// status is nil for success, so that a command can return it as its error.
func status(code int) error {
	if code == exitOK {
		return nil
	}
	return exitStatus(code)
}

// Main runs the command that os.Args asks for on the scenarios given, and
// returns its exit code.
func Main(all ...*scenarios.Scenario) int {
	a := &app{
		scenarios: all,
		name:      invokedAs(),
		out:       newResults(os.Stdout),
		err:       os.Stderr,
		term:      detectTerminal(),
	}
	if err := checkScenarios(all); err != nil {
		return a.fail(err)
	}
	ctx, signals := catchSignals(a.err)
	a.signals = signals
	return a.execute(ctx, os.Args[1:])
}

func (a *app) execute(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if failed := a.out.flush(); failed != nil {
		return a.fail(fmt.Errorf("cannot write the results: %w", failed))
	}
	var code exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	default:
		return a.fail(err)
	}
}

// fail reports what was wrong with the usage, the input or the surroundings.
func (a *app) fail(err error) int {
	fmt.Fprintf(a.err, "simctl: %s\n", printable(err.Error()))
	return exitBadInput
}

// checkScenarios catches a list put together wrongly before anything runs.
func checkScenarios(all []*scenarios.Scenario) error {
	seen := map[string]bool{}
	for i, s := range all {
		switch {
		case s == nil || s.Name == "":
			return fmt.Errorf("scenario %d of this build has no name", i+1)
		case seen[s.Name]:
			return fmt.Errorf("this build has two scenarios named %q; rename one", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

// find looks a scenario up by the name that was typed.
func (a *app) find(name string) (*scenarios.Scenario, error) {
	if s, ok := scenarios.Find(a.scenarios, name); ok {
		return s, nil
	}
	return nil, fmt.Errorf("there is no scenario %q%s; 'simctl list' shows them all",
		name, scenarios.Suggest(name, scenarios.Names(a.scenarios)))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "simctl",
		Short: "Run, hunt and replay simulated distributed systems",
		Long: `simctl runs distributed systems in a deterministic simulation. One seed decides
everything that happens; a failing seed replays exactly.

Exit codes:
  0    the outcome is as declared
  1    it is not: an undeclared violation, a missing one, or non-determinism
  2    bad usage or input
  3    undecided: a checker ran out of budget
  130  interrupted, after reporting what was covered`,
		Example: `  simctl list                        what there is to see
  simctl run raft --seed 57          one run and its verdict
  simctl hunt raft --seeds 1-2000    many runs, in parallel
  simctl replay raft --seed 57       one run, told message by message`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          a.bare,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usage(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(a.help(root))
	root.AddCommand(a.list(), a.run(), a.hunt(), a.replay(), a.zoo())
	return root
}

// usage is cobra's template, which would list simctl without a command among
// the ways to use it.
func usage(root *cobra.Command) string {
	return strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable .HasParent}}", 1)
}

// bare is simctl without a command it knows.
func (a *app) bare(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	cmd.SetOut(a.err)
	if err := cmd.Help(); err != nil {
		return err
	}
	return exitStatus(exitBadInput)
}

func unknownCommand(root *cobra.Command, typed string) error {
	known := []string{}
	for _, c := range root.Commands() {
		if !c.Hidden {
			known = append(known, c.Name())
		}
	}
	return fmt.Errorf("there is no command %q%s; 'simctl help' explains them", typed, scenarios.Suggest(typed, known))
}

func (a *app) help(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		Args:  maximumArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, c := range root.Commands() {
				if c.Name() == args[0] {
					c.InitDefaultHelpFlag()
					return c.Help()
				}
			}
			return unknownCommand(root, args[0])
		},
	}
}

// flagError rewords what pflag says and suggests the flag that was meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())
	}
	if unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())
	}
	known := []string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	slices.Sort(known)
	typed := "--" + unknown.GetSpecifiedName()
	return fmt.Errorf("%s has no flag %s%s", cmd.CommandPath(), typed, scenarios.Suggest(typed, known))
}

// exactArgs wants one argument, called what.
func exactArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("%s wants a %s; see '%s --help'", cmd.CommandPath(), what, cmd.CommandPath())
		case 1:
			return nil
		default:
			return tooMany(cmd, args[1])
		}
	}
}

func maximumArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return tooMany(cmd, args[n])
		}
		return nil
	}
}

func tooMany(cmd *cobra.Command, extra string) error {
	return fmt.Errorf("%s does not know what to do with %q; see '%s --help'", cmd.CommandPath(), extra, cmd.CommandPath())
}
