package planfile

import (
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
	"pgregory.net/rapid"
)

// The generators draw plans that pass Check, with every field in play.

func durations() *rapid.Generator[time.Duration] {
	return rapid.OneOf(
		rapid.Map(rapid.Int64Range(0, int64(faults.MaxDuration)), func(n int64) time.Duration { return time.Duration(n) }),
		rapid.Map(rapid.Int64Range(0, 10_000), func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }),
	)
}

func words() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z]{1,8}\.[A-Z][a-z]{1,8}`),
		rapid.StringMatching(`[0-9a-fx.e+-]{1,16}`),
		rapid.SampledFrom([]string{"null", "~", "true", "no", "[a]", "a: b", "#x", "- a", "a, b", "'", "\"", " x ", "é\u2028", "\t", "a\nb", "<<", "*a", "&a", "!t", "|", ">", "%", "@", "`", "?", "=", "1_000", "0x1F", ".inf", ".nan", "\ufeff", "\x00\x7f", "2024-01-01"}),
		rapid.StringN(1, 12, -1),
	)
}

func servers() *rapid.Generator[sim.NodeID] {
	return rapid.Map(rapid.IntRange(1, 9), sim.Server)
}

func nodes() *rapid.Generator[sim.NodeID] {
	return rapid.OneOf(servers(), rapid.Map(rapid.IntRange(1, 9), sim.Client))
}

func nodeSets(least int) *rapid.Generator[[]sim.NodeID] {
	return rapid.SliceOfNDistinct(nodes(), least, 5, rapid.ID[sim.NodeID])
}

func targets(optional bool) *rapid.Generator[faults.Target] {
	return rapid.Custom(func(t *rapid.T) faults.Target {
		switch rapid.IntRange(0, 3).Draw(t, "target") {
		case 0:
			if optional {
				return faults.Target{}
			}
			return faults.On(nodes().Draw(t, "node"))
		case 1:
			return faults.Target{Nodes: nodeSets(1).Draw(t, "nodes")}
		}
		target := faults.Aim(rapid.SampledFrom([]faults.Who{faults.Leader, faults.Any, faults.Majority, faults.Minority, faults.Dirty, faults.Candidate, faults.Follower}).Draw(t, "who"))
		crowd := target.Who == faults.Majority || target.Who == faults.Minority
		if crowd && rapid.Bool().Draw(t, "with") {
			target.With = rapid.SampledFrom([]faults.Who{faults.Leader, faults.Any, faults.Dirty, faults.Candidate, faults.Follower}).Draw(t, "with whom")
		}
		if rapid.Bool().Draw(t, "was") {
			target.Was = nodeSets(1).Draw(t, "was")
			if !crowd {
				target.Was = target.Was[:1]
			}
		}
		return target
	})
}

func scopes(t *rapid.T) faults.Scope {
	s := faults.Scope{Target: targets(true).Draw(t, "scope")}
	if !s.Target.None() {
		s.Way = rapid.SampledFrom([]string{"", faults.Out, faults.In}).Draw(t, "way")
		if rapid.Bool().Draw(t, "has peers") {
			s.Peers = nodeSets(1).Draw(t, "peers")
		}
	}
	return s
}

func dists() *rapid.Generator[sim.Dist] {
	return rapid.Custom(func(t *rapid.T) sim.Dist {
		d := func(name string) time.Duration { return max(1, durations().Draw(t, name)) }
		a, b, c, e := d("a"), d("b"), d("c"), d("e")
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			return sim.Fixed(a)
		case 1:
			return sim.Uniform(min(a, b), max(a, b))
		case 2:
			return sim.Exponential(min(a, b), c, max(a, b))
		default:
			return sim.Bimodal(min(a, b), max(a, b), min(c, e), max(c, e), rapid.Uint32Range(0, 1_000_000).Draw(t, "slow"))
		}
	})
}

func storage(t *rapid.T, target faults.Target) faults.Storage {
	return faults.Storage{Target: target, File: rapid.OneOf(rapid.Just(""), words()).Draw(t, "file")}
}

