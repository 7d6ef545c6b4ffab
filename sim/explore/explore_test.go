package explore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/explore"
)

const ms = time.Millisecond

// The toy: at each boot n1 asks every other server to keep something, and each that
// does says so. Messages and syncs take 1 ms.
type (
	put struct{}
	ok  struct{}
)

// keeper saves and then says so; an eager one says so first.
type keeper struct {
	eager bool
	heard bool // n1: somebody has said ok
}

func (k *keeper) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case sim.Boot:
		k.boot(env)
	case put:
		k.keep(env)
	case ok:
		k.heard = true
	}
}

func (k *keeper) boot(env *sim.Env) {
	if env.ID() == sim.Server(1) {
		for _, id := range env.Servers()[1:] {
			env.Send(id, put{})
		}
	}
}

func (k *keeper) keep(env *sim.Env) {
	env.File("log").Append([]byte("x"))
	if k.eager {
		env.Reply(env.ReplyTo(), ok{})
	}
	env.SyncDir()
	env.File("log").Sync()
	if !k.eager {
		env.Reply(env.ReplyTo(), ok{})
	}
}

// toy runs one case; eager is the keeper that says before it saves, 0 for none.
type toy struct {
	servers, eager int
	w              *sim.World
	hashes         []uint64
}

func (x *toy) run(c *explore.Case) string {
	if x.w == nil {
		x.w = sim.New(sim.Config{})
	}
	w := x.w
	w.Reset(sim.Config{Seed: 1, Chooser: c, Explore: c.Explore(),
		Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(ms)}})
	for i := range x.servers {
		w.AddServer(func() sim.Node { return &keeper{eager: i+1 == x.eager} })
	}
	if !w.RunUntil(sim.Time(time.Second)) {
		return w.Violations()[0].String()
	}
	x.hashes = append(x.hashes, w.Hash())
	return x.judge()
}

// judge says whether what n1 was promised is kept by anybody.
func (x *toy) judge() string {
	n1, up := x.w.Node(sim.Server(1)).(*keeper)
	if !up || !n1.heard {
		return "unheard"
	}
	for i := range x.servers {
		if len(x.w.Durable(sim.Server(i+1), "log")) > 0 {
			return "kept"
		}
	}
	return "broken"
}

// The cases of two servers, by hand. Where nothing deviates the run comes to twelve
// decisions, C before or after an effect and L about a message:
//
//	n1 boots    C1 put L2 C3
//	n2 boots    C4                                    (no effect: only after the step)
//	n2 has put  C5 write C6 sync C7 sync C8 send C9   (ok is held)
//	its sync    C10 ok leaves L11
//	n1 has ok   C12
//
// that is 10 crashes and 2 losses, and the cases with one of each are those where the
// second comes after the first:
//
//	              servers stay down        servers start again, 100 ms later
//	C1  then      nothing is sent: 0       put, ok: 2
//	L2  then      C3, C4: 2                C3, C4: 2
//	C3  then      ok, to nobody: 1         ok, to nobody; put, ok again: 3
//	C4 … C10      nothing is said: 0       n1 does not ask again: 0
//	L11 then      n1 hears nothing: 0      0
//	C12 then      0                        put, ok: 2
//	together      3                        9, of which a crash comes first in 7
//
// With two times to start again each crash is two cases.
func TestCasesByHand(t *testing.T) {
	once, twice := []time.Duration{100 * ms}, []time.Duration{100 * ms, 200 * ms}
	n2 := func(id sim.Identity) bool { return id.Node == sim.Server(2) }
	for _, c := range []struct {
		bounds explore.Bounds
		want   []explore.Sort
	}{
		{explore.Bounds{}, []explore.Sort{{0, 0, 1}}},
		{explore.Bounds{Losses: 1}, []explore.Sort{{0, 0, 1}, {0, 1, 2}}},
		{explore.Bounds{Losses: 2}, []explore.Sort{{0, 0, 1}, {0, 1, 2}}},
		{explore.Bounds{Crashes: 1}, []explore.Sort{{0, 0, 1}, {1, 0, 10}}},
		{explore.Bounds{Crashes: 1, Losses: 1}, []explore.Sort{{0, 0, 1}, {0, 1, 2}, {1, 0, 10}, {1, 1, 3}}},
		{explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: once}, []explore.Sort{{0, 0, 1}, {0, 1, 2}, {1, 0, 10}, {1, 1, 9}}},
		{explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: twice}, []explore.Sort{{0, 0, 1}, {0, 1, 2}, {1, 0, 20}, {1, 1, 18}}},
		{explore.Bounds{Crashes: 1, Losses: 1, May: n2}, []explore.Sort{{0, 0, 1}, {0, 1, 1}, {1, 0, 7}}},
	} {
		x := &toy{servers: 2}
		got := explore.Run(c.bounds, x.run)
		if !slices.Equal(got.By, c.want) || !got.Complete || got.Cases != len(x.hashes) {
			t.Errorf("%+v:\n got %+v, %d cases\nwant %+v", c.bounds, got.By, got.Cases, c.want)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(x.hashes))); len(distinct) != len(x.hashes) {
			t.Errorf("%+v: %d of %d runs are different", c.bounds, len(distinct), len(x.hashes))
		}
	}
}

