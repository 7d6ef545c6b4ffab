package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The hash is the same in every mode.
func TestHashIsTheSameInEveryMode(t *testing.T) {
	for seed := range uint64(3) {
		plain := runChaotic(Config{Seed: seed})
		for mode := range 8 {
			cfg := Config{Seed: seed, Records: mode&1 > 0, Fingerprint: mode&2 > 0, FreezeCheck: mode&4 > 0}
			w := runChaotic(cfg)
			equal(t, fmt.Sprintf("hash with %+v", cfg), w.Hash(), plain.Hash())
			equal(t, "records", w.trace.Len, plain.trace.Len)
			equalSlices(t, "checkpoints", w.trace.Checkpoints, plain.trace.Checkpoints)
		}
	}
	equal(t, "another seed, the same hash", runChaotic(Config{Seed: 1}).Hash() == runChaotic(Config{Seed: 2}).Hash(), false)
}

// Watching an event that never comes changes nothing.
func TestWatchingChangesNothing(t *testing.T) {
	w := chaoticWorld(Config{Seed: 1})
	w.When(Identity{Subject: OfRecord, K: 1 << 40}, func(*World) {})
	w.StrikeAt(Strike{On: Identity{Subject: OfSync, Node: Server(9), Name: "x", K: 1}, Effect: 1}, nil)
	w.RunUntil(chaoticEnd)
	w.Close()
	equal(t, "hash", w.Hash(), runChaotic(Config{Seed: 1}).Hash())
}

// The hash covers the bytes that go to disk and what clients ask and hear.
func TestHashCoversDiskAndOperations(t *testing.T) {
	hash := func(data, input, output string, ok bool) uint64 {
		w := testWorld(t, Config{})
		w.AddServer(onBoot(func(env *Env) { env.File("f").Append([]byte(data)) }))
		w.AddClient(Go(func(p *Proc) {
			if op := p.Invoke(p.NextOp(), note(input)); ok {
				op.OK(note(output))
			} else {
				op.Unknown(output)
			}
		}))
		w.RunUntil(1)
		return w.Hash()
	}
	seen := map[uint64]string{}
	for _, c := range []struct {
		data, input, output string
		ok                  bool
	}{{"a", "b", "c", true}, {"x", "b", "c", true}, {"a", "x", "c", true}, {"a", "b", "x", true}, {"a", "b", "c", false}} {
		h, what := hash(c.data, c.input, c.output, c.ok), fmt.Sprint(c)
		if other := seen[h]; other != "" {
			t.Errorf("runs %s and %s have one hash", other, what)
		}
		seen[h] = what
		equal(t, "hash of the same run", hash(c.data, c.input, c.output, c.ok), h)
	}
	equal(t, "a note that texts do not enter", hash("a", "b", "c", false), hash("a", "b", "another reason", false))
}

func TestCheckpoints(t *testing.T) {
	w := chaoticWorld(Config{Seed: 1})
	var at []uint64
	for k := uint64(1); k <= 3; k++ {
		w.When(Identity{Subject: OfRecord, K: 1024 * k}, func(w *World) { at = append(at, w.trace.Len) })
	}
	w.RunUntil(chaoticEnd)
	equal(t, "checkpoints", uint64(len(w.trace.Checkpoints)), w.trace.Len/1024)
	// A run that ends right after record 1024 has that checkpoint as its hash.
	short := testWorld(t, Config{})
	for range 1024 {
		short.FaultBegins("x")
	}
	equalSlices(t, "checkpoints", short.trace.Checkpoints, []uint64{short.Hash()})
	if len(at) != 3 || at[0] < 1024 {
		t.Errorf("records 1024, 2048, 3072 passed at %v", at)
	}
}

