package reflectly

import (
	"fmt"
	"reflect" //simlint:allow reflect names message types, the same in every run
)

func good(a any) string { return fmt.Sprintf("%T", a) + reflect.TypeOf(a).String() }
