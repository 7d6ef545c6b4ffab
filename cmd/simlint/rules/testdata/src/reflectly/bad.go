package reflectly

import "reflect" // want `reflect: import of reflect; do without, or say in an allow comment why it is the same in every run`

func bad(a any) string { return reflect.TypeOf(a).String() }
