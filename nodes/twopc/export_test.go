package twopc

import (
	"time"

	"distsim/nodes/wal"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// What the tests of the package read beside what a machine shows.

// Accounts are the balances of a participant, undecided changes included.
func (p *Participant) Accounts() map[string]int64 {
	balances := map[string]int64{}
	for _, name := range p.layout.accountsOf(p.self, p.cfg.Accounts) {
		balances[name] = p.bank.Balance(name)
	}
	return balances
}

// InDoubt lists what is prepared and not decided here.
func (p *Participant) InDoubt() (all []Tx) {
	for _, t := range p.live {
		if t.prepared {
			all = append(all, t.tx)
		}
	}
	return all
}

// Owns is the epoch in which the coordinator is active, 0 if it is not.
func (c *Coordinator) Owns() uint64 {
	if !c.active {
		return 0
	}
	return c.epoch
}

// Table is what a coordinator of two has of decisions: those that are open, and the
// latest of each client process.
func (c *Coordinator) Table() (open []Tx, latest map[int]Tx) {
	p, latest := c.keeper.(*paired), map[int]Tx{}
	for _, d := range p.table.open {
		open = append(open, d.tx)
	}
	for _, d := range p.table.lastOfEach() {
		latest[d.tx.Process] = d.tx
	}
	return open, latest
}

// Part is what a participant's disk says of one transaction.
type Part struct {
	Legs             []ops.Leg
	Prepared, Commit bool
	Ends             int // how many records say that it ended
}

// Ledger reads what is durable of a participant's log.
func Ledger(w *sim.World, id sim.NodeID) map[Tx]*Part {
	parts := map[Tx]*Part{}
	part := func(tx Tx) *Part {
		if parts[tx] == nil {
			parts[tx] = &Part{}
		}
		return parts[tx]
	}
	var frames wal.Reader
	for file := w.Durable(id, logName); ; {
		payload, ok := frames.Next(file)
		if !ok {
			return parts
		}
		err := readLines(payload, func(r *line) {
			switch r.kind {
			case prepareRecord:
				part(r.tx).Legs, part(r.tx).Prepared = r.local.legs, true
			case endRecord:
				part(r.tx).Commit, part(r.tx).Ends = r.commit, part(r.tx).Ends+1
			}
		})
		if err != nil {
			panic(err)
		}
	}
}

// Asks is a client that asks for one transaction, at a time. It has heard that the
// first server coordinates in the first epoch.
func (c Client) Asks(at time.Duration, t ops.Transaction) func() sim.Node {
	return c.AsksOf(sim.Server(1), 1, at, t)
}

// AsksOf is Asks for one that has heard of another coordinator.
func (c Client) AsksOf(coordinator sim.NodeID, epoch uint64, at time.Duration, t ops.Transaction) func() sim.Node {
	return func() sim.Node {
		return sim.NewProc(func(p *sim.Proc) {
			c := c
			c.setDefaults()
			c.coordinators = p.Servers()[:c.Config.Coordinators]
			c.target, c.epoch = coordinator, epoch
			p.Sleep(at)
			c.do(p, p.NextOp(), t)
		})
	}
}
