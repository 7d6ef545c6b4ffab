package scenarios

import (
	"errors"
	"fmt"
	"time"

	"distsim/faults"
	"distsim/nodes/twopc"
	"distsim/nodes/twopc/naive"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// The naive twins of two-phase commit forget one thing each. Every client has accounts
// of its own, so that nothing but the fault stands in anybody's way, and what it does is
// certain; when all is over an auditor looks at all accounts.

// twopcNaiveDecision does not save the decision.
func twopcNaiveDecision() *Scenario {
	s := naiveTwin("twopc-naive-decision", "a coordinator that says commit before it has saved that: it crashes when some have heard it, and back again it presumes abort", "data-inconsistency", enoughToBeHit)
	s.Declare = func(v Values) Declaration {
		return declareForgotten(Declared{"twopc.saved-before-said", Always})
	}
	s.Script = crashInMidBroadcast
	s.Build = func(b *Build) {
		cfg := naiveConfig(b.Values)
		addNaive(b, func() sim.Node { return naive.Decision(cfg) }, cfg.Participant)
		b.World.AddInvariant(cfg.Invariants()...)
		addAuditor(b)
	}
	return s
}

// twopcNaivePrepare does not save the promise.
func twopcNaivePrepare() *Scenario {
	s := naiveTwin("twopc-naive-prepare", "participants that vote yes with the promise in memory only: one crashes after its vote, and cannot commit what it has forgotten", "data-inconsistency", enoughToCount)
	s.Declare = func(v Values) Declaration {
		return declareForgotten(Declared{"twopc.saved-before-said", Always}, Declared{"twopc.all-voted-yes", Always})
	}
	s.Script = crashAfterVote
	s.Build = func(b *Build) {
		cfg := naiveConfig(b.Values)
		addNaive(b, cfg.Coordinator, func() sim.Node { return naive.Prepare(cfg) })
		b.World.AddInvariant(naive.PrepareInvariants()...)
		addAuditor(b)
	}
	return s
}

// twopcNaiveTimeout never asks again.
func twopcNaiveTimeout() *Scenario {
	s := naiveTwin("twopc-naive-timeout", "everything is saved, and nobody ever asks again: one lost message, and all wait for ever with their locks", "blocking", enoughToCount)
	s.Declare = func(v Values) Declaration {
		return Declaration{
			Model:      faults.Model{Kinds: []faults.Kind{"filter"}, Types: lostTypes[:], Most: time.Minute},
			Properties: []Declared{{progress, Always}, {serializable, Holds}, {conserved, Holds}},
			Least:      seconds(1),
			Chaos:      6 * time.Second,
			Quiet:      6 * time.Second,
			Live:       naiveLive(v),
		}
	}
	s.Config = func(Values) sim.Config {
		return sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(naiveLatency)}, Disk: sim.DiskConfig{Sync: sim.Fixed(naiveSync)}}
	}
	s.Script = oneLost
	s.Build = func(b *Build) {
		coordinator, participant := naive.Timeout(naiveConfig(b.Values))
		addNaive(b, coordinator, participant)
		b.World.AddInvariant(naive.TimeoutInvariants()...)
	}
	return s
}

// naiveTwin is what they have in common; each client has so many transfers at least.
func naiveTwin(name, shows, problem string, each int) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{problem},
		Twin:     "twopc",
		Params: []Param{
			{Name: "participants", Default: "3", Min: 2, Max: 5, Help: "servers that keep accounts; accounts are dealt out to them in turn"},
			{Name: "clients", Default: "4", Min: 1, Max: 20, Help: "clients, each with one transfer at a time among accounts of its own"},
			{Name: "accounts", Default: "12", Min: 2, Max: 100, Help: "accounts of the bank, each with 100 at first"},
			{Name: "ops", Default: "60", Min: 8, Max: 1000, Help: "transfers in all, dealt out evenly"},
		},
		Validate: func(v Values) error { return errors.Join(enoughAccounts(v), enoughTransfers(v, each)) },
		Config: func(Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 4*time.Millisecond)}, Disk: disks()}
		},
		Judge: judgeBank,
	}
}

// The fewest transfers of a client: a script that waits for a message counts to four of
// its kind at most. One that strikes at a time, within 300 ms, needs clients that are
// still busy: a transfer and the pause before it take 50 ms on average, and 25 ms at least.
const (
	enoughToCount = 4
	enoughToBeHit = 10
)

// enoughTransfers makes sure that what the script waits for comes.
func enoughTransfers(v Values, each int) error {
	if need := each * v.Int("clients"); v.Int("ops") < need {
		return fmt.Errorf("ops=%d: each of %d clients needs %d; want %d or more", v.Int("ops"), v.Int("clients"), each, need)
	}
	return nil
}

// naiveLatency and naiveSync are those of the twin without timeouts: no chance, so
// that what stands still can be proved to.
const (
	naiveLatency = time.Millisecond
	naiveSync    = time.Millisecond
)

// declareForgotten is what a crash does to a twin that keeps in memory what it should
// save. What is missing at one participant can be made up for by what is missing of
// another transaction, so that the sum may be right.
func declareForgotten(always ...Declared) Declaration {
	return Declaration{
		Model:      faults.Model{Kinds: []faults.Kind{"crash", "filter"}, MaxDown: 1, Types: lostTypes[:], Most: time.Minute},
		Properties: append([]Declared{{"twopc.agreement", Always}, {serializable, Always}, {conserved, Sometimes}}, always...),
		Least:      seconds(5),
		Chaos:      20 * time.Second,
		Quiet:      30 * time.Second,
	}
}

