package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/simtest"
)

// struck is whom a fault aimed at a target hit on a club of servers: the
// target as it is recorded.
func (c *club) struck(t *testing.T, target faults.Target) (string, []faults.Skip) {
	t.Helper()
	in := c.install(t, faults.Entry{Fault: faults.Isolate{Target: target}, At: 1000 * ms})
	c.runTo(1500 * ms)
	text := in.Resolved()[0].Fault.String()
	return strings.TrimSuffix(strings.TrimPrefix(text, "isolate: {"), "}"), in.Skips()
}

func TestTheLeaderIsTheUpServerWithTheHighestTermThatBelievesSo(t *testing.T) {
	for _, c := range []struct {
		name  string
		roles []string // of n1, n2, …
		terms []int64
		down  sim.NodeID
		want  string
	}{
		{"one", []string{"follower", "leader", "follower"}, []int64{1, 1, 1}, 0, "target: leader, was: n2"},
		{"two", []string{"leader", "follower", "leader"}, []int64{3, 4, 4}, 0, "target: leader, was: n3"},
		{"two of one term", []string{"follower", "leader", "leader"}, []int64{3, 3, 3}, 0, "target: leader, was: n2"},
		{"primary without terms", []string{"backup", "primary", "backup"}, []int64{0, 0, 0}, 0, "target: leader, was: n2"},
		{"coordinator without terms", []string{"participant", "coordinator", "participant"}, []int64{0, 0, 0}, 0, "target: leader, was: n2"},
		{"the higher is down", []string{"leader", "follower", "leader"}, []int64{3, 4, 4}, n(3), "target: leader, was: n1"},
		{"none", []string{"follower", "candidate", "follower"}, []int64{1, 2, 1}, 0, "target: leader"},
	} {
		t.Run(c.name, func(t *testing.T) {
			club := newClub(len(c.roles), sim.Config{})
			for i, role := range c.roles {
				club.roles[n(i+1)], club.terms[n(i+1)] = role, c.terms[i]
			}
			if c.down != 0 {
				club.world.At(500*ms, func(w *sim.World) { w.Crash(c.down, sim.KeepAll) })
			}
			got, skips := club.struck(t, faults.Aim(faults.Leader))
			if got != c.want {
				t.Errorf("hit {%s}, want {%s}", got, c.want)
			}
			if none := !strings.Contains(c.want, "was"); none != (len(skips) == 1) {
				t.Errorf("skips are %v", skips)
			}
		})
	}
}

// What a protocol calls those that neither lead nor stand for election is up to it.
func TestFollowersGoByManyNames(t *testing.T) {
	for _, role := range []string{"follower", "backup", "participant"} {
		club := newClub(3, sim.Config{})
		club.roles[n(1)], club.roles[n(2)], club.roles[n(3)] = "leader", role, "coordinator"
		if got, _ := club.struck(t, faults.Aim(faults.Follower)); got != "target: follower, was: n2" {
			t.Errorf("hit {%s}, want n2, the %s", got, role)
		}
	}
}

func TestCrowdsHaveTheRightSizeAndMember(t *testing.T) {
	for servers, want := range map[int][2]int{1: {0, 1}, 2: {0, 2}, 3: {1, 2}, 4: {1, 3}, 5: {2, 3}, 7: {3, 4}} {
		for i, who := range []faults.Who{faults.Minority, faults.Majority} {
			for seed := range uint64(20) {
				club := newClub(servers, sim.Config{Seed: seed})
				club.roles[n(servers)] = "leader"
				in := club.install(t, faults.Entry{Fault: faults.Loss{PPM: 1, Scope: faults.Scope{Target: faults.Target{Who: who, With: faults.Leader}}}})
				club.runTo(ms)
				was := in.Resolved()[0].Fault.(faults.Loss).Target.Was
				if len(was) != want[i] {
					t.Fatalf("%v of %d is %v, want %d servers", who, servers, was, want[i])
				}
				if len(was) > 0 && (!slices.Contains(was, n(servers)) || !slices.IsSorted(was)) {
					t.Errorf("%v with leader n%d is %v", who, servers, was)
				}
			}
		}
	}
}

