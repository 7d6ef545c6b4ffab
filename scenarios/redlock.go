package scenarios

import (
	"strconv"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/nodes/lock"
	"distsim/nodes/lock/invariant"
	"distsim/nodes/lock/redlock"
	"distsim/sim"
)

// Redlock buys a lock without consensus with assumptions about clocks and restarts. The
// family shows what it is worth with them and without each. Who is in a critical section
// is judged, in true time; what a client that is paused there would send is not, and
// Redlock promises nothing about it.

// redlockScenario is Redlock in the world that it needs.
func redlockScenario() *Scenario {
	s := redlockFamily("redlock", "a lock over independent nodes under all that Redlock is made for: a bad network, any nodes crashing, clocks that drift")
	s.Twin = "redlock-amnesia"
	s.Declare = func(v Values) Declaration {
		return Declaration{
			Model:      redlockModel(v),
			Properties: redlockProperties(redlockPromise(v)),
			Chaos:      20 * v.Duration("ttl"),
			Quiet:      30 * v.Duration("ttl"),
			Live:       redlockLive(v),
		}
	}
	s.Script = redlockFaults
	return s
}

// redlockClock lets clocks of nodes jump.
func redlockClock() *Scenario {
	s := redlockFamily("redlock-clock", "the wall clocks of one or two lock nodes step forward while a bare majority is held: their keys end at once, and a second client has a majority")
	s.Twin = "redlock"
	s.Params = append(s.Params, Param{Name: "step", Kind: Duration, Default: "1s", Min: int64(time.Millisecond), Max: int64(time.Hour), Help: "how far the clocks step"})
	s.Declare = func(v Values) Declaration {
		promise := Open // a small step takes little of what is left of a TTL
		if v.Duration("step") >= v.Duration("ttl") {
			promise = seenIfSought(v)
		}
		return declareForgetting(v, faults.Model{Kinds: []faults.Kind{"isolate", "loss", "clock_step"}, Step: v.Duration("step")}, promise)
	}
	s.Script = func(v Values, seed uint64) []faults.Entry {
		d := script{seed: seed, what: "clock"}
		plan, held, after := d.bareMajority(v, 0)
		step := faults.ClockStep{Target: faults.On(held[:1+d.below("two", 0, 2)]...), By: v.Duration("step")}
		return append(plan, faults.Entry{Fault: step, At: after})
	}
	return s
}

// redlockAmnesia lets nodes that have lost their keys go on as if nobody had had any.
func redlockAmnesia() *Scenario {
	s := redlockFamily("redlock-amnesia", "a lock node that has crashed answers again at once, without its keys, while a bare majority is held: it gives away what it had given")
	s.Twin = "redlock"
	s.Params = defaults(s.Params, Value{"restart", "0s"})
	s.Declare = func(v Values) Declaration {
		return declareForgetting(v, faults.Model{Kinds: []faults.Kind{"isolate", "loss", "crash"}, MaxDown: 1}, redlockPromise(v))
	}
	s.Script = func(v Values, seed uint64) []faults.Entry {
		d := script{seed: seed, what: "amnesia"}
		plan, held, after := d.bareMajority(v, 0)
		return append(plan, d.shortCrash(held[0], after, 0))
	}
	return s
}

// redlockFamily is what they have in common.
func redlockFamily(name, shows string) *Scenario {
	return &Scenario{
		Name:     name,
		Shows:    shows,
		Problems: []string{"split-brain"},
		Params: []Param{
			{Name: "nodes", Default: "5", Min: 3, Max: 9, Help: "servers that keep locks"},
			{Name: "clients", Default: "3", Min: 2, Max: 20, Help: "clients, each with one lock at a time"},
			{Name: "locks", Default: "1", Min: 1, Max: 100, Help: "locks that the clients share"},
			{Name: "ops", Default: "30", Min: 1, Max: 100_000, Help: "acquisitions in all, dealt out evenly"},
			{Name: "ttl", Kind: Duration, Default: "1s", Min: int64(500 * time.Millisecond), Max: int64(time.Minute), Help: "how long a key lives at a node"},
			{Name: "restart", Kind: Duration, Default: "1.1s", Max: int64(time.Hour), Help: "for how long a node that has crashed keeps out of it: longer than ttl, or 0s for amnesia"},
			{Name: "drift", Default: "5000", Max: 500_000, Help: "how fast or slow clocks are at most, in parts per million: 5000 is what Redlock allows for"},
			{Name: "extensions", Default: "1", Max: 100, Help: "how often a holder extends its lock in one section, at most"},
		},
		Config: func(Values) sim.Config { return sim.Config{Net: lan()} },
		Build:  buildRedlock,
	}
}

// redlockPromise is what becomes of one holder: it stays so when the parameters are those
// that Redlock needs.
func redlockPromise(v Values) Promise {
	switch {
	case v.Duration("restart") == 0:
		return seenIfSought(v)
	case v.Duration("restart") < v.Duration("ttl") || v.Int("drift") > 5000:
		return Open
	default:
		return Holds
	}
}

