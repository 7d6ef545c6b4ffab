package spec

import (
	"math/bits"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// book is a history of a bank as its answers pin it down. A balance is the
// initial one and the amounts of the transactions that took effect so far, in
// whatever order, so each balance in an answer says which those can be.
type book struct {
	*bank
	deals []deal // by invocation
	page  page
}

// deal is what is known of one transaction.
type deal struct {
	history.Op
	in     ops.Transaction
	out    ops.Settlement
	moves  bool    // it took effect, or may have
	amount []int64 // what it then adds, by account

	// lo and hi enclose the instant at which it took effect: at first the moments of
	// its invocation and its answer.
	lo, hi uint64

	seen  relation // scratch: how it lies to the answer at hand
	first uint64   // if in doubt: the least lo of the answers that may show it
}

// relation is what an answer says about another transaction.
type relation uint8

const (
	open   relation = iota // nothing
	shown                  // it took effect before
	hidden                 // it did not
)

func (b *bank) read(part []history.Op) *book {
	k := &book{bank: b, deals: make([]deal, len(part))}
	amounts := make([]int64, len(part)*len(b.accounts))
	for i, o := range part {
		d := &k.deals[i]
		d.Op, d.in, d.lo, d.hi = o, o.Input.(ops.Transaction), o.Invoked, never
		d.out, _ = o.Output.(ops.Settlement)
		if o.Outcome != history.Unknown {
			d.hi = o.Returned
		}
		d.moves = o.Outcome != history.Failed && d.out.Short == "" && !d.in.ReadOnly()
		d.amount, amounts = amounts[:len(b.accounts)], amounts[len(b.accounts):]
		for _, leg := range d.in.Legs {
			d.amount[b.index[leg.Account]] = leg.Amount
		}
	}
	return k
}

// settled reports that the answer shows balances.
func (d *deal) settled() bool {
	return d.Outcome == history.OK && d.out.Short == "" && len(d.out.Balances) == len(d.in.Legs)
}

// page is one balance in an answer, taken apart.
type page struct {
	rest int64   // what the open transactions must add up to
	open []*deal // those on the account that may have taken effect before
	sums [1 << openLimit]int64
}

// openLimit bounds the work on a page, which doubles with each open transaction.
// A page with more is taken to say nothing.
const openLimit = 12

// turn opens the page of the i-th balance of an answer.
func (k *book) turn(x *deal, i int) *page {
	account := k.index[x.in.Legs[i].Account]
	p := &k.page
	p.rest, p.open = x.out.Balances[i]-x.in.Legs[i].Amount-k.initial, p.open[:0]
	for j := range k.deals {
		d := &k.deals[j]
		if d.lo > x.hi {
			continue // no break: windows begin in another order than invocations
		}
		switch amount := d.amount[account]; {
		case amount == 0 || !d.moves || d == x || d.seen == hidden:
		case d.seen == shown || d.hi < x.lo:
			p.rest -= amount
		default:
			p.open = append(p.open, d)
		}
	}
	return p
}

// solve finds which choices of the open transactions explain the balance: those in
// all of them, those in some, and whether there are any.
func (p *page) solve(account int) (all, some uint, found bool) {
	if len(p.open) > openLimit {
		return 0, ^uint(0), true
	}
	all = ^uint(0)
	for choice := uint(0); choice < 1<<len(p.open); choice++ {
		if choice > 0 {
			first := bits.TrailingZeros(choice)
			p.sums[choice] = p.sums[choice&(choice-1)] + p.open[first].amount[account]
		}
		if p.sums[choice] == p.rest {
			all, some, found = all&choice, some|choice, true
		}
	}
	return all, some, found
}

// narrow draws the windows of all transactions together, as far as the answers
// say who came before whom. Every legal order keeps within them.
func (k *book) narrow() {
	for range narrowings {
		for i := range k.deals {
			k.relate(&k.deals[i])
			k.tighten(&k.deals[i])
		}
	}
}

// narrowings is how often the answers are read: what a later one says can help to
// read an earlier one.
const narrowings = 3

// relate finds what an answer says about the other transactions. What one balance
// says helps to read the next, so they are read twice.
func (k *book) relate(x *deal) {
	k.forget()
	if !x.settled() {
		return
	}
	for i := range 2 * len(x.in.Legs) {
		i %= len(x.in.Legs)
		p := k.turn(x, i)
		all, some, found := p.solve(k.index[x.in.Legs[i].Account])
		if !found {
			return // impossible; nothing follows from it
		}
		for j, d := range p.open {
			switch {
			case all>>j&1 == 1:
				d.seen = shown
			case some>>j&1 == 0:
				d.seen = hidden
			}
		}
	}
}

// forget what the last answer said.
func (k *book) forget() {
	for i := range k.deals {
		k.deals[i].seen = open
	}
}

// tighten: what was shown came before x, and what was hidden after it or never.
func (k *book) tighten(x *deal) {
	for i := range k.deals {
		switch d := &k.deals[i]; d.seen {
		case shown:
			x.lo, d.hi = max(x.lo, d.lo), min(d.hi, x.hi)
		case hidden:
			d.lo, x.hi = max(d.lo, x.lo), min(x.hi, d.hi)
		}
	}
}
