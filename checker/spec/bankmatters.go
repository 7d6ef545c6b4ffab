package spec

import "distsim/sim/history"

// matters implements checker.Spec.Matters for a bank. A transaction in doubt takes
// effect in its window in every legal order, and among these there is one in which
// all in doubt come as late as possible. Each is then followed at once by an
// answer that may show it, or by another in doubt that it may provide with funds:
// any other could change places with it, for sums do not depend on the order. So
// each matters from when the first such answer can have taken effect.
func (b *bank) matters(part []history.Op) func(history.Op) (uint64, bool) {
	k := b.read(part)
	k.narrow()
	k.findFirst()
	at := make(map[history.ID]*deal, len(part))
	for i := range k.deals {
		at[k.deals[i].ID] = &k.deals[i]
	}
	return func(unknown history.Op) (from uint64, ever bool) {
		u := at[unknown.ID]
		return max(u.lo, u.first), u.first != never
	}
}

// never is after everything.
const never = ^uint64(0)

// findFirst finds for each transaction in doubt the first answer that may show it.
func (k *book) findFirst() {
	for i := range k.deals {
		k.deals[i].first = never
	}
	for i := range k.deals {
		if x := &k.deals[i]; x.Outcome == history.OK {
			k.relate(x)
			k.showTo(x)
		}
	}
	for k.passFunds() {
	}
}

func (k *book) showTo(x *deal) {
	for i := range k.deals {
		d := &k.deals[i]
		if d.Outcome == history.Unknown && d.seen != hidden && d.lo <= x.hi && k.looksAt(x, d) {
			d.first = min(d.first, x.lo)
		}
	}
}

// looksAt reports whether x's answer depends on an account that d adds to. A
// refusal speaks of one account only.
func (k *book) looksAt(x, d *deal) bool {
	for _, leg := range x.in.Legs {
		looks := x.out.Short == "" || x.out.Short == leg.Account
		if looks && d.amount[k.index[leg.Account]] != 0 {
			return true
		}
	}
	return false
}

// passFunds: who provides another in doubt with funds matters as soon as that does.
// It reports whether anything changed.
func (k *book) passFunds() bool {
	spent := make([]uint64, len(k.accounts)) // when withdrawals in doubt begin to matter, by account
	for a := range spent {
		spent[a] = never
		for i := range k.deals {
			if d := &k.deals[i]; d.amount[a] < 0 {
				spent[a] = min(spent[a], d.first)
			}
		}
	}
	changed := false
	for i := range k.deals {
		d := &k.deals[i]
		for a, amount := range d.amount {
			if d.Outcome == history.Unknown && amount > 0 && spent[a] < d.first {
				d.first, changed = spent[a], true
			}
		}
	}
	return changed
}