// The flight ring holds the last 16,384 records, oldest first, whatever else is kept.
func TestLast(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, n := range []int{0, 10, ringSize - 1, ringSize, ringSize + 1, 3*ringSize + 5} {
			w := testWorld(t, Config{Records: keep})
			for range n {
				w.FaultBegins("x")
			}
			for _, ask := range []int{0, 1, 100, ringSize, 1 << 20} {
				last := w.trace.Last(ask)
				want := min(ask, n)
				if !keep {
					want = min(want, ringSize)
				}
				equal(t, fmt.Sprintf("last %d of %d", ask, n), len(last), want)
				for i, r := range last {
					if want := uint64(n - len(last) + i + 1); r.Seq != want {
						t.Fatalf("last %d of %d: record %d has number %d, want %d", ask, n, i, r.Seq, want)
					}
				}
			}
		}
	}
}

// The ring and the kept records agree.
func TestRingHasTheSameRecords(t *testing.T) {
	ring, kept := runChaotic(Config{Seed: 2}), runChaotic(Config{Seed: 2, Records: true})
	all := ring.trace.Last(ringSize)
	equal(t, "records", len(all), len(kept.trace.Records()))
	for i, r := range all {
		if k := kept.trace.Records()[i]; r.Core != k.Core {
			t.Fatalf("record %d: ring has %+v, kept is %+v", r.Seq, r.Core, k.Core)
		}
	}
}

func TestTraceAt(t *testing.T) {
	w := runChaotic(Config{Seed: 2, Records: true})
	for _, seq := range []uint64{1, 500, w.trace.Len} {
		equal(t, "At", w.trace.At(seq).Seq, seq)
	}
	for _, seq := range []uint64{0, w.trace.Len + 1} {
		if r := w.trace.At(seq); r != nil {
			t.Errorf("At(%d): got a record, want nil", seq)
		}
	}
	if r := runChaotic(Config{Seed: 2}).trace.At(1); r != nil {
		t.Error("At(1) of a trace without records: got a record, want nil")
	}
}

// Every record has a cause that came before it and fits its kind.
func TestCauses(t *testing.T) {
	w := runChaotic(Config{Seed: 4, Records: true})
	holds(t, w)
	tr := w.Trace()
	wantCause := map[Kind][]Kind{
		KindDeliver: {KindSend}, KindMiss: {KindSend}, KindSynced: {KindSync}, KindTimer: {KindBoot, KindTimer, KindDeliver},
		KindSend: {KindBoot, KindTimer, KindDeliver}, KindDraw: {KindBoot, KindTimer, KindDeliver}, KindSync: {KindDeliver}, KindUnsent: {KindCrash},
	}
	counts := map[Kind]int{}
	for i := range tr.Records() {
		r := &tr.Records()[i]
		counts[r.Kind]++
		if r.Cause >= r.Seq || r.Cause2 >= r.Seq {
			t.Fatalf("record %d is caused by %d and %d, want earlier ones", r.Seq, r.Cause, r.Cause2)
		}
		if kinds, ok := wantCause[r.Kind]; ok {
			cause := tr.At(r.Cause)
			if cause == nil || !slices.Contains(kinds, cause.Kind) {
				t.Fatalf("record %d, %v: cause %d, want one of %v", r.Seq, r.Kind, r.Cause, kinds)
			}
			if r.Kind == KindDeliver && (cause.To() != r.To() || cause.From() != r.From() || r.Message() != cause.Seq || tr.Identity(cause) != tr.Identity(r)) {
				t.Fatalf("delivery %d does not match its send %d", r.Seq, cause.Seq)
			}
			if r.Kind == KindDeliver && cause.Due != r.At && !w.pausedAt(r) {
				t.Fatalf("delivery %d at %v, the send said %v", r.Seq, r.At, cause.Due)
			}
		}
	}
	for k := KindBoot; k <= KindClock; k++ {
		if counts[k] == 0 && !slices.Contains([]Kind{KindHalt, KindFault, KindHeal, KindSkip, KindUnsent}, k) {
			t.Errorf("no %v record in the chaotic run, which ought to have every kind", k)
		}
	}
}

