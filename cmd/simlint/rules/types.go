package rules

import (
	"go/ast"
	"go/types"
)

// isBuiltin says whether call calls one of the builtins named.
func (p *pass) isBuiltin(call *ast.CallExpr, names ...string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := p.TypesInfo.Uses[id].(*types.Builtin)
	if !ok {
		return false
	}
	for _, name := range names {
		if b.Name() == name {
			return true
		}
	}
	return false
}

func (p *pass) isConversion(call *ast.CallExpr) bool {
	return p.TypesInfo.Types[call.Fun].IsType()
}

// callee is the full name of the function or method that call calls, if it is
// known at compile time.
func (p *pass) callee(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	switch generic := fun.(type) {
	case *ast.IndexExpr:
		fun = generic.X
	case *ast.IndexListExpr:
		fun = generic.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return fullName(p.TypesInfo.Uses[fun])
	case *ast.SelectorExpr:
		return fullName(p.TypesInfo.Uses[fun.Sel])
	}
	return ""
}

// someTerm says whether is holds for the underlying type of t or, if t is a type
// parameter, for that of some type in its constraint.
func someTerm(t types.Type, is func(types.Type) bool) bool {
	if t == nil {
		return false
	}
	iface, ok := t.Underlying().(*types.Interface)
	if !ok {
		return is(t.Underlying())
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); !ok {
		return false
	}
	for embedded := range iface.EmbeddedTypes() {
		if union, ok := embedded.(*types.Union); ok {
			for term := range union.Terms() {
				if is(term.Type().Underlying()) {
					return true
				}
			}
		} else if is(embedded.Underlying()) {
			return true
		}
	}
	return false
}
