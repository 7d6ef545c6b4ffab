package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// chaoticWorld makes decisions of every kind: messages with all fates, draws of
// every shape, syncs, crashes with all models, a client with operations.
func chaoticWorld(cfg Config) *World { return chaoticAgain(New(Config{}), cfg) }

// chaoticAgain is a chaotic world in the memory of another.
func chaoticAgain(w *World, cfg Config) *World {
	cfg.Net = NetConfig{Latency: Uniform(millis(1), millis(20)), Loss: 100_000, Duplicate: 100_000}
	cfg.Disk = DiskConfig{Sync: Exponential(millis(1), millis(2), millis(20))}
	cfg.Sometimes = 200_000
	w.Reset(cfg)
	for range 3 {
		w.AddServer(func() Node { return &chaotic{} })
	}
	w.AddClient(Go(func(p *Proc) {
		for p.Elapsed() < time.Second {
			id := p.NextOp()
			to := Server(1 + p.Intn("server", 3))
			op := p.Invoke(id, to)
			if reply, ok := Call[note](p, to, ask{note(id.String()), 0}, p.Duration("timeout", Uniform(millis(5), millis(50)))); ok {
				op.OK(reply)
			} else {
				op.Unknown("timed out")
			}
			p.Sleep(p.Duration("pause", Exponential(0, millis(10), millis(100))))
		}
	}))
	for i, model := range []CrashModel{LoseAll, KeepPrefix, TornTail, KeepAll, TornTail} {
		at, id := ms(100+150*i), Server(1+i%3)
		w.At(at, func(w *World) { w.Crash(id, model) })
		w.At(at+ms(30), func(w *World) { w.Restart(id) })
		w.At(at+ms(40), func(w *World) { w.Drift(id, int64(i)*10_000-20_000) })
		w.At(at+ms(50), func(w *World) { w.Pause(id) })
		w.At(at+ms(80), func(w *World) { w.Resume(id) })
		w.At(at+ms(90), func(w *World) { w.StepWall(id, millis(i-2)) })
	}
	return w
}

// chaotic gossips, logs what it hears to its disk, and answers when it is safe.
type chaotic struct {
	heard int
	last  NodeID
}

func (n *chaotic) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		n.heard = env.File("log").Size()
		n.gossip(env)
	case alarm:
		n.gossip(env)
	case note:
		n.heard++
		n.last = from
		if env.Sometimes("forget") {
			return
		}
		env.Part("book").File("log").Append([]byte(m))
	case ask:
		f := env.File("log")
		f.Append([]byte(m.what))
		f.Sync()
		env.SyncDir()
		env.Reply(env.ReplyTo(), m.what+"!")
		if env.Chance("shrink", 50_000) {
			f.Truncate(f.Size() / 2)
			env.Rename("log", "log.old")
		}
	}
}

func (n *chaotic) gossip(env *Env) {
	env.Arm(alarm("gossip"), env.Duration("gossip", Bimodal(millis(5), millis(10), millis(40), millis(60), 100_000)))
	to := Server(1 + env.Intn("to", 3))
	env.Send(to, note(fmt.Sprint(env.Uint64("rumour")%1000)))
	env.Reached(fmt.Sprintf("gossip to %v", to))
	env.Logf("gossiped to %v", to)
}

func (n *chaotic) View(v *View) {
	v.Int("heard", int64(n.heard))
	v.Node("last", n.last)
}

const chaoticEnd = Time(1200 * time.Millisecond)

func runChaotic(cfg Config) *World {
	w := chaoticWorld(cfg)
	w.RunUntil(chaoticEnd)
	w.Close()
	return w
}

// A Chooser that repeats what the seed says changes nothing.
func TestIdentityChooserChangesNothing(t *testing.T) {
	drawn := func(_ Identity, _ Outcomes, drawn int64) int64 { return drawn }
	for seed := range uint64(5) {
		plain, chosen := runChaotic(Config{Seed: seed}), runChaotic(Config{Seed: seed, Chooser: ChooserFunc(drawn)})
		holds(t, plain)
		equal(t, "hash", chosen.Hash(), plain.Hash())
	}
}