// pausedAt reports whether a record comes out of a paused machine's inbox: then
// its machine has just resumed.
func (w *World) pausedAt(r *Record) bool {
	return slices.ContainsFunc(w.trace.Records(), func(x Record) bool { return x.Kind == KindResume && x.Node == r.Node && x.At == r.At })
}

func TestDescribe(t *testing.T) {
	w, _ := pair(t, Config{Records: true, Net: NetConfig{Latency: Fixed(millis(5)), Loss: million}}, 1)
	begin := w.FaultBegins("partition [n1] [n2] for 1s")
	w.FaultEnds(begin, "healed")
	w.FaultSkipped("crash leader: nobody believes to be one")
	w.Phase("quiet")
	w.RunUntil(ms(1))
	w.Crash(Server(2), KeepPrefix)
	var got []string
	for i := range w.trace.Records() {
		r := &w.trace.Records()[i]
		got = append(got, w.trace.Describe(r)+" | "+w.trace.Identity(r).String())
	}
	equalSlices(t, "lines", got, []string{
		"0s fault partition [n1] [n2] for 1s | record 1",
		"0s heal #1 healed | record 2",
		"0s skip crash leader: nobody believes to be one | record 3",
		"0s phase quiet | record 4",
		"0s boot n1 | record 5",
		"0s send n1>n2 sim.note #1 lost 1 | message n1>n2 sim.note #1",
		"0s boot n2 | record 7",
		"1ms crash n2 #1 | crash n2 #1",
	})
	equal(t, "the healing names its fault", w.trace.At(2).Cause, begin)
}

func TestIdentityStrings(t *testing.T) {
	for want, id := range map[string]Identity{
		"message n1>c2 kv.Reply #3": {Subject: OfMessage, Node: Server(1), Peer: Client(2), Name: "kv.Reply", K: 3},
		"sync n3 g1/log #2":         {Subject: OfSync, Node: Server(3), Name: "g1/log", K: 2},
		"crash n3 #1":               {Subject: OfCrash, Node: Server(3), K: 1},
		"timer n2 raft.election #9": {Subject: OfTimer, Node: Server(2), Name: "raft.election", K: 9},
		"record 12":                 {Subject: OfRecord, K: 12},
		"planner partition #1":      {Subject: OfPlanner, Name: "partition", K: 1},
		"draw n1 timeout #4":        {Subject: OfNode, Node: Server(1), Name: "timeout", K: 4},
	} {
		equal(t, "String", id.String(), want)
	}
}

func TestDiverge(t *testing.T) {
	lost := override(Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "sim.note", K: 5, Purpose: ForLoss}, 1)
	a, b := runChaotic(Config{Seed: 11, Records: true}), runChaotic(Config{Seed: 11, Records: true, Chooser: lost})
	again := runChaotic(Config{Seed: 11})
	if d := Diverge(a.Trace(), again.Trace()); !d.Same || d.Seq != a.trace.Len {
		t.Errorf("equal runs: got %+v", d)
	}
	d := Diverge(a.Trace(), b.Trace())
	equal(t, "same", d.Same, false)
	equal(t, "first difference", a.trace.Identity(d.A).String(), "message n1>n2 sim.note #5")
	equal(t, "at the same place", d.A.Seq, d.B.Seq)
	if !strings.Contains(d.Message, "lost") {
		t.Errorf("message %q, want it to say that one was lost", d.Message)
	}
	without := Diverge(again.Trace(), runChaotic(Config{Seed: 11, Chooser: lost}).Trace())
	if without.Same || without.Seq >= d.Seq || without.Before < d.Seq || without.Before-without.Seq > checkpointEvery {
		t.Errorf("by checkpoints: runs part in (%d, %d], want %d within", without.Seq, without.Before, d.Seq)
	}
}

