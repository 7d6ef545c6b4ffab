package twopc

import (
	"cmp"
	"strconv"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// Keeping is who keeps decisions, and so who can go on when a coordinator is
// lost.
type Keeping uint8

const (
	Alone      Keeping = iota // one coordinator, on its own disk
	WithBackup                // two, each on its disk; the other takes over
	OnRaft                    // a Raft group of three or more
)

// Config is what all machines of a cluster agree on. The zero Config is a single
// coordinator, six accounts of 100 and the timing of a local network.
type Config struct {
	Keeping      Keeping
	Coordinators int         // n1 …; 0: 1, 2 or 3, as Keeping needs. All other servers are participants
	Accounts     int         // a1 …, dealt out to the participants in turn; 0: 6
	Initial      int64       // what each holds at first; 0: 100
	Raft         raft.Config // OnRaft: of the coordinators' group; its Peers are set

	AskPeers bool // cooperative termination: a participant in doubt asks the others too

	// RetryEvery is how often whoever waits asks again; 0: 100ms. A coordinator
	// that has waited VoteRetries of these for a vote decides to abort; 0: 5.
	RetryEvery  time.Duration
	VoteRetries int

	// Batch is how many transactions are prepared by one message to a participant,
	// saved by one sync and answered by one message; 0 or 1: each by itself. One
	// that is not full leaves after BatchWindow; 0: 2ms.
	Batch       int
	BatchWindow time.Duration

	// TakeOver is how long a backup waits for a sign of life, and a coordinator for
	// its backup, before it wants to go on alone; zero: 300ms … 600ms. Signs of life
	// come every BeatEvery; 0: 50ms.
	TakeOver  sim.Dist
	BeatEvery time.Duration
}

func (c Config) complete() Config {
	c.Coordinators = cmp.Or(c.Coordinators, 1+int(c.Keeping))
	c.Accounts = cmp.Or(c.Accounts, 6)
	c.Initial = cmp.Or(c.Initial, 100)
	c.RetryEvery = cmp.Or(c.RetryEvery, 100*time.Millisecond)
	c.VoteRetries = cmp.Or(c.VoteRetries, 5)
	c.Batch = max(c.Batch, 1)
	c.BatchWindow = cmp.Or(c.BatchWindow, 2*time.Millisecond)
	c.BeatEvery = cmp.Or(c.BeatEvery, 50*time.Millisecond)
	if c.TakeOver == (sim.Dist{}) {
		c.TakeOver = sim.Uniform(300*time.Millisecond, 600*time.Millisecond)
	}
	return c
}

// layout is which server does what.
type layout struct {
	coordinators []sim.NodeID
	participants []sim.NodeID
}

func (c *Config) layout(servers []sim.NodeID) layout {
	if len(servers) <= c.Coordinators {
		panic("twopc: there are no servers left to be participants")
	}
	return layout{servers[:c.Coordinators], servers[c.Coordinators:]}
}

// AccountNames lists the accounts of a bank of n.
func AccountNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = "a" + strconv.Itoa(i+1)
	}
	return names
}

// keeper is the participant that has an account.
func (l *layout) keeper(account string) sim.NodeID {
	n, err := strconv.Atoi(account[1:])
	if err != nil || n < 1 {
		panic("twopc: there is no account " + account)
	}
	return l.participants[(n-1)%len(l.participants)]
}

// accountsOf lists the accounts that a participant has.
func (l *layout) accountsOf(id sim.NodeID, n int) []string {
	var own []string
	for _, name := range AccountNames(n) {
		if l.keeper(name) == id {
			own = append(own, name)
		}
	}
	return own
}

// share is one participant's part of a transaction.
type share struct {
	at   sim.NodeID
	legs []ops.Leg
	slot []int // of each leg, in the whole transaction
}

// shares splits a transaction, in the order of its legs.
func (l *layout) shares(t ops.Transaction) []share {
	var all []share
	for i, leg := range t.Legs {
		at := l.keeper(leg.Account)
		k := 0
		for k < len(all) && all[k].at != at {
			k++
		}
		if k == len(all) {
			all = append(all, share{at: at})
		}
		all[k].legs, all[k].slot = append(all[k].legs, leg), append(all[k].slot, i)
	}
	return all
}
