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

const millisecond = sim.Time(time.Millisecond)

func n(i int) sim.NodeID { return sim.Server(i) }

var testConfig = Config{Accounts: 3, Initial: 100, Bound: 10 * time.Millisecond, LockWait: 40 * time.Millisecond}

// town is a world whose machines can be looked at after they have crashed.
type town struct {
	*sim.World
	coordinator  *Coordinator
	participants []*Participant
	lived        map[sim.NodeID]int // how many changes a machine has lived to see, if it died in mid-step
}

// machine is what one can know of a server's first incarnation.
type machine struct {
	id      sim.NodeID
	changes []Change
	up      bool
}

// settings are how a town is made.
type settings struct {
	seed         uint64
	latency      sim.Dist
	participants int
	leader       func(*Coordinator) sim.Node // what runs in place of the coordinator; nil: itself
	node         func(*Participant) sim.Node // likewise of a participant
	quick        bool                        // keep no records
}

func newTown(s settings, cfg Config) *town {
	t := &town{lived: map[sim.NodeID]int{}, World: sim.New(sim.Config{
		Seed: s.seed, Net: sim.NetConfig{Latency: s.latency}, Records: !s.quick, FreezeCheck: !s.quick,
	})}
	t.AddServer(func() sim.Node {
		t.coordinator = NewCoordinator(cfg)
		if s.leader != nil {
			return s.leader(t.coordinator)
		}
		return t.coordinator
	})
	for range s.participants {
		at := len(t.participants)
		t.participants = append(t.participants, nil)
		t.AddServer(func() sim.Node {
			p := NewParticipant(cfg)
			t.participants[at] = p
			if s.node != nil {
				return s.node(p)
			}
			return p
		})
	}
	return t
}

// machines lists the servers, with what they have lived to see.
func (t *town) machines() []machine {
	all := []machine{{n(1), t.coordinator.Changes(), t.Up(n(1))}}
	for i, p := range t.participants {
		all = append(all, machine{n(i + 2), p.Changes(), t.Up(n(i + 2))})
	}
	for i, m := range all {
		if lived, struck := t.lived[m.id]; struck {
			all[i].changes = m.changes[:lived]
		}
	}
	return all
}

// dies is called when a machine is struck: what its step does from now on is void.
func (t *town) dies(id sim.NodeID) { t.lived[id] = len(t.machines()[id.Ordinal()-1].changes) }

// check looks for what must not be: two machines that decide differently, a survivor
// without a decision, a lock that outlives its transaction, money lost, an answer that
// is not the decision.
func (t *town) check() error {
	known := map[bank.Tx]State{}
	for _, m := range t.machines() {
		last := map[bank.Tx]State{}
		for _, c := range m.changes {
			last[c.Tx] = c.State
			if other, ok := known[c.Tx]; decided(c.State) && ok && other != c.State {
				return fmt.Errorf("split: %v has %v %v, others %v", m.id, c.Tx, c.State, other)
			}
			if decided(c.State) {
				known[c.Tx] = c.State
			}
		}
		for _, c := range m.changes {
			if m.up && !decided(last[c.Tx]) {
				return fmt.Errorf("blocked: %v leaves %v %v", m.id, c.Tx, last[c.Tx])
			}
		}
	}
	if err := t.checkBanks(); err != nil {
		return err
	}
	return t.checkAnswers(known)
}

func (t *town) checkBanks() error {
	total, whole := int64(0), true
	for i, p := range t.participants {
		if whole = whole && t.Up(n(i+2)); !t.Up(n(i + 2)) {
			continue
		}
		total += p.bank.Total()
		if held, waiting := p.bank.Held(), p.bank.Waiting(); len(held)+len(waiting) > 0 {
			return fmt.Errorf("locked: %v ends with %v locked and %v waiting", n(i+2), held, waiting)
		}
	}
	if want := t.coordinator.cfg.Initial * int64(t.coordinator.cfg.Accounts); whole && total != want {
		return fmt.Errorf("money: all banks together hold %d, want %d", total, want)
	}
	return nil
}

func (t *town) checkAnswers(known map[bank.Tx]State) error {
	for _, op := range t.History() {
		committed := 0
		for tx, s := range known {
			if tx.Process == op.Process && tx.N == op.ID.N && s == Committed {
				committed++
			}
		}
		settled, ok := op.Output.(ops.Settlement)
		right := committed == 0
		switch {
		case ok && settled.Short == "":
			right = committed == 1
		case op.Outcome == history.Unknown:
			right = committed <= 1
		}
		if !right {
			return fmt.Errorf("answer: %v was committed %d times", op, committed)
		}
	}
	return nil
}

// transfer moves money from a1, half of it to each of the others.
var transfer = moves("a1", -20, "a2", 10, "a3", 10)

// back is another transaction on the same accounts.
var back = moves("a3", -5, "a1", 3, "a2", 2)

// moves is a transaction on three accounts.
func moves(a string, x int64, b string, y int64, c string, z int64) ops.Transaction {
	return ops.Transaction{Legs: []ops.Leg{{Account: a, Amount: x}, {Account: b, Amount: y}, {Account: c, Amount: z}}}
}

// asks adds a client that asks for these, the first after a while.
func (t *town) asks(after time.Duration, list ...ops.Transaction) {
	c := Client{Config: testConfig}
	for i, op := range list {
		c.Workload = append(c.Workload, Planned{
			ID: history.ID{Client: len(t.Clients()) + 1, N: i + 1}, Op: op, At: after,
		})
	}
	t.AddClient(c.Node)
}

func TestACommitNeedsNobodysDeath(t *testing.T) {
	w := newTown(settings{latency: sim.Fixed(time.Millisecond), participants: 3}, testConfig)
	defer w.Close()
	w.asks(0, transfer)
	w.RunUntil(500 * millisecond)
	if err := w.check(); err != nil {
		t.Fatal(err)
	}
	if got := w.History()[0].Output; fmt.Sprint(got) != "[80 110 110]" {
		t.Errorf("settled %v, want [80 110 110]", got)
	}
}
