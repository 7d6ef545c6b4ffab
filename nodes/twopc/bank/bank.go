package bank

import (
	"fmt"
	"slices"

	"distsim/sim/history/ops"
)

// Bank is the accounts of one participant and the transactions under way on them.
type Bank struct {
	accounts []*account // ascending by name
	byName   map[string]*account
	attempts map[Tx]*attempt
	waiting  []*attempt // oldest first
	hash     uint64
}

// account is one balance and who has locked it.
type account struct {
	name      string
	key       uint64 // of the name, for hashes
	balance   int64
	holders   []*attempt // oldest first: one if exclusive, any number that share otherwise
	exclusive bool
}

// attempt is a transaction that waits or holds.
type attempt struct {
	tx       Tx
	legs     []leg
	granted  bool
	before   []int64 // the balances that its changes have replaced; nil: not executed
	balances []int64 // and those that have replaced them
}

// leg is what a transaction does to an account, and so the lock it wants.
type leg struct {
	account *account
	amount  int64
}

// New opens accounts, each with the same balance.
func New(accounts []string, initial int64) *Bank {
	b := &Bank{byName: map[string]*account{}, attempts: map[Tx]*attempt{}}
	for _, name := range slices.Sorted(slices.Values(accounts)) {
		assert(b.byName[name] == nil, "account %s is opened twice", name)
		acc := &account{name: name, key: hashText(name), balance: initial}
		b.accounts = append(b.accounts, acc)
		b.byName[name] = acc
		b.hash += acc.term()
	}
	return b
}

// Execute makes the changes of a transaction that holds its locks and returns the
// balances after them, in the order of its legs and not to be changed. If an account
// is short of money, it changes nothing and short names it; the locks stay until
// Abort. For one that is executed already it only returns the same again.
func (b *Bank) Execute(tx Tx) (balances []int64, short string) {
	a := b.mustHold(tx)
	if a.before != nil {
		return a.balances, ""
	}
	for _, l := range a.legs {
		if l.amount < 0 && l.account.balance+l.amount < 0 {
			return nil, l.account.name
		}
	}
	a.before, a.balances = make([]int64, len(a.legs)), make([]int64, len(a.legs))
	for i, l := range a.legs {
		a.before[i], a.balances[i] = l.account.balance, l.account.balance+l.amount
		b.set(l.account, a.balances[i])
	}
	return a.balances, ""
}

// Commit makes the changes of an executed transaction final and releases its locks.
// It returns the waiters that have got all of theirs now, oldest first.
func (b *Bank) Commit(tx Tx) (granted []Tx) {
	a := b.mustHold(tx)
	assert(a.before != nil, "%v commits, but has not been executed", tx)
	return b.forget(a)
}

// Abort undoes what the transaction has changed and releases its locks or its place
// in the queue. It returns the waiters that have got all of their locks now, oldest
// first. It does nothing about a transaction that neither holds nor waits.
func (b *Bank) Abort(tx Tx) (granted []Tx) {
	a := b.attempts[tx]
	if a == nil {
		return nil
	}
	b.undo(a)
	return b.forget(a)
}

// undo puts the before-images back.
func (b *Bank) undo(a *attempt) {
	for i, balance := range a.before {
		b.set(a.legs[i].account, balance)
	}
}

// Redo repeats what a log says was prepared before a crash: the locks, which must be
// free, and the changes.
func (b *Bank) Redo(tx Tx, legs []ops.Leg) {
	assert(len(b.waiting) == 0, "%v is redone while others wait", tx)
	granted := b.Acquire(tx, legs)
	assert(granted, "%v is redone, but %v holds a lock of its", tx, b.conflicts(tx))
	_, short := b.Execute(tx)
	assert(short == "", "%v is redone, but account %s is short of money", tx, short)
}

// Holds reports whether the transaction has its locks.
func (b *Bank) Holds(tx Tx) bool {
	a := b.attempts[tx]
	return a != nil && a.granted
}

// Waits reports whether the transaction is in the queue.
func (b *Bank) Waits(tx Tx) bool {
	a := b.attempts[tx]
	return a != nil && !a.granted
}

// Balance is what is in an account now, undecided changes included.
func (b *Bank) Balance(account string) int64 { return b.mustFind(account).balance }

// Total is what is in all accounts now, undecided changes included.
func (b *Bank) Total() int64 {
	var sum int64
	for _, acc := range b.accounts {
		sum += acc.balance
	}
	return sum
}

// set is the only place where a balance changes.
func (b *Bank) set(acc *account, balance int64) {
	b.hash -= acc.term()
	acc.balance = balance
	b.hash += acc.term()
}

func (b *Bank) mustFind(name string) *account {
	acc := b.byName[name]
	assert(acc != nil, "there is no account %q here", name)
	return acc
}

func (b *Bank) mustHold(tx Tx) *attempt {
	a := b.attempts[tx]
	assert(a != nil && a.granted, "%v does not hold its locks", tx)
	return a
}

// assert panics when a condition that only a bug can break does not hold.
func assert(ok bool, format string, args ...any) {
	if !ok {
		panic("bank: " + fmt.Sprintf(format, args...))
	}
}
