package simtest

import (
	"strings"
	"testing"
	"time"

	"distsim/checker/spec"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
)

// watched is a finished run of the forgetful register, with a crash at 20 ms.
func watched(t *testing.T, records bool) *sim.World {
	t.Helper()
	w := sim.New(sim.Config{Net: storm.Net, Disk: storm.Disk, Records: records})
	t.Cleanup(w.Close)
	serve(forgetful)(t, w)
	if _, err := faults.Install(w, bolt().Script); err != nil {
		t.Fatal(err)
	}
	w.RunClients(sim.Time(time.Second))
	return w
}

const (
	question = "spec.RegisterOp[uint8]"
	reply    = "spec.RegisterResult[uint8]"
)

// Every assertion that should fail does, once, and says what it got and what was
// wanted; those that should hold say nothing.
func TestAssertionsOnTraces(t *testing.T) {
	w := watched(t, true)
	n1, c1 := sim.Server(1), sim.Client(1)
	for _, c := range []struct {
		name   string
		assert func(r Records)
		want   string // "" when it holds
	}{
		{"count", func(r Records) { r.Of(sim.KindCrash).Want(1) }, ""},
		{"another count", func(r Records) { r.Of(sim.KindCrash).On(n1).Want(2) }, "records of kind crash on n1: got 1, want 2\n  record "},
		{"some", func(r Records) { r.Sent(question).From(c1).To(n1).Some() }, ""},
		{"some that are not", func(r Records) { r.Sent(question).From(n1).Some() }, "records of " + question + " sent from n1: got none, want some"},
		{"none", func(r Records) { r.Delivered(reply).To(n1).None() }, ""},
		{"none that are", func(r Records) { r.Delivered(reply).To(c1).None() }, "want none\n  record "},
		{"many are cut short", func(r Records) { r.None() }, "  … and "},
		{"nothing lost", func(r Records) { r.Sent(reply).Lost().None() }, ""},
		{"lost", func(r Records) { r.Sent(reply).Lost().Some() }, "records of " + reply + " sent that were lost: got none, want some"},
		{"texts", func(r Records) { r.Of(sim.KindFault).WantTexts("crash: {target: any, was: n1} for 5ms") }, ""},
		{"other texts", func(r Records) { r.Of(sim.KindFault).WantTexts("pause", "crash") }, "got  [\"crash: {target: any, was: n1} for 5ms\"]\nwant [\"pause\", \"crash\"]"},
		{"times", func(r Records) { r.Of(sim.KindCrash).WantTimes(sim.Time(20 * time.Millisecond)) }, ""},
		{"other times", func(r Records) { r.Of(sim.KindCrash).WantTimes(1) }, "got  [20ms]\nwant [1ns]"},
		{"in order", func(r Records) { r.Of(sim.KindFault).Before(r.Of(sim.KindHeal)) }, ""},
		{"out of order", func(r Records) { r.Of(sim.KindHeal).Before(r.Of(sim.KindFault)) }, "records of kind heal are not all before records of kind fault:\n  record "},
		{"interleaved", func(r Records) { r.Sent(question).Before(r.Sent(reply)) }, "are not all before"},
		{"first and last", func(r Records) { r.Sent(question).First().Before(r.Sent(reply).Last()) }, ""},
		{"before nothing", func(r Records) { r.Of(sim.KindFault).Before(r.Of(sim.KindHalt)) }, "records of kind halt: got none, want some"},
		{"nothing before", func(r Records) { r.Of(sim.KindHalt).Before(r.Of(sim.KindFault)) }, "records of kind halt: got none, want some"},
		{"saying", func(r Records) { r.Saying("was: n1").Between(0, sim.Time(20*time.Millisecond)).Want(1) }, ""},
		{"named", func(r Records) { r.Named("sim.wake").Of(sim.KindTimer).On(c1).Some() }, ""},
	} {
		var got recorder
		c.assert(Trace(&got, w))
		wantNotes(t, c.name, got, c.want)
	}
}

func wantNotes(t *testing.T, name string, got recorder, want string) {
	t.Helper()
	switch {
	case want == "" && got.failed:
		t.Errorf("%s fails: %v", name, &got)
	case want != "" && (len(got.notes) != 1 || !strings.Contains(got.notes[0], want)):
		t.Errorf("%s:\ngot  %q\nwant one message with %q", name, got.notes, want)
	}
}

