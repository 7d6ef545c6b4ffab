package bank

import (
	"slices"

	"distsim/sim/history/ops"
)

// Lock is an account that a transaction has locked.
type Lock struct {
	Account   string
	Tx        Tx
	Exclusive bool
}

// String prints a1:c2#7, or a1:c2#7(shared).
func (l Lock) String() string {
	s := l.Account + ":" + l.Tx.String()
	if !l.Exclusive {
		s += "(shared)"
	}
	return s
}

// Acquire asks for all the locks of a transaction's legs here: shared for an amount
// of 0, exclusive otherwise. It gets them at once, or none and waits. For one that
// holds or waits already it only says which.
func (b *Bank) Acquire(tx Tx, legs []ops.Leg) (granted bool) {
	if a := b.attempts[tx]; a != nil {
		return a.granted
	}
	a := b.admit(tx, legs)
	at, _ := slices.BinarySearchFunc(b.waiting, a, byAge)
	if !b.mayLock(a, b.waiting[:at]) {
		b.waiting = slices.Insert(b.waiting, at, a)
		return false
	}
	b.lock(a)
	return true
}

// InTheWay lists the younger holders of locks that the waiting tx needs, oldest
// first: those that it wounds. As long as it waits, none is ever added. A transaction
// that does not wait has nobody in its way.
func (b *Bank) InTheWay(tx Tx) []Tx {
	if !b.Waits(tx) {
		return nil
	}
	return slices.DeleteFunc(b.conflicts(tx), func(holder Tx) bool { return holder.Older(tx) })
}

// conflicts lists the holders of locks that tx waits for, oldest first.
func (b *Bank) conflicts(tx Tx) []Tx {
	var holders []Tx
	for _, l := range b.attempts[tx].legs {
		if l.free() {
			continue
		}
		for _, h := range l.account.holders {
			holders = append(holders, h.tx)
		}
	}
	slices.SortFunc(holders, Tx.Compare)
	return slices.Compact(holders)
}

// Held lists the locked accounts in order of their names, and by whom, oldest first.
func (b *Bank) Held() []Lock {
	var held []Lock
	for _, acc := range b.accounts {
		for _, h := range acc.holders {
			held = append(held, Lock{acc.name, h.tx, acc.exclusive})
		}
	}
	return held
}

// Waiting lists the transactions in the queue, oldest first.
func (b *Bank) Waiting() []Tx {
	var txs []Tx
	for _, a := range b.waiting {
		txs = append(txs, a.tx)
	}
	return txs
}

// admit notes a transaction that neither holds nor waits yet.
func (b *Bank) admit(tx Tx, legs []ops.Leg) *attempt {
	a := &attempt{tx: tx, legs: make([]leg, 0, len(legs))}
	for _, l := range legs {
		acc := b.mustFind(l.Account)
		assert(!slices.ContainsFunc(a.legs, func(l leg) bool { return l.account == acc }), "%v has two legs on account %s", tx, acc.name)
		a.legs = append(a.legs, leg{acc, l.Amount})
	}
	b.attempts[tx] = a
	return a
}

// mayLock reports whether a can have all its locks now: all are free, and none of
// these older waiters wants one that conflicts.
func (b *Bank) mayLock(a *attempt, older []*attempt) bool {
	taken := slices.ContainsFunc(a.legs, func(l leg) bool { return !l.free() })
	return !taken && !slices.ContainsFunc(older, a.rivals)
}

// exclusive reports whether the leg's lock is: it changes the account.
func (l leg) exclusive() bool { return l.amount != 0 }

// free reports whether the leg's lock can be had beside those that are held.
func (l leg) free() bool {
	return len(l.account.holders) == 0 || !l.exclusive() && !l.account.exclusive
}

// rivals reports whether two transactions cannot both have their locks.
func (a *attempt) rivals(o *attempt) bool {
	return slices.ContainsFunc(a.legs, func(x leg) bool {
		return slices.ContainsFunc(o.legs, func(y leg) bool {
			return x.account == y.account && (x.exclusive() || y.exclusive())
		})
	})
}

func (b *Bank) lock(a *attempt) {
	a.granted = true
	for _, l := range a.legs {
		acc := l.account
		at, _ := slices.BinarySearchFunc(acc.holders, a, byAge)
		acc.holders = slices.Insert(acc.holders, at, a)
		acc.exclusive = l.exclusive()
		b.hash += l.term(a.tx)
	}
}

// forget takes a transaction out of the lock table or the queue. Either may have kept
// waiters from their locks.
func (b *Bank) forget(a *attempt) (granted []Tx) {
	delete(b.attempts, a.tx)
	if a.granted {
		b.unlock(a)
	} else {
		b.waiting = without(b.waiting, a)
	}
	return b.lockNext()
}

func (b *Bank) unlock(a *attempt) {
	for _, l := range a.legs {
		l.account.holders = without(l.account.holders, a)
		b.hash -= l.term(a.tx)
	}
}

// lockNext gives their locks to the waiters that may have them now, oldest first.
func (b *Bank) lockNext() (granted []Tx) {
	still := b.waiting[:0]
	for _, a := range b.waiting {
		if !b.mayLock(a, still) {
			still = append(still, a)
			continue
		}
		b.lock(a)
		granted = append(granted, a.tx)
	}
	clear(b.waiting[len(still):])
	b.waiting = still
	return granted
}

func without(list []*attempt, a *attempt) []*attempt {
	return slices.DeleteFunc(list, func(x *attempt) bool { return x == a })
}

func byAge(a, b *attempt) int { return a.tx.Compare(b.tx) }
