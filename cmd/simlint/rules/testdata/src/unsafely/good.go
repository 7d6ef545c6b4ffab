package unsafely

import (
	//simlint:allow unsafe type words are compared for equality only
	"unsafe"
)

func good(a any, id uint32) bool {
	//simlint:allow unsafe type words are compared for equality only
	return *(*uintptr)(unsafe.Pointer(&a)) == uintptr(id)
}
