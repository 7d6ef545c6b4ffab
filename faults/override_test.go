package faults_test

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

func message(from, to sim.NodeID, k uint64, p sim.Purpose) sim.Identity {
	return sim.Identity{Subject: sim.OfMessage, Node: from, Peer: to, Name: "faults_test.hello", K: k, Purpose: p}
}

// fates lists what became of the k-th hello of n1 to n2: fate, latency.
func (c *club) fates(k uint64) []string {
	var out []string
	for _, r := range c.world.Trace().Records() {
		if r.Kind == sim.KindSend && r.Node == n(1) && r.Peer == n(2) && r.K == k {
			out = append(out, r.Fate.String()+" "+max(0, r.Due-r.At).String())
		}
	}
	return out
}

func TestOverridesFixOneDecisionEach(t *testing.T) {
	list := []faults.Override{
		{message(n(1), n(2), 10, sim.ForLoss), sim.Chance, 1},
		{message(n(1), n(2), 11, sim.ForDuplicate), sim.Chance, 1},
		{message(n(1), n(2), 12, sim.ForLatency), sim.Value, int64(7 * ms)},
		{message(n(1), n(2), 900_000, sim.ForLoss), sim.Chance, 1},
		{message(n(1), n(2), 13, sim.ForLatency), sim.Pick, 1}, // of the wrong kind
	}
	copied := message(n(1), n(2), 11, sim.ForLatency)
	copied.Copy = 1
	list = append(list, faults.Override{copied, sim.Value, int64(3 * ms)})
	chooser := faults.Overrides(list, nil)
	club := newClub(3, sim.Config{Records: true, Chooser: chooser})
	club.runTo(300 * ms)
	for k, want := range map[uint64]string{9: "delivered 1ms", 10: "lost 0s", 11: "delivered 1ms, duplicated 3ms", 12: "delivered 7ms", 13: "delivered 1ms"} {
		if got := strings.Join(club.fates(k), ", "); got != want {
			t.Errorf("hello %d of n1 to n2: %s, want %s", k, got, want)
		}
	}
	unused := chooser.Unused()
	if len(unused) != 2 || unused[0].ID.K != 900_000 || unused[1].ID.K != 13 {
		t.Errorf("unused are %v, want the one that never happened and the one that does not fit", unused)
	}
}

func TestOverridesLeaveTheRestToTheNextChooser(t *testing.T) {
	slow := sim.ChooserFunc(func(id sim.Identity, o sim.Outcomes, drawn int64) int64 {
		if id.Purpose == sim.ForLatency && id.Subject == sim.OfMessage {
			return drawn + int64(2*ms)
		}
		return drawn
	})
	list := []faults.Override{{message(n(1), n(2), 10, sim.ForLatency), sim.Value, 0}}
	club := newClub(2, sim.Config{Records: true, Chooser: faults.Overrides(list, slow)})
	club.runTo(300 * ms)
	if a, b := club.fates(9)[0], club.fates(10)[0]; a != "delivered 3ms" || b != "delivered 0s" {
		t.Errorf("hello 9: %s, want delivered 3ms; hello 10: %s, want delivered 0s", a, b)
	}
}

func TestOverridesOfCrashesAndSyncs(t *testing.T) {
	list := []faults.Override{
		{sim.Identity{Subject: sim.OfCrash, Node: n(1), K: 1, Purpose: sim.ForKept}, sim.Pick, 1000},
		{sim.Identity{Subject: sim.OfSync, Node: n(1), Name: "directory", K: 1, Purpose: sim.ForLatency}, sim.Value, int64(5 * time.Second)},
	}
	chooser := faults.Overrides(list, nil)
	club := newClub(1, sim.Config{Chooser: chooser})
	club.install(t, from1s(faults.Crash{Target: faults.On(n(1)), Model: sim.KeepPrefix}))
	club.write(n(1), 500*ms)
	club.runTo(1500 * ms)
	if got := club.world.Durable(n(1), "data"); string(got) != "x" {
		t.Errorf("the crash left %q of the sync under way, want everything there was", got)
	}
	if unused := chooser.Unused(); len(unused) > 0 {
		t.Errorf("unused: %v", unused)
	}
}

func TestOverridesThatMakeNoSenseAreRefused(t *testing.T) {
	hello := func(p sim.Purpose) sim.Identity { return message(n(1), n(2), 1, p) }
	withCopy := func(id sim.Identity) sim.Identity { id.Copy = 1; return id }
	for _, c := range []struct {
		o    faults.Override
		want string
	}{
		{faults.Override{hello(sim.ForLoss), sim.Value, 1}, "nothing called lost is decided"},
		{faults.Override{hello(sim.ForKept), sim.Pick, 1}, "nothing called kept is decided about message"},
		{faults.Override{hello(sim.ForLoss), sim.Chance, 2}, "lost is 2, want 0 or 1"},
		{faults.Override{hello(sim.ForLatency), sim.Value, -1}, "cannot be negative"},
		{faults.Override{withCopy(hello(sim.ForLoss)), sim.Chance, 1}, "copy is 1"},
		{faults.Override{message(n(1), n(2), 0, sim.ForLoss), sim.Chance, 1}, "k is missing"},
		{faults.Override{message(n(1), 0, 1, sim.ForLoss), sim.Chance, 1}, "the receiver is missing"},
		{faults.Override{sim.Identity{Subject: sim.OfRecord, K: 1}, sim.Pick, 1}, "nothing called value is decided about record 1"},
	} {
		if err := c.o.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.o, err, c.want)
		}
	}
	twice := faults.Override{hello(sim.ForLoss), sim.Chance, 1}
	p := faults.Plan{Version: faults.Version, Scenario: "s", Overrides: []faults.Override{twice, twice}}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "override 2: message n1>n2 faults_test.hello #1 is decided twice (lost)") {
		t.Errorf("two overrides of one decision: %v", err)
	}
}
