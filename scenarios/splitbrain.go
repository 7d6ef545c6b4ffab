package scenarios

import (
	"fmt"
	"time"

	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/nodes/primary"
	"distsim/sim"
)

// onePrimary is the property that a primary-backup store needs: at most one
// server believes that it is the primary.
const onePrimary = "one-primary"

// ackedKept is the property that what was acknowledged is not thrown away.
const ackedKept = "acknowledged-writes-kept"

// splitBrain is a primary-backup store without quorum under one partition.
func splitBrain() *Scenario {
	return &Scenario{
		Name:     "split-brain",
		Shows:    "two primaries during a partition, and acknowledged writes lost after it",
		Problems: []string{"split-brain", "data-inconsistency", "single-writer"},
		Twin:     "split-brain-quorum",
		Params:   splitParams(),
		Validate: twoClients,
		Declare: func(v Values) Declaration {
			d := declareSplit(v)
			seen := Sometimes
			if busy(v) {
				seen = Always
			}
			d.Properties = []Declared{{onePrimary, Always}, {ackedKept, seen}, {linearizable, seen}}
			return d
		},
		Config: splitConfig,
		Script: splitFaults,
		Build: func(b *Build) {
			for range b.Values.Int("nodes") {
				b.World.AddServer(primary.New(primary.Config{}))
			}
			b.World.AddInvariant(atMostOnePrimary{}, nothingThrownAway{})
			addKVClients(b, splitThink())
		},
		Judge: judgeKV,
	}
}

// splitBrainQuorum is the same plan on Raft.
func splitBrainQuorum() *Scenario {
	return &Scenario{
		Name:     "split-brain-quorum",
		Shows:    "the same partition on Raft: terms and a quorum let only one side go on",
		Problems: []string{"split-brain", "data-inconsistency", "single-writer"},
		Twin:     "split-brain",
		Params:   splitParams(),
		Validate: twoClients,
		Declare: func(v Values) Declaration {
			d := declareSplit(v)
			d.Properties = []Declared{{linearizable, Holds}}
			d.Live = kvLive(v.Int("nodes"))
			return d
		},
		Config: splitConfig,
		Script: splitFaults,
		Build: func(b *Build) {
			addServers(b, kv.Config{})
			addKVClients(b, splitThink())
		},
		Judge: judgeKV,
	}
}

// splitAt is when the partition begins: every server has heard from every other.
const splitAt = sim.Time(500 * time.Millisecond)

func splitParams() []Param {
	params := defaults(kvParams("5", 3), Value{"clients", "4"})
	return append(params, Param{Name: "partition", Kind: Duration, Default: "2s", Help: "how long the partition lasts",
		Min: int64(500 * time.Millisecond), Max: int64(time.Minute)})
}

// twoClients makes sure that both sides of the partition are asked.
func twoClients(v Values) error {
	if v.Int("clients") < 2 {
		return fmt.Errorf("clients=%d: both sides of the partition need one; want 2 or more", v.Int("clients"))
	}
	return nil
}

// busy reports whether the parameters make sure that both sides write, and read
// again, the same keys while the partition lasts and after it.
func busy(v Values) bool {
	return v.Int("ops") >= 50*v.Int("clients") && v.Int("clients") >= 4 && v.Int("keys") >= 2 && v.Int("keys") <= 8 &&
		v.Duration("partition") >= time.Second && v.Duration("partition") <= 2*time.Second
}

func splitThink() sim.Dist { return sim.Uniform(10*time.Millisecond, 60*time.Millisecond) }

func splitConfig(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} }

// declareSplit allows partitions only: they are enough.
func declareSplit(v Values) Declaration {
	return Declaration{
		Model: faults.Model{Kinds: []faults.Kind{"partition", "isolate"}, Most: time.Minute},
		// Long enough to see what healing does, whatever the clients do.
		Least: time.Duration(splitAt) + v.Duration("partition") + time.Second,
		Chaos: 70 * time.Second,
		Quiet: 30 * time.Second,
	}
}

// splitFaults cuts the servers into a smaller half with the lowest names and a
// larger one, and the clients likewise.
func splitFaults(v Values, _ uint64) []faults.Entry {
	side := func(n int, name func(int) sim.NodeID) (a, b []sim.NodeID) {
		for i := 1; i <= n; i++ {
			if i <= n/2 {
				a = append(a, name(i))
			} else {
				b = append(b, name(i))
			}
		}
		return a, b
	}
	few, many := side(v.Int("nodes"), sim.Server)
	c1, c2 := side(v.Int("clients"), sim.Client)
	return []faults.Entry{{
		Fault: faults.Partition{Groups: [][]sim.NodeID{append(few, c1...), append(many, c2...)}},
		At:    splitAt,
		For:   v.Duration("partition"),
	}}
}

// atMostOnePrimary looks at what the servers believe.
type atMostOnePrimary struct{}

func (atMostOnePrimary) Name() string { return onePrimary }

func (atMostOnePrimary) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	if !node.IsServer() || !believes(w, node) {
		return nil
	}
	for i := 1; i <= w.ServerCount(); i++ {
		if other := sim.Server(i); other != node && believes(w, other) {
			a, b := min(node, other), max(node, other)
			return &sim.Violation{
				Detail: fmt.Sprintf("%v and %v both believe they are the primary", a, b),
				Nodes:  []sim.NodeID{a, b},
				Fields: []sim.Place{{Node: a, Field: "role"}, {Node: b, Field: "role"}},
			}
		}
	}
	return nil
}

// believes reports whether a server thinks it is the primary.
func believes(w *sim.World, id sim.NodeID) bool {
	s, ok := w.Node(id).(*primary.Server)
	return ok && s.Leads()
}

// nothingThrownAway looks at what a primary does with its store when it steps
// down.
type nothingThrownAway struct{}

func (nothingThrownAway) Name() string { return ackedKept }

func (nothingThrownAway) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	s, ok := w.Node(node).(*primary.Server)
	if !ok || len(s.Lost()) == 0 {
		return nil
	}
	last := s.Lost()[len(s.Lost())-1]
	return &sim.Violation{
		Detail: fmt.Sprintf("%v stepped down and threw away what it had acknowledged on %s, such as %s = %q",
			node, Plural(len(s.Lost()), "key"), last.Key, last.Value),
		Nodes:  []sim.NodeID{node},
		Fields: []sim.Place{{Node: node, Field: "lost"}, {Node: node, Field: "role"}},
	}
}
