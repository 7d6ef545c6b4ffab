package rules

import (
	"go/ast"
	"go/token"
	"go/types"
)

const sortFirst = "range over slices.Sorted(maps.Keys(m))"

// checkMapRange bans code that could tell in which order a map yields its
// elements. It lets pass: len and clear; loops that only delete, or only collect
// into slices that are sorted afterwards; and the iterators of package maps
// directly under slices.Sorted, or collected and sorted.
func checkMapRange(p *pass) {
	const sorts = "collect the keys and sort them"
	p.banUses("walks a map in random order", map[string]string{
		"(reflect.Value).MapRange": sorts, "(reflect.Value).MapKeys": sorts,
		"(reflect.Value).Seq": sorts, "(reflect.Value).Seq2": sorts,
	})
	p.banImports(map[string]string{
		"encoding/gob": "it writes maps in random order; encode fields yourself",
	})
	p.inspect(func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if isMap(p.TypesInfo.TypeOf(n.X)) {
				p.checkLoop(n, stack)
			}
		case *ast.Ident:
			p.checkIterator(n, stack)
		}
		return true
	})
}

func isMap(t types.Type) bool {
	return someTerm(t, func(u types.Type) bool { _, ok := u.(*types.Map); return ok })
}

func (p *pass) checkLoop(loop *ast.RangeStmt, stack []ast.Node) {
	h := harvest{pass: p, over: types.ExprString(loop.X), key: loop.Key}
	if loop.Tok == token.ASSIGN || !h.block(loop.Body.List) || !h.independent() {
		p.report(loop.Pos(), "the loop body sees the order of a map, which is random", sortFirst)
		return
	}
	for _, slice := range h.slices {
		if !p.sortedAfter(slice, loop, stack) {
			p.report(loop.Pos(), slice+" is collected in the order of a map and used before a sort in this function", "call slices.Sort next")
		}
	}
}

// checkIterator judges one mention of an iterator of package maps.
func (p *pass) checkIterator(id *ast.Ident, stack []ast.Node) {
	name := fullName(p.TypesInfo.Uses[id])
	switch name {
	case "maps.Keys", "maps.Values", "maps.All":
		if !p.isOrdered(name, stack) {
			p.report(id.Pos(), name+" yields in random order", "wrap it in slices.Sorted, or collect and sort")
		}
	}
}

// isOrdered says whether the iterator called name, the top of stack, feeds a sort: slices.Sorted(it), or s := slices.Collect(it) and a sort
// of s.
func (p *pass) isOrdered(name string, stack []ast.Node) bool {
	stack = uptoCall(stack)
	if len(stack) < 2 || p.callee(stack[len(stack)-1].(*ast.CallExpr)) != name {
		return false
	}
	outer, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	switch p.callee(outer) {
	case "slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc":
		return true
	case "slices.Collect", "slices.AppendSeq":
		return p.collectsThenSorts(outer, stack[:len(stack)-2])
	}
	return false
}

// uptoCall cuts stack off behind the call whose function is spelt at its top.
func uptoCall(stack []ast.Node) []ast.Node {
	for i := len(stack) - 1; i >= 0; i-- {
		switch stack[i].(type) {
		case *ast.CallExpr:
			return stack[:i+1]
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		default:
			return nil
		}
	}
	return nil
}

func (p *pass) collectsThenSorts(call *ast.CallExpr, stack []ast.Node) bool {
	if len(stack) == 0 {
		return false
	}
	assign, ok := stack[len(stack)-1].(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 || assign.Rhs[0] != call {
		return false
	}
	slice := chain(assign.Lhs[0])
	return slice != "" && p.sortedAfter(slice, assign, stack[:len(stack)-1])
}
