package sim

import (
	"fmt"
	"math"
	"reflect" //simlint:allow reflect walks payloads for hashing; order does not depend on addresses
)

// freezer is the check mode for "messages are frozen once sent": payloads are
// hashed at send, at delivery, after every step and at the end.
type freezer struct {
	sent []frozenMessage
}

type frozenMessage struct {
	msg  Message
	hash uint64
	by   NodeID
	at   Time
}

// freeze notes what a message looks like as it is sent.
func (f *freezer) freeze(w *World, m Message) {
	f.sent = append(f.sent, frozenMessage{m, deepHash(m), w.current, w.now})
}

// verifyStep checks every message still known after a step.
func (f *freezer) verifyStep(w *World) { f.verify(w, "in the step that just ended") }

func (f *freezer) verifyAll(w *World) { f.verify(w, "by the end of the run") }

func (f *freezer) verify(w *World, when string) {
	const recent = 256 // what a step can reasonably reach; the end of the run looks at all
	from := 0
	if !w.closed {
		from = max(0, len(f.sent)-recent)
	}
	for i := from; i < len(f.sent); i++ {
		s := &f.sent[i]
		if deepHash(s.msg) == s.hash {
			continue
		}
		s.hash = deepHash(s.msg)
		who := s.by
		if w.current != 0 {
			who = w.current
		}
		w.violate(Violation{Property: "frozen", Nodes: []NodeID{who}, Detail: fmt.Sprintf(
			"a %s sent by %v at %v was changed %s (last step: %v); clone what you keep", typeName(s.msg), s.by, s.at, when, who)})
	}
}

// deepHash is a hash of a payload's content that is equal on every platform and
// in every process: types by name, numbers as 64 bits, pointers by what they
// point to, maps as sets.
func deepHash(v any) uint64 {
	h := hasher{}
	return h.whole(v)
}

// hasher walks a payload.
type hasher struct {
	depth  int
	exact  bool // tell nil slices and maps from empty ones
	opaque bool // it has met what has no content, such as a function
}

func (h *hasher) whole(v any) uint64 {
	if v == nil {
		return 1
	}
	return h.value(reflect.ValueOf(v), hashName(typeName(v)))
}

func (h *hasher) value(v reflect.Value, acc uint64) uint64 {
	if h.depth++; h.depth > 64 {
		panic("sim: a payload points to itself, or is more than 64 levels deep")
	}
	defer func() { h.depth-- }()
	switch v.Kind() {
	case reflect.Bool:
		return fold(acc, uint64(outcome(v.Bool())))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fold(acc, uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fold(acc, v.Uint())
	case reflect.Float32, reflect.Float64:
		return fold(acc, math.Float64bits(v.Float())) //simlint:allow float hashed as bits, never computed with
	case reflect.String:
		return fold(acc, hashName(v.String()))
	case reflect.Pointer, reflect.Interface:
		return h.pointed(v, acc)
	case reflect.Struct:
		return h.fields(v, acc)
	case reflect.Slice, reflect.Map:
		if h.exact && v.IsNil() {
			return fold(acc, 0)
		}
		if v.Kind() == reflect.Map {
			return h.entries(v, acc)
		}
		return h.elements(v, acc)
	case reflect.Array:
		return h.elements(v, acc)
	case reflect.Func, reflect.Chan:
		h.opaque = h.opaque || !v.IsNil()
		return fold(acc, uint64(v.Kind()))
	default:
		h.opaque = true
		return fold(acc, uint64(v.Kind()))
	}
}

func (h *hasher) pointed(v reflect.Value, acc uint64) uint64 {
	if v.IsNil() {
		return fold(acc, 0)
	}
	if v.Kind() == reflect.Interface {
		acc = fold(acc, hashName(v.Elem().Type().String()))
	}
	return h.value(v.Elem(), fold(acc, 1))
}

func (h *hasher) fields(v reflect.Value, acc uint64) uint64 {
	for i := range v.NumField() {
		acc = h.value(v.Field(i), acc)
	}
	return acc
}

func (h *hasher) elements(v reflect.Value, acc uint64) uint64 {
	acc = fold(acc, uint64(v.Len()))
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		return fold(acc, hashBytes(v.Bytes()))
	}
	for i := range v.Len() {
		acc = h.value(v.Index(i), acc)
	}
	return acc
}

// entries sums the hashes of the entries, so that no order matters.
func (h *hasher) entries(v reflect.Value, acc uint64) uint64 {
	var sum uint64
	for it := v.MapRange(); it.Next(); { //simlint:allow maprange a sum does not depend on the order
		sum += h.value(it.Value(), h.value(it.Key(), 7))
	}
	return fold(fold(acc, uint64(v.Len())), sum)
}