// redlockProperties are broken together: a second holder was granted what the first held.
func redlockProperties(promise Promise) []Declared {
	return []Declared{{oneHolder, promise}, {linearizable, promise}}
}

// seenIfSought is Sometimes if clients contend for one lock for long enough. If the nodes
// are even in number, one more than half of them can lose one and still leave nobody
// else a majority.
func seenIfSought(v Values) Promise {
	if v.Int("locks") == 1 && v.Int("ops") >= 10*v.Int("clients") && v.Int("nodes")%2 == 1 {
		return Sometimes
	}
	return Open
}

// redlockModel has no steps of clocks, and no pauses of clients: with them there would be
// two holders, see package redlock.
func redlockModel(v Values) faults.Model {
	return faults.Model{
		Kinds: []faults.Kind{"partition", "partition_one_way", "isolate", "loss", "delay", "duplicate", "reorder", "corrupt",
			"bandwidth", "filter", "hold", "clog", "swizzle_clog", "flap", "crash", "pause", "slow", "clock_drift"},
		ClientKinds:  []faults.Kind{"isolate", "loss", "delay", "duplicate", "reorder", "clog", "clock_drift"},
		Holders:      true,
		MaxDown:      v.Int("nodes"),
		Servers:      v.Int("nodes"),
		Least:        20 * time.Millisecond,
		Most:         2 * v.Duration("ttl"),
		Each:         8,
		LossPPM:      300_000,
		DuplicatePPM: 300_000,
		Delay:        200 * time.Millisecond,
		Window:       2 * v.Duration("ttl"),
		CorruptPPM:   200_000,
		Bandwidth:    4_000,
		Types:        []string{"redlock.Set", "redlock.Extend", "redlock.Delete", "redlock.Answer"},
		Slow:         30 * time.Millisecond,
		DriftPPM:     int64(max(1, v.Int("drift"))),
	}
}

// declareForgetting is a bare majority, and what makes some of it forget. The scripts
// cut nodes off for that; a planner may come to it by lost messages, too.
func declareForgetting(v Values, m faults.Model, promise Promise) Declaration {
	m.Least, m.Most = 5*time.Millisecond, 2*v.Duration("ttl")
	m.LossPPM, m.Each = 300_000, 10
	return Declaration{
		Model:      m,
		Properties: redlockProperties(promise),
		Least:      5 * v.Duration("ttl"), // all that can come of a script has
		Chaos:      20 * v.Duration("ttl"),
		Quiet:      30 * v.Duration("ttl"),
	}
}

