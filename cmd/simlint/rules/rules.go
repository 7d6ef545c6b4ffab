package rules

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer applies every rule of [All] to a package. Each diagnostic has the
// rule's name as its category and reads "rule: what; what to do instead".
var Analyzer = &analysis.Analyzer{
	Name: "simlint",
	Doc:  "reject code whose behaviour could differ between two runs of the same plan",
	Run:  run,
}

// Rule is one ban.
type Rule struct {
	Name string // as allow comments spell it
	Doc  string // one line: what is banned

	check func(*pass)
}

// All lists the rules in the order in which help shows them.
func All() []Rule {
	return []Rule{
		{"clock", "wall clock, real timers, the host's time zone", checkClock},
		{"random", "randomness that the seed does not decide", checkRandom},
		{"concurrency", "go, select, channels, sync and sync/atomic", checkConcurrency},
		{"os", "os, net, runtime, log: what asks the machine or speaks to it", checkOS},
		{"iterpull", "iter.Pull outside distsim/sim", checkIterPull},
		{"maprange", "the order of a map, unless what it yields is sorted", checkMapRange},
		{"pointer", "formatting addresses", checkPointer},
		{"float", "floating point", checkFloat},
		{"reflect", "reflect, without a reason", checkReflect},
		{"unsafe", "unsafe, and turning addresses into integers or back", checkUnsafe},
		{"global", "package-level variables that change, and init", checkGlobal},
		{"unseen", "files that this build leaves out, and assembly", checkUnseen},
	}
}

// pass is one rule at work on one package.
type pass struct {
	*analysis.Pass
	leftOut  []*ast.File // as parseLeftOut returns them
	rule     string
	findings []finding
}

// finding is one breach, before allow comments have been heard.
type finding struct {
	rule    string
	pos     token.Pos
	message string
}

func run(p *analysis.Pass) (any, error) {
	leftOut, err := parseLeftOut(p)
	if err != nil {
		return nil, err
	}
	allows, err := parseAllows(p, slices.Concat(p.Files, leftOut))
	if err != nil {
		return nil, err
	}
	for _, rule := range All() {
		one := &pass{Pass: p, leftOut: leftOut, rule: rule.Name}
		rule.check(one)
		for _, f := range one.findings {
			if !allows.excuse(p.Fset, f) {
				f.emit(p)
			}
		}
	}
	for _, f := range allows.problems() {
		f.emit(p)
	}
	return nil, nil
}

func (f finding) emit(p *analysis.Pass) {
	p.Report(analysis.Diagnostic{Pos: f.pos, Category: f.rule, Message: f.rule + ": " + f.message})
}

// report records what is wrong at pos and what to do instead.
func (p *pass) report(pos token.Pos, what, instead string) {
	p.findings = append(p.findings, finding{p.rule, pos, what + "; " + instead})
}

// inspect visits every node of the package with the nodes around it, outermost
// first. If visit returns false, the node's children are skipped.
func (p *pass) inspect(visit func(n ast.Node, stack []ast.Node) bool) {
	for _, file := range p.Files {
		ast.PreorderStack(file, nil, visit)
	}
}

// banUses reports every mention of the functions and variables in table, which
// maps what [fullName] returns to what to use instead.
func (p *pass) banUses(why string, table map[string]string) {
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			name := fullName(p.TypesInfo.Uses[id])
			if instead, banned := table[name]; banned {
				p.report(id.Pos(), name+" "+why, instead)
			}
		}
		return true
	})
}

// banImports reports every import of a path in table; a key ending in "/..."
// covers the whole subtree below it.
func (p *pass) banImports(table map[string]string) {
	for _, file := range p.Files {
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, "`\"")
			if instead, banned := lookup(table, path); banned {
				p.report(spec.Pos(), "import of "+path, instead)
			}
		}
	}
}

// lookup finds path in table, then the longest subtree that contains it. An empty
// value takes a path out of a banned subtree.
func lookup(table map[string]string, path string) (instead string, banned bool) {
	if instead, ok := table[path]; ok {
		return instead, instead != ""
	}
	for cut := strings.LastIndexByte(path, '/'); cut > 0; cut = strings.LastIndexByte(path[:cut], '/') {
		if instead, ok := table[path[:cut]+"/..."]; ok {
			return instead, instead != ""
		}
	}
	return "", false
}

// fullName spells a package-level object or a method as "time.Now",
// "(time.Time).Local"; other objects have no full name.
func fullName(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.FullName()
	case *types.Var:
		if isGlobal(obj) {
			return obj.Pkg().Path() + "." + obj.Name()
		}
	}
	return ""
}

// isGlobal says whether v belongs to a package rather than to a function or a
// struct.
func isGlobal(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}
