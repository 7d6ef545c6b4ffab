package bank

import (
	"slices"
	"testing"

	"distsim/sim/history/ops"
)

// The mutants are banks with one rule broken.
type (
	// jumps lets a newcomer pass older waiters.
	jumps struct{ *Bank }
	// queues lets nobody overtake.
	queues struct{ *Bank }
	// peeks takes no locks for reading.
	peeks struct{ *Bank }
	// keeps does not undo what it has executed.
	keeps struct{ *Bank }
	// hushes forgets to look who may go on when a waiter gives up.
	hushes struct{ *Bank }
	// bully wounds the old as well.
	bully struct{ *Bank }
	// meek wounds nobody.
	meek struct{ *Bank }
	// drafts lets accounts be overdrawn.
	drafts struct{ *Bank }
)

func (m jumps) Acquire(tx Tx, legs []ops.Leg) bool  { return acquire(m.Bank, tx, legs, nil) }
func (m queues) Acquire(tx Tx, legs []ops.Leg) bool { return acquire(m.Bank, tx, legs, m.waiting) }

func acquire(b *Bank, tx Tx, legs []ops.Leg, first []*attempt) bool {
	if a := b.attempts[tx]; a != nil {
		return a.granted
	}
	a := b.admit(tx, legs)
	if b.mayLock(a, first) {
		b.lock(a)
		return true
	}
	at, _ := slices.BinarySearchFunc(b.waiting, a, byAge)
	b.waiting = slices.Insert(b.waiting, at, a)
	return false
}

func (m peeks) Acquire(tx Tx, legs []ops.Leg) bool {
	known := m.attempts[tx] != nil
	granted := m.Bank.Acquire(tx, legs)
	if a := m.attempts[tx]; granted && !known {
		m.unlock(a)
		a.legs = slices.DeleteFunc(a.legs, func(l leg) bool { return !l.exclusive() })
		m.lock(a)
	}
	return granted
}

func (m keeps) Abort(tx Tx) []Tx {
	if a := m.attempts[tx]; a != nil {
		a.before = nil
	}
	return m.Bank.Abort(tx)
}

func (m hushes) Abort(tx Tx) []Tx {
	if a := m.attempts[tx]; a != nil && !a.granted {
		delete(m.attempts, tx)
		m.waiting = without(m.waiting, a)
		return nil
	}
	return m.Bank.Abort(tx)
}

func (m bully) InTheWay(tx Tx) []Tx {
	if !m.Waits(tx) {
		return nil
	}
	return m.conflicts(tx)
}

func (m meek) InTheWay(Tx) []Tx { return nil }

func (m drafts) Execute(tx Tx) ([]int64, string) {
	a := m.mustHold(tx)
	for _, l := range a.legs {
		if a.balances == nil {
			a.before = append(a.before, l.account.balance)
			m.set(l.account, l.account.balance+l.amount)
		}
	}
	for _, l := range a.legs[len(a.balances):] {
		a.balances = append(a.balances, l.account.balance)
	}
	return a.balances, ""
}

func open() *Bank { return New(names, initial) }

// Each broken rule is noticed by comparing with the model.
func TestMutantsPartFromTheModel(t *testing.T) {
	for name, build := range map[string]func() manager{
		"jumps":  func() manager { return jumps{open()} },
		"queues": func() manager { return queues{open()} },
		"peeks":  func() manager { return peeks{open()} },
		"keeps":  func() manager { return keeps{open()} },
		"hushes": func() manager { return hushes{open()} },
		"bully":  func() manager { return bully{open()} },
		"meek":   func() manager { return meek{open()} },
		"drafts": func() manager { return drafts{open()} },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range 2000 {
				if err := follow(build, scripts.Example(seed)); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("agrees with the model for 2000 seeds")
		})
	}
}

// Wound-wait does without each of these only by luck.
func TestMutantsDeadlock(t *testing.T) {
	for name, build := range map[string]func() manager{
		"jumps": func() manager { return jumps{open()} },
		"meek":  func() manager { return meek{open()} },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range 2000 {
				if err := newTown(build, loads.Example(seed)).run(); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("no deadlock for 2000 seeds")
		})
	}
}
