package spec

import (
	"fmt"

	"distsim/checker"
	"distsim/sim/history"
)

// Access says what an operation does to a register.
type Access uint8

const (
	Read  Access = iota + 1
	Write        // write Value
	Swap         // write Value if the register holds Expect: compare-and-swap
)

// RegisterOp is one operation on a register.
type RegisterOp[V comparable] struct {
	Access Access
	Value  V // Write, Swap
	Expect V // Swap
}

// String prints the operation as a call: write(3), cas(3,4).
func (o RegisterOp[V]) String() string {
	switch o.Access {
	case Read:
		return "read()"
	case Write:
		return fmt.Sprintf("write(%s)", quote(o.Value))
	case Swap:
		return fmt.Sprintf("cas(%s,%s)", quote(o.Expect), quote(o.Value))
	default:
		return fmt.Sprintf("access(%d)", uint8(o.Access))
	}
}

// RegisterResult is the answer to a RegisterOp.
//
//	Read   Value
//	Write  OK
//	Swap   OK when it wrote; otherwise Value, what the register held instead
type RegisterResult[V comparable] struct {
	Value V
	OK    bool
}

// String prints ok, or the value read.
func (r RegisterResult[V]) String() string {
	if r.OK {
		return "ok"
	}
	return quote(r.Value)
}

// Register specifies a single register that starts with the initial value: a
// history's operations all concern the same one.
func Register[V comparable](initial V) checker.Spec[V, RegisterOp[V], RegisterResult[V]] {
	return checker.Spec[V, RegisterOp[V], RegisterResult[V]]{
		Name:     "register",
		Init:     func() V { return initial },
		Step:     stepRegister[V],
		Equal:    func(a, b V) bool { return a == b },
		Valid:    validRegister[V],
		ReadOnly: func(in RegisterOp[V]) bool { return in.Access == Read },
		Matters:  func(part []history.Op) func(history.Op) (uint64, bool) { return matters(part, readRegister[V]) },
		Explain: func(culprit history.Op, part []history.Op) checker.Explanation {
			start := deed{effect: sets, value: initial, done: true}
			return explain(culprit, part, start, readRegister[V])
		},
	}
}

func stepRegister[V comparable](v V, in RegisterOp[V], out RegisterResult[V], known bool) (V, bool) {
	next, right := v, RegisterResult[V]{Value: v}
	if in.Access == Write || in.Access == Swap && v == in.Expect {
		next, right = in.Value, RegisterResult[V]{OK: true}
	}
	return next, !known || out == right
}

func validRegister[V comparable](in RegisterOp[V]) error {
	if in.Access < Read || in.Access > Swap {
		return fmt.Errorf("%v is not an operation on a register", in)
	}
	return nil
}

// readRegister states the facts of one operation on a register.
func readRegister[V comparable](o history.Op) deed {
	in := o.Input.(RegisterOp[V])
	out, _ := o.Output.(RegisterResult[V])
	d := deed{Op: o, subject: "the register", done: o.Outcome == history.OK, value: in.Value}
	wrote := out == RegisterResult[V]{OK: true}
	switch {
	case in.Access == Read && d.done:
		d.sight, d.absurd = sight{present, out.Value}, out.OK
	case in.Access == Read:
	case in.Access == Write:
		d.effect, d.absurd = sets, !wrote
	case d.done && !out.OK:
		d.sight, d.refused = sight{present, out.Value}, true
		d.absurd = out.Value == in.Expect
	default:
		d.effect, d.swap, d.absurd = sets, true, !wrote
		d.sight = sight{present, in.Expect}
	}
	d.absurd = d.absurd && d.done
	return d
}
