package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"distsim/cmd/simctl/zoo"
	"distsim/scenarios"
)

const maxBases = 100

// zooFlags are what a user says about a visit to the zoo.
type zooFlags struct {
	root  string
	main  string
	bases int
	cpu   time.Duration
	out   string
	list  bool
	json  bool
}

func (a *app) zoo() *cobra.Command {
	f := &zooFlags{}
	cmd := &cobra.Command{
		Use:   "zoo [NAME|NUMBER|FILE]...",
		Short: "Put bugs of real systems into the sources, one at a time, and hunt each",
		Long: `Bugs of real systems are kept as patches over the correct code, in ` + zoo.Dir + `. Each
is applied in a build overlay, which leaves the sources alone; the simctl built with it
hunts from several base seeds, 1, 1000001, 2000001 and so on, until the first undeclared
violation or until its processor time is up. The same seeds, and at least 500 in all,
must find nothing without the patch.

It needs the go command and the sources: call it anywhere in a checkout. A patch that no
longer applies is an error. Without names all bugs are hunted.

Exit codes: 0 each was found from every base seed, and nothing without it; 1 not so;
2 bad usage or input, 130 interrupted, after reporting what was covered.`,
		Example: `  simctl zoo --list                   what bugs there are
  simctl zoo 24 late-prepare          two of them
  simctl zoo --out found              keep the plans that found them
  simctl zoo ./mine.patch --bases 1   one that is being written`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.visitZoo(cmd.Context(), args, f)
		},
	}
	cmd.Flags().StringVar(&f.root, "root", "", "the checkout, if not the current folder: a `DIR` in its module")
	cmd.Flags().StringVar(&f.main, "main", "./cmd/simctl", "the `PACKAGE` of the simctl to build, in the module")
	cmd.Flags().IntVar(&f.bases, "bases", 5, "from how many base seeds each is hunted")
	cmd.Flags().DurationVar(&f.cpu, "cpu", time.Minute, "processor time that a hunt from one base seed may take")
	cmd.Flags().StringVar(&f.out, "out", "", "write the plans that found the bugs into this `DIR`, named NAME-SEED.yaml")
	cmd.Flags().BoolVar(&f.list, "list", false, "only list the bugs")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	return cmd
}

func (f *zooFlags) check() error {
	switch {
	case f.bases < 1 || f.bases > maxBases:
		return fmt.Errorf("--bases %d: want 1 to %d base seeds", f.bases, maxBases)
	case f.cpu <= 0:
		return fmt.Errorf("--cpu %v: want more than no time, such as 60s", f.cpu)
	case f.main == "":
		return errors.New("--main: want a package, such as ./cmd/simctl")
	}
	return nil
}

// visitZoo is the command.
func (a *app) visitZoo(ctx context.Context, args []string, f *zooFlags) error {
	root, err := zoo.Root(ctx, f.root)
	if err != nil {
		return err
	}
	patches, err := a.bugs(root, args)
	if err != nil {
		return err
	}
	if f.list {
		return a.listZoo(patches, f.json)
	}
	if f.out != "" {
		if err := checkOutDir(f.out); err != nil {
			return in("--out", err)
		}
	}
	a.signals.graceful.Store(true)
	v := &zoo.Visit{Root: root, Main: f.main, Patches: patches, Bases: f.bases, CPU: f.cpu, Out: f.out,
		Progress: func(format string, args ...any) { fmt.Fprintf(a.err, "zoo: "+format+"\n", args...) }}
	rep, err := v.Run(ctx)
	if err != nil {
		return err
	}
	if !f.json {
		a.showZoo(rep)
	} else if err := a.out.json(rep); err != nil {
		return err
	}
	return status(rep.Exit())
}

// bugs are those that were asked for, in that order, each once; without names, all.
func (a *app) bugs(root string, asked []string) ([]*zoo.Patch, error) {
	if len(asked) == 0 {
		return a.allBugs(root)
	}
	var chosen []*zoo.Patch
	for _, name := range asked {
		more, err := a.bug(root, name)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if !slices.ContainsFunc(chosen, func(q *zoo.Patch) bool { return q.Name == p.Name }) {
				chosen = append(chosen, p)
			}
		}
	}
	return chosen, nil
}

// allBugs are the patches of the module, named from where the user is.
func (a *app) allBugs(root string) ([]*zoo.Patch, error) {
	dir := filepath.Join(root, filepath.FromSlash(zoo.Dir))
	if here, err := os.Getwd(); err == nil {
		if near, err := filepath.Rel(here, dir); err == nil {
			dir = near
		}
	}
	return zoo.ReadDir(dir, a.scenarios)
}

// bug is the patch of a file, or those of a name or number.
func (a *app) bug(root, name string) ([]*zoo.Patch, error) {
	if filepath.Ext(name) == zoo.Extension {
		p, err := zoo.Read(name, a.scenarios)
		return []*zoo.Patch{p}, err
	}
	all, err := a.allBugs(root)
	if err != nil {
		return nil, err
	}
	var found []*zoo.Patch
	var names []string
	for _, p := range all {
		if p.Is(name) {
			found = append(found, p)
		}
		names = append(names, p.Short())
	}
	if found == nil {
		return nil, fmt.Errorf("the zoo has no %q%s; 'simctl zoo --list' shows them all", name, scenarios.Suggest(name, names))
	}
	return found, nil
}
