package arrows

import (
	"fmt"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Load reads the graph of the packages that patterns match in the module at dir,
// without their tests, and of all they import. It needs no package to compile, only
// its import declarations to parse.
func Load(dir string, patterns ...string) (Graph, error) {
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps
	roots, err := packages.Load(&packages.Config{Mode: mode, Dir: dir}, patterns...)
	if err != nil {
		return nil, err
	}
	g := make(Graph)
	for p := range packages.Postorder(roots) {
		if !isOurs(p.PkgPath) {
			g[p.PkgPath] = foreign(p)
			continue
		}
		if g[p.PkgPath], err = declared(p); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// foreign takes the imports of somebody else's package from the go command.
func foreign(p *packages.Package) []Import {
	var imports []Import
	for path := range p.Imports {
		imports = append(imports, Import{path, p.PkgPath})
	}
	return imports
}

// declared reads the imports of one of our packages from its files, to be able to
// name the line; files for other platforms count too.
func declared(p *packages.Package) ([]Import, error) {
	var imports []Import
	fset := token.NewFileSet()
	for _, name := range append(p.GoFiles, p.IgnoredFiles...) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, err
			}
			at := fset.Position(spec.Pos())
			imports = append(imports, Import{path, fmt.Sprintf("%s:%d", at.Filename, at.Line)})
		}
	}
	return imports, nil
}
