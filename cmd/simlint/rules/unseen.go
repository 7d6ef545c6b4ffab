package rules

import (
	"go/ast"
	"go/parser"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// checkUnseen reports what no other rule can look at: a file that only another
// platform compiles may well decide differently there.
func checkUnseen(p *pass) {
	for _, file := range p.leftOut {
		p.report(file.Name.Pos(), "this build leaves the file out, so it was not checked",
			"write one version for all platforms")
	}
	for _, name := range p.OtherFiles {
		p.report(p.Files[0].Name.Pos(), filepath.Base(name)+" is not Go, so it was not checked",
			"write it in Go")
	}
}

// parseLeftOut parses the files that build constraints keep out of this package,
// as far as is needed to point at them and to hear their escapes. Tests, and
// files of another package such as generators, never join it.
func parseLeftOut(p *analysis.Pass) ([]*ast.File, error) {
	var files []*ast.File
	for _, name := range p.IgnoredFiles {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := p.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.Fset, name, src, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if file.Name.Name == p.Pkg.Name() {
			files = append(files, file)
		}
	}
	return files, nil
}
