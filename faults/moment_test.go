package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/simtest"
)

// The protocol here is an election of sorts: every 100 ms n1 asks the others, who
// write their vote down, sync it and answer.
type (
	canvass struct{}
	ask     struct{ round int }
	vote    struct{ round int }
	voter   struct {
		round int
		votes map[int]int
	}
)

func (n *voter) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		n.votes = map[int]int{}
		if env.ID() == sim.Server(1) {
			env.Arm(canvass{}, 100*time.Millisecond)
		}
	case canvass:
		env.Arm(canvass{}, 100*time.Millisecond)
		n.round++
		for _, id := range env.Servers()[1:] {
			env.Send(id, ask{n.round})
		}
	case ask:
		f := env.File("votes")
		f.Append([]byte{byte(m.round)})
		f.Sync()
		env.SyncDir()
		env.Send(from, vote(m))
	case vote:
		n.votes[m.round]++
	}
}

func (n *voter) View(v *sim.View) {
	role := "follower"
	if n.round > 0 {
		role = "candidate"
	}
	v.Text("role", role)
}

// voters is a world of three, one of whom canvasses. A sync takes 3 ms, a message
// 1 ms.
func voters(t *testing.T) *sim.World {
	w := sim.New(sim.Config{
		Net:     sim.NetConfig{Latency: sim.Fixed(time.Millisecond)},
		Disk:    sim.DiskConfig{Sync: sim.Fixed(3 * time.Millisecond)},
		Records: true,
	})
	t.Cleanup(w.Close)
	for range 3 {
		w.AddServer(func() sim.Node { return &voter{} })
	}
	return w
}

func install(t *testing.T, w *sim.World, entries ...faults.Entry) *faults.Installed {
	t.Helper()
	in, err := faults.Install(w, entries)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func when(at sim.Time, f faults.Fault, of sim.Moment, name string) faults.Entry {
	return faults.Entry{Fault: f, At: at, For: 30 * time.Millisecond, Moment: faults.Moment{Of: of, Name: name}}
}

// begun lists when which faults began.
func begun(w *sim.World) string {
	var out []string
	for _, r := range w.Trace().Records() {
		if r.Kind == sim.KindFault {
			out = append(out, fmt.Sprintf("%v %s", r.At, r.Text))
		}
	}
	return strings.Join(out, "; ")
}

// A vote that is written and not synced, synced and not sent, sent: each moment
// separates what the disk holds from what n1 has heard.
func TestMomentsSeparateVoteSyncAndSend(t *testing.T) {
	for _, c := range []struct {
		of    sim.Moment
		name  string
		begun string
		disk  int
	}{
		// asked at 100ms, so the message arrives at 101ms and the two syncs end at 104 and 107 ms
		{sim.Syncing, "faults_test.vote", "101ms crash: {target: n2} for 30ms", 0},
		{sim.Synced, "faults_test.vote", "107ms crash: {target: n2} for 30ms", 1},
		{sim.Synced, "", "104ms crash: {target: n2} for 30ms", 0}, // the file's name is not durable
	} {
		w := voters(t)
		install(t, w, when(50*ms, faults.Crash{Target: faults.On(n(2))}, c.of, c.name))
		w.RunUntil(150 * ms)
		what := fmt.Sprintf("%v %q", c.of, c.name)
		if got := begun(w); got != c.begun {
			t.Errorf("%s: began %q, want %q", what, got, c.begun)
		}
		if got := len(w.Durable(n(2), "votes")); got != c.disk {
			t.Errorf("%s: %d votes are on n2's disk, want %d", what, got, c.disk)
		}
		if got := w.Node(n(1)).(*voter).votes[1]; got != 1 {
			t.Errorf("%s: n1 has heard %d votes, want n3's alone", what, got)
		}
		if c.name != "" && c.of == sim.Synced {
			wantStory(t, w, "moment")
		}
	}
}

func TestTimeoutMomentIsBeforeTheStep(t *testing.T) {
	w := voters(t)
	install(t, w, when(150*ms, faults.Pause{Target: faults.Aim(faults.Candidate)}, sim.Timeout, "faults_test.canvass"),
		when(310*ms, faults.Crash{Target: faults.Aim(faults.Any)}, sim.Timeout, ""))
	w.RunUntil(299 * ms)
	simtest.Trace(t, w).Of(sim.KindTimer).WantTimes(100*ms, 230*ms) // due at 200ms, paused for 30ms
	w.RunUntil(400 * ms)
	want := "200ms pause: {target: candidate, was: n1} for 30ms; 330ms crash: {target: any, was: n1} for 30ms"
	if got := begun(w); got != want {
		t.Errorf("began %q, want %q", got, want)
	}
	if w.Incarnation(n(1)) != 2 {
		t.Errorf("n1 is in incarnation %d after crash and restart, want 2", w.Incarnation(n(1)))
	}
}

func TestMomentsAimAtRoles(t *testing.T) {
	for who, want := range map[faults.Who]string{
		faults.Follower:  "101ms isolate: {target: follower, was: n2} for 30ms",
		faults.Dirty:     "101ms isolate: {target: dirty, was: n2} for 30ms",
		faults.Candidate: "", // n1 never syncs
		faults.Leader:    "",
	} {
		w := voters(t)
		in := install(t, w, when(0, faults.Isolate{Target: faults.Aim(who)}, sim.Syncing, ""))
		w.RunUntil(sim.Time(faults.MomentPatience) + 1)
		if got := begun(w); got != want {
			t.Errorf("%v: began %q, want %q", who, got, want)
		}
		if skipped := len(in.Skips()) == 1; skipped != (want == "") {
			t.Errorf("%v: skips are %v", who, in.Skips())
		}
	}
}

// A fault that waits for its moment is over with the chaos.
func TestMomentsEndWithTheChaos(t *testing.T) {
	w := voters(t)
	in := install(t, w, when(50*ms, faults.Crash{Target: faults.On(n(2))}, sim.Syncing, ""),
		when(90*ms, faults.Crash{Target: faults.On(n(3))}, sim.Syncing, ""))
	w.RunUntil(60 * ms)
	in.HealAll()
	w.RunUntil(5000 * ms)
	if got := begun(w); got != "" {
		t.Errorf("began %q after HealAll", got)
	}
}

// What was is in force: the recorded plan strikes the same machine at the same
// moment, and the run is the same.
func TestMomentsReplay(t *testing.T) {
	run := func(entries []faults.Entry) (uint64, []faults.Entry) {
		w := voters(t)
		in := install(t, w, entries...)
		w.RunUntil(2000 * ms)
		w.Close()
		return w.Hash(), in.Resolved()
	}
	hash, resolved := run([]faults.Entry{
		when(50*ms, faults.Crash{Target: faults.Aim(faults.Any)}, sim.Synced, "faults_test.vote"),
		when(250*ms, faults.Pause{Target: faults.Aim(faults.Candidate)}, sim.Timeout, ""),
		when(400*ms, faults.Crash{Target: faults.Aim(faults.Dirty), Model: sim.KeepAll}, sim.Syncing, ""),
	})
	again, _ := run(resolved)
	if again != hash {
		t.Errorf("the recorded plan gives hash %016x, the run had %016x:\n%v", again, hash, resolved)
	}
	for _, e := range resolved {
		if !strings.Contains(e.String(), "was: n") {
			t.Errorf("%v has not struck", e)
		}
	}
}
