package twopc

import (
	"slices"

	"distsim/sim"
)

// How a coordinator of two comes to own an epoch, and whom participants grant one.

// onSilenceDue: an owner that was never joined misses nobody. Anyone else wants to go
// on without the other.
func (p *paired) onSilenceDue() {
	p.listen()
	if p.coordinator.active && !p.joined {
		return
	}
	p.claim, p.grants, p.clear = p.next(), nil, false
	p.askForGrants()
}

// next is an epoch later than all heard of. The two never claim the same one: the first
// has odd numbers, the second even ones.
func (p *paired) next() uint64 {
	p.seen++
	if odd := p.coordinator.self < p.peer; odd != (p.seen%2 == 1) {
		p.seen++
	}
	return p.seen
}

func (p *paired) askForGrants() {
	m := &Claim{Epoch: p.claim, Base: p.base}
	if p.clear {
		m.Waived = p.claim - 1
	} else {
		p.coordinator.send(p.peer, m)
	}
	for _, id := range p.coordinator.participants {
		if !slices.Contains(p.grants, id) {
			p.coordinator.send(id, m)
		}
	}
}

// onClaim makes way for the other. Two that have each been granted an epoch by half
// of the participants, and have begun none, would stand in each other's way for ever.
func (p *paired) onClaim(m *Claim) {
	c := p.coordinator
	if c.active || p.base > m.Base || m.Epoch <= p.claim {
		return
	}
	p.see(m.Epoch)
	if m.Epoch > p.waived+1 {
		p.waived = m.Epoch - 1
		c.buf = appendWaiver(c.buf, p.waived)
		c.forced = true
	}
	c.send(p.peer, &Waived{m.Epoch})
}

// onWaived asks again those participants that have refused for the other's sake.
func (p *paired) onWaived(m *Waived) {
	if m.Epoch == p.claim && !p.clear {
		p.clear = true
		p.askForGrants()
	}
}

// onGranted counts. A majority cannot have granted the epoch to anybody else.
func (p *paired) onGranted(from sim.NodeID, m *Granted) {
	if m.Epoch != p.claim || slices.Contains(p.grants, from) {
		return
	}
	p.grants = append(p.grants, from)
	if len(p.grants) > len(p.coordinator.participants)/2 {
		p.begin()
	}
}

// onClaim grants an epoch, if it is a later one than any granted before, and if the
// claimant has all decisions: of epochs up to its base, and of those after that which
// were granted to itself or waived by the other.
func (p *Participant) onClaim(from sim.NodeID, m *Claim) {
	g := &p.granted
	again := m.Epoch == g.epoch && from == g.to
	may := m.Epoch > g.epoch && (g.epoch <= max(m.Base, m.Waived) || g.to == from)
	switch {
	case may:
		p.granted = grant{m.Epoch, from}
		p.buf = appendGrant(p.buf, p.granted)
		p.forced = true
		p.send(from, &Granted{m.Epoch})
	case again:
		p.send(from, &Granted{m.Epoch})
	default:
		p.send(from, &Fenced{g.epoch})
	}
}

// grant is the latest epoch that a participant knows of, and whose it is.
type grant struct {
	epoch uint64
	to    sim.NodeID
}