// A promise that only one crash at one of three effects and one lost message together
// break is found, each way of breaking it once, and nothing less breaks it.
func TestOneCrashAndOneLoss(t *testing.T) {
	for _, c := range []struct {
		eager, crashes, losses, broken int
	}{{2, 1, 0, 0}, {2, 0, 1, 0}, {2, 1, 1, 3}, {0, 1, 1, 0}} {
		var found []string
		x := &toy{servers: 3, eager: c.eager}
		res := explore.Run(explore.Bounds{Crashes: c.crashes, Losses: c.losses}, func(k *explore.Case) string {
			outcome := x.run(k)
			if outcome == "broken" {
				_, told, _ := strings.Cut(k.String(), ": ")
				found = append(found, told)
			}
			return outcome
		})
		if got := res.Of("broken"); got != c.broken || len(found) != c.broken {
			t.Errorf("%+v: %v", c, res)
		}
		const lost, step = "message n1>n3 explore_test.put #1 lost; crash: {target: n2", " after message n1>n2 explore_test.put #1"
		for i, where := range []string{", before_effect: 3}", ", before_effect: 4}", "}"}[:len(found)] {
			if want := lost + where + step; found[i] != want {
				t.Errorf("case %d:\n got %s\nwant %s", i, found[i], want)
			}
		}
	}
}

// Two enumerations execute the same cases in the same order, in one world or in many;
// the first so many are the same, too.
func TestEnumerationIsDeterministic(t *testing.T) {
	bounds := explore.Bounds{Crashes: 2, Losses: 1, RestartAfter: []time.Duration{5 * ms, 50 * ms}}
	first, again := &toy{servers: 2}, &toy{servers: 2}
	one := explore.Run(bounds, first.run)
	two := explore.Run(bounds, func(c *explore.Case) string {
		again.w = nil
		return again.run(c)
	})
	if one.String() != two.String() || !slices.Equal(first.hashes, again.hashes) {
		t.Errorf("two enumerations differ:\n%v\n%v", one, two)
	}
	bounds.Limit = 10
	some := &toy{servers: 2}
	if res := explore.Run(bounds, some.run); res.Complete || res.Cases != 10 || !slices.Equal(some.hashes, first.hashes[:10]) {
		t.Errorf("a limit of 10: %v, want the first ten cases of %v", res, one)
	}
	bounds.Limit = 0
	stopped := &toy{servers: 2}
	bounds.Stop = func() bool { return len(stopped.hashes) == 5 }
	if res := explore.Run(bounds, stopped.run); res.Complete || res.Cases != 5 || !slices.Equal(stopped.hashes, first.hashes[:5]) {
		t.Errorf("stopped after 5: %v, want the first five cases of %v", res, one)
	}
}

// The counts say what came of the cases, and remember the first of each kind.
func TestResult(t *testing.T) {
	x := &toy{servers: 2}
	res := explore.Run(explore.Bounds{Crashes: 1, Losses: 1}, x.run)
	const want = "16 cases: 1 with 0 crashes and 0 losses, 2 with 0 crashes and 1 losses, 10 with 1 crashes and 0 losses, 3 with 1 crashes and 1 losses; 1 kept; 15 unheard"
	if res.String() != want {
		t.Errorf("got  %v\nwant %v", res, want)
	}
	if res.Deepest != 12 {
		t.Errorf("the deepest run has %d decisions, want 12", res.Deepest)
	}
	first := res.Outcomes[1].First
	if p := first.Crashes(); len(p) != 1 || p[0].Node != sim.Server(1) || p[0].Effect != 1 || p[0].At != 0 || len(first.Losses()) != 0 {
		t.Errorf("the first unheard case is %v, want the crash before the first effect of n1", &first)
	}
}

// A run that depends on more than its decisions is refused.
func TestRunsMustBeFunctions(t *testing.T) {
	for what, vary := range map[string]func(run int) (servers int){
		"another decision":  func(run int) int { return 2 + run%2 },
		"no decision there": func(run int) int { return max(0, 2-2*run) },
	} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, "not a function of its decisions") {
					t.Errorf("%s: %s", what, r)
				}
			}()
			run := 0
			explore.Run(explore.Bounds{Crashes: 1, Losses: 1}, func(c *explore.Case) string {
				x := &toy{servers: vary(run)}
				run++
				if x.servers > 0 {
					return x.run(c)
				}
				return "nothing"
			})
		}()
	}
}
