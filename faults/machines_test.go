package faults_test

import (
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/simtest"
)

func timer(id sim.NodeID, k uint64) sim.Identity {
	return sim.Identity{Subject: sim.OfTimer, Node: id, Name: "faults_test.tick", K: k}
}

func TestCrashStopsAndHealingStarts(t *testing.T) {
	club := newClub(3, sim.Config{})
	in := club.install(t, from1s(faults.Crash{Target: faults.On(n(1), n(2))}), faults.Entry{Fault: faults.Crash{Target: faults.On(n(3))}, At: 1500 * ms})
	club.runTo(1999 * ms)
	for i := 1; i <= 3; i++ {
		if club.world.Up(n(i)) {
			t.Errorf("n%d is up at 1.999s", i)
		}
	}
	club.runTo(2001 * ms)
	if !club.world.Up(n(1)) || !club.world.Up(n(2)) || club.world.Up(n(3)) {
		t.Error("at 2s n1 and n2 must be up again and n3, whose fault has no end, down")
	}
	in.HealAll()
	club.runTo(2100 * ms)
	if !club.world.Up(n(3)) || club.world.Incarnation(n(3)) != 2 {
		t.Error("n3 is not up in its second incarnation after HealAll")
	}
}

func TestCrashModelsDecideWhatTheDiskKeeps(t *testing.T) {
	for model, want := range map[sim.CrashModel]int{sim.LoseAll: 0, sim.KeepAll: 1} {
		club := newClub(1, sim.Config{})
		club.install(t, from1s(faults.Crash{Target: faults.On(n(1)), Model: model}))
		club.write(n(1), 500*ms)
		club.runTo(2100 * ms)
		if got := club.nodes[n(1)].env.File("data").Size(); got != want { // by the next incarnation
			t.Errorf("%v left %d bytes, want %d", model, got, want)
		}
	}
}

func TestCrashOfAMachineThatIsDownIsSkipped(t *testing.T) {
	club := newClub(3, sim.Config{Records: true})
	in := club.install(t,
		between(1000*ms, 2000*ms, faults.Crash{Target: faults.On(n(1))}),
		between(1500*ms, 2500*ms, faults.Crash{Target: faults.On(n(1))}),
		between(1600*ms, 2600*ms, faults.Pause{Target: faults.On(n(1))}),
		between(1700*ms, 1800*ms, faults.Crash{Target: faults.On(n(1), n(2))}), // n2 is there to strike
	)
	club.runTo(1750 * ms)
	if club.world.Up(n(2)) {
		t.Error("n2 is up although a crash of n1 and n2 struck")
	}
	club.runTo(1900 * ms)
	if club.world.Up(n(1)) || !club.world.Up(n(2)) {
		t.Error("at 1.9s n2 must be up again and n1 down: the crash that took both found n1 down")
	}
	club.runTo(2010 * ms)
	if !club.world.Up(n(1)) || club.world.Incarnation(n(1)) != 2 {
		t.Errorf("n1 must have started once by 2.01s (up %v, incarnation %d)", club.world.Up(n(1)), club.world.Incarnation(n(1)))
	}
	skips := in.Skips()
	if len(skips) != 2 || skips[0].Index != 1 || skips[1].Index != 2 || skips[0].Why != "n1 is already down" {
		t.Errorf("skips are %+v, want the second crash and the pause, n1 being down", skips)
	}
	trace := simtest.Trace(t, club.world)
	trace.Of(sim.KindSkip).WantTexts("crash: {target: n1}: n1 is already down", "pause: {target: n1}: n1 is already down")
	trace.Of(sim.KindFault).WantTexts("crash: {target: n1} for 1s", "crash: {target: [n1, n2]} for 100ms")
	trace.Of(sim.KindHeal).WantTexts("crash: {target: [n1, n2]}", "crash: {target: n1}")
}

func TestPausesOfOneMachineEndWithTheLast(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t,
		between(1000*ms, 2000*ms, faults.Pause{Target: faults.On(n(1))}),
		between(1500*ms, 2500*ms, faults.Pause{Target: faults.On(n(1))}),
		between(2500*ms, 3000*ms, faults.Pause{Target: faults.On(n(1))}), // begins as the other ends
	)
	for _, c := range []struct {
		at   sim.Time
		want bool
	}{{999, false}, {1001, true}, {2001, true}, {2499, true}, {2501, true}, {2999, true}, {3001, false}} {
		club.runTo(c.at * ms)
		if got := club.world.Paused(n(1)); got != c.want {
			t.Errorf("at %v n1 is paused: %v, want %v", c.at*ms, got, c.want)
		}
	}
	club.runTo(3100 * ms)
	club.wantReach(t, "after", nothingCut)
}

// The same instant the other way round: one pause has ended, its resume is an
// event that is still to come, and the next pause begins between the two.
func TestPauseBetweenAHealAndItsResume(t *testing.T) {
	club := newClub(2, sim.Config{})
	in := club.install(t, from1s(faults.Pause{Target: faults.On(n(1))}))
	club.world.At(1500*ms, func(*sim.World) { in.HealAll() })
	club.install(t, between(1500*ms, 2500*ms, faults.Pause{Target: faults.On(n(1))}))
	club.runTo(2000 * ms)
	if !club.world.Paused(n(1)) {
		t.Error("n1 runs at 2s although a pause from 1.5s to 2.5s is in force")
	}
	club.runTo(2600 * ms)
	if club.world.Paused(n(1)) {
		t.Error("n1 is still paused at 2.6s")
	}
}

