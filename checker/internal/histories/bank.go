package histories

import (
	"fmt"
	"slices"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Bank is a bank that does what it is told. What it says about transactions it
// says on its own, as the rest of the package does about keys.
type Bank map[string]int64

// NewBank opens the accounts a1 to aN with the same balance.
func NewBank(accounts int, initial int64) Bank {
	b := Bank{}
	for _, a := range Accounts(accounts) {
		b[a] = initial
	}
	return b
}

// Accounts names the accounts of a bank: a1, a2, …
func Accounts(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("a%d", i+1)
	}
	return names
}

// Settle decides a transaction on a copy of the bank. If accounts are short, the
// answer names the first.
func (b Bank) Settle(in ops.Transaction) (Bank, ops.Settlement) {
	if short := b.short(in); len(short) > 0 {
		return b, ops.Settlement{Short: short[0]}
	}
	next, out := make(Bank, len(b)), ops.Settlement{Balances: []int64{}}
	for a, v := range b {
		next[a] = v
	}
	for _, leg := range in.Legs {
		next[leg.Account] += leg.Amount
		out.Balances = append(out.Balances, next[leg.Account])
	}
	return next, out
}

// short lists the accounts that hold too little for the transaction.
func (b Bank) short(in ops.Transaction) []string {
	var short []string
	for _, leg := range in.Legs {
		if b[leg.Account]+leg.Amount < 0 {
			short = append(short, leg.Account)
		}
	}
	return short
}

// accepts reports whether the bank may answer so.
func (b Bank) accepts(in ops.Transaction, out ops.Settlement) bool {
	_, right := b.Settle(in)
	if right.Short != "" || out.Short != "" {
		return slices.Contains(b.short(in), out.Short) && out.Balances == nil
	}
	return slices.Equal(right.Balances, out.Balances)
}

// Serializable is Linearizable for a bank.
func Serializable(h []history.Op, accounts int, initial int64) bool {
	return place(h, make([]bool, len(h)), NewBank(accounts, initial), func(b Bank, o history.Op) []Bank {
		in := o.Input.(ops.Transaction)
		next, _ := b.Settle(in)
		return only(next, o.Outcome != history.OK || b.accepts(in, o.Output.(ops.Settlement)))
	})
}

// BankShape says what a random history of a bank looks like. Shares are in percent.
type BankShape struct {
	Clients, Accounts, Ops int
	Initial                int64
	Amount                 int // transfers move up to so much
	Step                   int // and multiples of it; 0 means 1
	Audits                 int // share of audits of all accounts
	Doubt                  int // share of transactions never answered; half of them take effect later
	Doubts                 int // and how many at most; 0 means any number
	Failed                 int // share of transactions aborted
	Lies                   int // share of answers that a broken bank might give

	// Broken replaces Settle, if not nil. It also gets the bank as it was when the
	// transaction was asked for.
	Broken func(asked, now Bank, in ops.Transaction) (Bank, ops.Settlement)
}

// RandomBank runs closed-loop clients against a correct bank, each transaction
// taking effect somewhere between its ends, and then lies about some answers.
func RandomBank(s BankShape, draw func(n int) int) []history.Op {
	s.Step = max(s.Step, 1)
	t := &teller{
		BankShape: s, draw: draw, bank: NewBank(s.Accounts, s.Initial), names: Accounts(s.Accounts),
		clients: make([]client, s.Clients), asked: make([]Bank, s.Clients),
	}
	for t.begun < s.Ops || slices.ContainsFunc(t.clients, func(c client) bool { return c.stage != idle }) {
		t.turn(draw(s.Clients))
	}
	return t.done
}

type teller struct {
	BankShape
	draw    func(int) int
	bank    Bank
	past    []Bank // every state so far, for stale lies
	names   []string
	clients []client
	asked   []Bank // when each client asked
	begun   int
	doubts  int
	clock   uint64
	done    []history.Op
	late    []ops.Transaction // in doubt and still to take effect
}

