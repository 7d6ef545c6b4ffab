package scenarios

import (
	"strconv"
	"time"

	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/snowflake"
	"distsim/sim"
)

// snowflakeScenario is generators that lease their worker ids, under everything.
func snowflakeScenario() *Scenario {
	return &Scenario{
		Name:     "snowflake",
		Shows:    "generators that lease their worker ids from a lock service, under everything that goes wrong with clocks, machines and networks: no id comes twice",
		Problems: []string{"single-writer", "data-inconsistency"},
		Twin:     "snowflake-worker",
		Params: append(append(idParams("3", "24", "480", "500"), policyParams()...),
			Param{Name: "workers", Default: "2", Min: 1, Max: 32, Help: "worker ids that there are; generators that have none stand by"},
			Param{Name: "ttl", Kind: Duration, Default: "400ms", Min: int64(200 * time.Millisecond), Max: int64(time.Minute), Help: "how long a lease lasts that is not renewed"}),
		Declare: func(v Values) Declaration {
			return Declaration{
				Model:      idModel(lockServers + v.Int("nodes")),
				Properties: []Declared{{idsUnique, Holds}, {idsIncreasing, Holds}},
				Least:      3 * time.Second,
				Chaos:      6 * time.Second,
				Quiet:      30 * time.Second,
				Live:       leasedLive(v),
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Script: workersChangeHands,
		Build: func(b *Build) {
			cfg, lease := idConfig(b.Values), idLease(b.Values)
			for range lockServers {
				b.World.AddServer(lease.Service.Server)
			}
			for range b.Values.Int("nodes") {
				b.World.AddServer(cfg.Leased(lease))
			}
			b.World.AddInvariant(cfg.LeasedInvariants()...)
			addIDClients(b, snowflake.Client{Think: idThink(), Skip: lockServers, Timeout: cfg.Patience + time.Second, Deadline: 2 * time.Second})
		},
	}
}

// wrongBy is how far the clocks of all generators together are off in the script; the fault
// model has room for a little more.
const wrongBy = 1800 * time.Millisecond

// workersChangeHands takes worker ids away from generators, three times: one is down, or
// paused, or cut off from the service, for longer than its lease lasts, and another one
// gets its worker id, with another clock.
func workersChangeHands(v Values, seed uint64) []faults.Entry {
	const chaos = 6 * time.Second
	var plan []faults.Entry
	most := wrongBy / time.Duration(v.Int("nodes"))
	for i := range v.Int("nodes") {
		if by := drawnTime(seed, "wrong by", i+1, 0, 2*most) - most; by != 0 {
			plan = append(plan, faults.Entry{Fault: faults.ClockOffset{Target: faults.On(sim.Server(lockServers + i + 1)), By: by}})
		}
	}
	for k := 1; k <= 3; k++ {
		at := drawnTime(seed, "a generator is away", k, time.Second, 4*time.Second)
		target := faults.On(sim.Server(lockServers + 1 + int(at/100_000)%v.Int("nodes")))
		away := []faults.Fault{faults.Crash{Target: target}, faults.Pause{Target: target}, faults.Isolate{Target: target}}
		plan = append(plan, faults.Entry{Fault: away[drawnBelow(seed, "how "+strconv.Itoa(k), len(away))], At: sim.Time(at),
			For: drawnTime(seed, "for", k, v.Duration("ttl"), 2*v.Duration("ttl")+time.Second)})
	}
	n := lockServers + v.Int("nodes")
	return drawnBeside(plan, idModel(n), n, seed, chaos)
}

func idLease(v Values) snowflake.Lease {
	return snowflake.Lease{Service: lock.Config{Servers: lockServers, TTL: v.Duration("ttl")}, Workers: v.Int("workers")}
}

// leasedLive promises that a fresh client gets an id while one generator and a majority of
// the service are well.
//
// The bound: the service has a leader within 270 s, as for a store (kvLive, with three
// servers); sessions of those that are gone then end within a lease, and the generator has
// a worker id; its mark and its clock take what idLive says. A client goes round all
// generators in turn; 1 % of all messages are lost.
func leasedLive(v Values) *Liveness {
	cfg := idConfig(v)
	timeout := cfg.Patience + time.Second
	return &Liveness{
		Core:  []faults.Group{{Members: servers(1, lockServers), Well: lockServers/2 + 1}, {Members: servers(lockServers+1, v.Int("nodes")), Well: 1}},
		Bound: seconds(300) + 2*v.Duration("ttl") + seconds(16) + 10*time.Duration(v.Int("nodes"))*timeout,
		Why:   "elections as for Raft; two leases; 16 s for the clock; ten rounds of attempts, each lost with a chance of 0.02; false alarm below 1e-9",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			return b.World.AddClient(snowflake.Client{Ops: 1, Skip: lockServers, Timeout: timeout, Deadline: patience}.Node)
		},
	}
}
