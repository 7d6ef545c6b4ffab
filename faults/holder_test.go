package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

func TestTheHolderIsWhoeverBelievesThatItHoldsALock(t *testing.T) {
	for _, c := range []struct {
		name  string
		locks map[sim.NodeID]string
		role  string // of n2
		down  sim.NodeID
		want  string
	}{
		{"a client", map[sim.NodeID]string{n(1): "", c1(): "l1"}, "", 0, "target: holder, was: c1"},
		{"a server", map[sim.NodeID]string{n(1): "-", n(3): "l1", c1(): ""}, "", 0, "target: holder, was: n3"},
		{"a server by its role", nil, "holder", 0, "target: holder, was: n2"},
		{"nobody", map[sim.NodeID]string{n(1): "-", c1(): "-"}, "leader", 0, "target: holder"},
		{"one that is down", map[sim.NodeID]string{n(1): "l1"}, "", n(1), "target: holder"},
		{"another is down", map[sim.NodeID]string{n(1): "l1", c1(): "l2"}, "", n(1), "target: holder, was: c1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			club := newClub(3, sim.Config{})
			club.roles[n(2)], club.locks = c.role, c.locks
			if c.down != 0 {
				club.world.At(500*ms, func(w *sim.World) { w.Crash(c.down, sim.KeepAll) })
			}
			got, skips := club.struck(t, faults.Aim(faults.Holder))
			if got != c.want {
				t.Errorf("hit {%s}, want {%s}", got, c.want)
			}
			nobody := !strings.Contains(c.want, "was")
			if nobody != (len(skips) == 1) || nobody && skips[0].Why != "no machine is up and holds a lock" {
				t.Errorf("skips are %v", skips)
			}
		})
	}
}

// Other symbols mean servers, whatever a client shows of itself.
func TestOnlyHoldersMayBeClients(t *testing.T) {
	for _, who := range []faults.Who{faults.Leader, faults.Candidate, faults.Follower} {
		club := newClub(2, sim.Config{})
		club.roles[c1()] = who.String()
		if got, _ := club.struck(t, faults.Aim(who)); strings.Contains(got, "was") {
			t.Errorf("hit {%s}, want nobody", got)
		}
	}
}

func TestTheHolderIsDrawnAmongThoseThatHoldALock(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(60) {
		club := newClub(3, sim.Config{Seed: seed})
		club.locks[n(1)], club.locks[n(3)], club.locks[c1()] = "l1", "l2", "l3"
		got, _ := club.struck(t, faults.Aim(faults.Holder))
		seen[got]++
	}
	for _, id := range []sim.NodeID{n(1), n(3), c1()} {
		if text := fmt.Sprintf("target: holder, was: %v", id); seen[text] < 5 {
			t.Errorf("in 60 runs came up %v, want {%s} among them at least 5 times", seen, text)
		}
	}
}

// A critical section comes and goes: a fault waits for one, and a recorded plan, in
// which whom it hit is in force, for the same.
func TestHolderWaitsForACriticalSection(t *testing.T) {
	run := func(f faults.Fault, entersAt sim.Time) (did string, skips []faults.Skip, hash uint64) {
		club := newClub(3, sim.Config{Records: true})
		club.locks[c1()] = "-"
		in := club.install(t, faults.Entry{Fault: f, At: 1000 * ms, For: 100 * time.Millisecond})
		club.world.At(entersAt, func(*sim.World) { club.locks[c1()] = "l1" })
		club.runTo(2000 * ms)
		return begun(club.world), in.Skips(), club.world.Hash()
	}
	symbolic := faults.Pause{Target: faults.Aim(faults.Holder)}
	want := "1.05s pause: {target: holder, was: c1} for 100ms"
	got, skips, hash := run(symbolic, 1050*ms)
	if got != want || len(skips) > 0 {
		t.Fatalf("began %q (skips %v), want %q: c1 as it enters its section", got, skips, want)
	}
	recorded := faults.Pause{Target: faults.Target{Who: faults.Holder, Was: []sim.NodeID{c1()}}}
	if got, _, again := run(recorded, 1050*ms); again != hash {
		t.Errorf("with was filled in the run is another, in which began %q", got)
	}
	if got, skips, _ := run(symbolic, 1150*ms); len(skips) != 1 {
		t.Errorf("began %q, want it skipped: nobody holds a lock within %v", got, faults.Patience)
	}
}

