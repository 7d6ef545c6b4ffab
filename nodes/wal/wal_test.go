package wal_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/wal"
	"distsim/sim"
	"pgregory.net/rapid"
)

// keeper writes down what it is sent and says so. It is n1, the asker n2.
type keeper struct {
	env    *sim.Env
	log    wal.Log
	mended bool
	holds  []string
}

type (
	put     struct{ record string }
	kept    struct{ record string }
	durable struct{ end int }
	seal    struct{}
)

func (k *keeper) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		k.onBoot(env)
	case put:
		k.onPut(from, m)
	case durable:
		k.log.Marked(m.end)
	case seal:
		k.log.Seal()
	}
}

func (k *keeper) onBoot(env *sim.Env) {
	k.env = env
	k.mended, _ = k.log.Open(env, "journal", func(payload []byte) error {
		k.holds = append(k.holds, string(payload))
		return nil
	})
	if k.mended {
		k.notice()
	}
}

func (k *keeper) onPut(from sim.NodeID, m put) {
	k.holds = append(k.holds, m.record)
	k.log.Append(append(k.log.Begin(), m.record...))
	k.log.Sync()
	k.notice()
	k.env.Send(from, kept(m))
}

func (k *keeper) notice() { k.env.Send(k.env.ID(), durable{k.log.End()}) }

// asker remembers what it was told is kept.
type asker struct {
	env  *sim.Env
	told []string
}

func (a *asker) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		a.env = env
	case kept:
		a.told = append(a.told, m.record)
	}
}

const diskTime = 2 * time.Millisecond

var n1 = sim.Server(1)

// bench is a keeper and its asker. Messages take no time, the disk diskTime.
type bench struct {
	w *sim.World
	k *keeper
	a asker
}

func newBench(seed uint64) *bench {
	b := &bench{w: sim.New(sim.Config{Seed: seed, Disk: sim.DiskConfig{Sync: sim.Fixed(diskTime)}, Records: true})}
	b.w.AddServer(func() sim.Node {
		b.k = &keeper{}
		return b.k
	})
	b.w.AddServer(func() sim.Node { return &b.a })
	b.run(0)
	return b
}

func (b *bench) run(d time.Duration) { b.w.RunUntil(b.w.Now() + sim.Time(d)) }

// send lets the asker send, and the disk finish.
func (b *bench) send(ms ...sim.Message) {
	for _, m := range ms {
		b.a.env.Send(n1, m)
	}
	b.run(4 * diskTime)
}

// reboot crashes the keeper, if it is up, and starts it again.
func (b *bench) reboot(model sim.CrashModel) {
	b.w.Crash(n1, model)
	b.w.Restart(n1)
	b.run(4 * diskTime)
}

func (b *bench) disturb(r sim.DiskRule) (end func()) { return b.w.DisturbDisk(n1, r) }

// halts says why the keeper ended itself, each time.
func (b *bench) halts() (why []string) {
	for _, r := range b.w.Trace().Records() {
		if r.Kind == sim.KindHalt && r.Node == n1 {
			why = append(why, r.Text)
		}
	}
	return why
}

var models = []sim.CrashModel{sim.LoseAll, sim.KeepPrefix, sim.KeepAll, sim.TornTail, sim.KeepSubset}