func randomFault(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	ppm := rapid.Int64Range(1, 1_000_000).Draw(t, "ppm")
	span := func(what string) time.Duration { return max(time.Microsecond, durations().Draw(t, what)) }
	shift := (1 + durations().Draw(t, "by")/2) * time.Duration(rapid.SampledFrom([]int{1, -1}).Draw(t, "sign"))
	switch rapid.IntRange(0, 33).Draw(t, "kind") {
	case 28:
		return faults.ClockOffset{Target: target, By: shift}
	case 29:
		return faults.ClockSlew{Target: target, By: shift, PPM: ppm / 2}
	case 30:
		return faults.ClockFreeze{Target: target}
	case 31:
		return faults.Slow{Target: target, By: dists().Draw(t, "slow")}
	case 32:
		return faults.Wipe{Target: target}
	case 33:
		return faults.Upgrade{Target: target, To: words().Draw(t, "to")}
	case 21:
		return faults.SyncFail{PPM: ppm, Storage: storage(t, target)}
	case 22:
		return faults.PhantomWrite{PPM: ppm, Storage: storage(t, target)}
	case 23:
		return faults.Misdirect{PPM: ppm, Storage: storage(t, target)}
	case 24:
		return faults.ReadError{Storage: storage(t, target)}
	case 25:
		return faults.DiskFull{Storage: storage(t, target)}
	case 26:
		return faults.DiskStall{Storage: storage(t, target)}
	case 27:
		return faults.BitRot{Bits: ppm, Storage: storage(t, target)}
	case 11:
		return faults.Reorder{PPM: ppm, Window: span("window"), Scope: scopes(t)}
	case 12:
		return faults.Corrupt{PPM: ppm, Undetected: rapid.Bool().Draw(t, "undetected"), Scope: scopes(t)}
	case 13:
		return faults.Bandwidth{BytesPerSecond: ppm, Queue: rapid.Int64Range(0, 1000).Draw(t, "queue"), Scope: scopes(t)}
	case 14:
		return faults.Bridge{Target: target}
	case 15:
		return faults.MajoritiesRing{Order: rapid.OneOf(rapid.Just[[]sim.NodeID](nil), nodeSets(1)).Draw(t, "order")}
	case 16:
		return faults.Hold{Scope: scopes(t)}
	case 17:
		return faults.Clog{Target: target, Way: rapid.SampledFrom([]string{"", faults.Out, faults.In}).Draw(t, "way")}
	case 18:
		return faults.SwizzleClog{Target: target, Step: span("step")}
	case 19:
		return faults.Flap{Down: span("down"), Up: span("up"), Scope: scopes(t)}
	case 20:
		return faults.Filter{Type: words().Draw(t, "type"), From: rapid.OneOf(rapid.Just[[]sim.NodeID](nil), nodeSets(1)).Draw(t, "from")}
	case 0:
		return faults.Partition{Target: target}
	case 1:
		all := rapid.SliceOfNDistinct(nodes(), 2, 8, rapid.ID[sim.NodeID]).Draw(t, "members")
		cut := rapid.IntRange(1, len(all)-1).Draw(t, "cut")
		return faults.Partition{Groups: [][]sim.NodeID{all[:cut], all[cut:]}}
	case 2:
		return faults.PartitionOneWay{Scope: faults.Scope{Target: target, Way: rapid.SampledFrom([]string{faults.Out, faults.In}).Draw(t, "way")}}
	case 3:
		return faults.Isolate{Target: target, Clients: rapid.Bool().Draw(t, "clients")}
	case 4:
		return faults.Loss{PPM: ppm, Scope: scopes(t)}
	case 5:
		return faults.Delay{Extra: dists().Draw(t, "extra"), Scope: scopes(t)}
	case 6:
		return faults.Duplicate{PPM: ppm, Scope: scopes(t)}
	case 7:
		return faults.Crash{Target: target, Model: sim.CrashModel(rapid.IntRange(0, 4).Draw(t, "model"))}
	case 8:
		return faults.Pause{Target: target}
	case 9:
		return faults.ClockDrift{Target: target, PPM: ppm * rapid.SampledFrom([]int64{1, -1}).Draw(t, "sign")}
	default:
		return faults.ClockStep{Target: target, By: shift}
	}
}