// All decisions pass through the one seam, each under an identity of its own,
// and what the seed says is a function of the identity.
func TestEveryDecisionPassesTheSeam(t *testing.T) {
	type decision struct {
		Subject
		Purpose
		OutcomeKind
	}
	seen, ids := map[decision]int{}, map[Identity]bool{}
	w := runChaotic(Config{Seed: 7, Chooser: ChooserFunc(func(id Identity, o Outcomes, drawn int64) int64 {
		seen[decision{id.Subject, id.Purpose, o.Kind}]++
		if ids[id] {
			t.Errorf("identity %v %d: two decisions", id, id.Purpose)
		}
		ids[id] = true
		var want int64
		raw := Draw(7, id)
		switch {
		case o.Kind == Value:
			want = int64(o.Dist.Sample(raw))
		case o.Kind == Chance:
			want = outcome(chance(raw, o.PPM))
		case o.N == 1<<62: // Uint64
			want = int64(raw >> 2)
		default:
			want = int64(below(raw, uint64(o.N)))
		}
		equal(t, "the seed's answer to "+id.String(), drawn, want)
		return drawn
	})})
	for _, want := range []decision{
		{OfMessage, ForLoss, Chance}, {OfMessage, ForDuplicate, Chance}, {OfMessage, ForLatency, Value},
		{OfMessage, ForCorrupt, Chance},
		{OfNode, ForValue, Pick}, {OfNode, ForValue, Value}, {OfNode, ForValue, Chance},
		{OfSync, ForLatency, Value}, {OfSync, ForFailure, Chance}, {OfSync, ForPhantom, Chance}, {OfSync, ForMisdirect, Chance}, {OfCrash, ForKept, Pick}, {OfCrash, ForTorn, Pick},
	} {
		if seen[want] == 0 {
			t.Errorf("decision %+v: never asked", want)
		}
		delete(seen, want)
	}
	if len(seen) > 0 {
		t.Errorf("decisions nobody declared: %+v", seen)
	}
	holds(t, w)
}

// override answers one identity its own way.
func override(id Identity, v int64) Chooser {
	return ChooserFunc(func(x Identity, _ Outcomes, drawn int64) int64 {
		if x == id {
			return v
		}
		return drawn
	})
}

func TestOverridesTakeEffect(t *testing.T) {
	message := func(k uint64, copy uint8, p Purpose) Identity {
		return Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "sim.note", K: k, Copy: copy, Purpose: p}
	}
	for what, c := range map[string]struct {
		id   Identity
		v    int64
		want string
	}{
		"none":               {Identity{}, 0, "1@5 2@5 3@5 "},
		"lost":               {message(2, 0, ForLoss), 1, "1@5 3@5 "},
		"duplicated":         {message(2, 0, ForDuplicate), 1, "1@5 2@5 2@5 3@5 "},
		"slow":               {message(1, 0, ForLatency), int64(ms(9)), "2@5 3@5 1@9 "},
		"no such message":    {message(4, 0, ForLoss), 1, "1@5 2@5 3@5 "},
		"latency of no copy": {message(1, 1, ForLatency), int64(ms(9)), "1@5 2@5 3@5 "},
	} {
		w, l := pair(t, Config{Net: NetConfig{Latency: Fixed(millis(5))}, Chooser: override(c.id, c.v)}, 3)
		w.RunUntil(ms(20))
		equal(t, what, arrivals(l), c.want)
	}
}

func TestOverrideOfASync(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(1))},
		Chooser: override(Identity{Subject: OfSync, Node: Server(1), Name: "f", K: 2, Purpose: ForLatency}, int64(ms(50)))})
	var at []Time
	w.AddServer(Go(func(p *Proc) {
		for range 3 {
			p.Sync(p.File("f"))
			at = append(at, w.Now())
		}
	}))
	w.RunUntil(ms(100))
	equalSlices(t, "syncs done", at, []Time{ms(1), ms(51), ms(52)})
}

func TestOverrideOfDraws(t *testing.T) {
	draw := func(kind string) Identity { return Identity{Subject: OfNode, Node: Server(1), Name: kind, K: 2} }
	answers := map[Identity]int64{draw("int"): 41, draw("chance"): 1, draw("duration"): 7, draw("bits"): 1 << 61}
	w := testWorld(t, Config{Chooser: ChooserFunc(func(id Identity, _ Outcomes, drawn int64) int64 {
		if v, ok := answers[id]; ok {
			return v
		}
		return drawn
	})})
	w.AddServer(onBoot(func(env *Env) {
		for k := 1; k <= 2; k++ {
			i, c := env.Intn("int", 42), env.Chance("chance", 0)
			d, b := env.Duration("duration", Fixed(3)), env.Uint64("bits")
			if k == 2 {
				equal(t, "Intn", i, 41)
				equal(t, "Chance", c, true)
				equal(t, "Duration", d, 7)
				equal(t, "Uint64", b>>2, 1<<61)
			}
		}
	}))
	w.RunUntil(0)
	holds(t, w)
}

func TestOverrideOfACrash(t *testing.T) {
	for kept, want := range []string{``, `f=""`, `f="a"`, `f="ab"`} {
		w := testWorld(t, Config{Chooser: override(Identity{Subject: OfCrash, Node: Server(1), K: 1, Purpose: ForKept}, int64(kept))})
		got := ""
		w.AddServer(onBoot(func(env *Env) {
			if env.Incarnation() == 1 {
				env.File("f").Append([]byte("a"))
				env.File("f").Append([]byte("b"))
			} else if f := env.File("f"); f.Exists() {
				got = fmt.Sprintf("f=%q", f.Bytes())
			}
		}))
		w.RunUntil(1)
		w.Crash(Server(1), KeepPrefix)
		w.Restart(Server(1))
		w.RunUntil(2)
		equal(t, fmt.Sprintf("kept %d", kept), got, want)
	}
}

