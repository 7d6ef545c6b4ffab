package spec

import (
	"fmt"
	"slices"

	"distsim/checker"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// ruling is the attempt to show from a book alone that the answer x is wrong. The
// windows of the book are those of the history, so that all it claims can be
// followed there.
type ruling struct {
	*book
	x *deal
}

// explain applies the rules, those that speak of the fewest operations first. As
// elsewhere, a rule must never speak up on a history that has a legal order.
func (b *bank) explain(culprit history.Op, part []history.Op) checker.Explanation {
	r := ruling{book: b.read(part)}
	for i := range r.deals {
		if r.deals[i].ID == culprit.ID {
			r.x = &r.deals[i]
		}
	}
	for _, rule := range []func(ruling) checker.Explanation{
		ruling.impossibleAnswer,
		ruling.overdraft,
		ruling.unfoundedRefusal,
		ruling.fractured,
		func(r ruling) checker.Explanation { return r.asIf(r.halfOfIt) },
		ruling.notConserved,
		func(r ruling) checker.Explanation { return r.asIf(r.withoutIt) },
		ruling.outdated,
		func(r ruling) checker.Explanation { return r.asIf(r.twice) },
		ruling.lostUpdate,
		ruling.backInTime,
	} {
		if e := rule(r); e.Sentence != "" {
			return e
		}
	}
	return checker.Explanation{}
}

// impossibleAnswer: some answers are wrong whatever came before.
func (r ruling) impossibleAnswer() checker.Explanation {
	if r.x.settled() || r.x.out.Balances == nil && r.needed() > 0 {
		return checker.Explanation{}
	}
	return r.because("impossible answer", nil, "%s answered %v, which it cannot in any state", r.x.call(), r.x.out)
}

// needed is what the refused transaction takes from the account said to be short.
func (r ruling) needed() int64 {
	i := r.legOn(r.x.out.Short)
	if i < 0 {
		return 0
	}
	return -r.x.in.Legs[i].Amount
}

func (r ruling) legOn(account string) int {
	return slices.IndexFunc(r.x.in.Legs, func(l ops.Leg) bool { return l.Account == account })
}

// overdraft: a balance was negative, right after x or right before.
func (r ruling) overdraft() checker.Explanation {
	for i, after := range r.x.out.Balances {
		leg := r.x.in.Legs[i]
		if held := min(after, after-leg.Amount); held < 0 {
			return r.because("overdraft", nil, "%s, so %s held %d, and no account may hold less than 0",
				r.x.heard(), leg.Account, held)
		}
	}
	return checker.Explanation{}
}

// unfoundedRefusal: even if of all that may have come before only the withdrawals
// did, the account held enough.
func (r ruling) unfoundedRefusal() checker.Explanation {
	if r.x.out.Short == "" {
		return checker.Explanation{}
	}
	account := r.index[r.x.out.Short]
	least := r.initial
	for i := range r.deals {
		d := &r.deals[i]
		if r.timely(d) && d.moves && (d.hi < r.x.lo || d.amount[account] < 0) {
			least += d.amount[account]
		}
	}
	if least < r.needed() {
		return checker.Explanation{}
	}
	return r.because("unfounded refusal", nil, "%s was refused as %v, which held at least %d then",
		r.x.call(), r.x.out, least)
}

// notConserved: all transactions so far moved money from account to account, and
// the sum over all accounts changed.
func (r ruling) notConserved() checker.Explanation {
	got, want := r.totals()
	if got == want {
		return checker.Explanation{}
	}
	return r.because("money not conserved", nil,
		"%s, %d in all, although the %d accounts held %d in all at first and transactions only moved money between them",
		r.x.heard(), got, len(r.accounts), want)
}

// totals returns the sum of x's balances and what it must be. If x does not show
// all accounts, or transactions brought money in or took it out, both are 0.
func (r ruling) totals() (got, want int64) {
	if !r.x.settled() || len(r.x.in.Legs) != len(r.accounts) {
		return 0, 0
	}
	for i := range r.deals {
		if d := &r.deals[i]; r.timely(d) && d.moves && sum(d.amount) != 0 {
			return 0, 0
		}
	}
	return sum(r.x.out.Balances), int64(len(r.accounts)) * r.initial
}

// inAll adds the totals to a sentence if they differ.
func (r ruling) inAll() string {
	if got, want := r.totals(); got != want {
		return fmt.Sprintf(": %d in all instead of %d", got, want)
	}
	return ""
}

// asIf: no choice of the transactions before x explains its balances, but they
// are right if one of these is missing, or there in part or twice. Of several
// the latest is likeliest to be the cause.
func (r ruling) asIf(try func(*deal) checker.Explanation) checker.Explanation {
	if !r.x.settled() || r.crowded(r.x) || r.explained() {
		return checker.Explanation{}
	}
	for i := len(r.deals) - 1; i >= 0; i-- {
		d := &r.deals[i]
		if !d.moves || !r.timely(d) {
			continue
		}
		if e := try(d); e.Sentence != "" {
			return e
		}
	}
	return checker.Explanation{}
}

func (r ruling) withoutIt(d *deal) checker.Explanation {
	if d.hi >= r.x.lo || !r.agrees(d, func(int) int64 { return 0 }) {
		return checker.Explanation{}
	}
	return r.because(r.staleness(), []*deal{d}, "%s, which is as if %s, acknowledged before %v began, had not taken effect",
		r.x.heard(), d.call(), r.x.ID)
}

// staleness: who writes on the strength of what is no longer so undoes the rest.
func (r ruling) staleness() string {
	if r.x.moves {
		return "lost update"
	}
	return "stale read"
}

// outdated: x's balances are right if nothing from d on took effect, though d was
// over when x began.
func (r ruling) outdated() checker.Explanation {
	if !r.x.settled() || r.crowded(r.x) || r.explained() {
		return checker.Explanation{}
	}
	defer r.forget()
	for i := len(r.deals) - 1; i >= 0; i-- {
		d := &r.deals[i]
		d.seen = hidden
		if _, count := r.touched(d); count == 0 || !d.moves || d.hi >= r.x.lo || !r.explained() {
			continue
		}
		return r.because(r.staleness(), []*deal{d},
			"%s, which is as if %s, acknowledged before %v began, and all transactions asked for later had not taken effect",
			r.x.heard(), d.call(), r.x.ID)
	}
	return checker.Explanation{}
}

func (r ruling) twice(d *deal) checker.Explanation {
	if !r.agrees(d, func(int) int64 { return 2 }) {
		return checker.Explanation{}
	}
	if d == r.x {
		return r.because("double application", nil, "%s, which is as if it had taken effect twice", r.x.heard())
	}
	return r.because("double application", []*deal{d}, "%s, which is as if %s had taken effect twice", r.x.heard(), d.call())
}

// halfOfIt: d was over when x began, and is missing from just one account.
func (r ruling) halfOfIt(d *deal) checker.Explanation {
	on, touched := r.touched(d)
	if d.hi >= r.x.lo || touched < 2 {
		return checker.Explanation{}
	}
	for i, leg := range r.x.in.Legs {
		missing := func(j int) int64 {
			if i == j {
				return 0
			}
			return 1
		}
		if d.amount[r.index[leg.Account]] == 0 || !r.agrees(d, missing) {
			continue
		}
		if on == leg.Account {
			on = r.lastTouched(d)
		}
		return r.because("fractured read", []*deal{d},
			"%s, which is as if %s, acknowledged before %v began, had taken effect on %s but not on %s%s",
			r.x.heard(), d.call(), r.x.ID, on, leg.Account, r.inAll())
	}
	return checker.Explanation{}
}

// fractured: one balance needs a transaction, another excludes it.
func (r ruling) fractured() checker.Explanation {
	shown, hidden := r.sights(r.x)
	for i := range r.deals {
		d := &r.deals[i]
		if on, off := shown[d], hidden[d]; on != "" && off != "" {
			return r.because("fractured read", []*deal{d}, "%s, which shows %s on %s but not on %s%s",
				r.x.heard(), d.call(), on, off, r.inAll())
		}
	}
	return checker.Explanation{}
}

// lostUpdate: two transactions both show an account without the other.
func (r ruling) lostUpdate() checker.Explanation {
	_, hidden := r.sights(r.x)
	for i := range r.deals {
		y := &r.deals[i]
		if hidden[y] == "" || y.hi > r.x.hi || !r.x.moves {
			continue
		}
		if _, from := r.sights(y); from[r.x] != "" {
			return r.because("lost update", []*deal{y},
				"%s without the effect of %s on %s, which returned %v without that of %v on %s",
				r.x.heard(), y.call(), hidden[y], y.out, r.x.ID, from[r.x])
		}
	}
	return checker.Explanation{}
}

// backInTime: an answer that was there before x began shows what x does not.
func (r ruling) backInTime() checker.Explanation {
	_, hidden := r.sights(r.x)
	for i := range r.deals {
		y := &r.deals[i]
		if y.hi >= r.x.lo {
			continue
		}
		before, _ := r.sights(y)
		for j := range r.deals {
			if d := &r.deals[j]; before[d] != "" && hidden[d] != "" {
				return r.because("non-monotonic read", []*deal{d, y},
					"%s without the effect of %s on %s, although %s before %v began and showed it on %s",
					r.x.heard(), d.call(), hidden[d], y.heard(), r.x.ID, before[d])
			}
		}
	}
	return checker.Explanation{}
}

// timely reports that d can have taken effect before x returned.
func (r ruling) timely(d *deal) bool { return d.lo <= r.x.hi }

// call prints the transaction as asked, heard as answered.
func (d *deal) call() string { return fmt.Sprintf("%v %v", d.ID, d.in) }

func (d *deal) heard() string { return fmt.Sprintf("%s returned %v", d.call(), d.out) }

// because words an explanation; the culprit comes first in the evidence.
func (r ruling) because(anomaly string, named []*deal, format string, args ...any) checker.Explanation {
	e := checker.Explanation{
		Anomaly:  anomaly,
		Sentence: fmt.Sprintf(format, args...),
		Ops:      []history.Op{r.x.Op},
	}
	for _, d := range named {
		e.Ops = append(e.Ops, d.Op)
	}
	return e
}

func sum(amounts []int64) int64 {
	var total int64
	for _, a := range amounts {
		total += a
	}
	return total
}