// naiveConfig is the plain protocol: participants do not ask each other, which would put
// right some of what the coordinator gets wrong.
func naiveConfig(v Values) twopc.Config {
	cfg := bankConfig(v, twopc.Alone)
	cfg.AskPeers = false
	return cfg
}

// addNaive adds a cluster and its clients.
func addNaive(b *Build, coordinator, participant func() sim.Node) {
	b.World.AddServer(coordinator)
	for range b.Values.Int("participants") {
		b.World.AddServer(participant)
	}
	n, total := b.Values.Int("clients"), b.Values.Int("ops")
	for i := range n {
		c := twopc.Client{Config: naiveConfig(b.Values), Own: true, Most: 3, Think: sim.Uniform(20*time.Millisecond, 60*time.Millisecond)}
		c.Ops = (total + n - 1 - i) / n
		b.World.AddClient(c.Node)
	}
	b.Asks(total)
}

// addAuditor adds a client that looks at all accounts when all is over.
func addAuditor(b *Build) {
	audit := twopc.Audit(b.Values.Int("accounts"))
	c := twopc.Client{Config: naiveConfig(b.Values), Listed: []ops.Transaction{audit, audit}, Think: sim.Fixed(4 * time.Second)}
	b.World.AddClient(c.Node)
	b.Asks(b.Values.Int("ops") + len(c.Listed))
}

// victim is a participant that the seed picks.
func victim(v Values, seed uint64) sim.NodeID {
	return sim.Server(2 + drawnBelow(seed, "victim", v.Int("participants")))
}

// crashInMidBroadcast lets one participant not hear of any decision for a while, and
// crashes the coordinator within it.
func crashInMidBroadcast(v Values, seed uint64) []faults.Entry {
	at := sim.Time(drawnTime(seed, "commits are lost", 1, 100*time.Millisecond, 300*time.Millisecond))
	return []faults.Entry{
		{Fault: faults.Filter{Type: "twopc.Commit", From: []sim.NodeID{sim.Server(1)}, To: []sim.NodeID{victim(v, seed)}},
			At: at, For: 200 * time.Millisecond},
		{Fault: faults.Crash{Target: faults.On(sim.Server(1))}, At: at + sim.Time(150*time.Millisecond), For: 300 * time.Millisecond},
	}
}

// crashAfterVote crashes a participant as soon as one of its first votes has been heard:
// so early that no account can have run short, and the vote was a yes.
func crashAfterVote(v Values, seed uint64) []faults.Entry {
	who := victim(v, seed)
	return []faults.Entry{{
		Fault: faults.Crash{Target: faults.On(who)},
		After: sim.Identity{Subject: sim.OfMessage, Node: who, Peer: sim.Server(1), Name: "twopc.Vote", K: someOfFirst(seed)},
		For:   300 * time.Millisecond,
	}}
}

// someOfFirst is 2, 3 or 4.
func someOfFirst(seed uint64) uint64 { return 2 + uint64(drawnBelow(seed, "which", 3)) }

// drawnBelow is a number below n that the seed picks.
func drawnBelow(seed uint64, what string, n int) int {
	return int(sim.Draw(seed, sim.Identity{Subject: sim.OfPlanner, Name: what, K: 1}) % uint64(n))
}

// lostTypes are the messages whose loss leaves somebody in doubt.
var lostTypes = [...]string{"twopc.Prepare", "twopc.Vote", "twopc.Commit"}

// oneLost cuts a link for the message that follows from another: the prepare of a
// transaction that is asked for, the vote on that, or the decision that the vote is part
// of. That comes within two round trips, and as many syncs as there can be in its way:
// one promise and one decision of each client. Others of its kind that are on their way
// meanwhile are lost with it.
func oneLost(v Values, seed uint64) []faults.Entry {
	who, n1 := victim(v, seed), sim.Server(1)
	lost := faults.Filter{Type: lostTypes[drawnBelow(seed, "type", len(lostTypes))], From: []sim.NodeID{n1}, To: []sim.NodeID{who}}
	after := sim.Identity{Subject: sim.OfMessage, K: someOfFirst(seed)}
	switch lost.Type {
	case "twopc.Prepare":
		after.Node, after.Peer, after.Name = sim.Client(1), n1, "twopc.Begin" // its first finds out in which epoch n1 is
	case "twopc.Vote":
		after.Node, after.Peer, after.Name = n1, who, "twopc.Prepare"
		lost.From, lost.To = lost.To, lost.From
	case "twopc.Commit":
		after.Node, after.Peer, after.Name = who, n1, "twopc.Vote"
	}
	return []faults.Entry{{Fault: lost, After: after, For: 4*naiveLatency + time.Duration(2*v.Int("clients"))*naiveSync}}
}

// naiveLive promises that an audit of all accounts is settled while all servers are well.
// Nothing is left to chance: two round trips and three syncs are 7 ms. A client gives up
// after 4 s, so that in a bank that works nobody is in the way for longer.
func naiveLive(v Values) *Liveness {
	cfg := naiveConfig(v)
	return &Liveness{
		Core:  faults.AnyOf(1 + v.Int("participants")),
		Bound: seconds(10),
		Why:   "two round trips and three syncs, 7 ms, after whatever is under way; nothing is drawn, so there is no false alarm",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			return b.World.AddClient(twopc.Client{Config: cfg, Ops: 1, Audits: 10, Deadline: patience}.Node)
		},
	}
}