// bareMajority cuts as many nodes off as there can be without stopping anybody, for
// longer than most sections last: whoever then has the lock has it from just the others,
// and the ones cut off are free when they are back. It begins within a TTL of the k-th
// of its times; after is soon after its end. Held are the others, in drawn order.
func (d script) bareMajority(v Values, k int) (plan []faults.Entry, held []sim.NodeID, after sim.Time) {
	all, ttl := servers(1, v.Int("nodes")), v.Duration("ttl")
	for i := range all {
		j := i + d.below("order", k*len(all)+i, len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	majority := len(all)/2 + 1
	at := time.Duration(k)*bareEvery(v) + drawnTime(d.seed, d.what+" cut at", k, ttl/2, 3*ttl/2)
	lasts := drawnTime(d.seed, d.what+" cut lasts", k, ttl, 2*ttl)
	soon := drawnTime(d.seed, d.what+" soon", k, 0, ttl/10)
	isolate := faults.Isolate{Target: faults.On(all[majority:]...), Clients: true}
	return []faults.Entry{{Fault: isolate, At: sim.Time(at), For: lasts}}, all[:majority], sim.Time(at + lasts + soon)
}

// bareEvery is how far the times of bareMajority lie apart, so that a node which crashes
// after one takes part again in the next.
func bareEvery(v Values) time.Duration { return 4*v.Duration("ttl") + v.Duration("restart") }

// shortCrash is one that nobody need notice.
func (d script) shortCrash(node sim.NodeID, at sim.Time, k int) faults.Entry {
	return faults.Entry{Fault: faults.Crash{Target: faults.On(node)}, At: at,
		For: drawnTime(d.seed, d.what+" crash lasts", k, 5*time.Millisecond, 30*time.Millisecond)}
}

// redlockFaults leaves half of the seeds to the planner. The others have what is worst for
// a lock over nodes, again and again: a bare majority, of which some crash and are back
// at once, while all clocks drift as much as they may.
func redlockFaults(v Values, seed uint64) []faults.Entry {
	d := script{seed: seed, what: "redlock"}
	if d.below("which", 0, 2) == 0 {
		return nil
	}
	var plan []faults.Entry
	for i, id := range append(servers(1, v.Int("nodes")), clients(v.Int("clients"))...) {
		if ppm := int64(v.Int("drift")) * int64(1-2*d.below("slow", i, 2)); ppm != 0 {
			plan = append(plan, faults.Entry{Fault: faults.ClockDrift{Target: faults.On(id), PPM: ppm}})
		}
	}
	for k := range 3 {
		cut, held, after := d.bareMajority(v, k)
		plan = append(plan, cut...)
		for i := range 1 + d.below("crashes", k, len(held)) {
			plan = append(plan, d.shortCrash(held[i], after, k*len(held)+i))
		}
	}
	return plan
}

// buildRedlock adds nodes and clients, of which some extend their locks more often.
func buildRedlock(b *Build) {
	v, w := b.Values, b.World
	redlock.Add(w, redlockConfig(v))
	n, total := v.Int("clients"), v.Int("ops")
	for i := range n {
		c := redlockClient(v)
		c.Ops = (total + n - 1 - i) / n
		c.Extensions = i % (v.Int("extensions") + 1)
		w.AddClient(c.Node)
	}
	b.Asks(total) // or more: a lock that was granted is released
	w.AddInvariant(invariant.All(invariant.System{})...)
	left := &sectionsLeft{inside: map[sim.NodeID]string{}}
	w.AddInvariant(sim.Observe(left.look))
	b.JudgeBy(func() ([]checker.Result, error) { return judgeLocks(w.History(), left.all) })
	measureRedlock(b)
}

// sectionsLeft notes when clients leave critical sections. As they see it they have the
// lock no longer then: the work is done, or the validity over.
type sectionsLeft struct {
	inside map[sim.NodeID]string
	all    []lock.Lapse
}

func (l *sectionsLeft) look(w *sim.World, node sim.NodeID) {
	p, ok := w.Node(node).(invariant.Process)
	if !ok {
		return
	}
	s, in := p.Section()
	left, was := l.inside[node]
	switch {
	case in:
		l.inside[node] = s.Lock
	case was:
		delete(l.inside, node)
		l.all = append(l.all, lock.Lapse{Lock: left, Process: latestProcess(w, node), Seq: w.Trace().Len})
	}
}

// latestProcess is who a client was when it began its latest operation.
func latestProcess(w *sim.World, client sim.NodeID) int {
	h := w.History()
	for i := len(h) - 1; ; i-- {
		if h[i].ID.Client == client.Ordinal() {
			return h[i].Process
		}
	}
}

func redlockConfig(v Values) redlock.Config {
	return redlock.Config{Nodes: v.Int("nodes"), TTL: v.Duration("ttl"), Restart: v.Duration("restart")}
}

// redlockClient works a tenth of a TTL to a little longer than one.
func redlockClient(v Values) redlock.Client {
	ttl := v.Duration("ttl")
	return redlock.Client{
		Config: redlockConfig(v), Locks: v.Int("locks"), Extensions: v.Int("extensions"),
		Wait: 5 * ttl, Hold: sim.Uniform(ttl/10, ttl*3/2), Think: sim.Uniform(0, ttl/5),
	}
}

// redlockLive promises that a fresh client gets a lock while a majority of the nodes is
// well.
//
// The bound: nodes are recovering for restart at most. Then in each round the lock becomes
// free: a section lasts (1 + extensions) TTL at most, a key whose delete was lost another,
// and after TTL/4, an attempt and the longest pause, everybody who wants the lock has tried.
// Of k clients and the fresh one each is as likely to be the first, with 1/(k + 1), as all
// draw their pauses alike; then it has the lock unless another tries within 10 ms of it
// (for k = 6 at most 1 − (1 − 20/250)⁶ = 0.4) or one of its messages is lost (of ten, for nine
// nodes, 0.1). So it succeeds with a chance of 0.5/(k + 1) or more, and 42·(k + 1) rounds
// fail all with one below e⁻²¹ < 1e-9. For a TTL below 1 s the 10 ms weigh more, and
// for more than six clients too: there is no promise then.
func redlockLive(v Values) *Liveness {
	k, ttl := v.Int("clients"), v.Duration("ttl")
	if k > 6 || ttl < time.Second {
		return nil
	}
	round := time.Duration(2+v.Int("extensions"))*ttl + ttl/4
	return &Liveness{
		Core:  faults.AnyOf(v.Int("nodes")/2 + 1),
		Bound: v.Duration("restart") + time.Duration(42*(k+1))*round,
		Why:   strconv.Itoa(42*(k+1)) + " rounds in which the lock becomes free, each of which succeeds with a chance of 0.5/(clients + 1) or more; false alarm below 1e-9",
		Probe: func(b *Build, patience time.Duration) sim.NodeID {
			c := redlockClient(b.Values)
			c.Ops, c.Locks, c.Wait, c.Think = 1, 1, patience, sim.Dist{}
			return b.World.AddClient(c.Node)
		},
	}
}