// Whatever crashes, and whatever fails to sync: what the keeper says it keeps it
// holds ever after, and all before it.
func TestWhatWasSyncedIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(rapid.Uint64().Draw(t, "seed"))
		defer b.w.Close()
		end, puts, promised := func() {}, 0, []string(nil)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				for range rapid.IntRange(1, 3).Draw(t, "records") {
					puts++
					b.a.env.Send(n1, put{fmt.Sprint("record ", puts)})
				}
			},
			"seal":    func(*rapid.T) { b.a.env.Send(n1, seal{}) },
			"wait":    func(t *rapid.T) { b.run(time.Duration(rapid.IntRange(0, 5000).Draw(t, "µs")) * time.Microsecond) },
			"crash":   func(t *rapid.T) { b.w.Crash(n1, rapid.SampledFrom(models).Draw(t, "model")) },
			"restart": func(*rapid.T) { b.w.Restart(n1) },
			"strike": func(t *rapid.T) { // the next boot is struck in the middle
				on := sim.Identity{Subject: sim.OfRecord, K: b.w.Trace().Len + 2}
				b.w.StrikeAt(sim.Strike{On: on, Node: n1, Effect: rapid.IntRange(1, 6).Draw(t, "effect"), Model: rapid.SampledFrom(models).Draw(t, "model")}, nil)
				b.w.Restart(n1)
			},
			"disk": func(t *rapid.T) {
				end()
				end = b.disturb(sim.DiskRule{
					SyncFail: rapid.SampledFrom([]uint32{0, 300_000, 1_000_000}).Draw(t, "fail"),
					File:     rapid.SampledFrom([]string{"", "directory", "journal"}).Draw(t, "file"),
				})
			},
			"": func(t *rapid.T) { promised = b.wantKept(t, promised) },
		})
		end()
		b.w.Restart(n1)
		b.run(4 * diskTime)
		b.reboot(sim.LoseAll)
		if !b.w.Up(n1) {
			t.Fatalf("the keeper refuses to start: %v", b.halts())
		}
		b.wantKept(t, promised)
	})
}

// wantKept compares what the keeper holds with what it must, and returns what it
// must from now on: all up to the last record of which it said that it is kept.
func (b *bench) wantKept(t *rapid.T, promised []string) []string {
	holds := b.k.holds
	if !b.w.Up(n1) {
		return promised
	}
	if n := len(promised); len(holds) < n || !slices.Equal(holds[:n], promised) {
		t.Fatalf("the keeper holds %q, having promised %q", holds, promised)
	}
	if len(b.a.told) == 0 {
		return promised
	}
	last := slices.Index(holds, b.a.told[len(b.a.told)-1])
	if last < 0 {
		t.Fatalf("the keeper holds %q, and has said that it keeps %q", holds, b.a.told)
	}
	return slices.Clone(holds[:max(last+1, len(promised))])
}

// A SyncDir that fails leaves a name that no later SyncDir saves: it is given anew.
func TestNameSurvivesAFailedSyncDir(t *testing.T) {
	for _, model := range models {
		b := newBench(1)
		end := b.disturb(sim.DiskRule{SyncFail: 1_000_000, File: "directory"})
		b.send(put{"a"})
		if len(b.a.told) > 0 || b.w.Up(n1) {
			t.Fatal("the name could not be saved, and the keeper goes on")
		}
		end()
		b.w.Restart(n1)
		b.send(put{"b"})
		b.reboot(model)
		if want := []string{"a", "b"}; !slices.Equal(b.k.holds, want) {
			t.Errorf("%v: the keeper holds %q, want %q", model, b.k.holds, want)
		}
		b.w.Close()
	}
}

// A disk that refuses ends the process, which says what was refused.
func TestDiskThatRefusesEndsTheProcess(t *testing.T) {
	for why, rule := range map[string]sim.DiskRule{
		"the journal cannot be synced: ":  {SyncFail: 1_000_000},
		"the journal cannot be written: ": {Full: true},
		"the journal cannot be read: ":    {ReadError: true},
	} {
		b := newBench(1)
		b.send(put{"a"})
		b.disturb(rule)
		if rule.ReadError {
			b.reboot(sim.LoseAll)
		}
		b.send(put{"b"})
		if halts := b.halts(); b.w.Up(n1) || len(halts) != 1 || !strings.HasPrefix(halts[0], why) {
			t.Errorf("up %v, halts %q; want one, %q", b.w.Up(n1), halts, why)
		}
		if len(b.a.told) != 1 {
			t.Errorf("%s… and it said that it keeps %q", why, b.a.told)
		}
		b.w.Close()
	}
}

