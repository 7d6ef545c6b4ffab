package twopc

import (
	"fmt"
	"strings"

	raftinvariant "distsim/nodes/raft/invariant"
	"distsim/sim"
)

// View shows who coordinates, in which epoch, and what is undecided.
func (c *Coordinator) View(v *sim.View) {
	role := "standby"
	if c.active {
		role = "coordinator"
	}
	v.Text("role", role)
	v.Int("term", int64(c.epoch))
	v.Text("transactions", c.transactions())
	if r, ok := c.keeper.(*replicated); ok {
		v.Part(raftPart, r.raft)
	}
}

// View shows what is in doubt, and what is locked meanwhile.
func (p *Participant) View(v *sim.View) {
	v.Text("role", "participant")
	v.Int("term", int64(p.granted.epoch))
	v.Text("transactions", p.transactions())
	if p.bank != nil {
		v.Text("locked", fmt.Sprint(p.bank.Held()))
		v.Int("total", p.bank.Total())
	}
}

// transactions lists the open ones: c2#7@1 waiting 1/2.
func (c *Coordinator) transactions() string {
	var all []string
	for _, o := range c.open {
		heard := 0
		for _, yes := range o.heard {
			if yes {
				heard++
			}
		}
		all = append(all, fmt.Sprintf("%v %v %d/%d", o.tx, o.state, heard, len(o.heard)))
	}
	return strings.Join(all, ", ")
}

// transactions lists those that may still commit here.
func (p *Participant) transactions() string {
	var all []string
	for _, t := range p.live {
		state := "waits"
		if t.prepared {
			state = "prepared"
		}
		all = append(all, t.tx.String()+" "+state)
	}
	return strings.Join(all, ", ")
}

// Group is the coordinator's Raft node as that group's invariants see it.
func (c *Coordinator) Group(part string) raftinvariant.Node {
	r, ok := c.keeper.(*replicated)
	if !ok || part != raftPart {
		return nil
	}
	return r.raft.Group(part)
}
