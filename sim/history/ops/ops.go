// Package ops is the shared vocabulary of key-value operations: what clients
// ask, what servers execute and what specifications judge. It holds data only;
// a server's apply and a checker's specification each interpret it on their own,
// so that a mistake in one cannot hide in the other.
package ops

import "fmt"

// Kind says what an operation does to its key.
type Kind uint8

const (
	Get    Kind = iota + 1 // read the value
	Put                    // write Value
	Append                 // write the old value followed by Value
	Delete                 // remove the key
	CAS                    // write Value if the key holds Expect; Result.OK says whether it did
)

// String names the kind as plans spell it.
func (k Kind) String() string {
	if k < Get || k > CAS {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return [...]string{"get", "put", "append", "delete", "cas"}[k-1]
}

// ParseKind reads what Kind.String prints.
func ParseKind(s string) (Kind, bool) {
	for k := Get; k <= CAS; k++ {
		if k.String() == s {
			return k, true
		}
	}
	return 0, false
}

// ReadOnly reports whether the kind never changes state.
func (k Kind) ReadOnly() bool { return k == Get }

// Op is one operation on one key. An absent key reads as "" with Found false,
// and a CAS whose Expect is "" matches an absent key too.
type Op struct {
	Kind   Kind
	Key    string
	Value  string // Put, Append, CAS
	Expect string // CAS
}

// String prints the operation as a call: put(k1,"a"), cas(k1,"a","b").
func (o Op) String() string {
	switch o.Kind {
	case Put, Append:
		return fmt.Sprintf("%v(%s,%q)", o.Kind, o.Key, o.Value)
	case CAS:
		return fmt.Sprintf("cas(%s,%q,%q)", o.Key, o.Expect, o.Value)
	default:
		return fmt.Sprintf("%v(%s)", o.Kind, o.Key)
	}
}

// Result is the answer to an Op.
//
//	Get          Found and Value; neither when the key is absent
//	Put, Append, Delete  OK
//	CAS          OK when it wrote; otherwise Found and Value as Get would answer
type Result struct {
	Value string
	Found bool
	OK    bool
}

// String prints a value read in quotes, a success as ok and an absent key as nil.
func (r Result) String() string {
	switch {
	case r.OK:
		return "ok"
	case r.Found:
		return fmt.Sprintf("%q", r.Value)
	default:
		return "nil"
	}
}
