package twopc_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func lan(seed uint64) sim.Config {
	return sim.Config{
		Seed: seed,
		Net:  sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 10*time.Millisecond), Loss: 10_000},
		Disk: sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 3*time.Millisecond)},
	}
}

// cluster is a bank under test.
type cluster struct {
	*sim.World
	cfg twopc.Config
}

func newCluster(t testing.TB, cfg twopc.Config, coordinators, participants int, world sim.Config) *cluster {
	cfg.Coordinators = coordinators
	cfg.Accounts, cfg.Initial = cmp.Or(cfg.Accounts, 6), cmp.Or(cfg.Initial, 100)
	c := &cluster{World: sim.New(world), cfg: cfg}
	for range coordinators {
		c.AddServer(cfg.Coordinator)
	}
	for range participants {
		c.AddServer(cfg.Participant)
	}
	c.AddInvariant(cfg.Invariants()...)
	t.Cleanup(c.Close)
	return c
}

func (c *cluster) run(d time.Duration) { c.RunUntil(c.Now() + sim.Time(d)) }

// participants lists those servers that keep accounts.
func (c *cluster) participants() []sim.NodeID { return c.Servers()[c.cfg.Coordinators:] }

func (c *cluster) participant(id sim.NodeID) *twopc.Participant {
	p, _ := c.Node(id).(*twopc.Participant)
	return p
}

// judge holds the end of a run, at which nobody is in doubt, against the disks and
// the history: money is conserved, balances are what the committed transactions make
// them, each is committed everywhere or nowhere, and each operation at most once, and
// exactly once or never where its client knows.
func (c *cluster) judge(t *testing.T, run string) {
	balances, total := map[string]int64{}, int64(0)
	expect := map[string]int64{}
	parts := map[twopc.Tx][]*twopc.Part{}
	for _, id := range c.participants() {
		p := c.participant(id)
		if doubt, held := p.InDoubt(), p.Held(); len(doubt)+len(held) > 0 {
			t.Errorf("%s: at the end %v is in doubt about %v and has %v locked", run, id, doubt, held)
		}
		for name, balance := range p.Accounts() {
			balances[name], expect[name] = balance, expect[name]+c.cfg.Initial
			total += balance
		}
		for tx, part := range twopc.Ledger(c.World, id) {
			parts[tx] = append(parts[tx], part)
		}
	}
	commits := map[[2]int]int{} // by process and operation
	for tx, all := range parts {
		if n := committed(all); n > 0 && n < len(all) {
			t.Errorf("%s: %v is committed by %d of the %d participants that wrote of it", run, tx, n, len(all))
		} else if n > 0 {
			commits[[2]int{tx.Process, tx.N}]++
		}
		for _, part := range all {
			for _, leg := range part.Legs {
				if part.Commit {
					expect[leg.Account] += leg.Amount
				}
			}
		}
	}
	if want := int64(c.cfg.Accounts) * c.cfg.Initial; total != want {
		t.Errorf("%s: %d in all accounts, want %d", run, total, want)
	}
	if !maps.Equal(balances, expect) {
		t.Errorf("%s: balances are %v, and what is committed makes them %v", run, balances, expect)
	}
	c.judgeHistory(t, run, commits)
}

func committed(all []*twopc.Part) (n int) {
	for _, part := range all {
		if part.Commit {
			n++
		}
	}
	return n
}

func (c *cluster) judgeHistory(t *testing.T, run string, commits map[[2]int]int) {
	for _, op := range c.History() {
		n := commits[[2]int{op.Process, op.ID.N}]
		least, most := 0, 1
		settled, _ := op.Output.(ops.Settlement)
		switch {
		case op.Outcome == history.OK && settled.Short == "":
			least = 1
		case op.Outcome != history.Unknown:
			most = 0
		}
		if n < least || n > most {
			t.Errorf("%s: %v ended as %v %v, and is committed %d times", run, op.ID, op.Outcome, op.Output, n)
		}
	}
}

// Without faults everything is settled, and nearly nothing has to be tried in vain.
func TestCalm(t *testing.T) {
	for _, cfg := range shapes() {
		for seed := uint64(1); seed <= 4; seed++ {
			world := lan(seed)
			world.FreezeCheck = seed == 1
			c := newCluster(t, cfg, 1+int(cfg.Keeping), 3, world)
			for range 4 {
				c.AddClient(twopc.Client{Config: c.cfg, Ops: 20, Audits: 2, Width: 3}.Node)
			}
			c.RunClients(sim.Time(60 * time.Second))
			run := fmt.Sprintf("%s, seed %d", nameOf(cfg), seed)
			if n := history.Count(c.History()); !c.ClientsDone() || n.OK < 70 {
				t.Errorf("%s: %v", run, n)
			}
			c.run(2 * time.Second)
			for _, v := range c.Violations() {
				t.Errorf("%s: %v\n%s", run, v, v.Stack)
			}
			c.judge(t, run)
		}
	}
}

// An operation that the client drew is one transaction whose amounts add up to 0.
func TestClientsMoveMoney(t *testing.T) {
	c := newCluster(t, twopc.Config{}, 1, 3, lan(1))
	c.AddClient(twopc.Client{Config: c.cfg, Ops: 60, Audits: 2, Width: 4}.Node)
	c.RunClients(sim.Time(60 * time.Second))
	widths := map[int]int{}
	for _, op := range c.History() {
		tx, sum := op.Input.(ops.Transaction), int64(0)
		for _, leg := range tx.Legs {
			sum += leg.Amount
		}
		if sum != 0 {
			t.Errorf("%v moves %d out of nowhere: %v", op.ID, sum, tx)
		}
		widths[len(tx.Legs)]++
	}
	if got := slices.Sorted(maps.Keys(widths)); !slices.Equal(got, []int{2, 3, 4, 6}) {
		t.Errorf("widths are %v, want 2, 3, 4 and audits of 6", got)
	}
}
