package resource

import (
	"slices"
	"strings"
	"testing"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

func TestAnswers(t *testing.T) {
	benches := map[bool]*bench{true: newBench(t, Config{ChecksTokens: true}, 1), false: newBench(t, Config{}, 1)}
	other := &Write{Process: 1, N: 9, Lock: "l2", Token: 1, Value: "x"}
	for _, c := range []struct {
		what    string
		request sim.Message
		checks  string // the answer of a resource that checks tokens; "": none
		ignores string // and of one that does not
	}{
		{"a value that was never written", readL1(), `"", token 0`, `"", token 0`},
		{"the first write", write(1, 1, 5), "accepted", "accepted"},
		{"another under the same token", write(1, 2, 5), "accepted", "accepted"},
		{"a read", readL1(), `"2 of 1", token 5`, `"2 of 1", token 5`},
		{"a larger token", write(2, 1, 7), "accepted", "accepted"},
		{"the token of one that is late", write(1, 3, 5), "refused: token 7 was here", "accepted"},
		{"a read after that", readL1(), `"1 of 2", token 7`, `"3 of 1", token 5`},
		{"one that is late, again", write(1, 3, 5), "refused: token 7 was here", "accepted"},
		{"a token between", write(3, 1, 6), "refused: token 7 was here", "accepted"},
		{"an accepted write, again", write(2, 1, 7), "accepted", "accepted"},
		{"a read: it was not carried out again", readL1(), `"1 of 2", token 7`, `"1 of 3", token 6`},
		{"another lock has tokens of its own", other, "accepted", "accepted"},
		{"a late copy of an older write", write(1, 2, 5), "", ""},
		{"no token", write(4, 1, 0), "refused: token 7 was here", "accepted"},
		{"the largest token still", write(2, 2, 7), "accepted", "accepted"},
	} {
		for checks, want := range map[bool]string{true: c.checks, false: c.ignores} {
			if got := benches[checks].asks(c.request); got != want {
				t.Errorf("%s, of one that checks tokens: %v: %q, want %q", c.what, checks, got, want)
			}
		}
	}
}

// Whoever does not check accepts what the invariant calls stale, and whoever does has
// nothing to be accused of.
func TestTheInvariantSeesALateWrite(t *testing.T) {
	for _, checks := range []bool{true, false} {
		b := newBench(t, Config{ChecksTokens: checks}, 1)
		b.asks(write(1, 1, 5))
		b.asks(write(2, 1, 7))
		b.asks(write(1, 2, 5))
		found := b.w.Violations()
		if checks && len(found) > 0 || !checks && (len(found) != 1 || found[0].Property != "lock.no-stale-write") {
			t.Errorf("checks tokens: %v: found %v", checks, found)
		}
	}
}

// An answer says which token was the largest, not which came last.
func TestTheLargestToken(t *testing.T) {
	for _, checks := range []bool{true, false} {
		b := newBench(t, Config{ChecksTokens: checks}, 1)
		b.asks(write(2, 1, 7))
		b.restart(sim.LoseAll)
		for n := uint64(1); n <= 2; n++ {
			b.asks(write(1, n, 5))
			if m := b.puppet.last.(*Written); m.Accepted == checks || m.Highest != 7 {
				t.Errorf("checks tokens: %v: write %d is answered %+v", checks, n, m)
			}
		}
	}
}

// An answer, be it to a reader, leaves when what it tells of is on the disk.
func TestSavedThenSaid(t *testing.T) {
	b := newBench(t, Config{ChecksTokens: true}, 1)
	b.send(write(1, 1, 5))
	b.send(readL1())
	b.run(9) // 1ms, two syncs of 4ms: the file, then its name
	if len(b.puppet.heard) > 0 {
		t.Fatalf("too early: %q", b.puppet.heard)
	}
	b.run(1)
	if want := []string{"accepted", `"1 of 1", token 5`}; !slices.Equal(b.puppet.heard, want) {
		t.Errorf("heard %q, want %q", b.puppet.heard, want)
	}
}

// What was accepted before a crash comes back, with the bar and with what was answered.
func TestRecovery(t *testing.T) {
	for model := sim.LoseAll; model <= sim.KeepSubset; model++ {
		b := newBench(t, Config{ChecksTokens: true}, 1)
		b.asks(write(1, 1, 5))
		b.asks(&Write{Process: 3, N: 4, Lock: "l2", Token: 6, Value: "x"})
		b.asks(write(2, 1, 7))
		b.restart(model)
		if got, want := b.accepted(), []string{"l1/5", "l2/6", "l1/7"}; !slices.Equal(got, want) {
			t.Errorf("%v: found %q, want %q", model, got, want)
		}
		if a := b.server().Acceptance(3); !a.Recovered || a.By != sim.Client(1) {
			t.Errorf("%v: found %+v", model, a)
		}
		for _, c := range []struct {
			request sim.Message
			want    string
		}{
			{write(1, 2, 5), "refused: token 7 was here"},
			{write(2, 1, 7), "accepted"},
			{readL1(), `"1 of 2", token 7`},
			{&Read{"l2"}, `"x", token 6`},
		} {
			if got := b.asks(c.request); got != c.want {
				t.Errorf("%v: %s: %q, want %q", model, sim.Summary(c.request), got, c.want)
			}
		}
		if n := b.server().Accepted(); n != 3 {
			t.Errorf("%v: %d writes were accepted, 3 were sent", model, n)
		}
	}
}

// A crash before the sync is over: the write has happened or it has not, nobody was told,
// and a retry is accepted once.
func TestCrashBeforeTheSync(t *testing.T) {
	certain := map[sim.CrashModel]int{sim.LoseAll: 1, sim.KeepAll: 2}
	kept := map[sim.CrashModel]map[int]bool{}
	for model := sim.LoseAll; model <= sim.KeepSubset; model++ {
		kept[model] = map[int]bool{}
		for seed := range uint64(40) {
			b := newBench(t, Config{ChecksTokens: true}, seed)
			b.asks(write(1, 1, 5))
			b.send(write(2, 1, 7))
			b.run(3)
			b.restart(model)
			found := len(b.accepted())
			kept[model][found] = true
			if n, ok := certain[model]; ok && n != found || len(b.puppet.heard) != 1 {
				t.Errorf("%v, seed %d: %d writes are left, heard %q", model, seed, found, b.puppet.heard)
			}
			if got := b.asks(write(2, 1, 7)); got != "accepted" || len(b.accepted()) != 2 {
				t.Errorf("%v, seed %d: the retry is answered %q, with %q", model, seed, got, b.accepted())
			}
			if got := b.asks(write(1, 2, 5)); got != "refused: token 7 was here" {
				t.Errorf("%v, seed %d: the late write is answered %q", model, seed, got)
			}
			if found := b.w.Violations(); len(found) > 0 {
				t.Errorf("%v, seed %d: %v", model, seed, found)
			}
		}
	}
	for _, model := range []sim.CrashModel{sim.KeepPrefix, sim.TornTail, sim.KeepSubset} {
		if len(kept[model]) != 2 {
			t.Errorf("%v never came out both ways: %v", model, kept[model])
		}
	}
}

// What a killed process read back from memory is on the disk before anybody hears of it.
func TestWhatWasReadFromMemoryIsSaved(t *testing.T) {
	b := newBench(t, Config{ChecksTokens: true}, 1)
	b.send(write(1, 1, 5))
	b.run(2)
	b.restart(sim.KeepAll)
	if got := b.asks(readL1()); got != `"1 of 1", token 5` {
		t.Fatalf("the write is lost: %q", got)
	}
	b.restart(sim.LoseAll)
	if got := b.asks(readL1()); got != `"1 of 1", token 5` {
		t.Errorf("a reader has heard of it, and then it is %q", got)
	}
}

// A disk that fails to sync ends the process, and nobody is told. What can still be read
// then is written again, as no later sync would save it, before anybody hears of it.
func TestAFailedSync(t *testing.T) {
	b := newBench(t, Config{ChecksTokens: true}, 1)
	b.asks(write(1, 1, 5))
	end := b.w.DisturbDisk(server, sim.DiskRule{SyncFail: 1e6})
	if got := b.asks(write(2, 1, 7)); got != "" || b.w.Up(server) {
		t.Fatalf("answered %q, and up: %v", got, b.w.Up(server))
	}
	end()
	b.w.Restart(server)
	if got := b.asks(write(2, 1, 7)); got != "accepted" {
		t.Errorf("the retry is answered %q", got)
	}
	b.restart(sim.LoseAll)
	if got, want := b.accepted(), []string{"l1/5", "l1/7"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// The log says in time how far it is durable: damage before that is corruption.
func TestTheLogIsMarked(t *testing.T) {
	b := newBench(t, Config{}, 1)
	b.asks(write(1, 1, 5))
	saved := func(when string) {
		if s := b.server(); s.log.Durable() == 0 || s.log.Durable() != s.log.End() {
			t.Errorf("%s: durable up to %d of %d", when, s.log.Durable(), s.log.End())
		}
	}
	saved("after a write")
	b.restart(sim.KeepAll)
	b.run(50)
	saved("after a crash")
}

func TestEntriesComeBack(t *testing.T) {
	want := entry{invariant.Acceptance{Lock: "l1", Token: 1 << 40, By: sim.Client(3)}, 7, 1<<32 | 5, "value"}
	b := appendEntry(nil, &want)
	if got, err := readEntry(b); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for n := range b {
		if e, err := readEntry(b[:n]); err == nil {
			t.Errorf("%d bytes of %d are read as %+v", n, len(b), e)
		}
	}
	if e, err := readEntry(append(b, 0)); err == nil {
		t.Errorf("a byte too many is read as %+v", e)
	}
}

func TestAWriteHasANumber(t *testing.T) {
	b := newBench(t, Config{}, 1)
	b.asks(write(1, 0, 5))
	if found := b.w.Violations(); len(found) != 1 || found[0].Property != "panic" || !strings.Contains(found[0].Detail, "has no number") {
		t.Errorf("found %v", found)
	}
}

// Answers tell the invariants which write they come from.
func TestWhatAnswersTell(t *testing.T) {
	w := invariant.Acceptance{Lock: "l1", Token: 5, By: sim.Client(1)}
	for _, c := range []struct {
		m    invariant.AcceptedWrite
		want bool
	}{{&Written{true, 5, w}, true}, {&Written{false, 5, w}, true}, {&Value{"x", 5, w}, true}, {&Value{}, false}} {
		if got, ok := c.m.AcceptedWrite(); ok != c.want || ok && got != w {
			t.Errorf("%+v tells of %v, %v", c.m, got, ok)
		}
	}
}

func TestView(t *testing.T) {
	b := newBench(t, Config{ChecksTokens: true}, 1)
	shown := func() string { return b.w.ViewOf(server).Fields[0].Value() }
	before := shown()
	b.asks(write(2, 1, 7))
	b.asks(write(1, 1, 5))
	if after := shown(); before != "" || after != "l1 by c1 token 7" {
		t.Errorf("shown: %q, then %q", before, after)
	}
}
