package twopc

import (
	"maps"
	"slices"

	"distsim/sim"
	"distsim/sim/history/ops"
)

// keeper keeps the decisions to commit, durably and with as many copies as it
// takes, and says who is active. There are three: alone, paired, replicated.
type keeper interface {
	boot()
	// handle gets the messages that are the keeper's own, retry a chance to ask again.
	handle(from sim.NodeID, m sim.Message)
	retry()
	// commit keeps a decision, and calls decided when it is kept. Until then it may
	// come to pass or not: the coordinator says neither.
	commit(d *decision)
	// end notes that nobody will ask any more. It need not be kept.
	end(tx Tx)
	// flush is called at the end of every step of the coordinator.
	flush()
	// who may be active now, and in which epoch, as far as is known here.
	who() (sim.NodeID, uint64)
}

// newKeeper makes the coordinator's keeper, as configured.
func (c *Config) newKeeper(of *Coordinator) keeper {
	switch c.Keeping {
	case WithBackup:
		return &paired{coordinator: of}
	case OnRaft:
		return &replicated{coordinator: of}
	default:
		return &alone{coordinator: of}
	}
}

// decision is a decision to commit.
type decision struct {
	tx           Tx
	participants []sim.NodeID
	balances     []int64 // what the client is told
}

// table is all decisions that somebody may still ask about: participants, until
// they have all acknowledged, and the client, until it goes on.
type table struct {
	open   []*decision       // not acknowledged by all, oldest first
	latest map[int]*decision // by client process
}

func newTable() *table { return &table{latest: map[int]*decision{}} }

func (t *table) commit(d *decision) {
	t.open = append(t.open, d)
	if old := t.latest[d.tx.Process]; old == nil || later(d.tx, old.tx) {
		t.latest[d.tx.Process] = d
	}
}

func (t *table) end(tx Tx) {
	t.open = slices.DeleteFunc(t.open, func(d *decision) bool { return d.tx == tx })
}

// lastOfEach is the latest decision for each client process, by process.
func (t *table) lastOfEach() []*decision {
	all := make([]*decision, 0, len(t.latest))
	for _, process := range slices.Sorted(maps.Keys(t.latest)) {
		all = append(all, t.latest[process])
	}
	return all
}

// activate begins an epoch of activity with the decisions of all earlier ones.
// Whatever else was begun in those is dead.
func (c *Coordinator) activate(epoch uint64, t *table) {
	c.deactivate()
	c.active, c.epoch, c.sessions = true, epoch, make(map[int]*session, len(t.latest))
	c.env.Reached("active")
	for _, d := range t.lastOfEach() {
		c.sessions[d.tx.Process] = &session{tx: d.tx, outcome: d.outcome()}
	}
	for _, d := range t.open {
		o := &open{tx: d.tx, state: Committed, heard: make([]bool, len(d.participants))}
		for _, id := range d.participants {
			o.shares = append(o.shares, share{at: id})
		}
		c.open = append(c.open, o)
		c.changed(Change{Tx: o.tx, State: Committed, Of: d.participants})
		c.tell(o)
	}
}

// deactivate drops everything that is undecided. Whether what is being decided
// comes to pass, whoever is active next will know.
func (c *Coordinator) deactivate() {
	c.active = false
	for _, o := range c.open {
		if s := c.sessions[o.tx.Process]; s != nil && s.tx == o.tx && s.outcome == nil {
			c.reply(s.client, c.elsewhere(InDoubt))
		}
	}
	c.open, c.queue, c.waiting = nil, nil, 0
}

func (d *decision) outcome() *Outcome {
	return &Outcome{Status: Done, Settlement: ops.Settlement{Balances: d.balances}}
}
