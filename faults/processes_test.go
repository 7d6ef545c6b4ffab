package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol here is a ticket office: every 10 ms n2 asks for a ticket, and n1
// answers with the number of tickets it has sold since it started, the number that
// its file says, and the build it runs. It sells only what is durable. A sync takes
// 2 ms, a message 1 ms.
type (
	office struct {
		heard *notes
		build string
		sold  int
	}
	please struct{ n int }
	ticket struct {
		n, inMemory, onDisk int
		build               string
	}
)

func (t ticket) Summary() string {
	return fmt.Sprintf("%d: %d of %d by %s", t.n, t.inMemory, t.onDisk, t.build)
}

func (o *office) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		if env.ID() == n(2) {
			env.Arm(tick{}, 10*time.Millisecond)
		}
	case tick:
		env.Arm(tick{}, 10*time.Millisecond)
		o.sold++
		env.Send(n(1), please{o.sold})
	case please:
		o.sold++
		f := env.File("sold")
		f.Append([]byte{'.'})
		f.Sync()
		if f.Size() == 1 {
			env.SyncDir()
		}
		env.Send(from, ticket{m.n, o.sold, f.Size(), o.build})
	case ticket:
		o.heard.at = append(o.heard.at, fmt.Sprintf("%d:%d/%d%s@%d", m.n, m.inMemory, m.onDisk, strings.TrimPrefix(m.build, "v1"), env.Elapsed().Milliseconds()))
	}
}

func offices(t *testing.T) (*sim.World, *notes) { return officesOver(t, sim.NetConfig{}) }

func officesOver(t *testing.T, net sim.NetConfig) (*sim.World, *notes) {
	net.Latency = sim.Fixed(time.Millisecond)
	w, heard := sim.New(sim.Config{Records: true, Net: net, Disk: sim.DiskConfig{Sync: sim.Fixed(2 * time.Millisecond)}}), &notes{}
	t.Cleanup(w.Close)
	for range 2 {
		id := w.AddServer(func() sim.Node { return &office{heard: heard, build: "v1"} })
		w.AddBuild(id, "v2", func() sim.Node { return &office{heard: heard, build: "v2"} })
	}
	return w, heard
}

// processCases says what n2 notes in 105 ms.
func processCases() []strike {
	on1 := faults.On(n(1))
	return []strike{
		{faults.Pause{Target: on1}, "1:1/1@16 2:2/2@24 3:3/3@68 4:4/4@70 5:5/5@72 6:6/6@74 7:7/7@76 8:8/8@84 9:9/9@94 10:10/10@104"},
		{faults.Slow{Target: on1, By: sim.Fixed(15 * time.Millisecond)}, "1:1/1@16 2:2/2@24 3:3/3@47 4:4/4@62 5:5/5@77 6:6/6@79 7:7/7@81 8:8/8@84 9:9/9@94 10:10/10@104"},
		{faults.Slow{Target: on1, By: sim.Fixed(time.Millisecond)}, "1:1/1@16 2:2/2@24 3:3/3@34 4:4/4@44 5:5/5@54 6:6/6@64 7:7/7@74 8:8/8@84 9:9/9@94 10:10/10@104"},     // the disk takes longer
		{faults.Slow{Target: faults.On(n(2)), By: sim.Fixed(4 * time.Millisecond)}, "1:1/1@16 2:2/2@24 3:3/3@38 4:4/4@50 5:5/5@62 6:6/6@70 7:7/7@80 8:8/8@90 9:9/9@100"}, // its timer waits too
		{faults.Wipe{Target: on1}, "1:1/1@16 2:2/2@24 7:1/1@76 8:2/2@84 9:3/3@94 10:4/4@104"},
		{faults.Upgrade{Target: on1, To: "v2"}, "1:1/1@16 2:2/2@24 7:1/3v2@74 8:2/4v2@84 9:3/5v2@94 10:4/6v2@104"},
	}
}

func TestWhatProcessFaultsDo(t *testing.T) { wantStrikes(t, 105*ms, offices, processCases()) }

