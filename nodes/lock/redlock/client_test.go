package redlock

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

func TestValidity(t *testing.T) {
	for _, x := range []struct{ ttl, spent, want time.Duration }{
		{10 * time.Second, 0, 9898 * ms},
		{10 * time.Second, 50 * ms, 9848 * ms},
		{time.Second, 0, 988 * ms},
		{time.Second, 988 * ms, 0},
		{time.Second, 989 * ms, -ms},
		{2 * ms, 0, -20 * time.Microsecond},
	} {
		if got := Validity(x.ttl, x.spent); got != x.want {
			t.Errorf("after %v of a ttl of %v: validity %v, want %v", x.spent, x.ttl, got, x.want)
		}
	}
}

// The allowance is what it is for: with clocks that differ by less than one part in a
// hundred, the client's fast or slow, the validity ends before any key.
func TestValidityOutlivesNoKey(t *testing.T) {
	const million = 1_000_000
	for ttl := 10 * ms; ttl <= 30*time.Second; ttl += 7 * ms {
		ends := Validity(ttl, 0) * million / (million - 5000) // of a slow client, in true time
		expires := ttl * million / (million + 5000)           // at a fast node
		if ends >= expires {
			t.Fatalf("ttl %v: the validity ends after %v, the key after %v", ttl, ends, expires)
		}
	}
}

func TestMajority(t *testing.T) {
	for nodes, want := range map[int]int{1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4} {
		if got := (Config{Nodes: nodes}).majority(); got != want {
			t.Errorf("of %d nodes %d are a majority, want %d", nodes, got, want)
		}
	}
}

func TestAcquireAndRelease(t *testing.T) {
	w := newTown(1, quiet(), testConfig)
	defer w.Close()
	w.AddClient(holding(50 * ms).Node)
	w.until(30 * ms)
	if w.keys() != 5 {
		t.Errorf("%d nodes have the key in mid-section, want all 5", w.keys())
	}
	w.until(100 * ms)
	if w.keys() != 0 {
		t.Errorf("%d nodes have the key after the release, want none", w.keys())
	}
	if got := w.answers(1); !slices.Equal(got, []string{"granted", "released"}) {
		t.Errorf("answers %v", got)
	}
}

// A client leaves its section when its validity ends, on its own clock, whatever it
// still had to do, and the nodes then say that the lock is no longer its own.
func TestSectionEndsWithTheValidity(t *testing.T) {
	w := newTown(1, quiet(), testConfig)
	defer w.Close()
	w.AddClient(holding(time.Second).Node)
	u := func() *user { return w.Node(c(1)).(*user) }
	w.until(195 * ms) // asked at 0, so that it ends at 200 ms less 2 ms less 2 ms
	if _, in := u().Section(); !in {
		t.Error("it has left at 195 ms")
	}
	w.until(196 * ms)
	if _, in := u().Section(); in {
		t.Error("it is still inside at 196 ms")
	}
	w.until(300 * ms)
	if got := w.answers(1); !slices.Equal(got, []string{"granted", "released"}) {
		t.Errorf("answers %v", got)
	}
}

// Three nodes are enough, two are not.
func TestMajorityOfNodesIsNeeded(t *testing.T) {
	for down, want := range map[int]string{2: "granted", 3: "timed out"} {
		w := newTown(1, quiet(), testConfig)
		for i := 1; i <= down; i++ {
			w.at(0, func(w *sim.World) { w.Crash(n(i), sim.LoseAll) })
		}
		client := holding(20 * ms)
		client.Wait, client.Think = 300*ms, sim.Fixed(ms)
		w.AddClient(client.Node)
		w.RunClients(sim.Time(2 * time.Second))
		if got := w.answers(1); len(got) == 0 || got[0] != want {
			t.Errorf("%d nodes down: %v, want %s first", down, got, want)
		}
		w.Close()
	}
}

