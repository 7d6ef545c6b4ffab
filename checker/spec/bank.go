package spec

import (
	"encoding/binary"
	"fmt"
	"slices"

	"distsim/checker"
	"distsim/sim/history/ops"
)

// Ledger is the state of a bank: the balances of its accounts, in the order in
// which Bank was given them, as eight bytes each. As a string it costs nothing
// to copy and little to compare.
type Ledger string

func (l Ledger) balance(i int) int64 {
	b := l[8*i : 8*i+8]
	return int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 | int64(b[3])<<24 |
		int64(b[4])<<32 | int64(b[5])<<40 | int64(b[6])<<48 | int64(b[7])<<56
}

// Bank specifies a bank whose accounts all start with the initial balance: a
// transaction commits if no account would fall below 0, and is refused without
// effect otherwise. An answer of refusal may name any account that would.
//
// The bank is one object, so that to linearize its transactions is strict
// serializability: one order of all, in which each sees what the earlier ones
// left, and none precedes one that was over when it began.
func Bank(accounts []string, initial int64) checker.Spec[Ledger, ops.Transaction, ops.Settlement] {
	b := &bank{accounts: slices.Clone(accounts), initial: initial, index: make(map[string]int, len(accounts))}
	for i, a := range accounts {
		b.index[a] = i
	}
	return checker.Spec[Ledger, ops.Transaction, ops.Settlement]{
		Name:     "bank",
		Init:     b.open,
		Step:     b.step,
		Equal:    func(x, y Ledger) bool { return x == y },
		Hash:     func(l Ledger) uint64 { return fnv1a(string(l)) },
		Valid:    b.valid,
		ReadOnly: ops.Transaction.ReadOnly,
		Matters:  b.matters,
		Explain:  b.explain,
	}
}

// bank is what stays the same.
type bank struct {
	accounts []string
	index    map[string]int // of an account in a Ledger
	initial  int64
}

func (b *bank) open() Ledger {
	l := make([]byte, 0, 8*len(b.accounts))
	for range b.accounts {
		l = binary.LittleEndian.AppendUint64(l, uint64(b.initial))
	}
	return Ledger(l)
}

// step: a ledger and a transaction leave a choice only of which account a refusal names.
func (b *bank) step(l Ledger, in ops.Transaction, out ops.Settlement, known bool) (Ledger, bool) {
	if known && out.Short != "" {
		return l, out.Balances == nil && b.shortOf(l, in, out.Short)
	}
	if known && len(out.Balances) != len(in.Legs) {
		return l, false
	}
	for i, leg := range in.Legs {
		after := l.balance(b.index[leg.Account]) + leg.Amount
		switch {
		case known && (after < 0 || after != out.Balances[i]):
			return l, false
		case after < 0:
			return l, true // in doubt, and refused
		}
	}
	return b.commit(l, in), true
}

// shortOf reports whether the account is one that holds too little.
func (b *bank) shortOf(l Ledger, in ops.Transaction, account string) bool {
	for _, leg := range in.Legs {
		if leg.Account == account {
			return l.balance(b.index[account])+leg.Amount < 0
		}
	}
	return false
}

func (b *bank) commit(l Ledger, in ops.Transaction) Ledger {
	if in.ReadOnly() {
		return l
	}
	next := []byte(l)
	for _, leg := range in.Legs {
		i := b.index[leg.Account]
		binary.LittleEndian.PutUint64(next[8*i:], uint64(l.balance(i)+leg.Amount))
	}
	return Ledger(next)
}

func (b *bank) valid(in ops.Transaction) error {
	for i, leg := range in.Legs {
		if _, ok := b.index[leg.Account]; !ok {
			return fmt.Errorf("%v: the bank has no account %q", in, leg.Account)
		}
		again := func(other ops.Leg) bool { return other.Account == leg.Account }
		if slices.ContainsFunc(in.Legs[:i], again) {
			return fmt.Errorf("%v: account %s has two legs; put its amounts into one", in, leg.Account)
		}
	}
	return nil
}
