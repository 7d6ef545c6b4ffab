package spec

import "slices"

// sights lists the open transactions that the balances of an answer need, each by
// one account that needs it, and those that they exclude.
func (k *book) sights(x *deal) (shown, hidden map[*deal]string) {
	shown, hidden = map[*deal]string{}, map[*deal]string{}
	if !x.settled() {
		return shown, hidden
	}
	for i, leg := range x.in.Legs {
		p := k.turn(x, i)
		all, some, found := p.solve(k.index[leg.Account])
		for j, d := range p.open {
			switch {
			case found && all>>j&1 == 1:
				shown[d] = leg.Account
			case found && some>>j&1 == 0:
				hidden[d] = leg.Account
			}
		}
	}
	return shown, hidden
}

// agrees reports whether x's balances are right if d took effect so many times on
// the account of each leg.
func (r ruling) agrees(d *deal, times func(leg int) int64) bool {
	touched := false
	for i, leg := range r.x.in.Legs {
		touched = touched || d.amount[r.index[leg.Account]] != 0
		if !r.agreesOn(d, i, times(i)) {
			return false
		}
	}
	return touched
}

func (r ruling) agreesOn(d *deal, leg int, times int64) bool {
	p, account := r.turn(r.x, leg), r.index[r.x.in.Legs[leg].Account]
	if i := slices.Index(p.open, d); i >= 0 {
		p.open = slices.Delete(p.open, i, i+1)
		times++
	}
	p.rest -= (times - 1) * d.amount[account]
	_, _, found := p.solve(account)
	return found
}

// touched returns the first account of x's that d adds to, and how many there are.
func (r ruling) touched(d *deal) (first string, count int) {
	for _, leg := range r.x.in.Legs {
		if d.amount[r.index[leg.Account]] == 0 {
			continue
		}
		if count == 0 {
			first = leg.Account
		}
		count++
	}
	return first, count
}

func (r ruling) lastTouched(d *deal) (last string) {
	for _, leg := range r.x.in.Legs {
		if d.amount[r.index[leg.Account]] != 0 {
			last = leg.Account
		}
	}
	return last
}

// crowded reports that a page of the answer has too many open transactions.
func (k *book) crowded(x *deal) bool {
	for i := range x.in.Legs {
		if len(k.turn(x, i).open) > openLimit {
			return true
		}
	}
	return false
}

// explained reports whether each balance on its own has an explanation.
func (r ruling) explained() bool {
	for i, leg := range r.x.in.Legs {
		if _, _, found := r.turn(r.x, i).solve(r.index[leg.Account]); !found {
			return false
		}
	}
	return true
}
