package twopc

import "distsim/sim"

// alone keeps decisions on the coordinator's own disk. While the coordinator is
// down nobody knows them: whoever voted yes waits.
type alone struct {
	coordinator *Coordinator
	epoch       uint64 // as last written
	table       *table
}

// boot takes up the decisions on the disk and begins an epoch of its own, so that
// what was begun before and not decided cannot be taken for something begun now.
func (a *alone) boot() {
	c := a.coordinator
	a.table = newTable()
	if !c.openLog(a.replay) {
		return
	}
	a.epoch++
	c.buf = appendEpoch(c.buf, a.epoch)
	c.forced = true
	c.activate(a.epoch, a.table)
}

func (a *alone) replay(r *line) {
	switch r.kind {
	case epochRecord:
		a.epoch = r.epoch
	case commitRecord:
		a.table.commit(r.decision)
	case endRecord:
		a.table.end(r.tx)
	}
}

// commit counts the decision as kept at once: it is saved in this step, and what
// is said in this step and later leaves when that is done.
func (a *alone) commit(d *decision) {
	c := a.coordinator
	c.buf = appendCommit(c.buf, d)
	c.forced = true
	c.decided(d.tx)
}

func (a *alone) end(tx Tx) { a.coordinator.buf = appendEnd(a.coordinator.buf, tx, true) }

func (a *alone) handle(sim.NodeID, sim.Message) {}

func (a *alone) retry() {}

func (a *alone) who() (sim.NodeID, uint64) { return a.coordinator.self, a.epoch }

func (a *alone) flush() {}
