package sim

import (
	"fmt"
	"strings"
	"testing"
)

// files runs ops on a fresh machine, lets it sync for as long as it likes, and
// crashes it; then it lists what is left as name=content.
func afterCrash(t *testing.T, seed uint64, model CrashModel, ops func(env *Env)) string {
	w := testWorld(t, Config{Seed: seed})
	var left []string
	w.AddServer(onBoot(func(env *Env) {
		if env.Incarnation() == 1 {
			ops(env)
			return
		}
		for _, name := range env.Files() {
			left = append(left, fmt.Sprintf("%s=%q", name, env.File(name).Bytes()))
		}
	}))
	w.RunUntil(ms(1))
	w.Crash(Server(1), model)
	w.Restart(Server(1))
	w.RunUntil(ms(2))
	holds(t, w)
	return strings.Join(left, " ")
}

func TestReadsSeeWritesAtOnce(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) {
		f := env.File("f")
		equal(t, "exists", f.Exists(), false)
		f.Append([]byte("hello"))
		f.WriteAt(1, []byte("a"))
		f.WriteAt(7, []byte("!"))
		equal(t, "content", string(f.Bytes()), "hallo\x00\x00!")
		equal(t, "size", f.Size(), 8)
		f.Truncate(2)
		f.Truncate(4)
		equal(t, "truncated", string(f.Bytes()), "ha\x00\x00")
		env.Rename("f", "g")
		equal(t, "old name", f.Exists(), false)
		equal(t, "new name", string(env.File("g").Bytes()), "ha\x00\x00")
		env.Rename("none", "h")
		env.Remove("g")
		env.Remove("none")
		equal(t, "files", len(env.Files()), 0)
	}))
	w.RunUntil(ms(1))
	holds(t, w)
}

func TestWritesAreCopied(t *testing.T) {
	got := afterCrash(t, 1, KeepAll, func(env *Env) {
		b := []byte("x")
		env.File("f").Append(b)
		b[0] = 'y'
	})
	equal(t, "content", got, `f="x"`)
}

func TestCrashModels(t *testing.T) {
	sync := func(env *Env) { env.File("f").Sync(); env.SyncDir() }
	for what, c := range map[string]struct {
		ops              func(env *Env)
		loseAll, keepAll string
	}{
		"nothing synced":  {func(env *Env) { env.File("f").Append([]byte("x")) }, ``, `f="x"`},
		"name not synced": {func(env *Env) { env.File("f").Append([]byte("x")); env.File("f").Sync() }, ``, `f="x"`},
		"data not synced": {func(env *Env) { env.File("f").Append([]byte("x")); env.SyncDir() }, `f=""`, `f="x"`},
		"all synced":      {func(env *Env) { env.File("f").Append([]byte("x")); sync(env) }, `f="x"`, `f="x"`},
		"write after sync": {func(env *Env) { env.File("f").Append([]byte("x")); sync(env); env.File("f").Append([]byte("y")) },
			`f="x"`, `f="xy"`},
		"overwrite": {func(env *Env) { env.File("f").Append([]byte("abc")); sync(env); env.File("f").WriteAt(1, []byte("X")) },
			`f="abc"`, `f="aXc"`},
		"truncate": {func(env *Env) { env.File("f").Append([]byte("abc")); sync(env); env.File("f").Truncate(1) },
			`f="abc"`, `f="a"`},
		"rename": {func(env *Env) { env.File("f").Append([]byte("x")); sync(env); env.Rename("f", "g") },
			`f="x"`, `g="x"`},
		"rename over": {func(env *Env) {
			env.File("g").Append([]byte("old"))
			env.File("g").Sync()
			env.File("f").Append([]byte("new"))
			sync(env)
			env.Rename("f", "g")
		}, `f="new" g="old"`, `g="new"`},
		"remove": {func(env *Env) { env.File("f").Append([]byte("x")); sync(env); env.Remove("f") },
			`f="x"`, ``},
		"remove and create": {func(env *Env) {
			env.File("f").Append([]byte("x"))
			sync(env)
			env.Remove("f")
			env.File("f").Append([]byte("y"))
			env.File("f").Sync() // the new file's data, not its name
		}, `f="x"`, `f="y"`},
		"sync of another file": {func(env *Env) {
			env.File("f").Append([]byte("x"))
			env.File("g").Sync()
			env.SyncDir()
		}, `f=""`, `f="x"`},
	} {
		equal(t, what+", lose-all", afterCrash(t, 1, LoseAll, c.ops), c.loseAll)
		equal(t, what+", keep-all", afterCrash(t, 1, KeepAll, c.ops), c.keepAll)
	}
}

// outcomes collects what a crash model leaves over many seeds.
func outcomesOf(t *testing.T, model CrashModel, ops func(env *Env)) map[string]int {
	seen := map[string]int{}
	for seed := range uint64(400) {
		seen[afterCrash(t, seed, model, ops)]++
	}
	return seen
}

