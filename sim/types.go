package sim

import (
	"reflect" //simlint:allow reflect names of message types, once per type
	"strings"
	"unsafe" //simlint:allow unsafe the type word is only ever compared
)

// Message is anything a node sends. Messages are frozen once sent: they travel
// by reference, and whoever keeps a slice of one clones it first. Hot messages
// are pointers.
type Message any

// Node is a handler: Step is called with the messages, timer keys and Boot of
// one machine (or Part), one at a time, in zero virtual time.
type Node interface {
	Step(env *Env, from NodeID, m Message)
}

// Boot is the first message of every incarnation, from nobody.
type Boot struct{}

// Named is a message or timer key that chooses the stable name by which
// identities and the trace know its type; otherwise the name is the
// package-relative type name, such as raft.Append.
type Named interface{ TypeName() string }

// Pushed is a timer key that says which messages push the timer back, so that
// an explanation can find the heartbeat an election timer missed. Only the
// types of the returned messages matter.
type Pushed interface{ PushedBy() []Message }

// Summarizer is a message that describes itself in a transcript.
type Summarizer interface{ Summary() string }

// typeTable interns (part, type) pairs and other names as small numbers. The
// cache in front is indexed by the type's address; addresses decide where an
// entry is cached, never what a run does.
type typeTable struct {
	world  *World
	cache  [64]typeEntry
	byType map[typeKey]int32
	byName map[string]int32 // files, kinds of draws, labels
	types  map[string]bool  // names of the types in byType
}

type typeEntry struct {
	word uintptr
	part uint16
	idx  int32
}

type typeKey struct {
	part uint16
	typ  reflect.Type
}

func (t *typeTable) init(w *World) {
	t.world = w
	for i := range t.cache {
		t.cache[i].word = 1 // no type's address, nor nil's
	}
}

// typeWord is the address of m's type descriptor.
func typeWord(m Message) uintptr {
	return *(*uintptr)(unsafe.Pointer(&m)) //simlint:allow unsafe compared for equality only
}

// sameKey is a == b, quickly for the same value in the same place, as keys of an
// empty struct type always are.
func sameKey(a, b Message) bool {
	type words struct{ typ, data uintptr }
	x, y := *(*words)(unsafe.Pointer(&a)), *(*words)(unsafe.Pointer(&b)) //simlint:allow unsafe compared for equality only
	return x == y || x.typ == y.typ && a == b
}

// mustCompare complains about a timer key that cannot be told from others.
func mustCompare(key Message) {
	if !reflect.ValueOf(key).Comparable() {
		panic("sim: a timer key must be comparable, and a " + typeName(key) + " is not")
	}
}

// of is the index of m's (part, type) name.
func (t *typeTable) of(part uint16, m Message) int32 {
	word := typeWord(m)
	e := &t.cache[(word>>5^uintptr(part)*7)&63]
	if e.word == word && e.part == part {
		return e.idx
	}
	idx := t.intern(part, m)
	*e = typeEntry{word, part, idx}
	return idx
}

func (t *typeTable) intern(part uint16, m Message) int32 {
	assert(m != nil, "a nil message or timer key")
	key := typeKey{part, reflect.TypeOf(m)}
	if idx, ok := t.byType[key]; ok {
		return idx
	}
	if t.byType == nil {
		t.byType, t.types = map[typeKey]int32{}, map[string]bool{}
	}
	name := t.world.inPart(part, typeName(m))
	assert(!t.types[name], "two types are called %s; give one of them a TypeName method", name)
	t.types[name] = true
	idx := t.add(name)
	t.byType[key] = idx
	if p, ok := m.(Pushed); ok {
		for _, by := range p.PushedBy() {
			t.world.trace.Names[idx].PushedBy = append(t.world.trace.Names[idx].PushedBy,
				t.world.inPart(part, typeName(by)))
		}
	}
	return idx
}

// name is the index of a plain name: a file, a kind of draw, a label.
func (t *typeTable) name(name string) int32 {
	if idx, ok := t.byName[name]; ok {
		return idx
	}
	if t.byName == nil {
		t.byName = map[string]int32{}
	}
	idx := t.add(name)
	t.byName[name] = idx
	return idx
}

func (t *typeTable) add(name string) int32 {
	trace := &t.world.trace
	trace.Names = append(trace.Names, Name{Name: name})
	trace.hashes = append(trace.hashes, hashName(name))
	return int32(len(trace.Names) - 1)
}

func typeName(m Message) string {
	if n, ok := m.(Named); ok {
		return n.TypeName()
	}
	return strings.TrimLeft(reflect.TypeOf(m).String(), "*")
}

// inPart prefixes a name with its part: g1/raft.Append.
func (w *World) inPart(part uint16, name string) string {
	if part == 0 {
		return name
	}
	return w.parts[part] + "/" + name
}

// Means reports whether a name, as a plan or a person spells it, stands for the type
// or file of this full name: the name itself, or, as transcripts show it, the name
// without its part, which then stands for such a type or file of every part.
func (w *World) Means(spelled, name string) bool {
	at := len(name) - len(spelled)
	if at <= 0 || name[at:] != spelled {
		return name == spelled
	}
	part := w.partOf(name)
	return part != "" && len(part) == at-1
}

// partOf is the path of the part that a name is in, of several the innermost.
func (w *World) partOf(name string) string {
	in := ""
	for _, p := range w.parts[1:] {
		if len(p) > len(in) && len(name) > len(p) && name[len(p)] == '/' && name[:len(p)] == p {
			in = p
		}
	}
	return in
}

// partIndex interns a part's path.
func (w *World) partIndex(path string) uint16 {
	for i, p := range w.parts {
		if p == path {
			return uint16(i)
		}
	}
	assert(len(w.parts) < 1<<16, "more than 65,535 parts in one world")
	w.parts = append(w.parts, path)
	return uint16(len(w.parts) - 1)
}