func happenings() *rapid.Generator[sim.Identity] {
	return rapid.Custom(func(t *rapid.T) sim.Identity {
		id := sim.Identity{Node: nodes().Draw(t, "node"), Name: words().Draw(t, "name"), K: rapid.Uint64Range(1, 1<<20-1).Draw(t, "k")}
		switch rapid.IntRange(0, 4).Draw(t, "subject") {
		case 0:
			id.Subject, id.Peer = sim.OfMessage, nodes().Draw(t, "peer")
		case 1:
			id.Subject = sim.OfTimer
		case 2:
			id.Subject = sim.OfSync
		case 3:
			id.Subject = sim.OfNode
			if id.Node.IsClient() {
				id.K |= rapid.Uint64Range(0, 1<<30).Draw(t, "op") << 20
			}
		default:
			return sim.Identity{Subject: sim.OfRecord, K: rapid.Uint64Min(1).Draw(t, "record")}
		}
		return id
	})
}

func randomEntry(t *rapid.T) faults.Entry {
	e := faults.Entry{Fault: randomFault(t)}
	if rapid.Bool().Draw(t, "after an event") {
		e.After = happenings().Draw(t, "after")
	} else {
		e.At = sim.Time(durations().Draw(t, "at"))
		single := rapid.Custom(func(t *rapid.T) faults.Moment {
			return faults.Moment{Of: rapid.SampledFrom(sim.Moments()).Draw(t, "of"), Name: words().Draw(t, "type")}
		})
		if m := (faults.Entry{Fault: e.Fault, Moment: single.Draw(t, "moment")}); m.Check() == nil {
			e.Moment = m.Moment
		}
	}
	if kind := e.Fault.Kind(); kind != "clock_step" && kind != "bit_rot" {
		e.For = durations().Draw(t, "for")
	}
	if e.After.Subject != 0 && rapid.Bool().Draw(t, "mid-step") {
		effect := rapid.Int64Range(1, 65535).Draw(t, "effect")
		switch f := e.Fault.(type) {
		case faults.Crash:
			f.Target, f.BeforeEffect = faults.On(nodes().Draw(t, "victim")), effect
			e.Fault = f
		case faults.Pause:
			f.Target, f.BeforeEffect = faults.On(nodes().Draw(t, "victim")), effect
			e.Fault = f
		}
	}
	return e
}

