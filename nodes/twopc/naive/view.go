package naive

import (
	"fmt"
	"strings"

	"distsim/nodes/twopc"
	"distsim/nodes/twopc/bank"
	"distsim/nodes/twopc/invariant"
	"distsim/sim"
)

// Changes lists what became of transactions here in this incarnation, oldest first.
func (c *coordinator) Changes() []twopc.Change { return c.changes }

// Changes lists what became of transactions here in this incarnation, oldest first.
func (p *participant) Changes() []twopc.Change { return p.changes }

// Held lists the locks.
func (p *participant) Held() []bank.Lock { return p.bank.Held() }

// View shows what is undecided.
func (c *coordinator) View(v *sim.View) {
	v.Text("role", "coordinator")
	v.Int("term", int64(c.epoch))
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
	v.Text("transactions", strings.Join(all, ", "))
}

// View shows what is in doubt, and what is locked meanwhile.
func (p *participant) View(v *sim.View) {
	v.Text("role", "participant")
	v.Int("term", 0)
	var all []string
	for _, t := range p.live {
		state := "waits"
		if t.balances != nil {
			state = "prepared"
		}
		all = append(all, t.tx.String()+" "+state)
	}
	v.Text("transactions", strings.Join(all, ", "))
	if p.bank != nil {
		v.Text("locked", fmt.Sprint(p.bank.Held()))
		v.Int("total", p.bank.Total())
	}
}

// PrepareInvariants are twopc's, for one world. They know what its coordinator saves, and
// what these participants do.
func PrepareInvariants() []sim.Invariant {
	return invariant.All(invariant.System{Disk: func(id sim.NodeID) invariant.Disk {
		if id == sim.Server(1) {
			return twopc.NewDisk()
		}
		return &reader{}
	}})
}

// TimeoutInvariants are twopc's, for one world.
func TimeoutInvariants() []sim.Invariant {
	return invariant.All(invariant.System{Disk: func(sim.NodeID) invariant.Disk { return &reader{} }})
}
