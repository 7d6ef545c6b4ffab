package rules

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkFloat bans floating-point types and values. Compilers may fuse a multiply
// and an add on one machine and not on another, and a decision hangs on the last
// bit. Untyped constants, such as 1e9 used as an integer, are exact and fine.
func checkFloat(p *pass) {
	reported := make(map[place]bool)
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		expr, ok := n.(ast.Expr)
		if !ok || !hasFloat(p.TypesInfo.Types[expr].Type) {
			return true
		}
		if where := placeOf(p.Fset, expr.Pos()); !reported[where] {
			reported[where] = true
			p.reportFloat(expr.Pos(), expr)
		}
		return false
	})
}

func (p *pass) reportFloat(pos token.Pos, expr ast.Expr) {
	if call, ok := expr.(*ast.CallExpr); ok {
		switch name := p.callee(call); name {
		case "(time.Duration).Seconds", "(time.Duration).Minutes", "(time.Duration).Hours":
			p.report(pos, name+" is floating point", "divide durations as integers, or print the Duration")
			return
		}
	}
	p.report(pos, "floating point may round differently elsewhere", "use integers: nanoseconds, ppm, fixed point")
}

// hasFloat says whether t, or a result in the tuple t, is a floating-point or
// complex type.
func hasFloat(t types.Type) bool {
	if t == nil {
		return false
	}
	if tuple, ok := t.(*types.Tuple); ok {
		for v := range tuple.Variables() {
			if hasFloat(v.Type()) {
				return true
			}
		}
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0 && b.Info()&types.IsUntyped == 0
}
