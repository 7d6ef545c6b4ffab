package naive

import (
	"fmt"
	"maps"
	"slices"

	"distsim/nodes/twopc"
	"distsim/sim"
)

// Canonical shows all that the coordinator's future depends on (sim.Canonical). Whom to
// answer is left out: clients are not part of the state.
func (c *TimeoutCoordinator) Canonical(v *sim.View) {
	v.Int("epoch", int64(c.epoch))
	for _, o := range c.open {
		v.Text("open", fmt.Sprintf("%v %v %v %v %v", o.tx, o.state, o.shares, o.heard, o.balances))
	}
	for _, process := range slices.Sorted(maps.Keys(c.sessions)) {
		s := c.sessions[process]
		outcome := "open"
		if s.outcome != nil {
			outcome = s.outcome.Summary()
		}
		v.Text("session", fmt.Sprint(s.tx, " ", outcome))
	}
	v.CanonicalPart("log", &c.journal.log)
}

// Canonical shows all that the participant's future depends on (sim.Canonical).
func (p *TimeoutParticipant) Canonical(v *sim.View) {
	if p.bank != nil {
		v.Int("bank", int64(p.bank.Hash()))
		v.Text("waiting", fmt.Sprint(p.bank.Waiting()))
	}
	for _, t := range p.live {
		v.Text("live", fmt.Sprint(*t))
	}
	for _, tx := range slices.SortedFunc(maps.Keys(p.ended), twopc.Tx.Compare) {
		v.Text("ended", fmt.Sprint(tx, " ", p.ended[tx]))
	}
	v.CanonicalPart("log", &p.journal.log)
}
