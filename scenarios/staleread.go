package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/sim"
)

// staleRead is Raft whose leader answers gets from its memory: one that was
// deposed and has not heard of it gives values that have been overwritten
// (Jepsen on etcd 0.4.1).
func staleRead() *Scenario {
	s := readFamily("stale-read", "a deposed leader answers gets from its memory: old values", kv.FromMemory)
	s.Twin = "stale-read-index"
	declare := s.Declare
	s.Declare = func(v Values) Declaration {
		d := declare(v)
		d.Properties = []Declared{{linearizable, Sometimes}}
		return d
	}
	return s
}

// staleReadIndex is its fix: before a leader answers, a quorum confirms that it
// still leads.
func staleReadIndex() *Scenario {
	s := readFamily("stale-read-index", "the same isolated leaders with ReadIndex: none answers before a quorum confirms it", kv.ByIndex)
	s.Twin = "stale-read"
	return s
}

// readFamily is Raft under isolated leaders, with one way to answer gets. Its
// clients mostly read: an old value is seen by one that reads, and does not write,
// from before the election until another has written the same key at the new
// leader. Of 1,000 seeds of stale-read 787 have such a pair.
func readFamily(name, shows string, reads kv.Reads) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"data-inconsistency"},
		Validate: twoClients,
		Params:   defaults(kvParams("5", 3), Value{"clients", "4"}, Value{"ops", "400"}),
		Declare: func(v Values) Declaration {
			d := declareRaft(v)
			d.Chaos = 12 * time.Second
			return d
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Script: isolateLeaders,
		Build: func(b *Build) {
			addServers(b, kv.Config{Reads: reads})
			addClients(b, splitThink(), kv.Mix{Get: 8, Put: 1})
		},
		Judge: judgeKV,
	}
}

// isolateLeaders cuts the leader off from the other servers, twice, for longer
// than they wait for one. Clients reach both sides, and those that only read for a
// while have no reason to leave the old one.
func isolateLeaders(_ Values, seed uint64) []faults.Entry {
	draw := func(what string, k int, least, most time.Duration) time.Duration {
		return drawnTime(seed, "isolate "+what, k, least, most)
	}
	var plan []faults.Entry
	at := time.Duration(0)
	for k := 1; k <= 2; k++ {
		at += draw("at", k, 600*time.Millisecond, 1200*time.Millisecond)
		e := faults.Entry{Fault: faults.Isolate{Target: faults.Aim(faults.Leader)}, At: sim.Time(at), For: draw("for", k, 600*time.Millisecond, 2*time.Second)}
		plan = append(plan, e)
		at += e.For
	}
	return plan
}

// drawnTime is a span that a script draws from the seed, in steps of 100 µs. What and k,
// which counts those of one kind, are its identity.
func drawnTime(seed uint64, what string, k int, least, most time.Duration) time.Duration {
	id := sim.Identity{Subject: sim.OfPlanner, Name: what, K: uint64(k)}
	x := time.Duration(sim.Draw(seed, id) % uint64(most-least))
	return (least + x).Truncate(100 * time.Microsecond)
}
