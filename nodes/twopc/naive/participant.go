package naive

import (
	"fmt"
	"slices"
	"strconv"

	"distsim/nodes/twopc"
	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// participant is the textbook's: lock, vote, and do as one is told. What it saves is
// the twin's business.
type participant struct {
	cfg     twopc.Config
	env     *sim.Env
	bank    *bank.Bank
	live    []*local                 // not decided here, by arrival
	ended   map[twopc.Tx]twopc.State // Committed or Aborted
	journal journal
	changes []twopc.Change
}

// local is a transaction that may still commit here.
type local struct {
	tx           twopc.Tx
	coordinator  sim.NodeID
	legs         []ops.Leg
	participants []sim.NodeID
	balances     []int64 // once it has voted yes; nil: it waits for locks
}

// defaults are those of twopc.Config.
const (
	defaultAccounts = 6
	defaultInitial  = 100
)

func (p *participant) boot(env *sim.Env) {
	accounts, initial := p.cfg.Accounts, p.cfg.Initial
	if accounts == 0 {
		accounts = defaultAccounts
	}
	if initial == 0 {
		initial = defaultInitial
	}
	own := slices.DeleteFunc(twopc.AccountNames(accounts), func(a string) bool { return keeper(env.Servers(), a) != env.ID() })
	p.env, p.bank, p.ended = env, bank.New(own, initial), map[twopc.Tx]twopc.State{}
}

// onPrepare locks, or waits in the queue. It returns what it can vote on now.
func (p *participant) onPrepare(from sim.NodeID, m *twopc.Prepare) *local {
	t := p.find(m.Tx)
	switch {
	case p.ended[m.Tx] == twopc.Committed:
		p.env.Send(from, &twopc.Ack{Tx: m.Tx})
	case p.ended[m.Tx] != 0: // whoever asks is told, or will be
	case t != nil && t.balances != nil:
		p.voteYes(t)
	case t == nil:
		t = &local{tx: m.Tx, coordinator: from, legs: m.Legs, participants: m.Participants}
		p.live = append(p.live, t)
		if p.bank.Acquire(t.tx, t.legs) {
			return t
		}
	}
	return nil
}

// execute makes the changes, or says no and saves that. It reports whether the vote is
// yes.
func (p *participant) execute(t *local) bool {
	balances, short := p.bank.Execute(t.tx)
	if short != "" {
		p.journal.save(entry{state: twopc.Aborted, tx: t.tx})
		p.env.Send(t.coordinator, &twopc.Vote{Tx: t.tx, Short: short})
		return false
	}
	t.balances = balances
	p.changed(twopc.Change{Tx: t.tx, State: twopc.Prepared, Of: t.participants})
	return true
}

func (p *participant) voteYes(t *local) {
	p.env.Send(t.coordinator, &twopc.Vote{Tx: t.tx, Yes: true, Balances: t.balances})
}

// end ends a transaction here, known or not. It returns those that have got their locks
// by that.
func (p *participant) end(tx twopc.Tx, how twopc.State) (next []*local) {
	p.ended[tx] = how
	p.live = slices.DeleteFunc(p.live, func(t *local) bool { return t.tx == tx })
	finish := p.bank.Abort
	if how == twopc.Committed {
		finish = p.bank.Commit
	}
	p.changed(twopc.Change{Tx: tx, State: how})
	for _, granted := range finish(tx) {
		next = append(next, p.find(granted))
	}
	return next
}

func (p *participant) find(tx twopc.Tx) *local {
	i := slices.IndexFunc(p.live, func(t *local) bool { return t.tx == tx })
	if i < 0 {
		return nil
	}
	return p.live[i]
}

func (p *participant) changed(x twopc.Change) { p.changes = append(p.changes, x) }

// number is the 7 of a7.
func number(account string) int {
	n, err := strconv.Atoi(account[1:])
	if err != nil || n < 1 {
		panic(fmt.Sprintf("naive: there is no account %q", account))
	}
	return n
}
