package rules

import "go/ast"

// sortedAfter says whether, on every way on from stmt within its function, the
// first use of slice is a sort. The sort must be a plain statement behind stmt, in
// the same block or one around it: a sort under a condition may not happen.
func (p *pass) sortedAfter(slice string, stmt ast.Stmt, stack []ast.Node) bool {
	rest := rest{p, slice, hasResults(stack)}
	var inner ast.Node = stmt
	for i := len(stack) - 1; i >= 0; i-- {
		switch outer := stack[i].(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			if rest.usage(outer.(ast.Stmt)) == uses {
				return false // what precedes stmt follows it in the next round
			}
		}
		for _, next := range following(stack[i], inner) {
			switch rest.usage(next) {
			case sorts:
				return true
			case uses:
				return false
			}
		}
		inner = stack[i]
	}
	return false
}

// following lists the statements behind inner, if outer is a block that holds it.
func following(outer, inner ast.Node) []ast.Stmt {
	var list []ast.Stmt
	switch outer := outer.(type) {
	case *ast.BlockStmt:
		list = outer.List
	case *ast.CaseClause:
		list = outer.Body
	case *ast.CommClause:
		list = outer.Body
	}
	for i, s := range list {
		if s == inner {
			return list[i+1:]
		}
	}
	return nil
}

// usage is what a statement does with a slice that is not sorted yet.
type usage int

const (
	ignores usage = iota // or only takes its length, or appends more
	sorts
	uses
)

// rest is the rest of a function, in which slice is not sorted yet.
type rest struct {
	*pass
	slice   string
	results bool // the function has results: a bare return may give slice away
}

func (r rest) usage(s ast.Stmt) usage {
	if r.sortOf(s) == r.slice {
		return sorts
	}
	for _, m := range mentions(s, r.slice) {
		if !r.harmless(m) {
			return uses
		}
	}
	if r.results && hasBareReturn(s) {
		return uses
	}
	return ignores
}

// harmless says whether m takes the length of the slice or appends to it.
func (p *pass) harmless(m mention) bool {
	if len(m.stack) == 0 {
		return false
	}
	switch outer := m.stack[len(m.stack)-1].(type) {
	case *ast.CallExpr:
		if p.isBuiltin(outer, "len", "cap") {
			return true
		}
		if len(m.stack) < 2 || outer.Args[0] != m.expr {
			return false
		}
		assign, ok := m.stack[len(m.stack)-2].(*ast.AssignStmt)
		return ok && p.selfAppend(assign) != ""
	case *ast.AssignStmt:
		return outer.Lhs[0] == m.expr && p.selfAppend(outer) != ""
	}
	return false
}

// sortOf returns the slice that s sorts in place, "" if it is not such a
// statement.
func (p *pass) sortOf(s ast.Stmt) string {
	expr, ok := s.(*ast.ExprStmt)
	if !ok {
		return ""
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok {
		return ""
	}
	switch p.callee(call) {
	case "slices.Sort", "slices.SortFunc", "slices.SortStableFunc",
		"sort.Slice", "sort.SliceStable", "sort.Sort", "sort.Stable", "sort.Strings", "sort.Ints":
		return chain(p.bare(call.Args[0]))
	}
	return ""
}

// bare takes conversions and sort.Reverse off: sort.Sort(sort.Reverse(byTerm(s))).
func (p *pass) bare(expr ast.Expr) ast.Expr {
	call, ok := ast.Unparen(expr).(*ast.CallExpr)
	if ok && len(call.Args) == 1 && (p.isConversion(call) || p.callee(call) == "sort.Reverse") {
		return p.bare(call.Args[0])
	}
	return expr
}

// hasResults says whether the innermost function on stack returns something.
func hasResults(stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch fn := stack[i].(type) {
		case *ast.FuncDecl:
			return fn.Type.Results != nil
		case *ast.FuncLit:
			return fn.Type.Results != nil
		}
	}
	return false
}

func hasBareReturn(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 0 {
			found = true
		}
		_, nested := n.(*ast.FuncLit)
		return !nested
	})
	return found
}