// An attempt that took so long that no validity is left is none, whoever has answered;
// and what it has set is removed.
func TestLateMajorityIsNone(t *testing.T) {
	cfg := testConfig
	cfg.TTL, cfg.Timeout = 10*ms, 20*ms // as nobody should
	w := newTown(1, sim.NetConfig{Latency: sim.Fixed(4 * ms)}, cfg)
	defer w.Close()
	w.AddClient(Client{Config: cfg, Ops: 1, Wait: 50 * ms}.Node)
	w.RunClients(sim.Time(time.Second))
	if got := w.answers(1); !slices.Equal(got, []string{"timed out"}) {
		t.Errorf("answers %v", got)
	}
	w.until(2 * time.Second)
	if w.keys() != 0 {
		t.Errorf("%d keys are left", w.keys())
	}
}

// A failed attempt removes its keys from all nodes, those included whose answer was lost.
func TestFailedAttemptCleansUp(t *testing.T) {
	w := newTown(1, quiet(), testConfig)
	defer w.Close()
	w.at(0, func(w *sim.World) {
		for _, i := range []int{1, 2, 3} { // they hear the client, and cannot tell it
			w.Disturb(sim.LinkRule{From: []sim.NodeID{n(i)}, To: []sim.NodeID{c(1)}, Cut: true})
		}
	})
	client := holding(20 * ms)
	client.Wait, client.Think = 15*ms, sim.Fixed(ms)
	w.AddClient(client.Node)
	w.until(4 * ms)
	if w.keys() != 5 {
		t.Errorf("%d nodes have set the key, want 5", w.keys())
	}
	w.until(100 * ms)
	if got := w.answers(1); !slices.Equal(got, []string{"timed out"}) || w.keys() != 0 {
		t.Errorf("answers %v, and %d keys are left", got, w.keys())
	}
}

// Extended often enough, a lock lasts for as long as the work does.
func TestExtension(t *testing.T) {
	// It asks at 0 and at 96 ms, TTL/2 before its validity ends. The work begins at 2 ms.
	for extensions, want := range map[int]sim.Time{0: 196, 1: 292, 9: 502} {
		w := newTown(1, quiet(), testConfig)
		client := holding(500 * ms)
		client.Extensions = extensions
		w.AddClient(client.Node)
		left := w.leaves()
		w.until(time.Second)
		if want *= sim.Time(ms); *left != want {
			t.Errorf("%d extensions: it left the section at %v, want %v", extensions, *left, want)
		}
		if got := w.answers(1); !slices.Equal(got, []string{"granted", "released"}) {
			t.Errorf("%d extensions: answers %v", extensions, got)
		}
		w.Close()
	}
}

// While it asks for an extension that nobody answers, the client looks at its clock.
func TestExtensionEndsWithTheValidity(t *testing.T) {
	cfg := testConfig
	cfg.Timeout = 15 * ms
	w := newTown(1, quiet(), cfg)
	defer w.Close()
	w.AddClient(Client{Config: cfg, Ops: 1, Hold: sim.Fixed(time.Second), Extensions: 30}.Node)
	w.at(20*ms, func(w *sim.World) { w.Disturb(sim.LinkRule{To: []sim.NodeID{c(1)}, Cut: true}) })
	left := w.leaves()
	w.until(time.Second)
	if want := sim.Time(196 * ms); *left != want {
		t.Errorf("it left the section at %v, want %v", *left, want)
	}
}

// What an extension cannot get is no validity: of three nodes that have forgotten the
// key, the client does not make itself the owner again.
func TestExtensionNeedsAMajorityThatHasTheKey(t *testing.T) {
	cfg := testConfig
	cfg.Restart = 0
	w := newTown(1, quiet(), cfg)
	defer w.Close()
	client := holding(500 * ms)
	client.Extensions = 2
	w.AddClient(client.Node)
	w.at(50*ms, func(w *sim.World) {
		for i := 1; i <= 3; i++ {
			w.Crash(n(i), sim.LoseAll)
			w.Restart(n(i))
		}
	})
	w.until(197 * ms)
	if _, in := w.Node(c(1)).(*user).Section(); in {
		t.Error("it is inside beyond its validity")
	}
	w.until(time.Second)
	if got := w.answers(1); !slices.Equal(got, []string{"granted", "not owner"}) {
		t.Errorf("answers %v", got)
	}
}

