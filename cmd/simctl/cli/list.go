package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"distsim/scenarios"
)

func (a *app) list() *cobra.Command {
	var problem string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios, what each shows and what it declares",
		Long: `List the scenarios: what a run of each lets you see, and what it declares about
its properties. What a scenario does not declare must hold.

Exit codes: 0 listed, 2 bad usage.`,
		Example: `  simctl list
  simctl list --problem split-brain     the broken ones and their fixes
  simctl list --json | jq '.[].name'`,
		Args: maximumArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen := a.scenarios
			if cmd.Flags().Changed("problem") {
				var err error
				if chosen, err = a.about(problem); err != nil {
					return err
				}
			}
			if asJSON {
				return a.out.json(listings(chosen))
			}
			if len(chosen) == 0 && problem != "" {
				fmt.Fprintf(a.err, "simctl: no scenario is about %s yet; 'simctl list' shows them all\n", problem)
				return nil
			}
			a.showList(chosen)
			return nil
		},
	}
	cmd.Flags().StringVar(&problem, "problem", "", "only scenarios about this `PROBLEM`: "+orNone(scenarios.ShownBy(a.scenarios)))
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array instead of a table")
	return cmd
}

// about picks the scenarios that show a problem.
func (a *app) about(problem string) ([]*scenarios.Scenario, error) {
	known := scenarios.Problems()
	if !slices.Contains(known, problem) {
		return nil, fmt.Errorf("--problem: there is no problem %q%s", problem, scenarios.Suggest(problem, known))
	}
	return scenarios.About(a.scenarios, problem), nil
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "(there is none)"
	}
	return strings.Join(words, ", ")
}

func (a *app) showList(chosen []*scenarios.Scenario) {
	t := a.sheet("scenario", "declares", "shows")
	for _, s := range chosen {
		shows := s.Shows
		if s.Twin != "" {
			shows += " (compare " + s.Twin + ")"
		}
		t.row(s.Name, summary(declared(s)), shows)
	}
	t.wrap(3, 70)
	a.out.printf("%s", t)
}

// summary is a declaration in a few words: the first violation of each kind, or
// that all holds.
func summary(promises []listedPromise) string {
	parts := []string{}
	for _, kind := range []scenarios.Promise{scenarios.Always, scenarios.Sometimes, scenarios.Open} {
		broken := []string{}
		for _, p := range promises {
			if p.Promise == kind.String() {
				broken = append(broken, p.Property)
			}
		}
		if len(broken) > 2 {
			broken = []string{fmt.Sprintf("%s and %d more", broken[0], len(broken)-1)}
		}
		if len(broken) > 0 {
			parts = append(parts, kind.String()+": "+strings.Join(broken, ", "))
		}
	}
	if len(parts) == 0 {
		return scenarios.Holds.String()
	}
	return strings.Join(parts, "; ")
}

// listing is a scenario as `list --json` prints it.
type listing struct {
	Name     string          `json:"name"`
	Shows    string          `json:"shows"`
	Problems []string        `json:"problems"`
	Twin     string          `json:"twin,omitempty"`
	Varies   string          `json:"varies,omitempty"`   // the parameter of an experiment
	Explores bool            `json:"explores,omitempty"` // it goes through all cases
	Declares []listedPromise `json:"declares"`
	Params   []listedParam   `json:"params"`
}

type listedPromise struct {
	Property string `json:"property"`
	Promise  string `json:"promise"`
}

type listedParam struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Default string   `json:"default"`
	Min     string   `json:"min,omitempty"`
	Max     string   `json:"max,omitempty"`
	Words   []string `json:"words,omitempty"`
	Help    string   `json:"help"`
}

func listings(chosen []*scenarios.Scenario) []listing {
	out := make([]listing, len(chosen))
	for i, s := range chosen {
		out[i] = listing{Name: s.Name, Shows: s.Shows, Twin: s.Twin, Problems: append([]string{}, s.Problems...),
			Explores: s.Cases != nil, Declares: declared(s), Params: []listedParam{}}
		if s.Vary != nil {
			out[i].Varies = s.Vary.Param
		}
		for _, p := range s.Params {
			out[i].Params = append(out[i].Params, listParam(p))
		}
	}
	return out
}

// declared is what a scenario promises about its default parameters.
func declared(s *scenarios.Scenario) []listedPromise {
	out := []listedPromise{}
	values, err := s.Resolve(nil)
	if err != nil {
		return out
	}
	for _, p := range s.Declare(values).Properties {
		out = append(out, listedPromise{p.Property, p.Promise.String()})
	}
	return out
}

func listParam(p scenarios.Param) listedParam {
	out := listedParam{Name: p.Name, Default: p.Default, Help: p.Help}
	switch p.Kind {
	case scenarios.Bool:
		out.Kind = "bool"
	case scenarios.Choice:
		out.Kind, out.Words = "choice", p.Words
	case scenarios.Duration:
		out.Kind = "duration"
		out.Min, out.Max = time.Duration(p.Min).String(), time.Duration(p.Max).String()
	default:
		out.Kind = "int"
		out.Min, out.Max = fmt.Sprint(p.Min), fmt.Sprint(p.Max)
	}
	return out
}
