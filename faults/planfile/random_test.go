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
		target := faults.Aim(rapid.SampledFrom([]faults.Who{faults.Leader, faults.Any, faults.Majority, faults.Minority, faults.Dirty, faults.Candidate, faults.Follower, faults.Holder}).Draw(t, "who"))
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
	switch rapid.IntRange(0, 4).Draw(t, "about") {
	case 0:
		return randomPartition(t)
	case 1:
		return randomLinkFault(t)
	case 2:
		return randomDiskFault(t)
	case 3:
		return randomClockFault(t)
	default:
		return randomProcessFault(t)
	}
}

func randomPartition(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
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
		return faults.Bridge{Target: target}
	default:
		return faults.MajoritiesRing{Order: rapid.OneOf(rapid.Just[[]sim.NodeID](nil), nodeSets(4)).Draw(t, "order")}
	}
}

func randomLinkFault(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	ppm := rapid.Int64Range(1, 1_000_000).Draw(t, "ppm")
	span := func(what string) time.Duration { return max(time.Microsecond, durations().Draw(t, what)) }
	switch rapid.IntRange(0, 10).Draw(t, "kind") {
	case 0:
		return faults.Loss{PPM: ppm, Scope: scopes(t)}
	case 1:
		return faults.Delay{Extra: dists().Draw(t, "extra"), Scope: scopes(t)}
	case 2:
		return faults.Duplicate{PPM: ppm, Scope: scopes(t)}
	case 3:
		return faults.Reorder{PPM: ppm, Window: span("window"), Scope: scopes(t)}
	case 4:
		return faults.Corrupt{PPM: ppm, Undetected: rapid.Bool().Draw(t, "undetected"), Scope: scopes(t)}
	case 5:
		return faults.Bandwidth{BytesPerSecond: ppm, Queue: rapid.Int64Range(0, 1000).Draw(t, "queue"), Scope: scopes(t)}
	case 6:
		return faults.Hold{Scope: scopes(t)}
	case 7:
		return faults.Clog{Target: target, Way: rapid.SampledFrom([]string{"", faults.Out, faults.In}).Draw(t, "way")}
	case 8:
		return faults.SwizzleClog{Target: target, Step: span("step")}
	case 9:
		return faults.Flap{Down: span("down"), Up: span("up"), Scope: scopes(t)}
	default:
		return faults.Filter{Type: words().Draw(t, "type"), From: rapid.OneOf(rapid.Just[[]sim.NodeID](nil), nodeSets(1)).Draw(t, "from")}
	}
}

func randomDiskFault(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	ppm := rapid.Int64Range(1, 1_000_000).Draw(t, "ppm")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return faults.SyncFail{PPM: ppm, Storage: storage(t, target)}
	case 1:
		return faults.PhantomWrite{PPM: ppm, Storage: storage(t, target)}
	case 2:
		return faults.Misdirect{PPM: ppm, Storage: storage(t, target)}
	case 3:
		return faults.ReadError{Storage: storage(t, target)}
	case 4:
		return faults.DiskFull{Storage: storage(t, target)}
	case 5:
		return faults.DiskStall{Storage: storage(t, target)}
	default:
		return faults.BitRot{Bits: ppm, Storage: storage(t, target)}
	}
}

func randomClockFault(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	ppm := rapid.Int64Range(1, 1_000_000).Draw(t, "ppm")
	shift := (1 + durations().Draw(t, "by")/2) * time.Duration(rapid.SampledFrom([]int{1, -1}).Draw(t, "sign"))
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return faults.ClockDrift{Target: target, PPM: ppm * rapid.SampledFrom([]int64{1, -1}).Draw(t, "sign")}
	case 1:
		return faults.ClockStep{Target: target, By: shift}
	case 2:
		return faults.ClockOffset{Target: target, By: shift}
	case 3:
		return faults.ClockSlew{Target: target, By: shift, PPM: ppm / 2}
	default:
		return faults.ClockFreeze{Target: target}
	}
}

func randomProcessFault(t *rapid.T) faults.Fault {
	target := targets(false).Draw(t, "aim")
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return faults.Crash{Target: target, Model: sim.CrashModel(rapid.IntRange(0, 4).Draw(t, "model"))}
	case 1:
		return faults.Pause{Target: target}
	case 2:
		return faults.Slow{Target: target, By: dists().Draw(t, "slow")}
	case 3:
		return faults.Wipe{Target: target}
	default:
		return faults.Upgrade{Target: target, To: words().Draw(t, "to")}
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