// Answers of two kinds, and no majority for either: nobody knows.
func TestReleaseInDoubt(t *testing.T) {
	cfg := testConfig
	cfg.Restart = 0
	w := newTown(1, quiet(), cfg)
	defer w.Close()
	w.AddClient(holding(100 * ms).Node)
	w.at(50*ms, func(w *sim.World) {
		w.Crash(n(5), sim.LoseAll)
		for i := 3; i <= 4; i++ {
			w.Crash(n(i), sim.LoseAll)
			w.Restart(n(i))
		}
	})
	w.until(time.Second)
	if got := w.answers(1); !slices.Equal(got, []string{"granted", "unknown"}) {
		t.Errorf("answers %v", got)
	}
}

// What Redlock does not promise: a holder that is paused beyond its validity is still in
// its section when the next one enters, and no token tells a resource who came first.
func TestPausedHolderIsNotAlone(t *testing.T) {
	w := newTown(1, quiet(), testConfig)
	defer w.Close()
	w.AddClient(holding(50 * ms).Node)
	w.AddClient(thinking(20*ms, 50*ms).Node)
	w.at(10*ms, func(w *sim.World) { w.Pause(c(1)) })
	w.at(500*ms, func(w *sim.World) { w.Resume(c(1)) })
	w.until(time.Second)
	w.violated(t, 1)
	if got := w.answers(1); !slices.Equal(got, []string{"granted", "not owner"}) {
		t.Errorf("the first hears %v", got)
	}
}

// A delayed command of an earlier attempt means that attempt and no other: every
// attempt has a value of its own.
func TestEveryAttemptHasItsOwnValue(t *testing.T) {
	seen := map[Value]int{}
	w := newTown(1, quiet(), testConfig)
	defer w.Close()
	for range 3 {
		w.AddClient(Client{Config: testConfig, Ops: 10, Hold: sim.Uniform(0, 100*ms)}.Node)
	}
	attempts := int64(0)
	w.AddInvariant(sim.ObserveSends(func(_ *sim.World, _, to sim.NodeID, m sim.Message) {
		if s, ok := m.(*Set); ok && to == n(1) {
			seen[s.Value]++
		}
	}))
	w.RunClients(sim.Time(time.Minute))
	for _, id := range w.Clients() {
		attempts += w.Node(id).(*user).Attempts()
	}
	if int64(len(seen)) != attempts || attempts <= 30 {
		t.Errorf("%d values in %d attempts of 30 acquisitions", len(seen), attempts)
	}
}

// Under everything that the algorithm is made for, no two clients are ever inside.
func TestSweepOneHolder(t *testing.T) {
	for seed := uint64(1); seed <= 100; seed++ {
		w := busyTown(seed)
		w.RunClients(sim.Time(time.Minute))
		w.violated(t, 0)
		granted := 0
		for i := range 4 {
			for _, a := range w.answers(i + 1) {
				if a == "granted" {
					granted++
				}
			}
		}
		if granted < 10 {
			t.Errorf("seed %d: only %d of 24 locks were granted", seed, granted)
		}
		w.Close()
	}
}

// busyTown has four clients, a bad network, clocks as bad as is allowed, and nodes that
// crash and come back at once.
func busyTown(seed uint64) town {
	w := town{sim.New(sim.Config{Seed: seed, Net: sim.NetConfig{Latency: sim.Uniform(ms, 8*ms), Loss: 50_000, Duplicate: 50_000}})}
	Add(w.World, testConfig)
	for i := range 4 {
		w.AddClient(Client{Config: testConfig, Ops: 6, Hold: sim.Uniform(20*ms, 300*ms), Extensions: int(seed % 3)}.Node)
		w.Drift(c(i+1), -5000)
	}
	for i := range 5 {
		w.Drift(n(i+1), 5000)
	}
	for k := range 20 {
		victim := n(1 + int(seed+uint64(k*k))%5)
		w.at(time.Duration(k)*97*ms, func(w *sim.World) {
			if w.Up(victim) {
				w.Crash(victim, sim.LoseAll)
				w.Restart(victim)
			}
		})
	}
	w.AddInvariant(invariant.All(invariant.System{})...)
	return w
}

func ExampleValidity() {
	fmt.Println(Validity(10*time.Second, 30*time.Millisecond))
	// Output: 9.868s
}
