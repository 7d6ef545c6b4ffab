package rules

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkGlobal bans state that outlives a run: a second world in the same process
// would find what the first one left. A package-level variable that is set where
// it is declared and never again is a table, and fine.
func checkGlobal(p *pass) {
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				p.report(n.Name.Pos(), "init runs before any plan", "set up in a function that the caller calls")
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				p.checkChanged(n.Lhs...)
			}
		case *ast.IncDecStmt:
			p.checkChanged(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				p.checkChanged(n.Key, n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				p.checkShared(n.X)
			}
		case *ast.CallExpr:
			p.checkCall(n)
		}
		return true
	})
}

// checkCall looks at the builtins that write to their first argument, and at
// methods that are handed the address of their receiver.
func (p *pass) checkCall(call *ast.CallExpr) {
	if p.isBuiltin(call, "delete", "clear", "copy") {
		p.checkChanged(call.Args[0])
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	method, ok := p.TypesInfo.Selections[sel]
	if !ok || method.Kind() != types.MethodVal {
		return
	}
	if takesPointer(method.Obj()) && !isPointer(method.Recv()) && !method.Indirect() {
		p.checkShared(sel.X)
	}
}

func takesPointer(method types.Object) bool {
	sig, ok := method.Type().(*types.Signature)
	return ok && sig.Recv() != nil && isPointer(sig.Recv().Type())
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func (p *pass) checkChanged(places ...ast.Expr) {
	for _, expr := range places {
		if v := p.global(expr); v != nil {
			p.report(expr.Pos(), "package-level variable "+v.Name()+" changes", "keep state in a struct that the run owns")
		}
	}
}

func (p *pass) checkShared(expr ast.Expr) {
	if v := p.global(expr); v != nil {
		p.report(expr.Pos(), "the address of package-level variable "+v.Name()+" lets it change", "keep state in a struct that the run owns")
	}
}

// global is the package-level variable that the place expr is in, reached through
// fields, elements and pointers; nil if there is none.
func (p *pass) global(expr ast.Expr) *types.Var {
	for {
		switch e := expr.(type) {
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.SliceExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.SelectorExpr:
			if v := p.globalNamed(e.Sel); v != nil {
				return v
			}
			expr = e.X
		case *ast.Ident:
			return p.globalNamed(e)
		default:
			return nil
		}
	}
}

func (p *pass) globalNamed(id *ast.Ident) *types.Var {
	v, ok := p.TypesInfo.Uses[id].(*types.Var)
	if !ok || id.Name == "_" || !isGlobal(v) {
		return nil
	}
	return v
}
