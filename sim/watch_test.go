package sim

import (
	"fmt"
	"testing"
)

// watched is a world with an event of every kind that can be waited for, and a
// log of what happens.
func watched(t *testing.T) (*World, *[]string) {
	w := testWorld(t, Config{Records: true, Net: NetConfig{Latency: Fixed(millis(1)), Duplicate: million}, Disk: DiskConfig{Sync: Fixed(millis(1))}})
	var log []string
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		log = append(log, fmt.Sprintf("step %T at %d", m, w.Now()/ms(1)))
		switch m.(type) {
		case Boot:
			env.Arm(alarm("x"), millis(5))
			env.Intn("die", 6)
			env.File("f").Sync()
			log = append(log, "end of boot")
		case alarm:
			env.Intn("die", 6)
			env.File("f").Sync()
			env.Arm(alarm("x"), millis(5))
			log = append(log, "end of alarm")
		}
	}))
	w.AddClient(onBoot(func(env *Env) { env.Send(Server(1), note("x")); env.Send(Server(1), note("y")) }))
	return w, &log
}

// When runs right after the event it waits for, once.
func TestWhen(t *testing.T) {
	message := Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.note", K: 1}
	for what, c := range map[string]struct {
		id    Identity
		at    Time
		after string // last line of the log
	}{
		"message, its step included":           {message, ms(1), "step sim.note at 1"},
		"timer":                                {Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 2}, ms(10), "end of alarm"},
		"sync, at the end of the issuing step": {Identity{Subject: OfSync, Node: Server(1), Name: "f", K: 2}, ms(5), "end of alarm"},
		"draw, at the end of the drawing step": {Identity{Subject: OfNode, Node: Server(1), Name: "die", K: 1}, 0, "end of boot"},
		"record":                               {Identity{Subject: OfRecord, K: 1}, 0, "end of boot"},
	} {
		w, log := watched(t)
		runs := 0
		w.When(c.id, func(w *World) {
			runs++
			equal(t, what+": at", w.Now(), c.at)
			equal(t, what+": after", (*log)[len(*log)-1], c.after)
		})
		w.RunUntil(ms(30))
		equal(t, what+": runs", runs, 1)
	}
}

// The purpose and the copy of an identity do not matter to When: they name one
// event. A lost message never happens; neither does a second of one.
func TestWhenNames(t *testing.T) {
	w, _ := watched(t)
	runs := 0
	id := Identity{Subject: OfMessage, Node: Client(1), Peer: Server(1), Name: "sim.note", K: 2, Purpose: ForLatency, Copy: 1}
	w.When(id, func(*World) { runs++ })
	w.When(id, func(*World) { runs++ })
	id.K = 3
	w.When(id, func(*World) { t.Error("a message nobody sent arrived") })
	w.RunUntil(ms(30))
	equal(t, "runs", runs, 2)
	lost, l := pair(t, Config{Net: NetConfig{Loss: million}}, 1)
	lost.When(Identity{Subject: OfMessage, Node: Server(1), Peer: Server(2), Name: "sim.note", K: 1}, func(*World) { t.Error("a lost message arrived") })
	lost.RunUntil(1)
	equal(t, "got", l.String(), "")
}

// A watch may set another; one for a record of the past comes after the next event.
func TestWhenInWhen(t *testing.T) {
	w, _ := watched(t)
	var at []Time
	w.When(Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, func(w *World) {
		at = append(at, w.Now())
		w.When(Identity{Subject: OfRecord, K: 1}, func(w *World) { at = append(at, w.Now()) })
		w.When(Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 3}, func(w *World) { at = append(at, w.Now()) })
	})
	w.RunUntil(ms(30))
	equalSlices(t, "at", at, []Time{ms(5), ms(6), ms(15)})
}

// A strike names the step: that which an event triggers, or which makes a sync
// or a draw; then only the sync itself and later effects can be struck.
func TestStrikeAt(t *testing.T) {
	for what, c := range map[string]struct {
		on     Identity
		node   NodeID
		effect int
		struck bool
	}{
		"timer, effect 1":           {Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, Server(1), 1, true},
		"timer, effect 2":           {Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, Server(1), 2, true},
		"timer, effect 3 of 2":      {Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, Server(1), 3, false},
		"sync 2, before effect 2":   {Identity{Subject: OfSync, Node: Server(1), Name: "f", K: 2}, Server(1), 2, true},
		"sync 2, which is effect 1": {Identity{Subject: OfSync, Node: Server(1), Name: "f", K: 2}, Server(1), 1, true},
		"draw 2":                    {Identity{Subject: OfNode, Node: Server(1), Name: "die", K: 2}, Server(1), 1, true},
		"another machine's step":    {Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, Client(1), 1, false},
		"a record that is no step":  {Identity{Subject: OfRecord, K: 2}, Server(1), 1, false},
	} {
		w, _ := watched(t)
		calls := 0
		w.StrikeAt(Strike{On: c.on, Node: c.node, Effect: c.effect}, func(w *World, struck bool) {
			calls++
			equal(t, what+": struck", struck, c.struck)
			equal(t, what+": up", w.Up(Server(1)), !c.struck)
		})
		w.RunUntil(ms(8))
		equal(t, what+": then", calls, 1)
		equal(t, what+": up in the end", w.Up(Server(1)), !c.struck)
	}
}

// A record made between runs belongs to no step.
func TestStrikeOnARecordBetweenRuns(t *testing.T) {
	w, _ := watched(t)
	w.FaultBegins("something")
	calls := 0
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 1}, Node: Server(1), Effect: 1}, func(_ *World, struck bool) {
		calls++
		equal(t, "struck", struck, false)
	})
	w.RunUntil(ms(2))
	equal(t, "then", calls, 1)
	equal(t, "up", w.Up(Server(1)), true)
}

// Two strikes in one step: the second does not hit.
func TestOneStrikePerStep(t *testing.T) {
	w, _ := watched(t)
	on := Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}
	var hits []string
	for _, effect := range []int{2, 1} {
		w.StrikeAt(Strike{On: on, Node: Server(1), Effect: effect}, func(_ *World, struck bool) { hits = append(hits, fmt.Sprint(effect, struck)) })
	}
	w.RunUntil(ms(8))
	equalSlices(t, "hits", hits, []string{"2 true", "1 false"})
}

// A strike that has been called off neither strikes nor tells.
func TestCallOff(t *testing.T) {
	w, _ := watched(t)
	callOff := w.StrikeAt(Strike{On: Identity{Subject: OfTimer, Node: Server(1), Name: "sim.alarm", K: 1}, Node: Server(1), Effect: 1},
		func(*World, bool) { t.Error("told of a strike that was called off") })
	w.At(ms(4), func(*World) { callOff() })
	w.RunUntil(ms(8))
	equal(t, "up", w.Up(Server(1)), true)
	holds(t, w)
}
