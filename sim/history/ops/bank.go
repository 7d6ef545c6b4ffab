package ops

import (
	"fmt"
	"strings"
)

// Transaction is one transaction on a bank: it adds an amount to each account
// of its legs, all or none. Legs of amount 0 only read.
//
// One that was aborted for a reason that is not the bank's (a lock conflict, a
// timeout, a failure) has no Settlement: its outcome is history.Failed, or Unknown.
type Transaction struct {
	Legs []Leg // each account at most once
}

// Leg is what a transaction does to one account.
type Leg struct {
	Account string
	Amount  int64 // may be negative
}

// ReadOnly reports whether the transaction never changes a balance.
func (t Transaction) ReadOnly() bool {
	for _, leg := range t.Legs {
		if leg.Amount != 0 {
			return false
		}
	}
	return true
}

// String prints the transaction as a call: transfer(a1-30,a4+30), audit(a1,a2,a3).
func (t Transaction) String() string {
	kind := "transfer"
	if t.ReadOnly() {
		kind = "audit"
	}
	legs := make([]string, len(t.Legs))
	for i, leg := range t.Legs {
		legs[i] = leg.String()
	}
	return fmt.Sprintf("%s(%s)", kind, strings.Join(legs, ","))
}

// String prints the account and what is added to it: a1-30, or a1 if it is only read.
func (l Leg) String() string {
	if l.Amount == 0 {
		return l.Account
	}
	return fmt.Sprintf("%s%+d", l.Account, l.Amount)
}

// Settlement is the answer to a transaction that was decided on its merits.
type Settlement struct {
	// Balances are those of the legs' accounts, in their order, after the
	// transaction (for a read, before and after are the same); nil when Short is set.
	Balances []int64

	// Short is an account that held too little, as there is no overdraft: the
	// transaction was refused. "" means that it committed.
	Short string
}

// String prints the balances, or the account that was short: [70 130], short of a1.
func (s Settlement) String() string {
	if s.Short != "" {
		return "short of " + s.Short
	}
	return fmt.Sprint(s.Balances)
}
