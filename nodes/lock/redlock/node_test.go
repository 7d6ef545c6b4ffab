package redlock

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// desk is one node, with a client that asks it what a test wants asked.
type desk struct {
	town
	proc *sim.Proc
}

// talker talks to nodes, and is in no section.
type talker struct{ *sim.Proc }

func (talker) Section() (s invariant.Section, in bool) { return s, false }

// newDesk runs a conversation with n1.
func newDesk(t *testing.T, cfg Config, talk func(d *desk)) {
	t.Helper()
	w := newTown(1, quiet(), cfg)
	defer w.Close()
	w.AddClient(func() sim.Node { return talker{sim.NewProc(func(p *sim.Proc) { talk(&desk{w, p}) })} })
	w.RunClients(sim.Time(time.Hour))
	w.violated(t, 0)
}

// ask puts a command to n1 and spells the answer.
func (d *desk) ask(m command) string {
	a, ok := sim.Call[*Answer](d.proc, n(1), m, 100*ms)
	if !ok {
		return "silence"
	}
	return a.Summary()
}

func head(key string, v Value) Head { return Head{Key: key, Value: v} }

func set(v Value) *Set       { return &Set{head("l1", v), 200 * ms} }
func extend(v Value) *Extend { return &Extend{head("l1", v), 200 * ms} }
func del(v Value) *Delete    { return &Delete{head("l1", v)} }
func get() *Get              { return &Get{head("l1", 0)} }

const (
	a Value = 0xaaaa << 48
	b Value = 0xbbbb << 48
)

func TestCommands(t *testing.T) {
	type step struct {
		after   time.Duration // for which the client waits before it asks
		command command
		want    string
	}
	for name, steps := range map[string][]step{
		"a key is set if there is none":       {{0, set(a), "done"}, {0, set(b), "refused"}, {0, get(), "aaaa"}},
		"not even its owner sets it again":    {{0, set(a), "done"}, {0, set(a), "refused"}},
		"it is deleted by its value":          {{0, set(a), "done"}, {0, del(b), "refused"}, {0, get(), "aaaa"}, {0, del(a), "done"}, {0, get(), "done"}, {0, set(b), "done"}},
		"what is not there is not deleted":    {{0, del(a), "refused"}},
		"it ends":                             {{0, set(a), "done"}, {190 * ms, get(), "aaaa"}, {10 * ms, get(), "done"}, {0, set(b), "done"}},
		"and then it is nobody's":             {{0, set(a), "done"}, {200 * ms, del(a), "refused"}, {0, extend(a), "refused"}},
		"extended it lives on":                {{0, set(a), "done"}, {150 * ms, extend(a), "done"}, {150 * ms, get(), "aaaa"}, {50 * ms, get(), "done"}},
		"by its value only":                   {{0, set(a), "done"}, {150 * ms, extend(b), "refused"}, {50 * ms, get(), "done"}},
		"what is not there is not extended":   {{0, extend(a), "refused"}, {0, get(), "done"}},
		"a refused set lets nothing live on":  {{0, set(a), "done"}, {150 * ms, set(b), "refused"}, {50 * ms, get(), "done"}},
		"a key that has ended can be set":     {{0, set(a), "done"}, {200 * ms, set(b), "done"}, {0, del(a), "refused"}, {0, get(), "bbbb"}},
		"other keys are other locks":          {{0, set(a), "done"}, {0, &Set{head("l2", b), 200 * ms}, "done"}, {0, &Delete{head("l2", a)}, "refused"}, {0, get(), "aaaa"}},
		"a shorter life is a life too":        {{0, &Set{head("l1", a), 10 * ms}, "done"}, {10 * ms, set(b), "done"}},
		"an extension can also cut it short":  {{0, set(a), "done"}, {0, &Extend{head("l1", a), 10 * ms}, "done"}, {10 * ms, get(), "done"}},
		"the order of keys does not matter":   {{0, &Set{head("l3", a), 200 * ms}, "done"}, {0, set(b), "done"}, {0, &Delete{head("l3", a)}, "done"}, {0, get(), "bbbb"}},
		"a get of what has ended removes it":  {{0, set(a), "done"}, {250 * ms, get(), "done"}, {0, get(), "done"}},
		"a value is compared, and not shared": {{0, set(a), "done"}, {0, del(a + 1), "refused"}, {0, del(a), "done"}},
	} {
		newDesk(t, testConfig, func(d *desk) {
			for i, s := range steps {
				d.proc.Sleep(s.after)
				if got := d.ask(s.command); got != s.want {
					t.Errorf("%s: step %d, %v: %s, want %s", name, i+1, s.command, got, s.want)
				}
			}
		})
	}
}

