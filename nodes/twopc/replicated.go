package twopc

import (
	"distsim/nodes/raft"
	"distsim/sim"
)

// replicated keeps decisions in the log of a Raft group, of which every
// coordinator is a member. The leader is active, with its term as the epoch, once
// it has applied an entry of its own: then it knows all decisions of earlier terms,
// and none can be added to them. (Gray and Lamport 2006 compare this with Paxos
// Commit, where votes are what is replicated.)
type replicated struct {
	coordinator *Coordinator
	raft        *raft.Node
	group       *group
	asked       raft.Term // for which an opening entry was proposed
}

// raftPart is the part that the group runs as.
const raftPart = "decisions"

func (r *replicated) boot() {
	c := r.coordinator
	r.group = &group{table: newTable()}
	cfg := c.cfg.Raft
	cfg.Peers = c.coordinators
	r.raft = raft.New(cfg, r.group, r)
	c.env.Part(raftPart).Attach(r.raft)
}

// retry opens a reign: everything earlier is known when the entry is applied.
func (r *replicated) retry() {
	if r.raft.Leads() && r.asked != r.raft.Term() {
		r.asked = r.raft.Term()
		r.raft.Propose(appendEpoch(nil, uint64(r.asked)))
	}
}

// Applied is called for every entry, in the order in which all members see them.
func (r *replicated) Applied(e *raft.Entry, result any) {
	c, rec := r.coordinator, result.(*line)
	switch {
	case !r.raft.Leads() || e.Term != r.raft.Term():
	case rec.kind == epochRecord && !c.active:
		c.activate(uint64(e.Term), r.group.table)
	case rec.kind == commitRecord && c.active:
		c.decided(rec.tx)
	}
	c.finish() // this is a step of the group's, not of the coordinator
}

// Deposed ends the activity. What was proposed and not applied is in doubt here.
func (r *replicated) Deposed() {
	r.coordinator.deactivate()
	r.coordinator.finish()
}

func (r *replicated) commit(d *decision) { r.raft.Propose(appendCommit(nil, d)) }

func (r *replicated) end(tx Tx) { r.raft.Propose(appendEnd(nil, tx, true)) }

func (r *replicated) handle(sim.NodeID, sim.Message) {}

func (r *replicated) who() (sim.NodeID, uint64) { return r.raft.Leader(), uint64(r.raft.Term()) }

func (r *replicated) flush() {}
