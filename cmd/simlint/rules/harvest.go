package rules

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// harvest reads the body of a loop over a map and gathers what it does, as long as
// that commutes: appending to slices (sorted later), and deleting from maps.
// Everything else, calls included, might tell one order from another.
type harvest struct {
	*pass
	over string   // the map
	key  ast.Expr // the loop's key variable, or nil

	slices  []string   // appended to
	deletes []string   // deleted from
	reads   []ast.Expr // evaluated
}

// block says whether the statements do nothing but harvest.
func (h *harvest) block(list []ast.Stmt) bool {
	for _, s := range list {
		if !h.stmt(s) {
			return false
		}
	}
	return true
}

func (h *harvest) stmt(s ast.Stmt) bool {
	switch s := s.(type) {
	case nil, *ast.EmptyStmt:
		return true
	case *ast.BlockStmt:
		return h.block(s.List)
	case *ast.BranchStmt:
		return s.Tok == token.CONTINUE && s.Label == nil
	case *ast.IfStmt:
		h.reads = append(h.reads, s.Cond)
		return h.stmt(s.Init) && h.block(s.Body.List) && h.stmt(s.Else)
	case *ast.ExprStmt:
		return h.delete(s.X)
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			h.reads = append(h.reads, s.Rhs...)
			return true
		}
		return h.append(s)
	}
	return false
}

// append reads s = append(s, …).
func (h *harvest) append(s *ast.AssignStmt) bool {
	slice := h.selfAppend(s)
	if slice == "" {
		return false
	}
	h.slices = append(h.slices, slice)
	h.reads = append(h.reads, s.Rhs[0].(*ast.CallExpr).Args[1:]...)
	return true
}

// delete reads delete(m, k). From the map being ranged over only the key at hand
// may go: another one may or may not have been visited before.
func (h *harvest) delete(expr ast.Expr) bool {
	call, ok := expr.(*ast.CallExpr)
	if !ok || !h.isBuiltin(call, "delete") {
		return false
	}
	m := types.ExprString(call.Args[0])
	if m == h.over && (h.key == nil || types.ExprString(call.Args[1]) != types.ExprString(h.key)) {
		return false
	}
	if chain(call.Args[0]) == "" {
		return false
	}
	h.deletes = append(h.deletes, m)
	h.reads = append(h.reads, call.Args[1])
	return true
}

// independent says whether nothing that is read is called, or depends on what the
// loop has changed so far.
func (h *harvest) independent() bool {
	changed := slices.Concat(h.slices, h.deletes)
	for _, expr := range h.reads {
		if expr != nil && !(h.pure(expr) && !mentionsAny(expr, changed)) {
			return false
		}
	}
	return true
}

// pure says whether evaluating expr calls nothing but len and conversions, and
// does not communicate.
func (h *harvest) pure(expr ast.Expr) bool {
	pure := true
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			pure = pure && (h.isConversion(n) || h.isBuiltin(n, "len", "cap", "min", "max"))
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.FuncLit:
			pure = false
		}
		return pure
	})
	return pure
}

// selfAppend returns the slice of s = append(s, …), "" for anything else.
func (p *pass) selfAppend(s *ast.AssignStmt) string {
	if s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return ""
	}
	call, ok := s.Rhs[0].(*ast.CallExpr)
	if !ok || !p.isBuiltin(call, "append") {
		return ""
	}
	if slice := chain(s.Lhs[0]); slice == chain(call.Args[0]) {
		return slice
	}
	return ""
}

// chain spells a variable or a field reached from one by name, "n.log.last"; other
// expressions have no chain.
func chain(expr ast.Expr) string {
	switch e := ast.Unparen(expr).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x := chain(e.X); x != "" {
			return x + "." + e.Sel.Name
		}
	}
	return ""
}

// mentionsAny says whether n reads one of the places, something within it, or
// something that contains it.
func mentionsAny(n ast.Node, places []string) bool {
	return slices.ContainsFunc(places, func(place string) bool { return len(mentions(n, place)) > 0 })
}

// mention is one occurrence of a place, with the nodes around it.
type mention struct {
	expr  ast.Expr
	stack []ast.Node
}

func mentions(root ast.Node, place string) []mention {
	var found []mention
	ast.PreorderStack(root, nil, func(n ast.Node, stack []ast.Node) bool {
		expr, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		name := chain(expr)
		if overlaps(name, place) {
			found = append(found, mention{expr, slices.Clone(stack)})
		}
		return name == "" // the parts of a chain are no mentions of their own
	})
	return found
}

func overlaps(a, b string) bool {
	return a != "" && (a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+"."))
}
