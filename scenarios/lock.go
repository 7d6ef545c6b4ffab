package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/lock/resource"
	"distsim/sim"
)

// lockScenario is the lock service under everything that it promises to survive, clocks
// within their bound included.
func lockScenario() *Scenario {
	return &Scenario{
		Name:     "lock",
		Shows:    "locks with leases on a Raft group, under failures of servers and clocks within their bound: one holder at a time, in true time",
		Problems: []string{"split-brain", "single-writer"},
		Twin:     "lock-naive-put",
		Params:   lockParams("80"),
		Validate: leaseFits,
		Script:   leaseTrials,
		Declare: func(v Values) Declaration {
			return Declaration{
				Model:      lockModel(v),
				Properties: []Declared{{oneHolder, Holds}, {noStaleWrite, Holds}, {linearizable, Holds}},
				Chaos:      6 * time.Second,
				Quiet:      30 * time.Second,
				Live:       lockLive(v),
			}
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Build: func(b *Build) {
			l := &lockWorld{cfg: lockConfig(b.Values), client: lockClient(), resource: &resource.Config{ChecksTokens: true}, lasting: true}
			l.build(b)
		},
	}
}

// lockClient is the workload of most lock scenarios: many short sections.
func lockClient() lock.Client {
	return lock.Client{
		Mix:   lock.Mix{Acquire: 6, Try: 2, Watch: 1, Inspect: 1},
		Wait:  sim.Uniform(50*time.Millisecond, 2*time.Second),
		Think: sim.Uniform(0, 60*time.Millisecond),
	}
}

// lockPause is a resource that does not check tokens.
func lockPause() *Scenario {
	s := pausedHolder("lock-pause", "a holder is paused beyond its lease and writes late, over the work of the next holder: the lease has not protected the resource", false)
	s.Twin = "lock-fencing"
	return s
}

// lockFencing is the same with one that does.
func lockFencing() *Scenario {
	s := pausedHolder("lock-fencing", "the same paused holder, and a resource that checks fencing tokens: the late write is refused", true)
	s.Twin = "lock-pause"
	return s
}

// pausedHolder is a holder that does not see its lease end.
func pausedHolder(name, shows string, fenced bool) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"split-brain", "single-writer"},
		Params: append(lockParams("120"),
			Param{Name: "pauses", Default: "3", Min: 1, Max: 20, Help: "how often a holder is paused"}),
		Validate: leaseFits,
		Declare: func(v Values) Declaration {
			d := Declaration{
				Model:      pauseModel(v),
				Properties: []Declared{{noStaleWrite, Holds}, {linearizable, Holds}},
				Least:      seconds(3),
				Chaos:      seconds(60),
				Quiet:      seconds(30),
				Live:       lockLive(v),
			}
			if !fenced {
				d.Properties = []Declared{{noStaleWrite, Sometimes}, {oneHolder, Sometimes}, {linearizable, Holds}}
			}
			return d
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan(), Disk: disks()} },
		Script: pausesOfHolders,
		Build: func(b *Build) {
			l := &lockWorld{cfg: lockConfig(b.Values), client: lockClient(), resource: &resource.Config{ChecksTokens: fenced}, zombies: fenced}
			l.build(b)
		},
	}
}

// pauseModel is what the lock service must survive, with pauses of clients.
func pauseModel(v Values) faults.Model {
	m := lockModel(v)
	m.ClientKinds = append(m.ClientKinds, "pause")
	m.Most = max(m.Most, 4*v.Duration("ttl"))
	return m
}

// pausesOfHolders pauses whoever is in a critical section, each time for longer than the
// lease.
func pausesOfHolders(v Values, seed uint64) []faults.Entry {
	var plan []faults.Entry
	at := time.Second
	for k := range v.Int("pauses") {
		at += drawnTime(seed, "holder pauses", k+1, 0, time.Second)
		lasts := drawnTime(seed, "for", k+1, v.Duration("ttl"), 2*v.Duration("ttl"))
		plan = append(plan, faults.Entry{Fault: faults.Pause{Target: faults.Aim(faults.Holder)}, At: sim.Time(at), For: lasts})
		at += lasts
	}
	return plan
}
