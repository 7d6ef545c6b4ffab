package checker

import (
	"fmt"
	"reflect"

	"distsim/sim/history"
)

// Spec is the sequential specification of an object: how it would behave if
// operations came one at a time. S is its state, I an operation's input and O
// its answer. Name, Init and Step suffice; the rest makes checks faster and
// violations readable.
//
// Step must be pure and deterministic: it never changes the state it is given
// and, for one state and input, allows one next state.
type Spec[S, I, O any] struct {
	// Name says what is specified, for sentences: "register".
	Name string

	// Init returns the state before the first operation.
	Init func() S

	// Step reports whether, in this state, the operation may answer out, and the
	// state it leaves. With known false the outcome is unknown: out is
	// meaningless and every answer is possible. ("It never happened" needs no
	// case of its own: such an operation may take effect after all others.)
	Step func(state S, in I, out O, known bool) (next S, ok bool)

	// Equal compares states. Nil means ==, and then S must be comparable.
	Equal func(a, b S) bool

	// Hash gives equal states the same number and, ideally, others another; it
	// only makes long searches faster. Nil means none.
	Hash func(state S) uint64

	// Valid rejects inputs that the specification does not know. Nil accepts all.
	Valid func(in I) error

	// Partition names the independent object that an input concerns. A history
	// is linearizable if and only if that of each object is (locality, Herlihy
	// and Wing 1990, section 3.2), and small histories are much cheaper. Nil
	// means one object, named "".
	Partition func(in I) string

	// ReadOnly reports that an input never changes the state. Such an operation
	// constrains nothing when its answer is unknown, and is dropped.
	ReadOnly func(in I) bool

	// Matters narrows down when operations of unknown outcome can make a
	// difference; without it each can double the search. Given the operations of a
	// partition (answered and unknown, by invocation) it returns a function that
	// says of an unknown one: from which sequence number on its taking effect can
	// matter to any answer, or that it never can. It must err on the early side:
	// whenever the history has a legal order, it must have one in which the
	// operation takes effect after from, or not at all.
	Matters func(partition []history.Op) func(unknown history.Op) (from uint64, ever bool)

	// Explain says in one sentence why the culprit's answer is impossible: the
	// answer that completed the shortest prefix without a legal order. The
	// partition is whole: by invocation, with failed and later operations. A zero
	// Explanation asks for the general sentence.
	Explain func(culprit history.Op, partition []history.Op) Explanation
}

// Explanation is why a history is impossible.
type Explanation struct {
	Anomaly  string       // the kind, in the field's terms: "stale read"
	Sentence string       // what was impossible, without the kind; every claim in it verified
	Ops      []history.Op // the operations it names, the culprit first
}

// Budget bounds the search, in steps of the specification per partition, so
// that the same history always gets the same verdict. Zero means DefaultBudget.
type Budget int64

// DefaultBudget decides anything but histories with many operations of unknown
// outcome, and gives up on those within seconds.
const DefaultBudget Budget = 2_000_000

func (b Budget) steps() int64 {
	if b <= 0 {
		return int64(DefaultBudget)
	}
	return int64(b)
}

// complete fills in the defaults, or says what is missing.
func (s Spec[S, I, O]) complete() (Spec[S, I, O], error) {
	if s.Init == nil || s.Step == nil {
		return s, fmt.Errorf("specification %q needs Init and Step", s.Name)
	}
	if s.Equal == nil {
		if t := reflect.TypeFor[S](); !t.Comparable() {
			return s, fmt.Errorf("specification %q needs Equal: its state %v cannot be compared with ==", s.Name, t)
		}
		s.Equal = func(a, b S) bool { return any(a) == any(b) }
	}
	if s.Partition == nil {
		s.Partition = func(I) string { return "" }
	}
	if s.ReadOnly == nil {
		s.ReadOnly = func(I) bool { return false }
	}
	if s.Valid == nil {
		s.Valid = func(I) error { return nil }
	}
	return s, nil
}

// subject names a partition in a sentence.
func (s Spec[S, I, O]) subject(key string) string {
	switch {
	case key != "":
		return key
	case s.Name != "":
		return "the " + s.Name
	default:
		return "the object"
	}
}
