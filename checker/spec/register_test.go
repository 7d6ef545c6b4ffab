package spec_test

import (
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

type (
	regOp  = spec.RegisterOp[int]
	regRes = spec.RegisterResult[int]
)

func read() regOp              { return regOp{Access: spec.Read} }
func write(v int) regOp        { return regOp{Access: spec.Write, Value: v} }
func swap(expect, v int) regOp { return regOp{Access: spec.Swap, Expect: expect, Value: v} }

func answer(client, n int, from, to uint64, in regOp, out regRes) history.Op {
	o := histories.Done(client, n, from, to, ops.Op{}, ops.Result{})
	o.Input, o.Output = in, out
	return o
}

func TestRegister(t *testing.T) {
	ok := regRes{OK: true}
	for _, c := range []struct {
		name string
		h    []history.Op
		want string
	}{
		{"initial value", []history.Op{answer(1, 1, 1, 2, read(), regRes{Value: 7})},
			"the 1 operations on the register have a legal order"},
		{"swap", []history.Op{
			answer(1, 1, 1, 2, swap(7, 8), ok),
			answer(1, 2, 3, 4, swap(7, 9), regRes{Value: 8}),
			answer(1, 3, 5, 6, read(), regRes{Value: 8}),
		}, "the 3 operations on the register have a legal order"},
		{"lost write", []history.Op{
			answer(1, 1, 1, 2, write(3), ok),
			answer(2, 1, 3, 4, read(), regRes{Value: 7}),
		}, "lost write: c2#1 read() returned 7 although c1#1 write(3) was acknowledged before c2#1 began and nothing wrote 7 in between"},
		{"stale read", []history.Op{
			answer(1, 1, 1, 2, write(3), ok),
			answer(1, 2, 3, 4, write(4), ok),
			answer(2, 1, 5, 6, read(), regRes{Value: 3}),
		}, "stale read: c2#1 read() returned 3 although c1#2 write(4) was acknowledged before c2#1 began and nothing wrote 3 in between"},
		{"phantom", []history.Op{answer(1, 1, 1, 2, read(), regRes{Value: 1})},
			"phantom value: c1#1 read() returned 1, which no other operation had tried to write by then"},
		{"two leaders", []history.Op{
			answer(1, 1, 1, 4, swap(7, 1), ok),
			answer(2, 1, 2, 3, swap(7, 2), ok),
		}, "double compare-and-swap: c1#1 cas(7,1) and c2#1 cas(7,2) both succeeded although 7 was there only once"},
		{"refused for nothing", []history.Op{answer(1, 1, 1, 2, swap(7, 1), regRes{Value: 7})},
			"impossible answer: c1#1 cas(7,1) answered 7, which it cannot in any state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			results, err := checker.Linearizable(c.h, spec.Register(7), 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := checker.Merge(results).Detail; got != c.want {
				t.Errorf("got\n%s, want\n%s", got, c.want)
			}
		})
	}
}

// A register that starts empty and a key that starts absent behave the same, as
// long as nobody deletes it or writes "".
func TestRegisterAgreesWithKV(t *testing.T) {
	shape := histories.Shape{
		Clients: 3, Keys: 1, Ops: 8, Doubt: 15, Lies: 20, Kinds: []ops.Kind{ops.Get, ops.Put, ops.CAS},
	}
	count := map[checker.Verdict]int{}
	for seed := range uint64(2000) {
		kv := seeded(shape, seed)
		reg := make([]history.Op, len(kv))
		for i := range kv {
			reg[i] = asRegister(kv[i])
		}
		results, err := checker.Linearizable(reg, spec.Register(""), 0)
		if err != nil {
			t.Fatal(err)
		}
		got, want := checker.Merge(results).Verdict, verdict(t, kv, spec.KV())
		if got != want {
			t.Fatalf("seed %d: register %v, key %v: %v", seed, got, want, kv)
		}
		count[got]++
	}
	if count[checker.Holds] < 400 || count[checker.Violated] < 400 {
		t.Errorf("generator is lopsided: %v", count)
	}
}

func asRegister(o history.Op) history.Op {
	in := o.Input.(ops.Op)
	access := map[ops.Kind]spec.Access{ops.Get: spec.Read, ops.Put: spec.Write, ops.CAS: spec.Swap}
	o.Input = spec.RegisterOp[string]{Access: access[in.Kind], Value: in.Value, Expect: in.Expect}
	if out, ok := o.Output.(ops.Result); ok {
		o.Output = spec.RegisterResult[string]{Value: out.Value, OK: out.OK}
	}
	return o
}
