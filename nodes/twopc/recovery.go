package twopc

// recover repeats what the log says: the accounts, the locks of transactions in
// doubt, and how the others ended. It reports false when the disk cannot be
// trusted; the process ends then.
func (p *Participant) recover() bool {
	if !p.openLog(p.replay) {
		return false
	}
	for _, t := range p.live { // in doubt: ask at once
		p.changed(Change{Tx: t.tx, State: Prepared, Of: t.participants})
		p.inquire(t)
	}
	return true
}

func (p *Participant) replay(r *line) {
	switch r.kind {
	case prepareRecord:
		t := r.local
		p.bank.Redo(t.tx, t.legs)
		t.balances, _ = p.bank.Execute(t.tx)
		t.prepared = true
		p.live = append(p.live, &t)
		if t.tx.Epoch > p.granted.epoch {
			p.granted = grant{t.tx.Epoch, t.coordinator}
		}
	case endRecord:
		p.replayEnd(r)
	case grantRecord:
		p.granted = grant{r.epoch, r.to}
	}
}

func (p *Participant) replayEnd(r *line) {
	how, finish := hasSavedAbort, p.bank.Abort
	if r.commit {
		how, finish = hasCommitted, p.bank.Commit
	}
	p.ended[r.tx] = how
	if p.find(r.tx) != nil {
		finish(r.tx)
		p.forget(r.tx)
	}
}
