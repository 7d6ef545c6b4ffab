package scenarios

import (
	"fmt"
	"time"

	"distsim/faults"
	"distsim/nodes/snowflake"
	"distsim/nodes/snowflake/invariant"
	"distsim/nodes/snowflake/naive"
	"distsim/sim"
)

// snowflakeBurst asks for more than a millisecond has, all the time.
func snowflakeBurst() *Scenario {
	return &Scenario{
		Name:     "snowflake-burst",
		Shows:    "far more than 4,096 ids wanted in a millisecond: generators go on with the next one, and give out all that 12 bits allow",
		Problems: []string{"data-inconsistency"},
		Twin:     "snowflake-naive",
		Params: append(append(idParams("2", "12", "96", "40960"), policyParams()...),
			Param{Name: "faults", Kind: Bool, Default: "false", Help: "whether the seed draws some; without, what is measured is the generators alone"}),
		Declare: func(v Values) Declaration {
			return Declaration{
				Model: idModel(v.Int("nodes")),
				Chaos: 10 * time.Second,
				Quiet: 30 * time.Second,
				Live:  idLive(v),
			}
		},
		Config: calm,
		Script: func(v Values, seed uint64) []faults.Entry {
			if !v.Bool("faults") {
				return []faults.Entry{}
			}
			return drawnBeside(nil, idModel(v.Int("nodes")), v.Int("nodes"), seed, time.Second)
		},
		Build: func(b *Build) {
			cfg := idConfig(b.Values)
			addGenerators(b, cfg)
			addIDClients(b, snowflake.Client{Apart: true, Timeout: cfg.Patience + 10*time.Second})
			measureLoad(b)
		},
	}
}

// load is what a generator has given out, and when.
type load struct {
	ids         int64 // without those of the first answer, whose work began before
	first, last sim.Time
}

// measureLoad takes how many ids a generator gives out in a second, from its first answer
// to its last.
func measureLoad(b *Build) {
	loads := make([]load, b.World.ServerCount())
	n := b.Values.Int("clients") // those after them only probe
	b.World.AddInvariant(sim.ObserveSends(func(w *sim.World, from, to sim.NodeID, m sim.Message) {
		if r, ok := m.(*snowflake.Reply); ok && r.Status == snowflake.Issued && to.Ordinal() <= n {
			loads[from.Ordinal()-1].add(w.Now(), r)
		}
	}))
	sum := func() (ids, us int64) {
		for _, l := range loads {
			ids, us = ids+l.ids, us+time.Duration(l.last-l.first).Microseconds()
		}
		return ids, us
	}
	b.Ratio(perSecond, func() (num, den int64) {
		ids, us := sum()
		return ids * 1_000_000, us
	})
	b.Ratio(ofCapacity, func() (num, den int64) {
		ids, us := sum()
		return ids * 1000, us * snowflake.PerMilli
	})
}

func (l *load) add(now sim.Time, r *snowflake.Reply) {
	if l.last = now; l.first == 0 {
		l.first = now
		return
	}
	for _, run := range r.Runs {
		l.ids += int64(run.N)
	}
}

// snowflakeWorker gives two generators one worker id.
func snowflakeWorker() *Scenario {
	return &Scenario{
		Name:     "snowflake-worker",
		Shows:    "two generators with one worker id: both count from 0 in the same millisecond, and their ids collide",
		Problems: []string{"single-writer", "data-inconsistency"},
		Twin:     "snowflake",
		Params: append(idParams("2", "4", "80", "20480"),
			Param{Name: "distinct", Kind: Bool, Default: "false", Help: "each generator has a worker id of its own"}),
		Declare: func(v Values) Declaration {
			return Declaration{
				Properties: []Declared{{idsUnique, collides(v)}},
				Chaos:      10 * time.Second,
				Quiet:      30 * time.Second,
			}
		},
		Config: calm,
		Build: func(b *Build) {
			cfg := snowflake.Config{}
			for i := range b.Values.Int("nodes") {
				w := ownWorker(1)
				if b.Values.Bool("distinct") {
					w = ownWorker(i + 1)
				}
				b.World.AddServer(cfg.Server(w))
			}
			b.World.AddInvariant(cfg.Invariants()...)
			addIDClients(b, snowflake.Client{Apart: true, Timeout: 10 * time.Second})
		},
	}
}

// collides is what is promised about one worker id: that ids collide as soon as two
// generators are at work in one millisecond, which is certain if each is all the time.
// A client's round trip takes 20 ms at most; a batch, at 4,096 ids a millisecond, no less
// than 5 ms where that is promised.
func collides(v Values) Promise {
	each := v.Int("clients") / v.Int("nodes")
	switch {
	case v.Bool("distinct") || v.Int("nodes") == 1:
		return Holds
	case each >= 2 && v.Int("ops") >= 20*v.Int("clients") && v.Int("batch") >= 5*snowflake.PerMilli:
		return Always
	default:
		return Open
	}
}

// snowflakeNaive is the generator as it is copied from page to page.
func snowflakeNaive() *Scenario {
	return &Scenario{
		Name:     "snowflake-naive",
		Shows:    "the generator as it is copied from page to page: a full millisecond, and a clock that goes back, make it repeat itself",
		Problems: []string{"data-inconsistency"},
		Twin:     "snowflake-rollback",
		Params:   append(idParams("2", "4", "80", "8192"), backParam("50ms")),
		Validate: func(v Values) error {
			if v.Int("batch") <= snowflake.PerMilli {
				return fmt.Errorf("batch=%d: that need not be too much for a millisecond; want %d or more", v.Int("batch"), snowflake.PerMilli+1)
			}
			return nil
		},
		Declare: func(v Values) Declaration {
			return Declaration{
				Model:      faults.Model{Kinds: []faults.Kind{"clock_step"}, Step: idStep},
				Properties: []Declared{{idsUnique, Always}, {idsIncreasing, Always}},
				Chaos:      10 * time.Second,
				Quiet:      30 * time.Second,
			}
		},
		Config: calm,
		Script: func(v Values, seed uint64) []faults.Entry {
			target := faults.On(sim.Server(1 + drawnBelow(seed, "whose clock", v.Int("nodes"))))
			return []faults.Entry{{Fault: faults.ClockStep{Target: target, By: -v.Duration("back")},
				At: sim.Time(drawnTime(seed, "clock goes back", 1, 100*time.Millisecond, 250*time.Millisecond))}}
		},
		Build: func(b *Build) {
			for i := range b.Values.Int("nodes") {
				b.World.AddServer(naive.New(ownWorker(i + 1)))
			}
			b.World.AddInvariant(invariant.All(invariant.System{Epoch: sim.WallEpoch})...)
			addIDClients(b, snowflake.Client{Apart: true, Think: sim.Uniform(0, 10*time.Millisecond)})
		},
	}
}
