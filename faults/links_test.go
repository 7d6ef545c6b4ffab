package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol here is a counter: n1 sends 1, 2, 3, … to n2, one every 10 ms, and
// n2 notes when what came. A message takes 2 ms.
type (
	number  struct{ n, sum int }
	other   struct{ n int }
	counter struct {
		notes *notes
		n     int
	}
	notes struct{ at []string }
)

// Corrupt changes the number.
func (m number) Corrupt(uint64) sim.Message { return number{m.n + 1000, m.sum} }

func (number) Size() int { return 1000 }

func (c *counter) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot, tick:
		if env.ID() == n(1) {
			env.Arm(tick{}, 10*time.Millisecond)
		}
		if m == (tick{}) {
			c.n++
			env.Send(n(2), number{c.n, c.n})
			env.Send(n(2), other{c.n})
		}
	case number:
		c.notes.at = append(c.notes.at, fmt.Sprintf("%d@%d", m.n, env.Elapsed()/time.Millisecond))
	}
}

// counting is a world of three, in which n1 counts and n2 takes notes.
func counting(t *testing.T, cfg sim.Config) (*sim.World, *notes) {
	cfg.Net.Latency, cfg.Records = sim.Fixed(2*time.Millisecond), true
	w, book := sim.New(cfg), &notes{}
	t.Cleanup(w.Close)
	for range 3 {
		w.AddServer(func() sim.Node { return &counter{notes: book} })
	}
	return w, book
}

// linkCases says what n2 notes in 100 ms.
func linkCases() []strike {
	to2 := faults.Scope{Target: faults.On(n(2)), Way: faults.In}
	return []strike{
		{faults.Partition{Groups: [][]sim.NodeID{{n(1)}, {n(2)}}}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.PartitionOneWay{Scope: to2}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.Isolate{Target: faults.On(n(2))}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.Loss{PPM: 1_000_000, Scope: to2}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.Delay{Extra: sim.Fixed(15 * time.Millisecond), Scope: to2}, "1@12 2@22 3@47 4@57 5@67 7@72 6@77 8@82 9@92"},
		{faults.Duplicate{PPM: 1_000_000, Scope: to2}, "1@12 2@22 3@32 3@32 4@42 4@42 5@52 5@52 6@62 6@62 7@72 8@82 9@92"},
		{faults.Reorder{PPM: 1_000_000, Window: 50 * time.Millisecond, Scope: to2}, "1@12 2@22 3@65 5@70 7@72 6@75 8@82 4@86 9@92"},
		{faults.Corrupt{PPM: 1_000_000, Scope: to2}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.Corrupt{PPM: 1_000_000, Undetected: true, Scope: to2}, "1@12 2@22 1003@32 1004@42 1005@52 1006@62 7@72 8@82 9@92"},
		{faults.Bandwidth{BytesPerSecond: 62_500, Queue: 9, Scope: to2}, "1@12 2@22 3@48 4@65 7@72 8@82 5@82 9@92 6@99"},
		{faults.Bandwidth{BytesPerSecond: 1_000_000, Queue: 9, Scope: to2}, "1@12 2@22 3@33 4@43 5@53 6@63 7@72 8@82 9@92"},
		{faults.Hold{Scope: to2}, "1@12 2@22 3@65 4@65 5@65 6@65 7@72 8@82 9@92"},
		{faults.Clog{Target: faults.On(n(2)), Way: faults.In}, "1@12 2@22 3@65 4@65 5@65 6@65 7@72 8@82 9@92"},
		{faults.Clog{Target: faults.On(n(1)), Way: faults.Out}, "1@12 2@22 3@67 4@67 5@67 6@67 7@72 8@82 9@92"},
		{faults.Clog{Target: faults.On(n(2)), Way: faults.Out}, "1@12 2@22 3@32 4@42 5@52 6@62 7@72 8@82 9@92"},
		{faults.Clog{Target: faults.On(n(1), n(2))}, "1@12 2@22 3@67 4@67 5@67 6@67 7@72 8@82 9@92"},
		{faults.SwizzleClog{Target: faults.On(n(2)), Step: 15 * time.Millisecond}, "1@12 2@22 3@40 4@42 5@52 6@62 7@72 8@82 9@92"},
		{faults.Flap{Down: 10 * time.Millisecond, Up: 10 * time.Millisecond, Scope: to2}, "1@12 2@22 4@42 6@62 7@72 8@82 9@92"},
		{faults.Filter{Type: "faults_test.number", To: []sim.NodeID{n(2)}}, "1@12 2@22 7@72 8@82 9@92"},
		{faults.Filter{Type: "faults_test.other"}, "1@12 2@22 3@32 4@42 5@52 6@62 7@72 8@82 9@92"},
	}
}