// Expiries are times of day: a clock that steps forward ends keys, one that steps back
// makes them live longer, and a deadline is never a matter of how long ago it was set.
func TestExpiryIsOnTheWallClock(t *testing.T) {
	for step, want := range map[time.Duration]string{0: "aaaa", 190 * ms: "aaaa", 200 * ms: "done", time.Hour: "done", -time.Hour: "aaaa"} {
		newDesk(t, testConfig, func(d *desk) {
			d.ask(set(a))
			d.StepWall(n(1), step)
			if got := d.ask(get()); got != want {
				t.Errorf("after a step of %v: %s, want %s", step, got, want)
			}
			d.proc.Sleep(time.Minute)
			if got := d.ask(get()); got == "aaaa" != (step < 0) {
				t.Errorf("a minute after a step of %v: %s", step, got)
			}
		})
	}
}

// A node that has crashed refuses everything for a while, on its monotonic clock, in which
// steps of the wall clock do not count; then it begins with nothing.
func TestDelayedRestart(t *testing.T) {
	cfg := testConfig
	cfg.Restart = 210 * ms
	newDesk(t, cfg, func(d *desk) {
		again := func(w *sim.World) { w.Crash(n(1), sim.KeepAll); w.Restart(n(1)) }
		d.ask(set(a))
		begun := d.proc.Elapsed()
		d.at(time.Duration(d.Now())+ms, again)
		d.at(time.Duration(d.Now())+100*ms, again) // counts from the last one
		d.at(time.Duration(d.Now())+150*ms, func(w *sim.World) { w.StepWall(n(1), time.Hour) })
		for _, x := range []struct {
			at   time.Duration
			want []string
		}{
			{10 * ms, []string{"recovering", "recovering", "recovering", "recovering"}},
			{220 * ms, []string{"recovering", "recovering", "recovering", "recovering"}},
			{300 * ms, []string{"recovering", "recovering", "recovering", "recovering"}},
			{312 * ms, []string{"done", "refused", "refused", "done"}},
		} {
			d.proc.Sleep(begun + x.at - d.proc.Elapsed())
			got := []string{d.ask(get()), d.ask(del(a)), d.ask(extend(a)), d.ask(set(b))}
			if !slices.Equal(got, x.want) {
				t.Errorf("at %v: %v, want %v", x.at, got, x.want)
			}
		}
	})
}

// Without a delay a node is back at once, and knows nothing.
func TestAmnesia(t *testing.T) {
	cfg := testConfig
	cfg.Restart = 0
	newDesk(t, cfg, func(d *desk) {
		d.ask(set(a))
		d.at(time.Duration(d.Now())+ms, func(w *sim.World) { w.Crash(n(1), sim.KeepAll); w.Restart(n(1)) })
		d.proc.Sleep(2 * ms)
		if got := d.ask(set(b)); got != "done" {
			t.Errorf("set by another at once: %s, want done", got)
		}
	})
}

// The node tells of what it has done in the words of the invariants.
func TestDeeds(t *testing.T) {
	newDesk(t, testConfig, func(d *desk) {
		told := func() (all []string) {
			node := d.node(1)
			for i := max(1, node.Deeds()-1); i <= node.Deeds(); i++ {
				x := node.Deed(i)
				all = append(all, fmt.Sprintf("%v by %04x: %04x, then %04x", x.Kind, x.By.Session>>48, x.Before.Owner.Session>>48, x.After.Owner.Session>>48))
			}
			return all
		}
		for _, x := range []struct {
			after   time.Duration
			command command
			want    []string
		}{
			{0, set(a), []string{"grant by aaaa: 0000, then aaaa"}},
			{0, set(b), []string{"grant by aaaa: 0000, then aaaa", "refusal by bbbb: aaaa, then aaaa"}},
			{0, extend(a), []string{"refusal by bbbb: aaaa, then aaaa", "write by aaaa: aaaa, then aaaa"}},
			{0, del(a), []string{"write by aaaa: aaaa, then aaaa", "release by aaaa: aaaa, then 0000"}},
			{0, set(a), []string{"release by aaaa: aaaa, then 0000", "grant by aaaa: 0000, then aaaa"}},
			{time.Second, set(b), []string{"lapse by 0000: aaaa, then 0000", "grant by bbbb: 0000, then bbbb"}},
		} {
			d.proc.Sleep(x.after)
			d.ask(x.command)
			if got := told(); !slices.Equal(got, x.want) {
				t.Errorf("%v: %q, want %q", x.command, got, x.want)
			}
		}
		owner := invariant.Owner{Client: c(1), Session: uint64(b)}
		if node := d.node(1); !node.Alive(owner) || node.Alive(invariant.Owner{Client: c(1), Session: uint64(a)}) {
			t.Error("the latest owner is alive, and none before")
		}
		d.ask(del(b))
		if d.node(1).Alive(owner) {
			t.Error("nobody is alive after the release")
		}
	})
}
