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

// simulated are the packages of distsim that DESIGN §4 bans nondeterminism from: what
// runs inside a simulation. simtest is where a simulation meets go test, and so the
// real world.
func simulated(path string) bool {
	under := func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
	return (under("distsim/sim") || under("distsim/nodes") || under("distsim/faults")) && !under("distsim/sim/simtest")
}

// exempt says whether patterns with "..." leave a package out: distsim's own that drive
// simulations, judge them or show them. Of another module none is left out.
func exempt(path string) bool {
	ours := path == "distsim" || strings.HasPrefix(path, "distsim/")
	return ours && !simulated(path)
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
// means ./.... It fails if there are none or one does not compile.
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
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedModule, Dir: dir}, patterns...)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(patterns, func(p string) bool { return strings.Contains(p, "...") }) {
		pkgs = slices.DeleteFunc(pkgs, func(p *packages.Package) bool { return exempt(p.PkgPath) })
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("no packages match %s, or none that run inside a simulation", strings.Join(patterns, " "))
	}
	return pkgs, broken(pkgs)
}

// broken joins what keeps the packages, or what they import, from compiling: their
// types cannot be trusted.
func broken(pkgs []*packages.Package) error {
	var all []error
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		for _, e := range precise(p.Errors) {
			all = append(all, explained(e))
		}
	})
	return errors.Join(all...)
}

// explained adds to what the go command says of a directory that is in no module, or
// in none that go.work lists.
func explained(e packages.Error) error {
	if strings.Contains(e.Msg, "directory prefix . does not contain") {
		return fmt.Errorf("%s (run simlint where go vet ./... works: inside a module, and if there is a go.work, inside one that it lists)", e.Msg)
	}
	return e
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