// A chooser that answers outside what was declared is told so.
func TestChooserOutOfRange(t *testing.T) {
	for v, want := range map[int64]string{
		-1: "the chooser gave the negative duration -1 (message n1>n2 sim.note #1)",
		2:  "the chooser answered 2 to a yes-or-no decision (message n1>n2 sim.note #1)",
	} {
		purpose := ForLoss
		if v < 0 {
			purpose = ForLatency
		}
		w, _ := pair(t, Config{Chooser: override(Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "sim.note", K: 1, Purpose: purpose}, v)}, 1)
		w.RunUntil(1)
		violates(t, w, "panic", want)
	}
	w := testWorld(t, Config{Chooser: ChooserFunc(func(Identity, Outcomes, int64) int64 { return 3 })})
	w.AddServer(onBoot(func(env *Env) { env.Intn("x", 3) }))
	w.RunUntil(1)
	violates(t, w, "panic", "the chooser picked 3 of 3 (draw n1 x #1)")
}

// decisions lists what a run decided, by identity.
func decisions(seed uint64, change func(w *World)) (map[Identity]int64, *World) {
	got := map[Identity]int64{}
	w := chaoticWorld(Config{Seed: seed, Records: true, Chooser: ChooserFunc(func(id Identity, _ Outcomes, drawn int64) int64 {
		got[id] = drawn
		return drawn
	})})
	if change != nil {
		change(w)
	}
	w.RunUntil(chaoticEnd)
	w.Close()
	return got, w
}

// Two runs that differ by one removed event agree on every decision that both
// make (a chance of another weight is another decision), and name the same
// events alike as long as causality allows: here, everything up to the removed
// event and, in the end, most of what n1 and n2 say to each other.
func TestIdentitiesOutliveARemovedEvent(t *testing.T) {
	lose := func(w *World) {
		inner := w.chooser
		id := Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "sim.note", K: 5, Purpose: ForLoss}
		w.chooser = ChooserFunc(func(x Identity, o Outcomes, drawn int64) int64 {
			if v := inner.Choose(x, o, drawn); x != id {
				return v
			}
			return 1
		})
	}
	with, a := decisions(11, lose)
	without, b := decisions(11, nil)
	shared := 0
	for id, v := range with {
		other, both := without[id]
		if !both || id.Subject == OfCrash { // what a crash may keep depends on what was written
			continue
		}
		shared++
		if v != other {
			t.Errorf("%v, purpose %d: %d with the fault, %d without", id, id.Purpose, v, other)
		}
	}
	if shared < len(without)*9/10 {
		t.Errorf("decisions that both runs name: got %d of %d, want nine in ten", shared, len(without))
	}
	d := Diverge(a.Trace(), b.Trace())
	equal(t, "the runs part at", a.trace.Identity(d.A).String(), "message n1>n2 sim.note #5")
	equal(t, "with the fault it is", d.A.Fate, Lost)
	// Compare events, not only values: the timers of n3, which the message does
	// not reach, fire at the same instants under the same names.
	timers := func(w *World) (out []string) {
		for _, r := range ofKind(w, KindTimer) {
			if r.Node == Server(3) {
				out = append(out, fmt.Sprint(w.trace.Identity(r), r.At))
			}
		}
		return out
	}
	if ta, tb := timers(a), timers(b); !slices.Equal(ta, tb) || len(ta) < 50 {
		t.Errorf("timers of n3: %d with the fault, %d without, want the same, and many", len(ta), len(tb))
	}
}

// Reseed keeps the past and the names, and changes the future.
func TestReseed(t *testing.T) {
	run := func(salt uint64) (*World, map[Identity]int64) {
		got, w := decisions(3, func(w *World) {
			if salt > 0 {
				w.When(Identity{Subject: OfRecord, K: 500}, func(w *World) { w.Reseed(salt) })
			}
		})
		return w, got
	}
	plain, _ := run(0)
	one, first := run(1)
	again, second := run(1)
	two, _ := run(2)
	equal(t, "hash of the same reseed", again.Hash(), one.Hash())
	equal(t, "decisions", len(first), len(second))
	for _, w := range []*World{one, two} {
		d := Diverge(plain.Trace(), w.Trace())
		if d.Same || d.Seq <= 500 || d.Seq > 600 {
			t.Errorf("reseeded at record 500: runs part at %d, want soon after", d.Seq)
		}
	}
	equal(t, "salts lead to the same run", one.Hash() == two.Hash(), false)
	// The new seed is as good as an old one: what it gives is Draw of it.
	w := testWorld(t, Config{Seed: 3})
	var got []uint64
	w.AddServer(serve(func(env *Env, _ NodeID, _ Message) { got = append(got, env.Uint64("x")) }))
	w.RunUntil(0)
	w.Reseed(9)
	w.machine(Server(1)).envs[0].Send(Server(1), note("x"))
	w.RunUntil(0)
	id := Identity{Subject: OfNode, Node: Server(1), Name: "x"}
	for i, seed := range []uint64{3, fold(3, 9)} {
		id.K = uint64(i + 1)
		equal(t, "draw", got[i], Draw(seed, id))
	}
}
