package sim

import (
	"testing"
)

// Bad usage inside a step is a clear panic, and so the violated property
// "panic" on the node that did it.
func TestBadUsageIsAClearPanic(t *testing.T) {
	type slice struct{ s []int }
	for what, c := range map[string]struct {
		step func(w *World, env *Env)
		want string
	}{
		"unknown receiver": {func(_ *World, env *Env) { env.Send(Server(9), note("x")) },
			"there is no node n9; this world has n1, c1"},
		"send to nobody": {func(_ *World, env *Env) { env.Send(0, note("x")) },
			"there is no node -"},
		"unknown receiver of a held send": {func(_ *World, env *Env) { env.SyncDir(); env.Send(Client(7), note("x")) },
			"there is no node c7"},
		"nil message":           {func(_ *World, env *Env) { env.Send(Server(1), nil) }, "nil message"},
		"nil timer key":         {func(_ *World, env *Env) { env.Arm(nil, 1) }, "nil message or timer key"},
		"negative timer":        {func(_ *World, env *Env) { env.Arm(alarm("x"), -1) }, "negative duration"},
		"incomparable key":      {func(_ *World, env *Env) { env.Arm(slice{}, 1) }, "a timer key must be comparable, and a sim.slice is not"},
		"negative offset":       {func(_ *World, env *Env) { env.File("f").WriteAt(-1, nil) }, "negative offset"},
		"negative size":         {func(_ *World, env *Env) { env.File("f").Truncate(-1) }, "negative size"},
		"draw from nothing":     {func(_ *World, env *Env) { env.Intn("x", 0) }, "n must be positive"},
		"operation of a server": {func(_ *World, env *Env) { env.NextOp() }, "only clients have operations"},
		"crash of nobody":       {func(w *World, _ *Env) { w.Crash(Server(9), LoseAll) }, "there is no node n9"},
		"run in a step":         {func(w *World, _ *Env) { w.RunUntil(1) }, "from inside a step"},
		"close in a step":       {func(w *World, _ *Env) { w.Close() }, "from inside a step"},
		"reset in a step":       {func(w *World, _ *Env) { w.Reset(Config{}) }, "from inside a step"},
		"time backwards":        {func(w *World, _ *Env) { w.Drift(Server(1), -million-1) }, "would run backwards"},
		"strike before nothing": {func(w *World, _ *Env) { w.StrikeAt(Strike{}, nil) }, "effect 1 or later"},
		"two types, one name":   {func(_ *World, env *Env) { env.Send(Server(1), new(note)); env.Send(Server(1), note("")) }, "two types are called sim.note"},
		"negative latency":      {func(*World, *Env) { Fixed(-1) }, "-1ns"},
		"swapped bounds":        {func(*World, *Env) { Uniform(2, 1) }, "swapped"},
	} {
		w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(1)}})
		w.AddServer(onBoot(func(env *Env) { c.step(w, env) }))
		w.AddClient(idle)
		equal(t, what+": reached its end", w.RunUntil(ms(1)), false)
		v := violates(t, w, "panic", c.want)
		equalSlices(t, what+": nodes", v.Nodes, []NodeID{Server(1)})
	}
}

func TestBadUsageOutsideARun(t *testing.T) {
	panics(t, "server 0", func() { Server(0) })
	panics(t, "no build function", func() { New(Config{}).AddServer(nil) })
	nobody := panics(t, "incarnation of nobody", func() { New(Config{}).Incarnation(Client(1)) })
	equal(t, "in an empty world", nobody, "sim: there is no node c1; this world has no nodes")
	five := testWorld(t, Config{})
	for range 5 {
		five.AddServer(idle)
	}
	nobody = panics(t, "incarnation of n9", func() { five.Incarnation(Server(9)) })
	equal(t, "in a world of five", nobody, "sim: there is no node n9; this world has n1 … n5")
	w := testWorld(t, Config{})
	w.AddServer(func() Node { return nil })
	w.RunUntil(1)
	violates(t, w, "panic", "the build function of n1 returned nil")
}

func TestNodeIDs(t *testing.T) {
	for s, id := range map[string]NodeID{"-": 0, "n1": Server(1), "n12": Server(12), "c3": Client(3)} {
		equal(t, "String", id.String(), s)
		back, err := ParseNodeID(s)
		equal(t, "ParseNodeID("+s+")", back, id)
		equal(t, "error", err, nil)
	}
	for _, s := range []string{"", "n", "n0", "n01", "x1", "n+1", "n-1", "c1 ", "n99999999999", "N1"} {
		if id, err := ParseNodeID(s); err == nil {
			t.Errorf("ParseNodeID(%q): got %v, want an error", s, id)
		}
	}
	if Server(1000) >= Client(1) || Server(1) >= Server(2) {
		t.Error("order: want servers before clients, and by ordinal")
	}
	equal(t, "is a server", Server(1).IsServer() && !Server(1).IsClient(), true)
	equal(t, "is a client", Client(1).IsClient() && !Client(1).IsServer(), true)
	equal(t, "nobody is neither", NodeID(0).IsServer() || NodeID(0).IsClient(), false)
}