func TestAssertionsOnHistories(t *testing.T) {
	w := watched(t, true)
	read, write1 := ask{Access: spec.Read}, ask{Access: spec.Write, Value: 1}
	for _, c := range []struct {
		name   string
		assert func(o Operations)
		want   string
	}{
		{"all", func(o Operations) { o.By(sim.Client(1)).Want(12) }, ""},
		{"of a client that is none", func(o Operations) { o.By(sim.Server(1)).Some() }, "operations by n1: got none, want some"},
		{"outcomes", func(o Operations) { o.Asking(write1).WantOutcomes(history.OK) }, ""},
		{"other outcomes", func(o Operations) { o.Asking(write1).WantOutcomes(history.Failed) }, "operations asking [write(1)]:\ngot  [ok]\nwant [failed]"},
		{"outputs", func(o Operations) { o.Asking(write1).WantOutputs(answer{OK: true}) }, ""},
		{"other outputs", func(o Operations) { o.Asking(write1).WantOutputs(answer{Value: 3}, 4) }, "got  [ok]\nwant [3, 4]"},
		{"none failed", func(o Operations) { o.Failed().None() }, ""},
		{"none answered", func(o Operations) { o.OK().None() }, "operations that are ok: got "},
		{"in order", func(o Operations) {
			o.Asking(write1).Before(o.Asking(ask{Access: spec.Write, Value: 2}, ask{Access: spec.Write, Value: 3}))
		}, ""},
		{"out of order", func(o Operations) { o.Asking(read).Before(o.Asking(ask{Access: spec.Write, Value: 2})) }, "are not all before"},
		{"before nothing", func(o Operations) { o.Before(o.Failed()) }, "operations that are failed: got none, want some"},
	} {
		var got recorder
		c.assert(History(&got, w))
		wantNotes(t, c.name, got, c.want)
	}
}

func TestAssertionsOnViews(t *testing.T) {
	w := sim.New(sim.Config{})
	defer w.Close()
	for range 2 {
		w.AddServer(func() sim.Node { return &bully{} })
	}
	w.AddServer(durable)
	w.RunUntil(sim.Time(35 * time.Millisecond))
	for _, c := range []struct {
		name  string
		node  int
		pairs []any
		want  string
	}{
		{"as wanted", 1, []any{"role", "leader"}, ""},
		{"otherwise", 2, []any{"role", "leader"}, "n2: role is follower, want leader (role=follower)"},
		{"no such field", 1, []any{"term", 3, "role", "leader"}, "n1 shows no term, want 3 (role=leader)"},
		{"no value", 1, []any{"role"}, "no value for role"},
		{"no view", 3, []any{"role", "leader"}, "n3 shows nothing: it is down, or has no View method"},
	} {
		var got recorder
		View(&got, w, sim.Server(c.node)).Want(c.pairs...)
		wantNotes(t, c.name, got, c.want)
	}
}

// Assertions about a trace that was not kept would hold of anything.
func TestTraceWithoutRecords(t *testing.T) {
	var got recorder
	Trace(&got, watched(t, false))
	wantNotes(t, "no records", got, "the world keeps no records: set Records in the simtest.Config")
}

// Config.Records is what that message asks for. Without it the Config is wrong, not
// the run.
func TestTraceInACheck(t *testing.T) {
	cfg := traced()
	build := func(w *sim.World) { serve(durable)(nil, w) }
	want := "simtest: Config.Check: the world keeps no records: set Records in the simtest.Config"
	if said := panicOf(func() { Try(cfg, 1, build) }); !strings.HasPrefix(said, want) {
		t.Errorf("without records: %q, want %q", said, want)
	}
	m := newModule(t)
	if m.fails(t, "traced", "", want); len(m.plans(t)) > 0 {
		t.Errorf("a wrong Config leaves %v", m.plans(t))
	}
	if cfg.Records = true; Try(cfg, 1, build).Failed() {
		t.Errorf("with records: %v", Try(cfg, 1, build))
	}
}

// traced looks at a trace that is not kept.
func traced() Config {
	return judging(Asserts(func(t T, w *sim.World) { Trace(t, w).Sent(question).Some() }), nil)
}

// As a Config.Check, assertions become the property "check".
func TestAssertsAsACheck(t *testing.T) {
	cfg := storm
	cfg.Script = []faults.Entry{}
	cfg.Check = Asserts(func(t T, w *sim.World) {
		History(t, w).Unknown().None()
		History(t, w).OK().Want(7)
		t.Fatalf("enough")
		t.Errorf("never said")
	})
	outcome := Try(cfg, 1, func(w *sim.World) { serve(durable)(nil, w) })
	contains(t, outcome.String(), "check violated at ", "operations that are ok: got 12, want 7")
	contains(t, outcome.Report(), "\n  operations that are ok: got 12, want 7\n    c1#1 write(1) -> ok\n", "\n    … and 7 more\n  enough\n")
	if strings.Contains(outcome.Report(), "never said") {
		t.Errorf("it goes on after Fatalf:\n%s", outcome.Report())
	}
	cfg.Check = Asserts(func(t T, w *sim.World) { History(t, w).OK().Some() })
	if outcome := Try(cfg, 1, func(w *sim.World) { serve(durable)(nil, w) }); outcome.Failed() {
		t.Errorf("%v, want it to hold", outcome)
	}
}
