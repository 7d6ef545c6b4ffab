package scenarios

import (
	"fmt"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/nodes/twopc"
	"distsim/nodes/twopc/naive"
	"distsim/sim"
	"distsim/sim/explore"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// settled is the property that the transaction, and the audit after it, were settled: so
// nobody is in doubt, and nothing is locked, any more. Where somebody has died for good
// nobody can settle an audit: then no survivor is in doubt or keeps a lock.
const settled = "settled"

// twopcExhaustive goes through every case of one transaction.
func twopcExhaustive() *Scenario {
	return &Scenario{
		Name:     "twopc-exhaustive",
		Shows:    "one transaction under every single crash, at any effect of any machine, and every single lost message: all cases, none sampled",
		Problems: []string{"data-inconsistency", "blocking"},
		Twin:     "twopc",
		Params: []Param{
			{Name: "protocol", Kind: Choice, Default: "alone", Words: protocolNames(), Help: "who keeps decisions: one coordinator, two, a Raft group; or a naive twin; or three-phase commit, whose crashes are for ever"},
			{Name: "participants", Default: "2", Min: 2, Max: 3, Help: "of the transaction"},
		},
		Declare: func(v Values) Declaration {
			p := protocolOf(v)
			return Declaration{Model: casesModel(), Least: p.least, Chaos: seconds(20), Quiet: seconds(20),
				Properties: append(p.declares, Declared{serializable, Holds}, Declared{conserved, Holds}, Declared{settled, Holds})}
		},
		Config: func(Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}, Disk: sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)}}
		},
		Script: func(Values, uint64) []faults.Entry { return []faults.Entry{} },
		Build:  buildCases,
		Cases:  &Cases{Of: families(), May: inTransaction},
		Judge:  judgeCases,
	}
}

// protocol is a system of which all cases are gone through.
type protocol struct {
	name     string
	keeping  twopc.Keeping
	peers    bool
	crashes  int
	losses   int
	apart    bool                      // not both in one run
	stops    bool                      // three-phase commit: who has crashed stays down
	least    time.Duration             // how long a run lasts, even when its client has given up
	system   func(twopc.Config) system // nil: nodes/twopc as configured
	declares []Declared                // beside what holds
}

// system is the machines of a protocol and what must hold in them.
type system struct {
	coordinator, participant func() sim.Node
	invariants               []sim.Invariant
}

// protocols are the systems. Where heartbeats make runs longest, a crash and a loss are
// not combined.
func protocols() []protocol {
	forgotten := []Declared{{agreementOf, Sometimes}, {serializable, Sometimes}, {conserved, Sometimes}, {savedBeforeSaid, Always}}
	return []protocol{
		{name: "alone", crashes: 1, losses: 1},
		{name: "peers", peers: true, crashes: 1, losses: 1},
		{name: "backup", keeping: twopc.WithBackup, peers: true, crashes: 1, losses: 1},
		{name: "raft", keeping: twopc.OnRaft, peers: true, crashes: 1, losses: 1, apart: true},
		{name: "naive-decision", crashes: 1, losses: 1, declares: forgotten, system: func(c twopc.Config) system {
			return system{func() sim.Node { return naive.Decision(c) }, c.Participant, c.Invariants()}
		}},
		{name: "naive-prepare", crashes: 1, losses: 1, declares: append(forgotten, Declared{allVotedYes, Always}), system: func(c twopc.Config) system {
			return system{c.Coordinator, func() sim.Node { return naive.Prepare(c) }, naive.PrepareInvariants()}
		}},
		{name: "naive-timeout", crashes: 1, losses: 1, declares: []Declared{{settled, Sometimes}}, system: func(c twopc.Config) system {
			coordinator, participant := naive.Timeout(c)
			return system{coordinator, participant, naive.TimeoutInvariants()}
		}},
		{name: "3pc", crashes: 1, stops: true, least: seconds(3), declares: []Declared{{"threepc.agreement", Holds}, {inDoubt, Holds}}},
	}
}

// The invariants of a commit protocol that a naive twin breaks.
const (
	agreementOf     = "twopc.agreement"
	savedBeforeSaid = "twopc.saved-before-said"
	allVotedYes     = "twopc.all-voted-yes"
)

