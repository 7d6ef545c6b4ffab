package bank

import (
	"fmt"
	"testing"

	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

// town is three banks and transactions across them, each with a coordinator that
// aborts when wounded and tries again. Messages come in any order, except that those
// of one operation to one bank keep theirs. Victims are asked for once, when a
// transaction begins to wait.
type town struct {
	banks   []manager
	work    []*operation
	pending []func() error
	lane    []lane // of each pending message
	picks   []int
}

type lane struct{ op, bank int }

// operation is a transaction and how far it has come.
type operation struct {
	index int
	tx    Tx
	legs  [][]ops.Leg // for each bank; nil: it has no part in it
	votes int
	done  bool
	kept  bool // it is done and has committed
}

// load is what a run of a town depends on.
type load struct {
	Legs  [][][]ops.Leg // for each operation and bank
	Picks []int
}

var loads = rapid.Custom(func(t *rapid.T) load {
	perBank := rapid.SliceOfN(rapid.SliceOfN(legs, 0, 1), 3, 3)
	l := load{Picks: rapid.SliceOfN(rapid.IntRange(0, 7), 0, 60).Draw(t, "picks")}
	for range rapid.IntRange(2, 5).Draw(t, "operations") {
		parts := make([][]ops.Leg, 3)
		for i, p := range perBank.Draw(t, "legs") {
			if len(p) > 0 {
				parts[i] = p[0]
			}
		}
		l.Legs = append(l.Legs, parts)
	}
	return l
})

func newTown(build func() manager, l load) *town {
	w := &town{banks: []manager{build(), build(), build()}, picks: l.Picks}
	for i, parts := range l.Legs {
		op := &operation{index: i, tx: Tx{Process: i + 1, N: 1}, legs: parts}
		w.work = append(w.work, op)
		w.begin(op)
	}
	return w
}

// begin starts the next try.
func (w *town) begin(op *operation) {
	op.tx.Try++
	op.votes = 0
	tx := op.tx
	for i := range op.legs {
		w.send(op, i, func() error {
			if op.legs[i] == nil || w.banks[i].Acquire(tx, op.legs[i]) {
				return w.vote(i, tx)
			}
			for _, victim := range w.banks[i].InTheWay(tx) {
				if victim.Older(tx) {
					return fmt.Errorf("%v wounds the older %v", tx, victim)
				}
				w.send(w.work[victim.Process-1], i, func() error { return w.wound(victim) })
			}
			return nil
		})
	}
}

// vote executes, as far as there is money, and tells the coordinator.
func (w *town) vote(bank int, tx Tx) error {
	op := w.work[tx.Process-1]
	if op.legs[bank] != nil {
		if _, short := w.banks[bank].Execute(tx); short != "" {
			w.send(op, bank, func() error { w.end(op, tx, false); return nil })
			return nil
		}
	}
	w.send(op, bank, func() error {
		if op.tx != tx || op.done {
			return nil
		}
		if op.votes++; op.votes == len(w.banks) {
			w.end(op, tx, true)
		}
		return nil
	})
	return nil
}

func (w *town) wound(tx Tx) error {
	op := w.work[tx.Process-1]
	if op.tx == tx && !op.done {
		w.tell(op, tx, false)
		w.begin(op)
	}
	return nil
}

// end is a decision that the client gets.
func (w *town) end(op *operation, tx Tx, commit bool) {
	if op.tx == tx && !op.done {
		op.done, op.kept = true, commit
		w.tell(op, tx, commit)
	}
}

func (w *town) tell(op *operation, tx Tx, commit bool) {
	for i, b := range w.banks {
		if op.legs[i] == nil {
			continue
		}
		w.send(op, i, func() error {
			granted := b.Abort
			if commit {
				granted = b.Commit
			}
			for _, next := range granted(tx) {
				if err := w.vote(i, next); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (w *town) send(op *operation, bank int, arrive func() error) {
	w.pending = append(w.pending, arrive)
	w.lane = append(w.lane, lane{op.index, bank})
}

// run delivers until nothing is on its way. Then everything must be decided, nothing
// locked, and no money lost.
func (w *town) run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	for count := 0; len(w.pending) > 0; count++ {
		if count > 10_000 {
			return fmt.Errorf("no end after %d messages", count)
		}
		if err := w.deliver(w.pick(count)); err != nil {
			return err
		}
	}
	return w.ended()
}

// pick chooses a message: the first of its lane.
func (w *town) pick(count int) int {
	at := 0
	if count < len(w.picks) {
		at = w.picks[count] % len(w.pending)
	}
	for i := range at {
		if w.lane[i] == w.lane[at] {
			return i
		}
	}
	return at
}

func (w *town) deliver(i int) error {
	arrive := w.pending[i]
	w.pending = append(w.pending[:i:i], w.pending[i+1:]...)
	w.lane = append(w.lane[:i:i], w.lane[i+1:]...)
	return arrive()
}

func (w *town) ended() error {
	var total int64
	for i, b := range w.banks {
		if len(b.Held()) > 0 || len(b.Waiting()) > 0 {
			return fmt.Errorf("deadlock: bank %d has %v locked and %v waiting", i+1, b.Held(), b.Waiting())
		}
		total += b.Total()
	}
	want := int64(len(w.banks) * len(names) * initial)
	for _, op := range w.work {
		if !op.done {
			return fmt.Errorf("%v is not decided", op.tx)
		}
		for _, part := range op.legs {
			for _, l := range part {
				want += made(op, l)
			}
		}
	}
	if total != want {
		return fmt.Errorf("the banks hold %d, want %d", total, want)
	}
	return nil
}

// made is what a leg has added to all the money there is.
func made(op *operation, l ops.Leg) int64 {
	if !op.kept {
		return 0
	}
	return l.Amount
}

func TestWoundWaitLeavesNobodyWaiting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := newTown(newBank, loads.Draw(t, "load")).run(); err != nil {
			t.Fatal(err)
		}
	})
}