func TestWhatLinkFaultsDo(t *testing.T) {
	wantStrikes(t, 100*ms, func(t *testing.T) (*sim.World, *notes) { return counting(t, sim.Config{Seed: 4}) }, linkCases())
}

// On streams nothing is lost, doubled, damaged or overtaken, and a gap ends the
// stream.
func TestLinkFaultsOnStreams(t *testing.T) {
	const plain = "1@12 2@22 3@32 4@42 5@52 6@62 7@72 8@82 9@92"
	want := map[faults.Kind]string{
		"loss": plain, "duplicate": plain, "reorder": plain, "corrupt": plain,
		"delay": "1@12 2@22 3@47 4@57 5@67 6@77 7@77 8@82 9@92", // nobody overtakes
	}
	for _, c := range linkCases() {
		w, book := counting(t, sim.Config{Seed: 4, Net: sim.NetConfig{FIFO: true}})
		install(t, w, between(25*ms, 65*ms, c.fault))
		w.RunUntil(100 * ms)
		got := strings.Join(book.at, " ")
		if want := want[c.fault.Kind()]; want != "" && got != want {
			t.Errorf("%v:\n got %s\nwant %s", c.fault, got, want)
		}
		last := 0
		for _, s := range book.at {
			var n, at int
			fmt.Sscanf(s, "%d@%d", &n, &at)
			if n <= last {
				t.Errorf("%v: %d comes after %d in %s", c.fault, n, last, got)
			}
			last = n
		}
	}
}

// A message that waits outlives its sender's crash; one whose receiver is down at
// the release is lost.
func TestHeldMessagesAndCrashes(t *testing.T) {
	for _, f := range []faults.Fault{faults.Hold{}, faults.Clog{Target: faults.On(n(1)), Way: faults.Out}} {
		w, book := counting(t, sim.Config{})
		install(t, w, between(25*ms, 65*ms, f), between(35*ms, 95*ms, faults.Crash{Target: faults.On(n(1))}))
		w.RunUntil(100 * ms)
		got := strings.Join(book.at, " ")
		if got != "1@12 2@22 3@65" && got != "1@12 2@22 3@67" {
			t.Errorf("%v, the sender crashes: got %s", f, got)
		}
		w, book = counting(t, sim.Config{})
		install(t, w, between(25*ms, 65*ms, f), between(35*ms, 75*ms, faults.Crash{Target: faults.On(n(2))}))
		w.RunUntil(100 * ms)
		if got := strings.Join(book.at, " "); got != "1@12 2@22 8@82 9@92" {
			t.Errorf("%v, the receiver crashes: got %s", f, got)
		}
	}
}

// Two holds: a message waits for both.
func TestHoldsCompose(t *testing.T) {
	for _, pair := range [][2]faults.Fault{
		{faults.Hold{}, faults.Hold{Scope: faults.Scope{Target: faults.On(n(2))}}},
		{faults.Clog{Target: faults.On(n(1)), Way: faults.Out}, faults.Clog{Target: faults.On(n(1)), Way: faults.Out}},
		{faults.Clog{Target: faults.On(n(1)), Way: faults.Out}, faults.Hold{}},
	} {
		w, book := counting(t, sim.Config{})
		install(t, w, between(25*ms, 45*ms, pair[0]), between(35*ms, 65*ms, pair[1]))
		w.RunUntil(80 * ms)
		got := strings.ReplaceAll(strings.Join(book.at, " "), "@67", "@65") // a clogged message has its way before it
		if got != "1@12 2@22 3@65 4@65 5@65 6@65 7@72" {
			t.Errorf("%v: got %s", pair, got)
		}
	}
}