func protocolNames() []string {
	var names []string
	for _, p := range protocols() {
		names = append(names, p.name)
	}
	return names
}

func protocolOf(v Values) protocol {
	for _, p := range protocols() {
		if p.name == v.Choice("protocol") {
			return p
		}
	}
	panic("scenarios: no protocol " + v.Choice("protocol"))
}

// families are every protocol with two and with three participants.
func families() []Family {
	var all []Family
	for _, p := range protocols() {
		for _, n := range []string{"2", "3"} {
			for _, b := range p.bounds() {
				all = append(all, Family{Params: []Value{{"protocol", p.name}, {"participants", n}}, Bounds: b})
			}
		}
	}
	return all
}

// bounds are those of its searches: one of everything, or one for crashes and one for
// losses.
func (p *protocol) bounds() []explore.Bounds {
	if p.apart {
		return []explore.Bounds{{Crashes: p.crashes, RestartAfter: p.restarts()}, {Losses: p.losses}}
	}
	return []explore.Bounds{{Crashes: p.crashes, Losses: p.losses, RestartAfter: p.restarts()}}
}

// restarts: a machine that has crashed is back before anybody has missed it, or long after,
// or never.
func (p *protocol) restarts() []time.Duration {
	if p.stops {
		return nil
	}
	return []time.Duration{20 * time.Millisecond, 2 * time.Second}
}

// casesModel allows what the cases are made of.
func casesModel() faults.Model { return faults.Model{Kinds: []faults.Kind{"crash"}, MaxDown: 1} }

// buildCases adds a bank with one account at each participant, and a client with one
// transaction on all of them and an audit.
func buildCases(b *Build) {
	if p := protocolOf(b.Values); p.stops {
		b.threephaseCases()
	} else {
		b.twophaseCases(p)
	}
	b.Asks(2)
}

func (b *Build) twophaseCases(p protocol) {
	n := b.Values.Int("participants")
	cfg := twopc.Config{Keeping: p.keeping, Coordinators: coordinators(p.keeping), AskPeers: p.peers, Accounts: n, Initial: initialBalance}
	x := system{cfg.Coordinator, cfg.Participant, cfg.Invariants()}
	if p.system != nil {
		x = p.system(cfg)
	}
	for range cfg.Coordinators {
		b.World.AddServer(x.coordinator)
	}
	for range n {
		b.World.AddServer(x.participant)
	}
	b.World.AddInvariant(x.invariants...)
	c := twopc.Client{Config: cfg, Think: sim.Fixed(time.Second), Deadline: seconds(8),
		Listed: []ops.Transaction{oneEach(n), twopc.Audit(n)}}
	b.World.AddClient(c.Node)
}

// oneEach moves 10 from the first account to each of the others.
func oneEach(n int) ops.Transaction {
	var t ops.Transaction
	for i, name := range twopc.AccountNames(n) {
		leg := ops.Leg{Account: name, Amount: 10}
		if i == 0 {
			leg.Amount = -10 * int64(n-1)
		}
		t.Legs = append(t.Legs, leg)
	}
	return t
}

// inTransaction reports whether the transaction is under way: from when it is asked for
// until the audit is.
func inTransaction(w *sim.World) bool { return len(w.History()) == 1 }

func judgeCases(v Values, w *sim.World) ([]checker.Result, error) {
	bank := Values{{"accounts", v.text("participants")}}
	results, err := judgeBank(bank, w)
	if err != nil {
		return nil, err
	}
	if protocolOf(v).stops && anyDied(w) {
		return append(results, judgeSurvivors(w)), nil
	}
	return append(results, judgeSettled(w.History())), nil
}

// judgeSettled looks whether the audit was answered.
func judgeSettled(h []history.Op) checker.Result {
	r := checker.Result{Property: settled, Verdict: checker.Stalled}
	switch {
	case len(h) == 2 && h[1].Outcome == history.OK:
		r.Verdict = checker.Holds
	case len(h) == 2:
		r.Ops, r.Detail = h[1:], fmt.Sprintf("%v was not settled: %s", h[1].ID, h[1].Note)
	default:
		r.Detail = "the audit was never asked for"
	}
	return r
}