// Runs of which one goes on longer, and runs whose records agree.
func TestDivergeAtTheEnds(t *testing.T) {
	run := func(records bool, n int, last string) *Trace {
		w := testWorld(t, Config{Records: records})
		w.AddServer(onBoot(func(env *Env) {
			for range n - 2 {
				env.Logf("x")
			}
			env.File("f").Truncate(len(last))
		}))
		w.RunUntil(1)
		return w.Trace()
	}
	// The file's size is in the hash, not in the record.
	long, short := run(true, 3000, "a"), run(true, 2000, "a")
	d := Diverge(long, short)
	equal(t, "one is longer: at", d.Seq, 2000) // the truncation in one, a log line in the other
	for _, n := range []int{100, 1024, 3000} {
		whole := run(false, n, "a")
		longer := testWorld(t, Config{})
		longer.AddServer(onBoot(func(env *Env) {
			for range n - 2 {
				env.Logf("x")
			}
			env.File("f").Truncate(1)
			env.Logf("one more")
		}))
		longer.RunUntil(1)
		d := Diverge(whole, longer.Trace())
		if at := uint64(n) + 1; d.Same || d.Seq >= at || d.Before < at {
			t.Errorf("one of two runs of %d records goes on: they part in (%d, %d], want %d within", n, d.Seq, d.Before, at)
		}
	}
	one, other := run(true, 3000, "a"), run(true, 3000, "bb")
	for i := range one.Records() { // the offset of the write is in its record; make it agree
		one.Records()[i].Due, other.Records()[i].Due = 0, 0
	}
	d = Diverge(one, other)
	if d.Same || d.A != nil || d.Seq != 2048 || d.Before != 3000 {
		t.Errorf("records agree, hashes do not: got %+v, want the interval from 2048 to 3000", d)
	}
}

// Fingerprints tell runs apart that differ in payloads or views only.
func TestFingerprint(t *testing.T) {
	run := func(payload note, shown int64) *Trace {
		w := testWorld(t, Config{Fingerprint: true})
		w.AddServer(func() Node { return &shows{fields: func(v *View) { v.Int("x", shown) }} })
		w.AddServer(onBoot(func(env *Env) { env.Send(Server(1), payload) }))
		w.RunUntil(2)
		return w.Trace()
	}
	base := run("aa", 0)
	for what, other := range map[string]*Trace{"payload": run("bb", 0), "view": run("aa", 1)} {
		equal(t, what+": hash", other.Hash, base.Hash)
		if other.Fingerprint == base.Fingerprint {
			t.Errorf("another %s: the same fingerprint", what)
		}
		d := Diverge(base, other)
		if d.Same || !strings.Contains(d.Message, "payloads or views") {
			t.Errorf("another %s: diverge says %+v", what, d)
		}
	}
	equal(t, "fingerprint of the same run", run("aa", 0).Fingerprint, base.Fingerprint)
}

// A message's text is its own summary, or its fields.
func TestSummaries(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(onBoot(func(env *Env) {
		env.Send(Server(1), &ask{"pointer", 1})
		env.Send(Server(1), note("value"))
		env.Send(Server(1), spoken{})
	}))
	w.RunUntil(1)
	var got []string
	for _, r := range ofKind(w, KindDeliver) {
		got = append(got, r.Text)
	}
	equalSlices(t, "texts", got, []string{"{what:pointer delay:1}", "value", "in my own words"})
	equal(t, "name", w.trace.NameOf(&ofKind(w, KindSend)[2].Core), "own.name")
}

type spoken struct{}

func (spoken) Summary() string  { return "in my own words" }
func (spoken) TypeName() string { return "own.name" }

// heart is a timer that heartbeats push back.
type heart struct{}

func (heart) PushedBy() []Message { return []Message{note(""), &ask{}} }

func TestPushedBy(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(onBoot(func(env *Env) { env.Part("g").Arm(heart{}, 1) }))
	w.RunUntil(1)
	r := ofKind(w, KindTimer)[0]
	equalSlices(t, "pushed by", w.trace.Names[r.Type].PushedBy, []string{"g/sim.note", "g/sim.ask"})
}