func randomOverride(t *rapid.T) faults.Override {
	o := faults.Override{ID: happenings().Filter(func(id sim.Identity) bool {
		return id.Subject != sim.OfRecord
	}).Draw(t, "decision")}
	yes := rapid.Int64Range(0, 1).Draw(t, "yes")
	took := int64(durations().Draw(t, "took"))
	switch o.ID.Subject {
	case sim.OfMessage:
		switch rapid.IntRange(0, 3).Draw(t, "outcome") {
		case 3:
			o.ID.Purpose, o.Kind, o.Value, o.ID.Copy = sim.ForStep, sim.Value, took, uint8(yes)
		case 0:
			o.ID.Purpose, o.Kind, o.Value = sim.ForLoss, sim.Chance, yes
		case 1:
			o.ID.Purpose, o.Kind, o.Value = sim.ForDuplicate, sim.Chance, yes
		default:
			o.ID.Purpose, o.Kind, o.Value, o.ID.Copy = sim.ForLatency, sim.Value, took, uint8(yes)
		}
	case sim.OfSync:
		o.ID.Purpose, o.Kind, o.Value = sim.ForLatency, sim.Value, took
	case sim.OfTimer:
		o.ID.Purpose, o.Kind, o.Value = sim.ForStep, sim.Value, took
	default:
		o.Kind = rapid.SampledFrom([]sim.OutcomeKind{sim.Chance, sim.Pick, sim.Value}).Draw(t, "shape")
		o.Value = map[sim.OutcomeKind]int64{sim.Chance: yes, sim.Pick: took, sim.Value: took}[o.Kind]
		if o.Kind == sim.Value && yes == 1 {
			o.ID.Purpose = sim.ForStep
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "crash") == 0 {
		o = faults.Override{ID: sim.Identity{Subject: sim.OfCrash, Node: o.ID.Node, K: 1 + uint64(took), Purpose: sim.ForKept + sim.Purpose(yes)}, Kind: sim.Pick, Value: took}
	}
	return o
}

func randomWorkload(t *rapid.T) *faults.Workload {
	if rapid.Bool().Draw(t, "drawn") {
		return nil
	}
	w := &faults.Workload{}
	for i := range rapid.IntRange(0, 4).Draw(t, "calls") {
		op := ops.Op{Kind: ops.Kind(rapid.IntRange(1, 5).Draw(t, "deed")), Key: words().Draw(t, "key")}
		if op.Kind == ops.Put || op.Kind == ops.Append || op.Kind == ops.CAS {
			op.Value = rapid.OneOf(rapid.Just(""), words()).Draw(t, "value")
		}
		if op.Kind == ops.CAS {
			op.Expect = rapid.OneOf(rapid.Just(""), words()).Draw(t, "expect")
		}
		w.Calls = append(w.Calls, faults.Call{
			ID: history.ID{Client: rapid.IntRange(1, 3).Draw(t, "client"), N: i + 1}, Op: op, At: sim.Time(durations().Draw(t, "at")),
		})
	}
	return w
}

func plans() *rapid.Generator[faults.Plan] {
	return rapid.Custom(func(t *rapid.T) faults.Plan {
		p := faults.Plan{Version: faults.Version, Scenario: words().Draw(t, "scenario"), Seed: rapid.Uint64().Draw(t, "seed")}
		for _, name := range rapid.SliceOfNDistinct(words(), 0, 3, rapid.ID[string]).Draw(t, "names") {
			p.Params = append(p.Params, faults.Param{Name: name, Value: rapid.OneOf(words(), rapid.Just("")).Draw(t, "value")})
		}
		if rapid.Bool().Draw(t, "listed") {
			p.Faults = []faults.Entry{}
			for range rapid.IntRange(0, 4).Draw(t, "faults") {
				p.Faults = append(p.Faults, randomEntry(t))
			}
		}
		seen := map[sim.Identity]bool{}
		for range rapid.IntRange(0, 3).Draw(t, "overrides") {
			if o := randomOverride(t); !seen[o.ID] {
				seen[o.ID] = true
				p.Overrides = append(p.Overrides, o)
			}
		}
		p.Workload = randomWorkload(t)
		if rapid.Bool().Draw(t, "reseeded") {
			p.Reseed = &faults.Reseed{After: happenings().Draw(t, "from"), Salt: rapid.Uint64().Draw(t, "salt")}
		}
		if rapid.Bool().Draw(t, "expecting") {
			p.Expect = randomExpect(t)
		}
		return p
	})
}

func randomExpect(t *rapid.T) *faults.Expect {
	verdicts := rapid.SampledFrom(faults.Verdicts())
	e := &faults.Expect{
		Verdict: rapid.OneOf(verdicts, rapid.Just("")).Draw(t, "verdict"),
		Hash:    rapid.StringMatching(`([0-9a-f]{16}|[0-9]{16}|[0-9]e[0-9]{14}|)`).Draw(t, "hash"),
		Build:   rapid.OneOf(words(), rapid.Just("")).Draw(t, "build"),
	}
	for _, name := range rapid.SliceOfNDistinct(words(), 0, 3, rapid.ID[string]).Draw(t, "properties") {
		e.Properties = append(e.Properties, faults.Property{Name: name, Verdict: verdicts.Draw(t, name)})
	}
	return e
}
