package twopc

import "distsim/sim"

// onRetryDue: who waits asks again. A transaction that waits for locks wounds
// those in its way once more; one in doubt asks what became of it.
func (p *Participant) onRetryDue() {
	p.env.Arm(retryDue{}, p.cfg.RetryEvery)
	for _, t := range p.live {
		switch {
		case !t.prepared:
			p.wound(t)
		case t.patience > 0:
			t.patience--
		default:
			p.inquire(t)
		}
	}
}

// inquire asks all coordinators, of which one may know, and with cooperative
// termination all other participants. (Gray 1978; Bernstein, Hadzilacos and
// Goodman 1987, section 7.4.)
func (p *Participant) inquire(t *local) {
	for _, id := range p.coordinators {
		p.send(id, &Inquiry{t.tx})
	}
	if !p.cfg.AskPeers {
		return
	}
	for _, id := range t.participants {
		if id != p.self {
			p.send(id, &Inquiry{t.tx})
		}
	}
}

// onInquiry tells a peer what is certain here, never a guess. A transaction that
// this participant has not voted for can be made certain: it never will.
func (p *Participant) onInquiry(from sim.NodeID, m *Inquiry) {
	answer := Uncertain
	t := p.find(m.Tx)
	switch fate := p.ended[m.Tx]; {
	case fate == hasCommitted:
		answer = KnowCommitted
	case fate != 0:
		answer = KnowAborted
		p.saveAbort(m.Tx)
	case t == nil || !t.prepared:
		answer = KnowAborted
		if t != nil {
			p.send(t.coordinator, &Vote{Tx: m.Tx})
		}
		p.refuse(m.Tx)
	}
	p.send(from, &Answer{m.Tx, answer})
}

// saveAbort makes sure that an abort is durable before a peer builds on it. A
// decision of the coordinator's need not have been: it would be presumed.
func (p *Participant) saveAbort(tx Tx) {
	if p.ended[tx] == hasAborted {
		p.ended[tx] = hasSavedAbort
		p.buf = appendEnd(p.buf, tx, false)
		p.forced = true
	}
}

// onAnswer ends a transaction in doubt if the peer is certain.
func (p *Participant) onAnswer(m *Answer) {
	t := p.find(m.Tx)
	if t == nil || !t.prepared {
		return
	}
	switch m.Verdict {
	case KnowCommitted:
		p.commit(m.Tx)
	case KnowAborted:
		p.end(m.Tx, hasAborted)
	}
}
