package rules

import (
	"go/ast"
	"go/token"
	"go/types"
)

const oneThread = "keep to one thread of control: a handler, or a Proc"

// checkConcurrency bans whatever hands a decision to the Go scheduler, and the
// locks that only make sense with it.
func checkConcurrency(p *pass) {
	p.banImports(map[string]string{
		"sync": oneThread, "sync/...": oneThread, "golang.org/x/sync/...": oneThread,
	})
	p.banUses("starts a goroutine", map[string]string{"context.AfterFunc": oneThread})
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		if what := p.concurrent(n); what != "" {
			p.report(n.Pos(), what, oneThread)
		}
		return true
	})
}

// concurrent names the construct that n is, or returns "".
func (p *pass) concurrent(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go statement"
	case *ast.SelectStmt:
		return "select statement"
	case *ast.ChanType:
		return "channel type"
	case *ast.SendStmt:
		return "send on a channel"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "receive from a channel"
		}
	case *ast.RangeStmt:
		if isChan(p.TypesInfo.TypeOf(n.X)) {
			return "range over a channel"
		}
	case *ast.CallExpr:
		if p.isBuiltin(n, "close") {
			return "close of a channel"
		}
	}
	return ""
}

func isChan(t types.Type) bool {
	return someTerm(t, func(u types.Type) bool { _, ok := u.(*types.Chan); return ok })
}