// The protocol here: users of a lock enter their critical section, work, tell n1 that
// they have, and leave it.
type (
	worked struct{}
	user   struct {
		*sim.Proc
		section string
		idle    time.Duration
	}
	gate struct{ heard []string }
)

func newUser(idle time.Duration) func() sim.Node {
	return func() sim.Node {
		u := &user{idle: idle}
		u.Proc = sim.NewProc(u.run)
		return u
	}
}

func (u *user) run(p *sim.Proc) {
	for {
		p.Sleep(u.idle)
		u.section = "l1"
		p.Sleep(10 * time.Millisecond)
		p.Send(sim.Server(1), worked{})
		u.section = "-"
	}
}

func (u *user) View(v *sim.View) { v.Text("section", u.section) }

func (g *gate) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(worked); ok {
		g.heard = append(g.heard, fmt.Sprintf("%v@%v", from, env.Elapsed()))
	}
}

// users is a world of a server and two such clients, whose sections end at 17, 34, 51 …
// and 23, 46, 69 … ms.
func users(t *testing.T) *sim.World {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}, Records: true})
	t.Cleanup(w.Close)
	w.AddServer(func() sim.Node { return &gate{} })
	w.AddClient(newUser(7 * time.Millisecond))
	w.AddClient(newUser(13 * time.Millisecond))
	return w
}

// The timer that ends the work in a critical section is a moment of its holder: paused
// there it goes on when the pause is over, and believes all the while that it holds the
// lock. That c1 has nothing to do at 41 ms is no such moment.
func TestAHolderIsPausedJustBeforeItActs(t *testing.T) {
	run := func(entries ...faults.Entry) (*sim.World, *faults.Installed) {
		w := users(t)
		in := install(t, w, entries...)
		w.RunUntil(84 * ms)
		return w, in
	}
	w, in := run(when(40*ms, faults.Pause{Target: faults.Aim(faults.Holder)}, sim.Timeout, "sim.wake"))
	if got, want := begun(w), "46ms pause: {target: holder, was: c2} for 30ms"; got != want {
		t.Errorf("began %q, want %q", got, want)
	}
	got, want := strings.Join(w.Node(n(1)).(*gate).heard, " "), "c1@18ms c2@24ms c1@35ms c1@52ms c1@69ms c2@77ms"
	if got != want {
		t.Errorf("n1 heard %s, want %s", got, want)
	}
	if again, _ := run(in.Resolved()...); again.Hash() != w.Hash() {
		t.Errorf("the recorded plan %v gives another run", in.Resolved())
	}
	named, _ := run(when(50*ms, faults.Pause{Target: faults.On(c1())}, sim.Timeout, ""))
	if got, want := begun(named), "51ms pause: {target: c1} for 30ms"; got != want {
		t.Errorf("began %q, want %q", got, want)
	}
	server, _ := run(when(50*ms, faults.Pause{Target: faults.Aim(faults.Any)}, sim.Timeout, ""))
	if got := begun(server); got != "" {
		t.Errorf("began %q, want nothing: servers have no timers here", got)
	}
	wantStory(t, w, "holder")
}

// A holder may be any machine, so all must have the build.
func TestUpgradesOfHoldersNeedABuildOfEveryMachine(t *testing.T) {
	for _, c := range []struct {
		who  faults.Who
		want string
	}{{faults.Any, ""}, {faults.Holder, "fault 1 (upgrade): c1 has no build v2; it has [v1]"}} {
		club := newClub(2, sim.Config{})
		_, err := faults.Install(club.world, list(from1s(faults.Upgrade{Target: faults.Aim(c.who), To: "v2"})))
		if got := fmt.Sprint(err); (err != nil || c.want != "") && got != c.want {
			t.Errorf("target %v: Install says %s, want %q", c.who, got, c.want)
		}
	}
}