// Streams change nothing about that: what waits in a process has been received.
func TestProcessFaultsOnStreams(t *testing.T) {
	for _, c := range processCases() {
		w, heard := officesOver(t, sim.NetConfig{FIFO: true})
		install(t, w, between(25*ms, 65*ms, c.fault))
		w.RunUntil(105 * ms)
		if got := strings.Join(heard.at, " "); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.fault, got, c.want)
		}
	}
}

// Overlapping slows add up, and each takes away its own share only.
func TestSlowsAddUp(t *testing.T) {
	w, heard := offices(t)
	slow := func(by time.Duration) faults.Fault {
		return faults.Slow{Target: faults.On(n(1)), By: sim.Fixed(by * time.Millisecond)}
	}
	install(t, w, between(15*ms, 55*ms, slow(3)), between(25*ms, 45*ms, slow(4)))
	w.RunUntil(75 * ms)
	if got, want := strings.Join(heard.at, " "), "1:1/1@16 2:2/2@25 3:3/3@39 4:4/4@49 5:5/5@55 6:6/6@64 7:7/7@74"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What a crash finds in a slow machine is lost, the next incarnation is as slow, and
// a pause of it counts for itself.
func TestSlowWithCrashesAndPauses(t *testing.T) {
	slow := between(25*ms, 65*ms, faults.Slow{Target: faults.On(n(1)), By: sim.Fixed(8 * time.Millisecond)})
	for _, c := range []struct {
		other faults.Entry
		want  string
	}{
		// 3 is handled from 31 to 39; the boot takes from 37 to 45
		{between(35*ms, 37*ms, faults.Crash{Target: faults.On(n(1))}), "1:1/1@16 2:2/2@24 4:1/4@54 5:2/5@62 6:3/6@70 7:4/7@74"},
		{between(35*ms, 37*ms, faults.Pause{Target: faults.On(n(1))}), "1:1/1@16 2:2/2@24 3:3/3@40 4:4/4@50 5:5/5@60 6:6/6@70 7:7/7@74"},
		{between(35*ms, 45*ms, faults.Pause{Target: faults.On(n(1))}), "1:1/1@16 2:2/2@24 3:3/3@46 4:4/4@54 5:5/5@62 6:6/6@70 7:7/7@74"},
	} {
		w, heard := offices(t)
		install(t, w, slow, c.other)
		w.RunUntil(75 * ms)
		if got := strings.Join(heard.at, " "); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.other, got, c.want)
		}
	}
}

// A machine that is down already is left to what has stopped it: it loses its disk,
// or gets its build, and starts when the other fault heals.
func TestWipesAndUpgradesOfWhatIsDown(t *testing.T) {
	on1 := faults.On(n(1))
	for _, c := range []struct {
		fault faults.Fault
		want  string
	}{
		{faults.Wipe{Target: on1}, "1:1/1@16 2:2/2@24 7:1/1@76"},
		{faults.Upgrade{Target: on1, To: "v2"}, "1:1/1@16 2:2/2@24 7:1/3v2@74"},
	} {
		w, heard := offices(t)
		install(t, w, between(25*ms, 65*ms, faults.Crash{Target: on1}), between(35*ms, 45*ms, c.fault))
		w.RunUntil(64 * ms)
		if w.Up(n(1)) {
			t.Errorf("%v: its end has started what another fault had stopped", c.fault)
		}
		w.RunUntil(80 * ms)
		if got := strings.Join(heard.at, " "); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.fault, got, c.want)
		}
	}
}