func (t *teller) chance(percent int) bool { return percent > 0 && t.draw(100) < percent }

// turn moves one client on: ask, take effect, answer.
func (t *teller) turn(i int) {
	c := &t.clients[i]
	switch {
	case c.stage == idle && t.begun == t.Ops:
	case c.stage == idle:
		t.asked[i] = t.bank
		t.ask(c, i+1)
	case c.stage == asked:
		t.effect(c, t.asked[i])
	default:
		t.answer(c)
	}
	if len(t.late) > 0 && t.chance(10) {
		t.settle(t.bank, t.late[0])
		t.late = t.late[1:]
	}
}

func (t *teller) ask(c *client, ordinal int) {
	t.begun++
	t.clock++
	c.n++
	c.stage = asked
	id := history.ID{Client: ordinal, N: c.n}
	c.op = history.Op{ID: id, Process: ordinal + t.Clients*c.proc, Input: t.input(), Invoked: t.clock}
}

func (t *teller) input() ops.Transaction {
	if t.chance(t.Audits) {
		return Audit(t.names...)
	}
	from := t.draw(t.Accounts)
	to := (from + 1 + t.draw(max(1, t.Accounts-1))) % t.Accounts
	amount := int64(t.Step * (1 + t.draw(max(1, t.Amount/t.Step))))
	return Transfer(t.names[from], t.names[to], amount)
}

func (t *teller) settle(asked Bank, in ops.Transaction) ops.Settlement {
	t.past = append(t.past, t.bank)
	next, out := t.bank.Settle(in)
	if t.Broken != nil {
		next, out = t.Broken(asked, t.bank, in)
	}
	t.bank = next
	return out
}

func (t *teller) effect(c *client, asked Bank) {
	in := c.op.Input.(ops.Transaction)
	c.stage = applied
	switch {
	case t.chance(t.Failed):
		c.op.Outcome = history.Failed
	case (t.Doubts == 0 || t.doubts < t.Doubts) && t.chance(t.Doubt):
		t.doubts++
		if t.draw(2) == 0 {
			t.late = append(t.late, in)
		}
	default:
		c.op.Output, c.op.Outcome = t.settle(asked, in), history.OK
		if t.chance(t.Lies) {
			c.op.Output = t.lie(in)
		}
	}
}

func (t *teller) answer(c *client) {
	t.clock++
	c.stage = idle
	if c.op.Outcome == history.Unknown {
		c.proc++
	} else {
		c.op.Returned = t.clock
	}
	t.done = append(t.done, c.op)
}

// lie is an answer such as a broken bank might give, or does give: from the
// past, half from the past, a little off, or the contrary.
func (t *teller) lie(in ops.Transaction) ops.Settlement {
	old := t.past[max(0, len(t.past)-1-t.draw(4))]
	_, before := old.Settle(in)
	_, now := t.bank.Settle(in)
	switch n := len(in.Legs); {
	case t.draw(8) == 0:
		return ops.Settlement{Short: in.Legs[t.draw(n)].Account}
	case before.Short != "" || now.Short != "" || t.draw(3) == 0:
		return before
	default:
		i := t.draw(n)
		now.Balances[i] = before.Balances[i]
		if t.draw(2) == 0 {
			now.Balances[i] += int64(t.draw(2*t.Amount+1) - t.Amount)
		}
		return now
	}
}

// Transactions, and their answers.

func Transfer(from, to string, amount int64) ops.Transaction {
	return ops.Transaction{Legs: []ops.Leg{{Account: from, Amount: -amount}, {Account: to, Amount: amount}}}
}

func Audit(accounts ...string) ops.Transaction {
	var in ops.Transaction
	for _, a := range accounts {
		in.Legs = append(in.Legs, ops.Leg{Account: a})
	}
	return in
}

func Left(balances ...int64) ops.Settlement { return ops.Settlement{Balances: balances} }
func ShortOf(account string) ops.Settlement { return ops.Settlement{Short: account} }
