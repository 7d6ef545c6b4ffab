package threepc

import (
	"slices"
	"strings"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// Participant keeps some of the accounts.
type Participant struct {
	diary
	cfg     Config
	id      sim.NodeID
	passive bool
	bank    *bank.Bank
	records map[bank.Tx]*record
	dead    []sim.NodeID // who has been silent for too long
	leading int          // transactions of which it is the backup coordinator
}

// record is what a participant knows of a transaction, decided ones included.
type record struct {
	tx       bank.Tx
	state    State
	members  []sim.NodeID // all participants, ascending; nil: it has only been told to abort
	waitsFor sim.NodeID   // who coordinates; itself: see lead
	lead     *lead
}

// NewParticipant makes the node of n2 or a later server.
func NewParticipant(cfg Config) *Participant {
	return &Participant{cfg: cfg.withDefaults(), records: map[bank.Tx]*record{}}
}

// Step handles one message.
func (p *Participant) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if p.passive {
		return
	}
	switch m := m.(type) {
	case sim.Boot:
		p.onBoot(env)
	case *CanCommit:
		p.onCanCommit(env, from, m)
	case *PreCommit:
		p.onPreCommit(env, from, m)
	case *DoCommit:
		p.onDoCommit(env, m)
	case *DoAbort:
		p.onDoAbort(env, m)
	case due:
		p.onDue(env, p.records[m.tx])
	case *Elect:
		p.onElect(env, from, m)
	case *StateRequest:
		p.onStateRequest(env, from, m)
	case *StateReply:
		p.onStateReply(env, from, m)
	case *Ack:
		p.onAck(env, from, m)
	}
}

// View shows the latest transaction and what is locked.
func (p *Participant) View(v *sim.View) {
	name := "participant"
	if p.leading > 0 {
		name = "backup"
	}
	v.Text("role", role(name, p.passive))
	p.view(v)
	v.Text("locked", p.locked())
}

func (p *Participant) locked() string {
	if p.passive {
		return "-"
	}
	var words []string
	for _, l := range p.Held() {
		words = append(words, l.String())
	}
	return strings.Join(words, " ")
}

// Bank is the accounts, for tests and invariants that look behind the service; nil
// when this machine has crashed before.
func (p *Participant) Bank() *bank.Bank { return p.bank }

// Held lists the locks.
func (p *Participant) Held() []bank.Lock {
	if p.bank == nil {
		return nil
	}
	return p.bank.Held()
}

func (p *Participant) onBoot(env *sim.Env) {
	p.id, p.passive = env.ID(), env.Incarnation() > 1
	if p.passive {
		return
	}
	p.bank = bank.New(p.cfg.accountsOf(p.id, env.Servers()), p.cfg.Initial)
}

// onCanCommit votes as soon as it has its locks. An abort may have overtaken it.
func (p *Participant) onCanCommit(env *sim.Env, from sim.NodeID, m *CanCommit) {
	if p.records[m.Tx] != nil {
		return
	}
	r := p.open(m.Tx, m.Members, Waiting)
	r.waitsFor = from
	env.Arm(due{r.tx}, p.cfg.decisionDue())
	if p.bank.Acquire(m.Tx, m.Legs) {
		p.vote(env, r)
		return
	}
	for _, victim := range p.bank.InTheWay(m.Tx) {
		env.Send(from, &Wound{victim, m.Tx})
	}
}

// vote executes a transaction that has its locks. A yes gives the decision away.
func (p *Participant) vote(env *sim.Env, r *record) {
	balances, short := p.bank.Execute(r.tx)
	if short != "" {
		p.decide(env, r, Aborted)
		env.Send(r.waitsFor, &Vote{Tx: r.tx, Short: short})
		return
	}
	p.enter(r, Prepared)
	env.Send(r.waitsFor, &Vote{Tx: r.tx, Yes: true, Balances: balances})
	env.Arm(due{r.tx}, p.cfg.decisionDue())
}

// onPreCommit is from the coordinator or a backup.
func (p *Participant) onPreCommit(env *sim.Env, from sim.NodeID, m *PreCommit) {
	r := p.records[m.Tx]
	if r == nil || r.state != Prepared && r.state != PreCommitted {
		return
	}
	p.enter(r, PreCommitted)
	r.waitsFor = from
	env.Send(from, &Ack{r.tx})
	env.Arm(due{r.tx}, p.cfg.nextDue())
}

func (p *Participant) onDoCommit(env *sim.Env, m *DoCommit) {
	if r := p.records[m.Tx]; r != nil {
		p.decide(env, r, Committed)
	}
}

// onDoAbort notes the abort of an unknown transaction too: its question is on its way.
func (p *Participant) onDoAbort(env *sim.Env, m *DoAbort) {
	if r := p.records[m.Tx]; r != nil {
		p.decide(env, r, Aborted)
		return
	}
	p.open(m.Tx, nil, Aborted)
}

// onDue is what follows when the next message has not come: whoever should have sent
// it is dead. Before its vote a participant may abort, as nobody can have committed
// without it. Afterwards it may not decide alone.
func (p *Participant) onDue(env *sim.Env, r *record) {
	switch {
	case r.state == Waiting:
		p.decide(env, r, Aborted)
	case r.lead != nil:
		p.goOn(env, r)
	default:
		p.bury(r.waitsFor)
		p.elect(env, r)
	}
}

// open begins to keep a record.
func (p *Participant) open(tx bank.Tx, members []sim.NodeID, s State) *record {
	r := &record{tx: tx, members: members}
	p.records[tx] = r
	p.enter(r, s)
	return r
}

// enter is the only place where a state changes.
func (p *Participant) enter(r *record, s State) {
	if r.state != s {
		r.state = s
		c := Change{Tx: r.tx, State: s}
		if s == Prepared || s == PreCommitted {
			c.Of = r.members
		}
		p.note(c)
	}
}

// decide ends a transaction, and lets those vote that have waited for its locks. A
// decision that has been made stays.
func (p *Participant) decide(env *sim.Env, r *record, s State) {
	if decided(r.state) {
		return
	}
	env.Cancel(due{r.tx})
	p.enter(r, s)
	p.retire(r)
	end := p.bank.Abort
	if s == Committed {
		end = p.bank.Commit
	}
	for _, next := range end(r.tx) {
		p.vote(env, p.records[next])
	}
}

// bury remembers that a machine is dead.
func (p *Participant) bury(id sim.NodeID) {
	if !slices.Contains(p.dead, id) {
		p.dead = append(p.dead, id)
	}
}
