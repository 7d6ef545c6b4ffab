package rules

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// checkPointer bans text with addresses in it: %p, and the other verbs where fmt
// falls back to an address, that is for pointers inside other values, for
// pointers to scalars, for functions and for channels.
func checkPointer(p *pass) {
	const instead = "compare and print identities"
	p.banUses("is an address", map[string]string{
		"(reflect.Value).Pointer": instead, "(reflect.Value).UnsafePointer": instead,
		"(reflect.Value).UnsafeAddr": instead,
	})
	p.inspect(func(n ast.Node, _ []ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !call.Ellipsis.IsValid() {
			p.checkFormat(call)
		}
		return true
	})
}

func (p *pass) checkFormat(call *ast.CallExpr) {
	fn := p.printer(call)
	if fn.args < 0 || fn.args > len(call.Args) {
		return
	}
	args := call.Args[fn.args:]
	if fn.format < 0 {
		p.checkPlain(args)
		return
	}
	format := p.TypesInfo.Types[call.Args[fn.format]].Value
	if format == nil || format.Kind() != constant.String {
		p.checkPlain(args)
		return
	}
	for _, d := range directives(constant.StringVal(format)) {
		if d.arg < len(args) {
			p.checkArg(args[d.arg], d.verb, d.sharp)
		}
	}
}

// checkPlain checks values that are printed under %v.
func (p *pass) checkPlain(args []ast.Expr) {
	for _, arg := range args {
		p.checkArg(arg, 'v', false)
	}
}

func (p *pass) checkArg(arg ast.Expr, verb rune, sharp bool) {
	shown := formatted{verb: verb, sharp: sharp, seen: make(map[visit]bool)}
	t := p.TypesInfo.TypeOf(arg)
	switch {
	case verb == 'p':
		p.report(arg.Pos(), "%p prints an address", "print an identity")
	case verb != 'T' && t != nil && shown.address(t, 0, true):
		p.report(arg.Pos(), "%"+string(verb)+" prints an address in "+types.TypeString(t, types.RelativeTo(p.Pkg)),
			"print an identity, the value behind it, or give the type a String method")
	}
}

// printer says where a call's format and its operands are; -1 means nowhere.
type printer struct{ format, args int }

func (p *pass) printer(call *ast.CallExpr) printer {
	switch name := p.callee(call); name {
	case "fmt.Print", "fmt.Println", "fmt.Sprint", "fmt.Sprintln":
		return printer{-1, 0}
	case "fmt.Fprint", "fmt.Fprintln", "fmt.Append", "fmt.Appendln":
		return printer{-1, 1}
	case "fmt.Scanf", "fmt.Sscanf", "fmt.Fscanf":
		return printer{-1, -1}
	default:
		return p.wrapper(call, name)
	}
}

// wrapper recognises fmt's own functions and others like them by their shape: the
// name ends in f, the last parameters are a string and ...any.
func (p *pass) wrapper(call *ast.CallExpr, name string) printer {
	none := printer{-1, -1}
	sig, ok := p.TypesInfo.TypeOf(call.Fun).(*types.Signature)
	if !ok || !sig.Variadic() || sig.Params().Len() < 2 || !strings.HasSuffix(name, "f") {
		return none
	}
	last := sig.Params().Len() - 1
	operands := sig.Params().At(last).Type().(*types.Slice)
	iface, isAny := operands.Elem().Underlying().(*types.Interface)
	format, isString := sig.Params().At(last - 1).Type().Underlying().(*types.Basic)
	if !isAny || !iface.Empty() || !isString || format.Kind() != types.String {
		return none
	}
	return printer{last - 1, last}
}
