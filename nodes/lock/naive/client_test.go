package naive

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// right is a client that makes no mistake.
func right() Client {
	return Client{Take: IfAbsent, GiveBack: CompareAndDelete, Ops: 1, Pieces: 1, TTL: 100 * ms, Timeout: 50 * ms,
		Think: sim.Fixed(10 * ms), Work: sim.Fixed(40 * ms)}
}

// trouble is that messages of a type are lost from a time on, or late.
type trouble struct {
	typ  string
	from time.Duration
	late time.Duration // 0: lost
}

// course runs clients against a store. It tells when somebody entered or left a section, and
// what the histories say.
func course(t *testing.T, troubles []trouble, clients ...Client) []string {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, FreezeCheck: true})
	t.Cleanup(w.Close)
	w.AddServer(NewStore)
	for _, c := range clients {
		w.AddClient(c.Node)
	}
	for _, l := range troubles {
		w.At(sim.Time(l.from), func(w *sim.World) { w.Disturb(sim.LinkRule{Type: l.typ, Cut: l.late == 0, Delay: sim.Fixed(l.late)}) })
	}
	var told []string
	inside := map[sim.NodeID]bool{}
	w.AddInvariant(sim.Observe(func(w *sim.World, id sim.NodeID) {
		u, ok := w.Node(id).(invariant.Process)
		if !ok {
			return
		}
		if _, in := u.Section(); in != inside[id] {
			inside[id] = in
			told = append(told, fmt.Sprintf("%v %v %v", w.Now(), id, map[bool]string{true: "enters", false: "leaves"}[in]))
		}
	}))
	w.AddInvariant(invariant.All(invariant.System{})...)
	w.RunClients(sim.Time(time.Minute))
	for _, v := range w.Violations() {
		t.Errorf("%v", v)
	}
	for _, op := range w.History() {
		told = append(told, fmt.Sprintf("%v at %v: %v -> %v %v", op.Input, op.ReturnedAt, op.ID, op.Outcome, op.Output))
	}
	return told
}

// What a user does of its own when messages are lost, or the lease is short.
func TestUser(t *testing.T) {
	long := right()
	long.Work, long.Pieces = sim.Fixed(60*ms), 20
	longer := right()
	longer.Work = sim.Fixed(time.Second)
	second := right()
	second.Think, second.Wait, second.Retry = sim.Fixed(20*ms), sim.Fixed(20*ms), sim.Fixed(7*ms)
	patient := right()
	patient.Timeout = time.Second
	naive := longer
	naive.GiveBack, naive.Timeout = ReadThenDelete, time.Second
	waiting := second
	waiting.Wait, waiting.Timeout = sim.Fixed(200*ms), time.Second
	impatient := right()
	impatient.Think = sim.Fixed(20 * ms)
	revoking := right()
	revoking.GiveBack = ByRevoking
	for _, c := range []struct {
		name    string
		befalls []trouble
		clients []Client
		want    []string
	}{
		{"leaves and gives back", nil, []Client{right()}, []string{"14ms c1 enters", "54ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 58ms: c1#2 -> ok released"}},
		{"leaves when its lease ends, counted from when it asked for it", nil, []Client{longer}, []string{"14ms c1 enters", "110ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 112ms: c1#2 -> ok not owner"}},
		{"leaves in time though its keep-alive is not answered", []trouble{{"naive.Alive", 0, 0}}, []Client{long}, []string{"14ms c1 enters", "110ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 114ms: c1#2 -> ok released"}},
		{"leaves in time though its keep-alive is lost", []trouble{{"naive.KeepAlive", 0, 0}}, []Client{long}, []string{"14ms c1 enters", "110ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 112ms: c1#2 -> ok not owner"}},
		{"counts a lease anew from when it asked to keep it", []trouble{{"naive.KeepAlive", 100 * ms, 0}}, []Client{long}, []string{"14ms c1 enters", "174ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 176ms: c1#2 -> ok not owner"}},
		{"does not enter when its lease has ended", []trouble{{"naive.Previous", 0, 110 * ms}}, []Client{patient}, []string{
			"try(l1) at 124ms: c1#1 -> unknown <nil>"}},
		{"reads whose the lock is", []trouble{{"naive.Get", 0, 60 * ms}}, []Client{naive, waiting}, []string{"14ms c1 enters", "110ms c1 leaves", "115ms c2 enters", "155ms c2 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "acquire(l1,200ms) at 115ms: c2#1 -> ok granted", "release(l1) at 172ms: c1#2 -> ok not owner",
			"release(l1) at 217ms: c2#2 -> ok not owner"}},
		{"is in doubt of a put that is not answered", []trouble{{"naive.Previous", 0, 0}}, []Client{right()}, []string{
			"try(l1) at 62ms: c1#1 -> unknown <nil>"}},
		{"has not taken what it did not ask for", []trouble{{"naive.Opened", 0, 0}}, []Client{right()}, []string{
			"try(l1) at 60ms: c1#1 -> ok busy"}},
		{"is in doubt of a delete that is not answered", []trouble{{"naive.Deleted", 0, 0}}, []Client{right()}, []string{"14ms c1 enters", "54ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 106ms: c1#2 -> unknown <nil>"}},
		{"gives back by revoking", nil, []Client{revoking}, []string{"14ms c1 enters", "54ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "release(l1) at 56ms: c1#2 -> ok released"}},
		{"tries once", nil, []Client{right(), impatient}, []string{"14ms c1 enters", "54ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "try(l1) at 26ms: c2#1 -> ok busy", "release(l1) at 58ms: c1#2 -> ok released"}},
		{"waits as long as it wants", nil, []Client{right(), second}, []string{"14ms c1 enters", "54ms c1 leaves",
			"try(l1) at 14ms: c1#1 -> ok granted", "acquire(l1,20ms) at 46ms: c2#1 -> ok timed out", "release(l1) at 58ms: c1#2 -> ok released"}},
	} {
		if got := course(t, c.befalls, c.clients...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// A lease that is kept alive lasts as long as it is needed.
func TestUserKeepsItsLeaseAlive(t *testing.T) {
	c := right()
	c.Work, c.Pieces, c.Ops = sim.Fixed(45*ms), 30, 5
	longest := time.Duration(0)
	var entered time.Duration
	for _, line := range course(t, nil, c) {
		at, what, _ := strings.Cut(line, " ")
		d, err := time.ParseDuration(at)
		switch {
		case err != nil:
			if strings.Contains(line, "not owner") {
				t.Error(line)
			}
		case what == "c1 enters":
			entered = d
		default:
			longest = max(longest, d-entered)
		}
	}
	if longest < 3*c.TTL {
		t.Errorf("the longest section takes %v, of leases of %v", longest, c.TTL)
	}
}
