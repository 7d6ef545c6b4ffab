package threepc

import (
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// lead is the work of a backup coordinator: it asks the others for their states, and
// perhaps brings them to PreCommitted.
type lead struct {
	phase  State    // Prepared: asks; PreCommitted: brings them there
	others []answer // those that are not dead, ascending by name
}

// answer is what one of the others has said in this phase.
type answer struct {
	id    sim.NodeID
	state State // 0: nothing yet
}

// elect turns to the backup coordinator: the lowest name that is not dead.
func (p *Participant) elect(env *sim.Env, r *record) {
	r.waitsFor = p.alive(r)[0]
	if r.waitsFor == p.id {
		p.begin(env, r)
		return
	}
	env.Send(r.waitsFor, &Elect{r.tx, r.members})
	env.Arm(due{r.tx}, p.cfg.roundTrip())
}

// alive lists the participants of a transaction that are not known to be dead. This
// one is among them.
func (p *Participant) alive(r *record) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(r.members), func(id sim.NodeID) bool { return slices.Contains(p.dead, id) })
}

// onElect is from somebody who knows that all before this one are dead.
func (p *Participant) onElect(env *sim.Env, from sim.NodeID, m *Elect) {
	r := p.withdraw(env, m.Tx, m.Members)
	switch {
	case decided(r.state):
		p.tell(env, r, from)
	case r.lead == nil:
		p.begin(env, r)
	}
}

// onStateRequest is from a backup coordinator, which one now waits for.
func (p *Participant) onStateRequest(env *sim.Env, from sim.NodeID, m *StateRequest) {
	r := p.withdraw(env, m.Tx, m.Members)
	env.Send(from, &StateReply{r.tx, r.state})
	if decided(r.state) {
		return
	}
	p.retire(r)
	r.waitsFor = from
	env.Arm(due{r.tx}, p.cfg.nextDue())
}

// begin makes this participant the backup coordinator.
func (p *Participant) begin(env *sim.Env, r *record) {
	r.waitsFor, r.lead = p.id, &lead{phase: Prepared}
	p.leading++
	for _, id := range p.alive(r) {
		if id != p.id {
			r.lead.others = append(r.lead.others, answer{id: id})
			env.Send(id, &StateRequest{r.tx, r.members})
		}
	}
	env.Arm(due{r.tx}, p.cfg.roundTrip())
	p.goOnIfAllIn(env, r)
}

func (p *Participant) onStateReply(env *sim.Env, from sim.NodeID, m *StateReply) {
	if r := p.records[m.Tx]; r.lead != nil && r.lead.phase == Prepared {
		r.lead.heard(from, m.State)
		p.goOnIfAllIn(env, r)
	}
}

func (p *Participant) onAck(env *sim.Env, from sim.NodeID, m *Ack) {
	if r := p.records[m.Tx]; r.lead != nil && r.lead.phase == PreCommitted {
		r.lead.heard(from, PreCommitted)
		p.goOnIfAllIn(env, r)
	}
}

func (p *Participant) goOnIfAllIn(env *sim.Env, r *record) {
	if !slices.ContainsFunc(r.lead.others, answer.silent) {
		p.goOn(env, r)
	}
}

// goOn ends a phase of the backup coordinator. Who has not answered is dead.
func (p *Participant) goOn(env *sim.Env, r *record) {
	states := []State{r.state}
	for _, a := range r.lead.others {
		if a.silent() {
			p.bury(a.id)
		} else {
			states = append(states, a.state)
		}
	}
	r.lead.others = slices.DeleteFunc(r.lead.others, answer.silent)
	verdict := Terminate(states)
	if verdict == PreCommitted && r.lead.phase == Prepared {
		p.bringAll(env, r)
		return
	}
	if verdict == PreCommitted { // and so is everybody
		verdict = Committed
	}
	p.conclude(env, r, verdict)
}

// bringAll brings everybody alive to PreCommitted.
func (p *Participant) bringAll(env *sim.Env, r *record) {
	p.enter(r, PreCommitted)
	r.lead.phase = PreCommitted
	for i := range r.lead.others {
		a := &r.lead.others[i]
		a.state = 0
		env.Send(a.id, &PreCommit{r.tx})
	}
	env.Arm(due{r.tx}, p.cfg.roundTrip())
	p.goOnIfAllIn(env, r)
}

// conclude decides, for everybody alive.
func (p *Participant) conclude(env *sim.Env, r *record, s State) {
	others := r.lead.others
	p.decide(env, r, s)
	for _, a := range others {
		p.tell(env, r, a.id)
	}
}

// tell passes a decision on.
func (p *Participant) tell(env *sim.Env, r *record, to sim.NodeID) {
	if r.state == Committed {
		env.Send(to, &DoCommit{r.tx})
	} else {
		env.Send(to, &DoAbort{r.tx})
	}
}

// withdraw finds the record of a transaction whose coordinator is dead. One that has
// not voted yet, or has never heard of it, will not vote yes any more.
func (p *Participant) withdraw(env *sim.Env, tx bank.Tx, members []sim.NodeID) *record {
	r := p.records[tx]
	if r == nil {
		return p.open(tx, members, Aborted)
	}
	if r.state == Waiting {
		p.decide(env, r, Aborted)
	}
	return r
}

// retire ends the work of a backup coordinator, if it was one.
func (p *Participant) retire(r *record) {
	if r.lead != nil {
		r.lead = nil
		p.leading--
	}
}

func (l *lead) heard(from sim.NodeID, s State) {
	for i := range l.others {
		if l.others[i].id == from {
			l.others[i].state = s
		}
	}
}

func (a answer) silent() bool { return a.state == 0 }