// What is known to have been durable and is damaged stops the node; the last frames
// are protected once the idle log is sealed.
func TestSealProtectsTheLastFrame(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		b := newBench(1)
		b.send(put{"a"}, put{"b"}, seal{}) // in use since the last seal: left alone
		size := b.k.log.End()
		if sealed {
			b.send(seal{}, seal{}, seal{})
		}
		if grown := b.k.log.End() > size; grown != sealed {
			t.Fatalf("sealed %v: the log went from %d to %d bytes", sealed, size, b.k.log.End())
		}
		b.w.Durable(n1, "journal")[size-1] ^= 1
		b.reboot(sim.LoseAll)
		switch {
		case sealed && (b.w.Up(n1) || !strings.HasPrefix(b.halts()[0], "the journal is corrupt at byte 21: ")):
			t.Errorf("up %v with a damaged record, %q", b.w.Up(n1), b.halts())
		case !sealed && (!b.k.mended || !slices.Equal(b.k.holds, []string{"a"})):
			t.Errorf("mended %v, holds %q: the last frame is not told from a torn one before it is marked", b.k.mended, b.k.holds)
		case !sealed && len(b.w.Durable(n1, "journal")) != b.k.log.End():
			t.Error("the torn tail is still in the file")
		}
		b.w.Close()
	}
}

// Opening mends what no mark covers, and says so; an empty disk needs nothing.
func TestMended(t *testing.T) {
	b := newBench(1)
	defer b.w.Close()
	if b.k.mended {
		t.Error("an empty disk was mended")
	}
	b.send(put{"a"})
	b.reboot(sim.LoseAll)
	if !b.k.mended || b.k.log.Durable() != b.k.log.End() {
		t.Errorf("mended %v, durable %d of %d: no mark covers the first frame", b.k.mended, b.k.log.Durable(), b.k.log.End())
	}
	b.send(seal{})
	mark := b.k.log.Durable() - 20
	b.reboot(sim.LoseAll)
	if got := b.k.log.Durable(); !b.k.mended || got < mark {
		t.Errorf("mended %v, durable %d, want at least the mark at %d", b.k.mended, got, mark)
	}
}

// A reader from outside sees what is durable as it becomes so, and no more.
func TestReaderFollowsTheDisk(t *testing.T) {
	b := newBench(1)
	defer b.w.Close()
	var r wal.Reader
	next := func(want string) {
		t.Helper()
		p, ok := r.Next(b.w.Durable(n1, "journal"))
		if string(p) != want || ok != (want != "") {
			t.Errorf("got %q, %v; want %q", p, ok, want)
		}
	}
	next("")
	b.send(put{"a"}, put{"b"})
	next("a")
	b.a.env.Send(n1, put{"c"})
	b.run(diskTime / 2) // it is written, and not durable
	next("b")
	next("")
	b.run(diskTime)
	next("c")
	b.send(seal{}, seal{})
	next("") // a mark is no record
}

func TestMisuse(t *testing.T) {
	for what, misuse := range map[string]func(l *wal.Log){
		"Append of what Begin did not return": func(l *wal.Log) { l.Append([]byte("a")) },
		"Marked beyond the end":               func(l *wal.Log) { l.Marked(l.End() + 1) },
	} {
		func() {
			b := newBench(1)
			defer b.w.Close()
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", what)
				}
			}()
			misuse(&b.k.log)
		}()
	}
}

// Whoever adds a field to Log must say here that Canonical shows it, or why it
// need not.
func TestCanonicalKnowsEveryField(t *testing.T) {
	notShown := map[string]string{
		"env":  "the kernel's to show",
		"name": "never changes",
		"file": "a name",
		"sum":  "is written, and decides nothing until it is read",
		"buf":  "scratch",
	}
	shown := map[string]string{"isNew": "new", "busy": "busy", "end": "end", "durable": "durable", "mark": "mark"}
	var v sim.View
	new(wal.Log).Canonical(&v)
	for typ, i := reflect.TypeFor[wal.Log](), 0; i < typ.NumField(); i++ {
		name := typ.Field(i).Name
		if notShown[name] == "" && !slices.ContainsFunc(v.Fields, func(f sim.Field) bool { return f.Name == shown[name] }) {
			t.Errorf("Canonical does not show %s", name)
		}
	}
}
