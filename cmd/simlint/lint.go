package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"distsim/cmd/simlint/rules"
)

// defaults are the packages that DESIGN §4 bans nondeterminism from.
func defaults() []string {
	return []string{"distsim/sim/...", "distsim/nodes/...", "distsim/faults/..."}
}

// exempt says whether the defaults leave a package out: simtest is where a
// simulation meets go test, and so the real world.
func exempt(path string) bool {
	return path == "distsim/sim/simtest" || strings.HasPrefix(path, "distsim/sim/simtest/")
}

// result is what lint found in how many packages.
type result struct {
	packages int
	findings []finding
}

// finding is one diagnostic, ready to print.
type finding struct {
	at      token.Position
	message string // rule: what; what to do instead
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", f.at.Filename, f.at.Line, f.at.Column, f.message)
}

// lint checks the packages that patterns match in the module at dir; no patterns
// means the defaults. It fails if there are none or one does not compile.
func lint(dir string, patterns []string) (result, error) {
	pkgs, err := load(dir, patterns)
	if err != nil {
		return result{}, err
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{rules.Analyzer}, pkgs, nil)
	if err != nil {
		return result{}, err
	}
	found := result{packages: len(pkgs)}
	for _, action := range graph.Roots {
		if action.Err != nil {
			return result{}, fmt.Errorf("%s: %w", action.Package.PkgPath, action.Err)
		}
		for _, d := range action.Diagnostics {
			found.findings = append(found.findings, finding{action.Package.Fset.Position(d.Pos), d.Message})
		}
	}
	slices.SortFunc(found.findings, compare)
	relativize(found.findings)
	return found, nil
}

func compare(a, b finding) int {
	return cmp.Or(
		cmp.Compare(a.at.Filename, b.at.Filename),
		cmp.Compare(a.at.Line, b.at.Line),
		cmp.Compare(a.at.Column, b.at.Column),
		cmp.Compare(a.message, b.message),
	)
}

// relativize shortens the names of files below the current directory.
func relativize(findings []finding) {
	here, err := os.Getwd()
	if err != nil {
		return
	}
	for i := range findings {
		name := &findings[i].at.Filename
		if rel, err := filepath.Rel(here, *name); err == nil && filepath.IsLocal(rel) {
			*name = rel
		}
	}
}

func load(dir string, patterns []string) ([]*packages.Package, error) {
	byDefault := len(patterns) == 0
	if byDefault {
		patterns = defaults()
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedModule, Dir: dir}, patterns...)
	if err != nil {
		return nil, err
	}
	if byDefault {
		pkgs = slices.DeleteFunc(pkgs, func(p *packages.Package) bool { return exempt(p.PkgPath) })
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	return pkgs, broken(pkgs)
}

// broken joins what keeps the packages, or what they import, from compiling: their
// types cannot be trusted.
func broken(pkgs []*packages.Package) error {
	var all []error
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		for _, e := range precise(p.Errors) {
			all = append(all, e)
		}
	})
	return errors.Join(all...)
}

// precise drops the go command's summary of errors when the parser and the type
// checker have reported the same ones one by one.
func precise(reported []packages.Error) []packages.Error {
	var exact []packages.Error
	for _, e := range reported {
		if e.Kind == packages.ParseError || e.Kind == packages.TypeError {
			exact = append(exact, e)
		}
	}
	if len(exact) == 0 {
		return reported
	}
	return exact
}