// Who reaches whom across the shapes that are not one side against another.
func TestShapesOfPartitions(t *testing.T) {
	club := newClub(5, sim.Config{})
	install(t, club.world,
		between(1000*ms, 2000*ms, faults.Bridge{Target: faults.On(n(2))}),
		between(3000*ms, 4000*ms, faults.MajoritiesRing{}),
		between(5000*ms, 6000*ms, faults.MajoritiesRing{Order: []sim.NodeID{n(1), n(3), n(5), n(2), n(4)}}))
	halves := map[sim.NodeID]int{n(1): 1, n(3): 1, n(4): 2, n(5): 2}
	apart := func(order ...int) func(a, b sim.NodeID) bool {
		place := map[sim.NodeID]int{}
		for i, id := range order {
			place[n(id)] = i
		}
		return func(a, b sim.NodeID) bool {
			if a.IsClient() || b.IsClient() {
				return false
			}
			d := (place[a] - place[b] + 5) % 5
			return d == 2 || d == 3
		}
	}
	for _, c := range []struct {
		at  sim.Time
		cut func(a, b sim.NodeID) bool
	}{
		{1500 * ms, func(a, b sim.NodeID) bool { return halves[a]*halves[b] == 2 }},
		{2500 * ms, nothingCut},
		{3500 * ms, apart(1, 2, 3, 4, 5)},
		{4500 * ms, nothingCut},
		{5500 * ms, apart(1, 3, 5, 2, 4)},
		{6500 * ms, nothingCut},
	} {
		club.runTo(c.at)
		club.wantReach(t, "shapes", c.cut)
	}
}

// The golden stories of those two.
func TestStoriesOfShapes(t *testing.T) {
	for _, f := range []faults.Fault{faults.Bridge{Target: faults.On(n(2))}, faults.MajoritiesRing{}} {
		w := sim.New(sim.Config{Records: true, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
		for range 5 {
			w.AddServer(func() sim.Node { return &shout{} })
		}
		install(t, w, between(15*ms, 35*ms, f))
		w.RunUntil(45 * ms)
		wantStory(t, w, string(f.Kind()))
	}
}

// shout says something to everybody every 20 ms.
type shout struct{}

func (s *shout) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case sim.Boot, tick:
		env.Arm(tick{}, 20*time.Millisecond)
	}
	if m == (tick{}) {
		for _, to := range env.Servers() {
			if to != env.ID() {
				env.Send(to, other{1})
			}
		}
	}
}

func TestShapesThatDoNotExistAreSkipped(t *testing.T) {
	for f, servers := range map[string]int{"bridge: {target: n1}": 2, "majorities_ring: {}": 3} {
		club := newClub(servers, sim.Config{})
		var fault faults.Fault = faults.MajoritiesRing{}
		if servers == 2 {
			fault = faults.Bridge{Target: faults.On(n(1))}
		}
		in := install(t, club.world, from1s(fault))
		club.runTo(1500 * ms)
		if len(in.Skips()) != 1 {
			t.Errorf("%s among %d servers was not skipped", f, servers)
		}
	}
}

// A queue of one: one message on the line, one waiting, the others overflow.
func TestBandwidthOverflows(t *testing.T) {
	w, book := counting(t, sim.Config{})
	in := faults.Bandwidth{BytesPerSecond: 20_000, Queue: 1, Scope: faults.Scope{Target: faults.On(n(1))}}
	install(t, w, between(5*ms, 85*ms, in))
	w.RunUntil(200 * ms)
	overflows := 0
	for _, r := range w.Trace().Records() {
		if r.Kind == sim.KindSend && r.Fate == sim.Overflow {
			overflows++
		}
	}
	if overflows == 0 || overflows+len(book.at) < 12 {
		t.Errorf("%d overflows, arrived: %v", overflows, book.at)
	}
}

// An altered message is a copy: the sender's own is whole.
func TestAlteredMessagesAreCopies(t *testing.T) {
	w, _ := counting(t, sim.Config{FreezeCheck: true})
	install(t, w, between(0, 85*ms, faults.Corrupt{PPM: 1_000_000, Undetected: true}))
	w.RunUntil(100 * ms)
	w.Close()
	for _, v := range w.Violations() {
		t.Errorf("%v", v)
	}
}
