package scenarios

import (
	"time"

	"distsim/faults"
	"distsim/nodes/snowflake"
	"distsim/sim"
	"distsim/sim/history"
)

// snowflakeRollback sets clocks back under generators that are busy.
func snowflakeRollback() *Scenario {
	s := clockFamily("snowflake-rollback", "a clock goes back under a busy generator: it refuses, or holds requests until the clock has caught up, and no id comes twice")
	s.Params = append(s.Params, backParam("500ms"))
	s.Script = func(v Values, seed uint64) []faults.Entry {
		var steps []faults.Entry
		for k := 1; k <= 2; k++ {
			target := faults.On(sim.Server(1 + drawnBelow(seed, "whose clock", v.Int("nodes"))))
			steps = append(steps, faults.Entry{Fault: faults.ClockStep{Target: target, By: -v.Duration("back")},
				At: sim.Time(drawnTime(seed, "clock goes back", k, 300*time.Millisecond, 2*time.Second))})
		}
		return drawnBeside(steps, idModel(v.Int("nodes")), v.Int("nodes"), seed, idChaos)
	}
	return s
}

// snowflakeRestart sets a clock back while its generator is down.
func snowflakeRestart() *Scenario {
	s := clockFamily("snowflake-restart", "a generator crashes, and its clock goes back before it starts again: it begins after the mark on its disk")
	s.Params = append(s.Params, backParam("1s"),
		Param{Name: "down", Kind: Duration, Default: "200ms", Min: int64(time.Millisecond), Max: int64(3 * time.Second), Help: "how long it is down"})
	s.Script = func(v Values, seed uint64) []faults.Entry {
		target := faults.On(sim.Server(1 + drawnBelow(seed, "who crashes", v.Int("nodes"))))
		at, down := sim.Time(drawnTime(seed, "crash", 1, 300*time.Millisecond, 2*time.Second)), v.Duration("down")
		model := idModel(v.Int("nodes"))
		crash := faults.Crash{Target: target, Model: model.CrashModels[drawnBelow(seed, "crash model", len(model.CrashModels))]}
		return drawnBeside([]faults.Entry{
			{Fault: crash, At: at, For: down},
			{Fault: faults.ClockStep{Target: target, By: -v.Duration("back")}, At: at + sim.Time(down/2)},
		}, model, v.Int("nodes"), seed, idChaos)
	}
	build := s.Build
	s.Build = func(b *Build) {
		build(b)
		measureRestarts(b)
	}
	return s
}

// idChaos is how long faults strike in these scenarios.
const idChaos = 4 * time.Second

func clockFamily(name, shows string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"data-inconsistency"},
		Twin:     "snowflake-naive",
		Params:   append(idParams("3", "24", "480", "500"), policyParams()...),
		Declare: func(v Values) Declaration {
			return Declaration{
				Model: idModel(v.Int("nodes")),
				Least: 3 * time.Second,
				Chaos: idChaos,
				Quiet: 30 * time.Second,
				Live:  idLive(v),
			}
		},
		Config: calm,
		Build: func(b *Build) {
			cfg := idConfig(b.Values)
			addGenerators(b, cfg)
			addIDClients(b, snowflake.Client{Think: idThink(), Timeout: cfg.Patience + time.Second})
		},
	}
}

func backParam(by string) Param {
	return Param{Name: "back", Kind: Duration, Default: by, Min: int64(time.Millisecond), Max: int64(idStep), Help: "how far a clock goes back"}
}

// afterRestart is how long after a restart the first ids leave.
const afterRestart = "first ids after a restart"

// measureRestarts takes the time from each restart to the next answer with ids.
func measureRestarts(b *Build) {
	spells := b.Samples(afterRestart)
	began := map[sim.NodeID]sim.Time{}
	seen := map[sim.NodeID]uint32{}
	b.World.AddInvariant(sim.Observe(func(w *sim.World, node sim.NodeID) {
		inc := w.Incarnation(node)
		if node.IsServer() && inc > 1 && inc != seen[node] {
			seen[node], began[node] = inc, w.Now()
		}
	}), sim.ObserveSends(func(w *sim.World, from, _ sim.NodeID, m sim.Message) {
		at, waits := began[from]
		if r, ok := m.(*snowflake.Reply); ok && waits && r.Status == snowflake.Issued {
			spells.Add(time.Duration(w.Now() - at))
			delete(began, from)
		}
	}))
}

// snowflakeEpoch comes to the end of the 41 bits while clients ask.
func snowflakeEpoch() *Scenario {
	s := clockFamily("snowflake-epoch", "the 41 bits of milliseconds run out: from then on there are errors, and no id wraps around")
	s.Params = append(s.Params,
		Param{Name: "left", Kind: Duration, Default: "1500ms", Min: int64(time.Millisecond), Max: int64(time.Minute), Help: "how long after the beginning, by a clock that is right, they do"})
	s.Declare = func(v Values) Declaration {
		return Declaration{
			Model: idModel(v.Int("nodes")),
			Least: v.Duration("left") + 2*time.Second,
			Chaos: v.Duration("left") + idChaos,
			Quiet: 30 * time.Second,
		}
	}
	s.Build = func(b *Build) {
		cfg := idConfig(b.Values)
		cfg.Epoch = endsIn(b.Values.Duration("left"))
		addGenerators(b, cfg)
		addIDClients(b, snowflake.Client{Think: thinkBeyond(b.Values), Timeout: cfg.Patience + time.Second})
		measureExhausted(b)
	}
	return s
}

// thinkBeyond leaves gaps as idThink does, and larger ones where clients would have all
// their ids before the end.
func thinkBeyond(v Values) sim.Dist {
	each := max(1, v.Int("ops")/v.Int("clients"))
	longest := 2 * (v.Duration("left") + 2*time.Second) / time.Duration(each)
	return sim.Uniform(0, max(idThink().Max(), longest))
}

// exhausted is how many of all batches are refused because the milliseconds have run out.
const exhausted = "refused, as the 41 bits are used up"

func measureExhausted(b *Build) {
	n, want := b.Values.Int("clients"), (&snowflake.Reply{Status: snowflake.Exhausted}).Summary()
	b.Ratio(exhausted, func() (num, den int64) {
		for _, op := range b.World.History() {
			if op.ID.Client <= n {
				den++
				if op.Outcome == history.Failed && op.Note == want {
					num++
				}
			}
		}
		return num, den
	})
}

// endsIn is an epoch of which the last millisecond is over so long after a run's begin.
func endsIn(left time.Duration) int64 {
	whole := int64(snowflake.MaxMilli+1) * int64(time.Millisecond)
	return sim.WallEpoch + int64(left) - whole
}