// One that has ended itself is theirs to start; one that has been started meanwhile
// is not.
func TestWipesAndUpgradesOfWhatHasEndedItself(t *testing.T) {
	on1 := faults.On(n(1))
	for _, f := range []faults.Fault{faults.Wipe{Target: on1}, faults.Upgrade{Target: on1, To: "v2"}} {
		w, _ := offices(t)
		dying := sim.New(sim.Config{})
		t.Cleanup(dying.Close)
		id := dying.AddServer(func() sim.Node { return fatal{} })
		dying.AddBuild(id, "v2", func() sim.Node { return fatal{} })
		install(t, dying, between(25*ms, 65*ms, f))
		dying.RunUntil(80 * ms)
		if got := dying.Incarnation(id); got != 2 {
			t.Errorf("%v: what had ended itself is in incarnation %d, want 2", f, got)
		}
		install(t, w, between(25*ms, 65*ms, f))
		w.At(35*ms, func(w *sim.World) { w.Restart(n(1)) }) // an operator
		w.At(45*ms, func(w *sim.World) { w.Crash(n(1), sim.KeepAll) })
		w.RunUntil(80 * ms)
		if w.Up(n(1)) {
			t.Errorf("%v: its end has started what others had stopped", f)
		}
	}
}

// fatal ends itself as soon as it starts.
type fatal struct{}

func (fatal) Step(env *sim.Env, _ sim.NodeID, _ sim.Message) { env.Fatal("I cannot") }

// An upgrade stops a process as a signal does: what it has written is kept, synced or
// not. A wipe keeps neither.
func TestWhatWipesAndUpgradesLeaveOnTheDisk(t *testing.T) {
	for _, c := range []struct {
		fault faults.Fault
		want  int
	}{
		{faults.Upgrade{Target: faults.Aim(faults.Dirty), To: "v2"}, 2},
		{faults.Wipe{Target: faults.Aim(faults.Dirty)}, 0},
	} {
		club := newClub(2, sim.Config{})
		club.install(t, from1s(c.fault))
		club.write(n(1), 500*ms)
		club.world.At(600*ms, func(*sim.World) { club.nodes[n(1)].env.File("data").Sync() })
		club.write(n(1), 700*ms)
		club.runTo(2100 * ms)
		if got := club.nodes[n(1)].env.File("data").Size(); got != c.want { // by the next incarnation
			t.Errorf("%v left %d bytes, want %d", c.fault, got, c.want)
		}
	}
}

func TestUpgradeToTheBuildThatRunsIsSkipped(t *testing.T) {
	club := newClub(2, sim.Config{})
	to2 := func(nodes ...sim.NodeID) faults.Fault { return faults.Upgrade{Target: faults.On(nodes...), To: "v2"} }
	in := club.install(t, between(1000*ms, 1100*ms, to2(n(1))), between(2000*ms, 2100*ms, to2(n(1))), between(3000*ms, 3100*ms, to2(n(1), n(2))))
	club.runTo(4000 * ms)
	if skips := in.Skips(); len(skips) != 1 || skips[0].Index != 1 || skips[0].Why != "n1: already on build v2" {
		t.Errorf("skips are %+v, want the second", skips)
	}
	if a, b := club.world.Incarnation(n(1)), club.world.Incarnation(n(2)); a != 2 || b != 2 {
		t.Errorf("n1 and n2 are in incarnations %d and %d, want 2 and 2", a, b)
	}
}

func TestInstallNamesTheBuildsThereAre(t *testing.T) {
	for _, target := range []faults.Target{faults.On(n(2)), faults.Aim(faults.Leader), {Who: faults.Any, Was: []sim.NodeID{n(2)}}} {
		w := sim.New(sim.Config{})
		t.Cleanup(w.Close)
		for range 2 {
			w.AddServer(func() sim.Node { return fatal{} })
		}
		w.AddBuild(n(1), "v2", func() sim.Node { return fatal{} })
		_, err := faults.Install(w, []faults.Entry{from1s(faults.Upgrade{Target: target, To: "v2"})})
		if want := "fault 1 (upgrade): n2 has no build v2; it has [v1]"; err == nil || err.Error() != want {
			t.Errorf("target %v: Install says %v, want %s", target, err, want)
		}
		if _, err := faults.Install(w, []faults.Entry{from1s(faults.Upgrade{Target: faults.On(n(1)), To: "v2"})}); err != nil {
			t.Errorf("Install refuses a build there is: %v", err)
		}
	}
}
