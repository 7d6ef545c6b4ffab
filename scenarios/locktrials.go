package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/sim"
)

// Faults that strike anywhere at any time seldom put a lease to the test: that takes
// several at the right moment. So seven in ten runs of lock are one of these trials; the
// others are left to the planner.

// leaseTrials makes users slow and servers fast, as far as the bound lets them, and is
// about one way to lose a lease.
func leaseTrials(v Values, seed uint64) []faults.Entry {
	trials := [...]func(v Values, seed uint64) []faults.Entry{answersLost, leaderAlone, nil, holderUnheard, overtaking, noRenewals, nil, holderLost, nil, lateCopies}
	trial := trials[seed%uint64(len(trials))]
	if trial == nil {
		return nil
	}
	return append(worstClocks(v), trial(v, seed)...)
}

// worstClocks are those that leave leases the least time.
func worstClocks(v Values) []faults.Entry {
	most := lockModel(v).DriftPPM
	return []faults.Entry{
		{Fault: faults.ClockDrift{Target: faults.On(servers(1, lockServers)...), PPM: most}},
		{Fault: faults.ClockDrift{Target: faults.On(clients(v.Int("clients"))...), PPM: -most}},
	}
}

// leaderAlone cuts leaders off from their group, and not from users: who renews a lease
// with such a leader has nothing.
func leaderAlone(v Values, seed uint64) []faults.Entry {
	return inTurn(v, seed, func(int) faults.Fault { return faults.Isolate{Target: faults.Aim(faults.Leader)} })
}

// holderUnheard cuts what a holder says, and lets users hear answers late.
func holderUnheard(v Values, seed uint64) []faults.Entry {
	plan := inTurn(v, seed, func(int) faults.Fault {
		return faults.PartitionOneWay{Scope: faults.Scope{Target: faults.Aim(faults.Holder), Way: faults.Out}}
	})
	return append(plan, lasting(v, answersLate(v))...)
}

// noRenewals lets no renewal through, so that every session lasts for one lease.
func noRenewals(v Values, seed uint64) []faults.Entry {
	plan := inTurn(v, seed, func(int) faults.Fault { return faults.Filter{Type: "locks/lock.KeepAlive"} })
	return append(plan, lasting(v, answersLate(v))...)
}

// answersLost lets half of the users hear nothing about their requests, and has their
// leases renewed: they give up what may have been done.
func answersLost(v Values, seed uint64) (plan []faults.Entry) {
	deaf := clients((v.Int("clients") + 1) / 2)
	most := lockModel(v).Most
	at := drawnTime(seed, "trial", 1, 0, v.Duration("ttl"))
	for range 2 {
		plan = append(plan, faults.Entry{Fault: faults.Filter{Type: "locks/lock.Reply", To: deaf}, At: sim.Time(at), For: most})
		at += most
	}
	return plan
}

// overtaking doubles and delays what users say: a request may come after its cancel.
func overtaking(v Values, seed uint64) []faults.Entry { return copies(v, v.Duration("ttl")/4) }

// lateCopies delays it for so long that copies come when their session is over.
func lateCopies(v Values, seed uint64) []faults.Entry { return copies(v, lockModel(v).Delay) }

func copies(v Values, late time.Duration) []faults.Entry {
	say := faults.Scope{Target: faults.On(clients(v.Int("clients"))...), Way: faults.Out}
	return lasting(v, faults.Duplicate{PPM: lockModel(v).DuplicatePPM, Scope: say}, faults.Delay{Extra: sim.Uniform(0, late), Scope: say})
}

// answersLate delays what users hear, by up to half a lease.
func answersLate(v Values) faults.Fault {
	return faults.Delay{Extra: sim.Uniform(0, v.Duration("ttl")/2), Scope: faults.Scope{Target: faults.On(clients(v.Int("clients"))...), Way: faults.In}}
}

// lasting has faults in force most of the time, twice for as long as the model lets them.
func lasting(v Values, all ...faults.Fault) (plan []faults.Entry) {
	most := lockModel(v).Most
	for k := range 2 {
		for _, f := range all {
			plan = append(plan, faults.Entry{Fault: f, At: sim.Time(k) * sim.Time(most+time.Millisecond), For: most}) // not both at once
		}
	}
	return plan
}

// holderLost cuts holders off altogether, or crashes them.
func holderLost(v Values, seed uint64) []faults.Entry {
	return inTurn(v, seed, func(k int) faults.Fault {
		if k%3 == 0 {
			return faults.Crash{Target: faults.Aim(faults.Holder)}
		}
		return faults.Isolate{Target: faults.Aim(faults.Holder)}
	})
}

// inTurn has a fault strike for one to two leases, and again after a rest.
func inTurn(v Values, seed uint64, strike func(k int) faults.Fault) (plan []faults.Entry) {
	ttl, at := v.Duration("ttl"), 500*time.Millisecond
	for k := 1; k <= 3; k++ {
		at += drawnTime(seed, "trial", k, 0, ttl)
		lasts := drawnTime(seed, "lasts", k, ttl, 2*ttl)
		plan = append(plan, faults.Entry{Fault: strike(k), At: sim.Time(at), For: lasts})
		at += lasts
	}
	return plan
}
