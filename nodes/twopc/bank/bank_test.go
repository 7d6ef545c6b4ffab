package bank

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"distsim/sim/history/ops"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		tx   Tx
		want string
	}{
		{Tx{Process: 2, N: 7, Try: 1}, "c2#7"},
		{Tx{Process: 2, N: 7, Try: 2}, "c2#7/2"},
		{Tx{Process: 2, N: 7, Try: 2, Epoch: 3}, "c2#7/2@3"},
		{Tx{Process: 2, N: 7, Try: 1, Epoch: 3}, "c2#7@3"},
		{Tx{Process: 2 | 1<<20, N: 7, Try: 1}, "c2'1#7"},
	} {
		if got := c.tx.String(); got != c.want {
			t.Errorf("%#v is called %s, want %s", c.tx, got, c.want)
		}
	}
}

func TestAges(t *testing.T) {
	oldestFirst := []Tx{
		{Process: 9, N: 1, Try: 5, Epoch: 7}, // the number of the operation decides,
		{Process: 1, N: 2, Try: 1, Epoch: 2}, // then the process,
		{Process: 2, N: 2, Try: 1, Epoch: 2},
		{Process: 2, N: 2, Try: 2, Epoch: 1}, // and last what tells attempts apart
		{Process: 2, N: 2, Try: 2, Epoch: 2},
	}
	for i, a := range oldestFirst {
		for j, b := range oldestFirst {
			if got := a.Older(b); got != (i < j) {
				t.Errorf("%v is older than %v: %v, want %v", a, b, got, i < j)
			}
		}
	}
}

// tx is the first attempt at operation n of client c1: the less, the older.
func tx(n int) Tx { return Tx{Process: 1, N: n, Try: 1} }

// on parses legs such as "a+3 b-3 c".
func on(text string) (legs []ops.Leg) {
	for _, word := range strings.Fields(text) {
		l := ops.Leg{Account: word[:1]}
		if len(word) > 1 {
			fmt.Sscan(word[1:], &l.Amount)
		}
		legs = append(legs, l)
	}
	return legs
}

func TestMoneyMovesOnceAndGoesBack(t *testing.T) {
	b := open()
	b.Acquire(tx(1), on("a-4 b+4 c"))
	for range 2 {
		if got, short := b.Execute(tx(1)); !slices.Equal(got, []int64{6, 14, 10}) || short != "" {
			t.Fatalf("balances %v, short %q, want 6, 14, 10", got, short)
		}
	}
	before := b.Hash()
	b.Commit(tx(1))
	b.Acquire(tx(2), on("a-5 b+5"))
	if got, short := b.Execute(tx(2)); !slices.Equal(got, []int64{1, 19}) || short != "" {
		t.Fatalf("balances %v, short %q, want 1, 19", got, short)
	}
	b.Abort(tx(2))
	if a, b, total := b.Balance("a"), b.Balance("b"), b.Total(); a != 6 || b != 14 || total != 30 {
		t.Errorf("after the abort a has %d, b %d, all %d, want 6, 14, 30", a, b, total)
	}
	b.Acquire(tx(1), on("a c b"))
	if b.Hash() == before {
		t.Error("the hash does not tell exclusive locks from shared ones")
	}
}

func TestWhoIsShortKeepsItsLocks(t *testing.T) {
	b := open()
	b.Acquire(tx(1), on("b+11 a-11"))
	if balances, short := b.Execute(tx(1)); balances != nil || short != "a" {
		t.Errorf("balances %v, short %q, want none and a", balances, short)
	}
	if b.Balance("a") != 10 || b.Balance("b") != 10 || !b.Holds(tx(1)) {
		t.Errorf("a has %d, b %d, holds %v, want 10, 10, true", b.Balance("a"), b.Balance("b"), b.Holds(tx(1)))
	}
}

// A story of everything the queue does.
func TestTheQueue(t *testing.T) {
	b := open()
	expect := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	expect("a reader", b.Acquire(tx(3), on("a")), true)
	expect("a second reader", b.Acquire(tx(7), on("a b")), true)
	expect("a writer", b.Acquire(tx(5), on("a+1 c+1")), false)
	expect("whom it wounds", b.InTheWay(tx(5)), []Tx{tx(7)})
	expect("a younger reader does not pass it", b.Acquire(tx(6), on("a")), false)
	expect("an older reader overtakes it", b.Acquire(tx(4), on("a")), true)
	expect("what it waits with is free, but not for the young", b.Acquire(tx(8), on("c")), false)
	expect("a bystander", b.Acquire(tx(9), on("b")), true)
	expect("the queue", b.Waiting(), []Tx{tx(5), tx(6), tx(8)})
	expect("the locks", b.Held(), "[a:c1#3(shared) a:c1#4(shared) a:c1#7(shared) b:c1#7(shared) b:c1#9(shared)]")
	expect("the victim goes", b.Abort(tx(7)), []Tx{})
	expect("nobody is in the way any more", b.InTheWay(tx(5)), []Tx{})
	expect("the writer gives up", b.Abort(tx(5)), []Tx{tx(6), tx(8)})
	expect("holders", []bool{b.Holds(tx(6)), b.Waits(tx(6)), b.Holds(tx(5)), b.Waits(tx(5))}, "[true false false false]")
}

func TestMisusePanics(t *testing.T) {
	for want, misuse := range map[string]func(b *Bank){
		"there is no account":   func(b *Bank) { b.Acquire(tx(1), on("z")) },
		"does not hold":         func(b *Bank) { b.Execute(tx(1)) },
		"has not been executed": func(b *Bank) { b.Acquire(tx(1), on("a")); b.Commit(tx(1)) },
		"has two legs on":       func(b *Bank) { b.Acquire(tx(1), on("a+1 b a")) },
		"is opened twice":       func(*Bank) { New([]string{"a", "a"}, 1) },
		"holds a lock of":       func(b *Bank) { b.Redo(tx(1), on("a+1")); b.Redo(tx(2), on("a")) },
		"is short of money":     func(b *Bank) { b.Redo(tx(1), on("a-11")) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want one that says %q", got, want)
				}
			}()
			misuse(open())
		}()
	}
}
