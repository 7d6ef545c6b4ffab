package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol here keeps a diary: every 10 ms n1 appends a letter to its file, syncs
// it and tells n2. When the disk says no it ends; when it starts again it tells n2
// what it has read. A sync takes 2 ms, a message 1 ms.
type (
	diary struct {
		heard *notes
		next  byte
	}
	entry string
)

func (d *diary) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		if env.ID() == n(1) {
			d.open(env)
		}
	case tick:
		env.Arm(tick{}, 10*time.Millisecond)
		d.write(env)
	case entry:
		d.heard.at = append(d.heard.at, fmt.Sprintf("%s@%d", m, env.Elapsed()/time.Millisecond))
	}
}

func (d *diary) open(env *sim.Env) {
	content, err := env.File("diary").Read()
	if err != nil {
		env.Fatal("the diary cannot be read: %v", err)
		return
	}
	d.next = 'a'
	if len(content) > 0 {
		d.next = content[len(content)-1] + 1
		env.Send(n(2), entry("<"+strings.ReplaceAll(string(content), "\x00", ".")+">"))
	}
	env.Arm(tick{}, 10*time.Millisecond)
}

func (d *diary) write(env *sim.Env) {
	f := env.File("diary")
	isNew := !f.Exists()
	err := f.Append([]byte{d.next})
	if err == nil {
		err = f.Sync()
	}
	if err == nil && isNew {
		err = env.SyncDir()
	}
	if err != nil {
		env.Fatal("the diary cannot be kept: %v", err)
		return
	}
	env.Send(n(2), entry(string(d.next)))
	d.next++
}

func diaries(t *testing.T, cfg sim.Config) (*sim.World, *notes) {
	cfg.Net.Latency, cfg.Disk.Sync, cfg.Records = sim.Fixed(time.Millisecond), sim.Fixed(2*time.Millisecond), true
	w, heard := sim.New(cfg), &notes{}
	t.Cleanup(w.Close)
	for range 2 {
		w.AddServer(func() sim.Node { return &diary{heard: heard} })
	}
	return w, heard
}

// Each fault of disks does what its documentation says: in force from 25 to 65 ms,
// and at 95 ms a crash shows what the disk really holds.
func TestWhatDiskFaultsDo(t *testing.T) {
	on1 := faults.Storage{Target: faults.On(n(1)), File: "diary"}
	const certain = 1_000_000
	for _, c := range []struct {
		fault faults.Fault
		want  string
	}{
		// the first entry takes two syncs
		{faults.SyncFail{PPM: certain, Storage: on1}, "a@15 b@23 <abc>@66 d@78 e@88 <ab.de>@101"},
		{faults.ReadError{Storage: on1}, "a@15 b@23 c@33 d@43 e@53 f@63 g@73 h@83 i@93 <abcdefghi>@101"},
		{faults.DiskFull{Storage: faults.Storage{Target: faults.On(n(1))}}, "a@15 b@23 <ab>@66 c@78 d@88 <abcd>@101"},
		{faults.DiskStall{Storage: on1}, "a@15 b@23 c@66 d@66 e@66 f@66 g@73 h@83 i@93 <abcdefghi>@101"},
		{faults.PhantomWrite{PPM: certain, Storage: on1}, "a@15 b@23 c@33 d@43 e@53 f@63 g@73 h@83 i@93 <ab....ghi>@101"},
		{faults.Misdirect{PPM: certain, Storage: on1}, "a@15 b@23 c@33 d@43 e@53 f@63 g@73 h@83 i@93 <ed..f.ghi>@101"},
		{faults.BitRot{Bits: 1, Storage: on1}, "a@15 b@23 c@33 d@43 e@53 f@63 g@73 h@83 i@93 <cbcdefghi>@101"},
	} {
		w, heard := diaries(t, sim.Config{Seed: 2})
		e := between(25*ms, 65*ms, c.fault)
		if c.fault.Kind() == "bit_rot" {
			e.For = 0
		}
		install(t, w, e, between(95*ms, 100*ms, faults.Crash{Target: faults.On(n(1))}))
		w.RunUntil(105 * ms)
		if got := strings.Join(heard.at, " "); got != c.want {
			t.Errorf("%v:\n got %q\nwant %q", c.fault, got, c.want)
		}
		wantStory(t, w, string(c.fault.Kind()))
	}
}

// HealAll in the middle ends them too, and starts what has ended itself.
func TestHealAllEndsDiskFaults(t *testing.T) {
	for _, f := range []faults.Fault{
		faults.SyncFail{PPM: 1_000_000, Storage: faults.Storage{Target: faults.On(n(1))}},
		faults.DiskFull{Storage: faults.Storage{Target: faults.On(n(1))}},
		faults.DiskStall{Storage: faults.Storage{Target: faults.On(n(1))}},
	} {
		w, heard := diaries(t, sim.Config{})
		in := install(t, w, faults.Entry{Fault: f, At: 25 * ms})
		w.RunUntil(50 * ms)
		in.HealAll()
		w.RunUntil(95 * ms)
		if got := strings.Join(heard.at, " "); !w.Up(n(1)) || len(heard.at) < 6 {
			t.Errorf("%v: after HealAll n1 is up: %v, n2 heard %s", f, w.Up(n(1)), got)
		}
	}
}

// A crash forgets the syncs that stall, and of two faults that stop one machine
// each lets go of it by itself.
func TestDiskFaultsAndCrashes(t *testing.T) {
	stall := faults.DiskStall{Storage: faults.Storage{Target: faults.On(n(1))}}
	w, heard := diaries(t, sim.Config{})
	install(t, w, between(25*ms, 65*ms, stall), between(35*ms, 40*ms, faults.Crash{Target: faults.On(n(1))}))
	w.RunUntil(100 * ms)
	if got, want := strings.Join(heard.at, " "), "a@15 b@23 <ab>@41 c@66 d@66 e@73 f@83 g@93"; got != want {
		t.Errorf("a stall around a crash: got %s, want %s", got, want)
	}
	full := faults.DiskFull{Storage: faults.Storage{Target: faults.On(n(1))}}
	w, _ = diaries(t, sim.Config{})
	install(t, w, between(25*ms, 65*ms, full), between(45*ms, 55*ms, full))
	w.RunUntil(64 * ms)
	if w.Incarnation(n(1)) != 2 {
		t.Errorf("n1 is in incarnation %d at 64ms, want 2: the end of one fault starts it again", w.Incarnation(n(1)))
	}
	w.RunUntil(100 * ms)
	if !w.Up(n(1)) {
		t.Error("n1 is down although its disk has room")
	}
}

// The golden stories of the crash models: three letters written and not synced.
func TestStoriesOfCrashModels(t *testing.T) {
	for model := sim.LoseAll; model <= sim.KeepSubset; model++ {
		w, _ := diaries(t, sim.Config{Seed: 3})
		w.At(36*ms, func(w *sim.World) {
			w.DisturbDisk(n(1), sim.DiskRule{Stall: true})
		})
		install(t, w, between(75*ms, 80*ms, faults.Crash{Target: faults.On(n(1)), Model: model}))
		w.RunUntil(85 * ms)
		wantStory(t, w, "crash-"+model.String())
	}
}
