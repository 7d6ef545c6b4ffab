package threepc

import (
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Mix weighs the kinds of transactions that a client draws.
type Mix struct{ Transfer, Audit int }

// Planned is one transaction of a listed workload.
type Planned struct {
	ID history.ID
	Op ops.Transaction
	At time.Duration // not before, on the client's clock since the run began; 0: after the one before it
}

// draw makes up a transaction. Every draw belongs to the client's current operation,
// so leaving one out changes no other.
func (c *Client) draw(p *sim.Proc) ops.Transaction {
	if p.Intn("kind", c.Mix.Transfer+c.Mix.Audit) >= c.Mix.Transfer {
		return c.audit()
	}
	from := p.Intn("from", c.Config.Accounts)
	far := c.elsewhere(from, p.Servers())
	to := far[p.Intn("to", len(far))]
	amount := int64(1 + p.Intn("amount", c.Most))
	return ops.Transaction{Legs: []ops.Leg{
		{Account: account(from), Amount: -amount},
		{Account: account(to), Amount: amount},
	}}
}

// audit reads all accounts at once.
func (c *Client) audit() ops.Transaction {
	t := ops.Transaction{}
	for i := range c.Config.Accounts {
		t.Legs = append(t.Legs, ops.Leg{Account: account(i)})
	}
	return t
}

// elsewhere lists the accounts that other participants keep than this one's.
func (c *Client) elsewhere(from int, servers []sim.NodeID) (accounts []int) {
	for i := range c.Config.Accounts {
		if home(i, servers) != home(from, servers) {
			accounts = append(accounts, i)
		}
	}
	assert(len(accounts) > 0, "all %d accounts are kept by one participant: there is nothing to transfer between", c.Config.Accounts)
	return accounts
}
