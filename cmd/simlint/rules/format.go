package rules

import (
	"go/types"
	"strconv"
	"strings"
)

// directive is one verb of a format and the operand it prints.
type directive struct {
	verb  rune
	sharp bool
	arg   int
}

// directives lists the verbs of a format in order, as package fmt reads it: "*"
// takes an operand of its own, "[n]" chooses the next operand.
func directives(format string) []directive {
	var found []directive
	next := 0
	for {
		_, rest, ok := strings.Cut(format, "%")
		if !ok {
			return found
		}
		d := directive{}
		flags := rest[:len(rest)-len(strings.TrimLeft(rest, "+-# 0"))]
		d.sharp = strings.Contains(flags, "#")
		rest = rest[len(flags):]
		for rest != "" && strings.ContainsRune("*[.0123456789", rune(rest[0])) {
			rest = option(rest, &next)
		}
		if rest == "" {
			return found
		}
		d.verb = []rune(rest)[0]
		format = rest[len(string(d.verb)):]
		if d.verb == '%' {
			continue
		}
		d.arg = next
		next++
		found = append(found, d)
	}
}

// option consumes one piece of a width, a precision or an operand index.
func option(rest string, next *int) string {
	switch rest[0] {
	case '*':
		*next++
	case '[':
		index, after, ok := strings.Cut(rest[1:], "]")
		if n, err := strconv.Atoi(index); ok && err == nil && n > 0 {
			*next = n - 1
			return after
		}
	}
	return rest[1:]
}

// formatted is one value on its way through package fmt.
type formatted struct {
	verb  rune
	sharp bool
	seen  map[visit]bool
}

// visit is a type as fmt meets it; the same type may print differently elsewhere
// in the same value.
type visit struct {
	t            types.Type
	nested, open bool
}

// address says whether fmt would print an address somewhere in a value of type t.
// open means that fmt may call methods: not below an unexported field.
func (f formatted) address(t types.Type, depth int, open bool) bool {
	if open && f.ownText(t) {
		return false
	}
	here := visit{t, depth > 0, open}
	if f.seen[here] {
		return false
	}
	f.seen[here] = true
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Chan:
		return true
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Pointer:
		return depth > 0 || !isComposite(u.Elem()) || f.address(u.Elem(), depth+1, open)
	case *types.Slice:
		return f.address(u.Elem(), depth+1, open)
	case *types.Array:
		return f.address(u.Elem(), depth+1, open)
	case *types.Map:
		return sortsByAddress(u.Key()) || f.address(u.Key(), depth+1, open) || f.address(u.Elem(), depth+1, open)
	case *types.Struct:
		for field := range u.Fields() {
			if f.address(field.Type(), depth+1, open && field.Exported()) {
				return true
			}
		}
	}
	return false
}

// isComposite says whether fmt prints a pointer to t as & and the value.
func isComposite(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array, *types.Slice, *types.Map:
		return true
	}
	return false
}

// sortsByAddress says whether fmt orders the keys of a map by where they are,
// which shows even if each key has a text of its own.
func sortsByAddress(key types.Type) bool {
	switch u := key.Underlying().(type) {
	case *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return sortsByAddress(u.Elem())
	case *types.Struct:
		for field := range u.Fields() {
			if sortsByAddress(field.Type()) {
				return true
			}
		}
	}
	return false
}

// ownText says whether fmt asks the value itself for its text under this verb.
func (f formatted) ownText(t types.Type) bool {
	switch {
	case t.String() == "reflect.Value": // printed as the value it holds
		return true
	case hasMethod(t, "Format"):
		return true
	case f.sharp && f.verb == 'v':
		return hasMethod(t, "GoString")
	case strings.ContainsRune("vwsxXq", f.verb):
		return hasMethod(t, "Error") || hasMethod(t, "String")
	}
	return false
}

func hasMethod(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	method, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	sig := method.Type().(*types.Signature)
	if name == "Format" {
		return sig.Params().Len() == 2 && sig.Results().Len() == 0
	}
	return sig.Params().Len() == 0 && sig.Results().Len() == 1
}
