package rules

import (
	"go/ast"
	"go/types"
)

// checkUnsafe bans looking under types and at addresses.
func checkUnsafe(p *pass) {
	const explain = "do without, or say in an allow comment why it is the same in every run"
	p.banImports(map[string]string{"unsafe": explain})
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && p.touchesAddress(call) {
			p.report(call.Pos(), "conversion of an address", explain)
		}
		return true
	})
}

// touchesAddress says whether call converts from uintptr, or from or to
// unsafe.Pointer. An integer may become a uintptr: that reveals no address.
func (p *pass) touchesAddress(call *ast.CallExpr) bool {
	if !p.isConversion(call) || len(call.Args) != 1 {
		return false
	}
	to, from := p.TypesInfo.TypeOf(call.Fun), p.TypesInfo.TypeOf(call.Args[0])
	return isBasic(from, types.Uintptr) || isBasic(from, types.UnsafePointer) || isBasic(to, types.UnsafePointer)
}

func isBasic(t types.Type, kind types.BasicKind) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == kind
}