func wantOutcomes(t *testing.T, what string, got map[string]int, want ...string) {
	t.Helper()
	for _, s := range want {
		if got[s] == 0 {
			t.Errorf("%s: never left %s", what, s)
		}
		delete(got, s)
	}
	for s, n := range got {
		t.Errorf("%s: left %s (%d times), want one of %v", what, s, n, want)
	}
}

// keep-prefix keeps a prefix of the one list of un-synced data and names.
func TestKeepPrefix(t *testing.T) {
	ops := func(env *Env) {
		env.File("f").Append([]byte("a")) // link, write
		env.File("g").Append([]byte("b")) // link, write
		env.File("f").Append([]byte("c")) // write
		env.Rename("g", "h")              // one operation
	}
	wantOutcomes(t, "keep-prefix", outcomesOf(t, KeepPrefix, ops),
		``, `f=""`, `f="a"`, `f="a" g=""`, `f="a" g="b"`, `f="ac" g="b"`, `f="ac" h="b"`)
}

// What a sync has covered and finished is not on the list any more; what it
// covers but has not finished is.
func TestKeepPrefixOfWhatIsNotDurableYet(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(10))}})
	w.AddServer(onBoot(func(env *Env) {
		env.File("f").Append([]byte("a"))
		env.SyncDir()        // done at 10
		env.File("f").Sync() // done at 20
		env.File("f").Append([]byte("b"))
	}))
	w.RunUntil(ms(15))
	equal(t, "durable at 15", string(w.Durable(Server(1), "f")), "")
	equal(t, "dirty", w.Dirty(Server(1)), true)
	equal(t, "operations at risk", len(w.machine(Server(1)).disk.journal), 2)
	w.RunUntil(ms(20))
	equal(t, "durable at 20", string(w.Durable(Server(1), "f")), "a")
	equal(t, "operations at risk", len(w.machine(Server(1)).disk.journal), 1)
}

// torn-tail keeps a prefix and some first bytes of the write after it; what was
// synced before stays, and new space may be there without its bytes.
func TestTornTail(t *testing.T) {
	overwrite := func(env *Env) {
		env.File("f").Append([]byte("abcdef"))
		env.File("f").Sync()
		env.SyncDir()
		env.File("f").WriteAt(1, []byte("XYZ"))
	}
	wantOutcomes(t, "torn overwrite", outcomesOf(t, TornTail, overwrite),
		`f="aXcdef"`, `f="aXYdef"`, `f="aXYZef"`)
	extend := func(env *Env) {
		env.File("f").Append([]byte("ab"))
		env.File("f").Sync()
		env.SyncDir()
		env.File("f").Append([]byte("XYZ"))
	}
	wantOutcomes(t, "torn append", outcomesOf(t, TornTail, extend),
		`f="abX"`, `f="abXY"`, `f="abX\x00\x00"`, `f="abXY\x00"`, `f="abXYZ"`)
}

// Without faults a torn write is impossible: a crash between events that finds
// everything synced changes nothing, whatever the model.
func TestSyncedSurvivesEveryModel(t *testing.T) {
	for _, model := range []CrashModel{LoseAll, KeepPrefix, KeepAll, TornTail} {
		got := outcomesOf(t, model, func(env *Env) {
			env.File("f").Append([]byte("abc"))
			env.File("f").Sync()
			env.SyncDir()
		})
		wantOutcomes(t, model.String(), got, `f="abc"`)
		back, ok := ParseCrashModel(model.String())
		equal(t, "parsed", back, model)
		equal(t, "known", ok, true)
	}
	_, ok := ParseCrashModel("lose-some")
	equal(t, "unknown model parsed", ok, false)
}

// The disk is serial: a sync begins when the one before it is done.
func TestDiskIsSerial(t *testing.T) {
	w := testWorld(t, Config{Records: true, Disk: DiskConfig{Sync: Fixed(millis(10))}})
	w.AddServer(onBoot(func(env *Env) {
		env.File("f").Sync()
		env.File("g").Sync()
		env.SyncDir()
	}))
	w.RunUntil(ms(100))
	var at []Time
	for _, r := range ofKind(w, KindSynced) {
		at = append(at, r.At)
	}
	equalSlices(t, "done", at, []Time{ms(10), ms(20), ms(30)})
}

// A crash forgets the syncs under way; the next incarnation's disk is idle.
func TestCrashForgetsSyncs(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(10))}})
	var l inboxLog
	w.AddServer(onBoot(func(env *Env) {
		env.File("f").Append([]byte{byte(env.Incarnation())})
		env.File("f").Sync()
		env.SyncDir()
		env.Send(Server(2), note("done"))
	}))
	w.AddServer(sink(w, &l))
	w.RunUntil(ms(5))
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(ms(24))
	equal(t, "sent", l.String(), "")
	w.RunUntil(ms(25))
	equal(t, "sent", l.String(), "done")
	equal(t, "durable", string(w.Durable(Server(1), "f")), "\x02")
}
