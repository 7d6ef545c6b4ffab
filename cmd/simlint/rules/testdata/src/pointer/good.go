package pointer

import (
	"errors"
	"fmt"
	"time"
)

type open struct {
	At   time.Time
	Name *named
	Err  error
	Any  any
}

func good(l *leaf, n *named, o open, t *tree, i *int, args []any) {
	fmt.Printf("%v %+v %T %T", l, *l, i, t)
	fmt.Printf("%v %s", n, []*named{n})
	fmt.Printf("%v 100%% %v", o, &o)
	fmt.Println(time.Second, o.At, errors.New("x"), map[string][]int{})
	fmt.Println(args...)
	fmt.Sscanf("7", "%d", i)
	fmt.Printf("%*d %[1]v", 1, 2)
}