func TestHealingLeavesALaterCrashAlone(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t,
		between(1000*ms, 3000*ms, faults.Crash{Target: faults.On(n(1))}),
		between(2000*ms, 4000*ms, faults.Crash{Target: faults.On(n(1))}),
	)
	club.world.At(1500*ms, func(w *sim.World) { w.Restart(n(1)) }) // an operator
	club.runTo(3500 * ms)
	if club.world.Up(n(1)) {
		t.Error("n1 is up at 3.5s: the end of the first crash started what the second had stopped")
	}
}

func TestACrashEndsAPause(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t,
		between(1000*ms, 3000*ms, faults.Pause{Target: faults.On(n(1))}),
		between(1500*ms, 2000*ms, faults.Crash{Target: faults.On(n(1))}),
		between(2100*ms, 2200*ms, faults.Pause{Target: faults.On(n(1))}),
		between(2500*ms, 3500*ms, faults.Pause{Target: faults.On(n(1))}),
	)
	club.runTo(2400 * ms)
	if !club.world.Up(n(1)) || club.world.Paused(n(1)) {
		t.Error("at 2.4s the second incarnation of n1 must run: the pause was of the first")
	}
	club.runTo(3400 * ms)
	if !club.world.Paused(n(1)) {
		t.Error("at 3.4s n1 must be paused: the end of a pause of its first incarnation is none of its business")
	}
	club.runTo(3600 * ms)
	if club.world.Paused(n(1)) {
		t.Error("n1 is still paused at 3.6s")
	}
}

func TestWhatAPauseHoldsUpHappensLate(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t, from1s(faults.Pause{Target: faults.On(n(1))}))
	club.runTo(1999 * ms)
	if got := club.nodes[n(1)].heard[n(2)]; got != 99 {
		t.Errorf("paused n1 heard hello %d, want 99: what arrives waits", got)
	}
	club.runTo(2003 * ms)
	if got := club.nodes[n(1)].heard[n(2)]; got < 199 {
		t.Errorf("resumed n1 heard hello %d, want 199 or more: what waited is handled", got)
	}
}

func TestStrikesInsideAStep(t *testing.T) {
	for _, c := range []struct {
		fault faults.Fault
		heard [2]int // by n2 and n3, of n1, while the fault lasts
	}{
		// Effects of a tick of n1: arm, send to n2, send to n3, send to c1.
		{faults.CrashAt(n(1), 2), [2]int{49, 49}},
		{faults.CrashAt(n(1), 3), [2]int{50, 49}},
		{faults.Pause{Target: faults.On(n(1)), BeforeEffect: 3}, [2]int{50, 49}},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			club := newClub(3, sim.Config{})
			in := club.install(t, faults.Entry{Fault: c.fault, After: timer(n(1), 50), For: 500 * time.Millisecond})
			club.runTo(900 * ms)
			heard := [2]int{club.nodes[n(2)].heard[n(1)], club.nodes[n(3)].heard[n(1)]}
			if heard != c.heard {
				t.Errorf("at 900ms n2 and n3 have heard %v, want %v", heard, c.heard)
			}
			club.runTo(1015 * ms)
			if !club.world.Up(n(1)) || club.world.Paused(n(1)) || len(in.Skips()) > 0 {
				t.Errorf("n1 has not healed by 1.015s (skips %v)", in.Skips())
			}
		})
	}
}

func TestAStrikeThatMissesIsSkipped(t *testing.T) {
	club := newClub(3, sim.Config{})
	in := club.install(t,
		faults.Entry{Fault: faults.CrashAt(n(1), 9), After: timer(n(1), 50)},
		faults.Entry{Fault: faults.CrashAt(n(2), 1), After: timer(n(1), 60)},
	)
	club.runTo(1000 * ms)
	if len(in.Skips()) != 2 || !club.world.Up(n(1)) || !club.world.Up(n(2)) {
		t.Errorf("skips are %v, want both: there is no effect 9, and n2 does not run n1's step", in.Skips())
	}
}

func TestClockDriftRunsFastAndIsSetRight(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t,
		between(1000*ms, 3000*ms, faults.ClockDrift{Target: faults.On(n(1)), PPM: 100_000}),
		between(1500*ms, 2000*ms, faults.ClockDrift{Target: faults.On(n(1)), PPM: -500_000}), // stronger
		between(1500*ms, 4000*ms, faults.ClockDrift{Target: faults.On(n(1)), PPM: 50_000}),   // weaker
	)
	want := map[sim.Time]time.Duration{1000: 1000, 1500: 1550, 2000: 1800, 3000: 2900, 4000: 3950, 5000: 4950}
	for _, at := range []sim.Time{1000, 1500, 2000, 3000, 4000, 5000} {
		club.runTo(at * ms)
		if got := club.elapsed(n(1)); got != want[at]*time.Millisecond {
			t.Errorf("at %v n1's clock shows %v, want %v", at*ms, got, want[at]*time.Millisecond)
		}
	}
}

func TestClockStepStays(t *testing.T) {
	club := newClub(2, sim.Config{})
	in := club.install(t, faults.Entry{Fault: faults.ClockStep{Target: faults.On(n(1)), By: -2 * time.Second}, At: 1000 * ms})
	club.runTo(1500 * ms)
	in.HealAll()
	club.runTo(2000 * ms)
	if got := club.wall(n(1)); got != 0 {
		t.Errorf("n1's wall clock has gone %v in 2s, want 0s: stepped back by 2s for good", got)
	}
	if got := club.elapsed(n(1)); got != 2*time.Second {
		t.Errorf("n1's monotonic clock shows %v, want 2s: a step does not touch it", got)
	}
}
