package unsafely

import "unsafe" // want `unsafe: import of unsafe; do without, or say in an allow comment why`

func bad(p *int, a any) {
	u := uintptr(unsafe.Pointer(p))     // want `unsafe: conversion of an address` `unsafe: conversion`
	_ = uint64(u)                       // want `unsafe: conversion`
	_ = (*int)(unsafe.Pointer(u))       // want `unsafe: conversion` `unsafe: conversion`
	_ = *(*uintptr)(unsafe.Pointer(&a)) // want `unsafe: conversion` `unsafe: conversion`
}
