package pointer

import (
	"fmt"
	"time"

	//simlint:allow reflect the subject here
	"reflect"
)

type leaf struct{ n int }

type tree struct{ left *leaf }

type list struct{ next *list }

type named struct{ n int }

func (n *named) String() string { return "named" }

type hidden struct{ at time.Time }

func bad(t *tree, l *leaf, n *named, f func(), i *int) {
	fmt.Printf("%p", l)                                       // want `pointer: %p prints an address; print an identity`
	fmt.Printf("%d %v", 1, t)                                 // want `pointer: %v prints an address in \*tree; print an identity, the value behind it, or give`
	fmt.Printf("%+v", *t)                                     // want `pointer: %v prints an address in tree`
	fmt.Printf("%#v", list{})                                 // want `pointer: %v prints an address in list`
	fmt.Println(f)                                            // want `pointer: %v prints an address in func\(\)`
	_ = fmt.Sprint("x", i)                                    // want `pointer: %v prints an address in \*int`
	_ = fmt.Sprint([]*leaf{l})                                // want `pointer: %v prints an address in \[\]\*leaf`
	_ = fmt.Errorf("%s", map[string]*int{})                   // want `pointer: %s prints an address in map\[string\]\*int`
	_ = fmt.Sprint(map[*named]int{})                          // want `pointer: %v prints an address in map\[\*named\]int`
	_ = fmt.Sprintf("%#v", []*named{n})                       // want `pointer: %v prints an address in \[\]\*named`
	_ = fmt.Sprintf("%d", n) + fmt.Sprintf("%d", []*named{n}) // want `pointer: %d prints an address in \[\]\*named`
	_ = fmt.Sprint(hidden{})                                  // want `pointer: %v prints an address in hidden`
	_ = fmt.Sprintf("%[2]v %*d", 1, i, 2)                     // want `pointer: %v prints an address in \*int`
	_ = reflect.ValueOf(l).Pointer()                          // want `pointer: \(reflect.Value\).Pointer is an address`
}

func wrapped(format string, env env, i *int) {
	env.Logf("at %v", i)         // want `pointer: %v prints an address in \*int`
	_ = fmt.Sprintf(format, i)   // want `pointer: %v prints an address in \*int`
	fmt.Fprintf(nil, "%-8v|", i) // want `pointer: %v prints an address in \*int`
}

type env interface {
	Logf(format string, args ...any)
}