func TestAnyIsDrawnFromThoseThatAreUp(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(60) {
		club := newClub(4, sim.Config{Seed: seed})
		club.world.At(500*ms, func(w *sim.World) { w.Crash(n(2), sim.KeepAll) })
		got, _ := club.struck(t, faults.Aim(faults.Any))
		seen[got] = true
	}
	for i, want := range []bool{true, false, true, true} {
		if text := fmt.Sprintf("target: any, was: n%d", i+1); seen[text] != want {
			t.Errorf("in 60 runs {%s} came up: %v, want %v", text, seen[text], want)
		}
	}
}

// Removing a fault, or moving it, leaves the targets of the others alone.
func TestTargetsDoNotDependOnOtherFaults(t *testing.T) {
	var all []faults.Entry
	for i := range 12 {
		all = append(all, faults.Entry{Fault: faults.Isolate{Target: faults.Aim(faults.Any)}, At: sim.Time(i/2) * 100 * ms, For: time.Second})
	}
	hit := func(entries []faults.Entry) []string {
		club := newClub(9, sim.Config{Seed: 11})
		in := club.install(t, entries...)
		club.runTo(2000 * ms)
		var out []string
		for _, e := range in.Resolved() {
			out = append(out, e.Fault.String())
		}
		return out
	}
	whole := hit(all)
	if slices.Compact(slices.Sorted(slices.Values(whole)))[0] == whole[0] && len(slices.Compact(slices.Clone(whole))) < 3 {
		t.Fatalf("twelve draws of nine hit only %v", whole)
	}
	for i := range all {
		if i%2 == 0 {
			continue // the twin of an instant is told apart by its number
		}
		rest := hit(slices.Delete(slices.Clone(all), i, i+1))
		if want := slices.Delete(slices.Clone(whole), i, i+1); !slices.Equal(rest, want) {
			t.Errorf("without fault %d the others hit\n%v, want\n%v", i+1, rest, want)
		}
	}
}

func TestWasIsInForce(t *testing.T) {
	club := newClub(3, sim.Config{})
	club.roles[n(1)] = "leader"
	if got, _ := club.struck(t, faults.Target{Who: faults.Leader, Was: []sim.NodeID{n(3)}}); got != "target: leader, was: n3" {
		t.Errorf("hit {%s}, want n3, which it was", got)
	}
	club.wantReach(t, "in force", crosses(n(3)))
	again := faults.Forget(faults.Isolate{Target: faults.Target{Who: faults.Leader, Was: []sim.NodeID{n(3)}}})
	if again.String() != "isolate: {target: leader}" {
		t.Errorf("forgotten it is %v", again)
	}
}

func TestDirtyWaitsForUnsyncedWrites(t *testing.T) {
	fault := faults.Crash{Target: faults.Aim(faults.Dirty)}
	run := func(f faults.Fault, writeAt sim.Time) (faults.Entry, []faults.Skip, uint64, []string) {
		club := newClub(3, sim.Config{Records: true, Disk: sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)}})
		in := club.install(t, faults.Entry{Fault: f, At: 1000 * ms, For: 100 * time.Millisecond})
		club.write(n(1), 990*ms)
		club.world.At(991*ms, func(*sim.World) { club.nodes[n(1)].env.File("data").Sync() })
		club.write(n(2), writeAt)
		club.runTo(2000 * ms)
		return in.Resolved()[0], in.Skips(), club.world.Hash(), simtest.Trace(t, club.world).Of(sim.KindFault).Texts()
	}
	e, skips, hash, told := run(fault, 1050*ms)
	if e.Fault.String() != "crash: {target: dirty, was: n2}" || len(skips) > 0 || len(told) != 1 {
		t.Fatalf("the crash hit %v (skips %v): want n2, which writes 50ms later", e.Fault, skips)
	}
	if _, _, again, _ := run(e.Fault, 1050*ms); again != hash {
		t.Error("with was filled in the run is another")
	}
	if e, skips, _, _ := run(fault, 1150*ms); len(skips) != 1 {
		t.Errorf("the crash hit %v, want it skipped: nothing is written within %v", e.Fault, faults.Patience)
	}
	if e, skips, _, _ := run(faults.Crash{Target: faults.Target{Who: faults.Dirty, Was: []sim.NodeID{n(3)}}}, 1050*ms); len(skips) > 0 {
		t.Errorf("%v was skipped (%v), want it in force although n3 never writes", e.Fault, skips)
	}
}
