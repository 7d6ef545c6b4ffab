package threepc

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func TestTheTerminationRule(t *testing.T) {
	for _, c := range []struct {
		states []State
		want   State
	}{
		{[]State{Prepared}, Aborted},
		{[]State{Prepared, Prepared}, Aborted},
		{[]State{Prepared, Aborted}, Aborted},
		{[]State{Aborted}, Aborted},
		{[]State{PreCommitted}, PreCommitted},
		{[]State{Prepared, PreCommitted, Prepared}, PreCommitted},
		{[]State{PreCommitted, Committed}, Committed},
		{[]State{Committed}, Committed},
	} {
		if got := Terminate(c.states); got != c.want {
			t.Errorf("%v are to be %v, want %v", c.states, got, c.want)
		}
	}
}

var busy = Config{Accounts: 4, Bound: 10 * time.Millisecond}

// crowd is four clients that draw 40 transactions each, on four accounts.
func crowd(seed uint64, node func(*Participant) sim.Node) *town {
	set := settings{seed: seed, latency: sim.Uniform(time.Millisecond, 9*time.Millisecond), participants: 3, node: node}
	w := newTown(set, busy)
	for range 4 {
		w.AddClient(Client{Config: busy, Ops: 40, Mix: Mix{Transfer: 2, Audit: 1}}.Node)
	}
	return w
}

// Clients that fight over a few accounts are all answered; some transactions are short
// of money, some are wounded and tried again; and no audit sees money in transit.
func TestManyClientsWithoutFaults(t *testing.T) {
	var short, again, waited int
	for seed := range uint64(10) {
		w := crowd(seed, nil)
		w.RunClients(sim.Time(time.Minute))
		w.RunUntil(w.Now() + 100*millisecond)
		if err := w.check(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if err := w.checkAudits(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		short, again, waited = short+w.shorts(), again+w.retries(), waited+w.waits()
		w.Close()
	}
	t.Logf("%d short, %d tried again, %d waited for locks", short, again, waited)
	if short == 0 || again == 0 || waited == 0 {
		t.Errorf("%d short, %d tried again, %d waited for locks, want some of each", short, again, waited)
	}
}

// checkAudits wants all transactions answered, and audits that add up.
func (t *town) checkAudits() error {
	for _, op := range t.History() {
		settled, ok := op.Output.(ops.Settlement)
		if op.Outcome == history.Unknown {
			return fmt.Errorf("%v", op)
		}
		if !ok || !op.Input.(ops.Transaction).ReadOnly() {
			continue
		}
		var sum int64
		for _, b := range settled.Balances {
			sum += b
		}
		if sum != 400 {
			return fmt.Errorf("%v adds up to %d, want 400", op, sum)
		}
	}
	return nil
}

func (t *town) shorts() (count int) {
	for _, op := range t.History() {
		if settled, ok := op.Output.(ops.Settlement); ok && settled.Short != "" {
			count++
		}
	}
	return count
}

func (t *town) retries() (count int) {
	for _, c := range t.coordinator.Changes() {
		if c.Tx.Try > 1 && c.State == Waiting {
			count++
		}
	}
	return count
}

// waits counts the votes that did not come at once.
func (t *town) waits() (count int) {
	for _, p := range t.participants {
		for i, c := range p.Changes()[1:] {
			if before := p.Changes()[i]; before.State == Waiting && before.Tx != c.Tx {
				count++
			}
		}
	}
	return count
}

// The same with the coordinator's death in the middle of it, and one participant's.
func TestManyClientsAndTwoDeaths(t *testing.T) {
	for seed := range uint64(30) {
		w := crowd(seed, nil)
		at := sim.Time(100+10*seed) * millisecond
		w.RunUntil(at)
		w.Crash(n(2+int(seed)%3), sim.LoseAll)
		w.RunUntil(at + sim.Time(seed%7*5)*millisecond)
		w.Crash(n(1), sim.LoseAll)
		w.RunUntil(at + 2000*millisecond)
		if err := w.check(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		w.Close()
	}
}

// One that boots again has forgotten its promises, and keeps silent.
func TestABootedMachineStaysPassive(t *testing.T) {
	w := newTown(settings{latency: sim.Fixed(time.Millisecond), participants: 3}, testConfig)
	defer w.Close()
	w.asks(100*time.Millisecond, transfer)
	w.until(10)
	for _, id := range []sim.NodeID{n(1), n(3)} {
		w.Crash(id, sim.LoseAll)
		w.Restart(id)
	}
	w.until(1000)
	if role, _ := w.ViewOf(n(3)).Get("role"); role.Value() != "passive" {
		t.Errorf("n3 is %s, want passive", role.Value())
	}
	if op := w.History()[0]; op.Outcome != history.Unknown || len(w.coordinator.Changes()) > 0 {
		t.Errorf("%v, with %v at the coordinator, want no answer and nothing", op, w.coordinator.Changes())
	}
}

// pen is a world of one participant, n2, and a machine that says what it is told to.
func pen(t *testing.T, says func(env *sim.Env)) *Participant {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	t.Cleanup(w.Close)
	p := NewParticipant(testConfig)
	w.AddServer(sim.Go(func(p *sim.Proc) { says(p.Env) }))
	w.AddServer(func() sim.Node { return p })
	w.RunUntil(5 * millisecond)
	return p
}

// A question that arrives after the abort of its transaction locks nothing.
func TestALateQuestionIsNotAnswered(t *testing.T) {
	late := bank.Tx{Process: 1, N: 1, Try: 1}
	ask := &CanCommit{late, transfer.Legs[:1], []sim.NodeID{n(2)}}
	for name, first := range map[string]sim.Message{
		"abort":         &DoAbort{late},
		"election":      &Elect{late, ask.Members},
		"state request": &StateRequest{late, ask.Members},
	} {
		p := pen(t, func(env *sim.Env) {
			env.Send(n(2), first)
			env.Send(n(2), ask)
		})
		if got, want := fmt.Sprint(len(p.Changes()), p.Changes()[0].State, p.Held()), "1 aborted []"; got != want {
			t.Errorf("after the %s: got %s, want %s", name, got, want)
		}
	}
}
