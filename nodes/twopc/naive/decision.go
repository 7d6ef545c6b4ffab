package naive

import (
	"slices"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
)

// DecisionCoordinator forgets to save its decision: it says COMMIT as soon as all have
// voted yes, and writes nothing down. That costs no disk, and nothing goes wrong until it
// crashes after some have heard it and before all have. Back again it does not know the
// transaction, and what it does not know it presumes to be aborted. (Its participants,
// which are twopc's, do all that they should.)
type DecisionCoordinator struct {
	coordinator
	tries map[twopc.Tx]int // of questions that were repeated
}

// Decision makes the coordinator of a cluster; for World.AddServer. All other servers
// are of cfg.Participant.
func Decision(cfg twopc.Config) sim.Node {
	return &DecisionCoordinator{coordinator: coordinator{cfg: cfg}, tries: map[twopc.Tx]int{}}
}

// retryDue is when whoever waits asks again.
type retryDue struct{}

// retryEvery and voteRetries are twopc's: after so many it waits no more for a vote.
const (
	retryEvery  = 100 * time.Millisecond
	voteRetries = 5
)

// Step handles one message. Nothing here is ever saved: that is the mistake.
func (c *DecisionCoordinator) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		c.boot(env)
		env.Arm(retryDue{}, retryEvery)
	case *twopc.Begin:
		c.onBegin(m)
	case *twopc.Vote:
		if o := c.onVote(from, m); o != nil {
			c.commit(o)
		}
	case *twopc.Ack:
		c.onAck(from, m)
	case *twopc.Inquiry:
		c.onInquiry(from, m)
	case *twopc.Wound:
		c.onWound(from, m)
	case retryDue:
		c.onRetryDue()
	}
}

// onInquiry presumes abort, which is right only if a decision to commit survives.
func (c *DecisionCoordinator) onInquiry(from sim.NodeID, m *twopc.Inquiry) {
	switch o := c.find(m.Tx); {
	case o == nil:
		c.env.Send(from, &twopc.Abort{Tx: m.Tx})
	case o.state == twopc.Committed:
		c.env.Send(from, &twopc.Commit{Tx: m.Tx})
	}
}

// onWound makes way for an older transaction, if that can be.
func (c *DecisionCoordinator) onWound(from sim.NodeID, m *twopc.Wound) {
	if o := c.find(m.Tx); o != nil && o.state == twopc.Waiting {
		c.abort(o, &twopc.Outcome{Status: twopc.Undone})
		return
	}
	c.onInquiry(from, &twopc.Inquiry{Tx: m.Tx})
}

// onRetryDue asks or tells again, or gives up waiting for a vote.
func (c *DecisionCoordinator) onRetryDue() {
	c.env.Arm(retryDue{}, retryEvery)
	for _, o := range slices.Clone(c.open) {
		switch {
		case o.state == twopc.Committed:
			c.tell(o)
		case c.tries[o.tx] < voteRetries:
			c.tries[o.tx]++
			c.ask(o)
		default:
			c.abort(o, &twopc.Outcome{Status: twopc.Undone})
		}
	}
}
