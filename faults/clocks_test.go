package faults_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// The protocol here is a bell: every 10 ms on its clock n1 tells n2 what its wall
// clock and its monotonic clock show, and n2 notes that with the true time. A
// message takes 1 ms.
type (
	bell  struct{ heard *notes }
	chime struct{ wall, mono time.Duration }
)

func (c chime) Summary() string { return fmt.Sprintf("%v/%v", c.wall, c.mono) }

func (b *bell) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot, tick:
		if env.ID() != n(1) {
			return
		}
		env.Arm(tick{}, 10*time.Millisecond)
		if m == (tick{}) {
			env.Send(n(2), chime{time.Duration(env.Now() - sim.WallEpoch), env.Elapsed()})
		}
	case chime:
		b.heard.at = append(b.heard.at, fmt.Sprintf("%d/%d@%d", m.wall.Milliseconds(), m.mono.Milliseconds(), env.Elapsed().Milliseconds()))
	}
}

func bells(t *testing.T) (*sim.World, *notes) {
	w, heard := sim.New(sim.Config{Records: true, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}}), &notes{}
	t.Cleanup(w.Close)
	for range 2 {
		w.AddServer(func() sim.Node { return &bell{heard} })
	}
	return w, heard
}

// clockCases says what n2 notes in 105 ms.
func clockCases() []strike {
	on1, millis := faults.On(n(1)), time.Millisecond
	return []strike{
		{faults.ClockDrift{Target: on1, PPM: 500_000}, "10/10@11 20/20@21 30/30@29 40/40@36 50/50@42 60/60@49 70/70@56 80/80@62 90/90@71 100/100@81 110/110@91 120/120@101"},
		{faults.ClockStep{Target: on1, By: -20 * millis}, "10/10@11 20/20@21 10/30@31 20/40@41 30/50@51 40/60@61 50/70@71 60/80@81 70/90@91 80/100@101"},
		{faults.ClockOffset{Target: on1, By: 100 * millis}, "10/10@11 20/20@21 130/30@31 140/40@41 150/50@51 160/60@61 70/70@71 80/80@81 90/90@91 100/100@101"},
		{faults.ClockSlew{Target: on1, By: 8 * millis, PPM: 400_000}, "10/10@11 20/20@21 30/30@29 40/40@36 50/50@43 60/60@53 70/70@63 80/80@73 90/90@83 100/100@93 110/110@103"},
		{faults.ClockSlew{Target: on1, By: -time.Second, PPM: 500_000}, "10/10@11 20/20@21 30/30@36 40/40@56 50/50@71 60/60@81 70/70@91 80/80@101"}, // cut short
		{faults.ClockFreeze{Target: on1}, "10/10@11 20/20@21 30/30@71 40/40@81 50/50@91 60/60@101"},
	}
}

func TestWhatClockFaultsDo(t *testing.T) { wantStrikes(t, 105*ms, bells, clockCases()) }

// What several faults make of one machine's clocks: its monotonic clock at full
// seconds and halves from 1 s on, in milliseconds.
func TestClockFaultsCompose(t *testing.T) {
	on1 := faults.On(n(1))
	drift := func(from, to sim.Time, ppm int64) faults.Entry {
		return between(from*ms, to*ms, faults.ClockDrift{Target: on1, PPM: ppm})
	}
	freeze := func(from, to sim.Time) faults.Entry { return between(from*ms, to*ms, faults.ClockFreeze{Target: on1}) }
	slew := func(from sim.Time, by time.Duration, ppm int64) faults.Entry {
		return faults.Entry{Fault: faults.ClockSlew{Target: on1, By: by * time.Millisecond, PPM: ppm}, At: from * ms}
	}
	short := slew(1000, 100, 100_000)
	short.For = 500 * time.Millisecond
	for name, c := range map[string]struct {
		entries []faults.Entry
		want    []int // at 1 s, 1.5 s, 2 s, …
	}{
		"freezes, until the last ends":           {[]faults.Entry{freeze(1000, 2000), freeze(1500, 2500)}, []int{1000, 1000, 1000, 1000, 1500}},
		"a freeze within a freeze":               {[]faults.Entry{freeze(1000, 2500), freeze(1500, 2000)}, []int{1000, 1000, 1000, 1000, 1500}},
		"a freeze within a drift":                {[]faults.Entry{drift(1000, 2500, 100_000), freeze(1500, 2000)}, []int{1000, 1550, 1550, 2100, 2600}},
		"a drift that begins frozen":             {[]faults.Entry{freeze(1000, 2000), drift(1500, 2500, 500_000)}, []int{1000, 1000, 1000, 1750, 2250}},
		"a drift that ends frozen":               {[]faults.Entry{freeze(1500, 2500), drift(1000, 2000, 500_000)}, []int{1000, 1750, 1750, 1750, 2250}},
		"a slew to its end":                      {[]faults.Entry{slew(1000, 100, 100_000)}, []int{1000, 1550, 2100, 2600, 3100}},
		"a slew back":                            {[]faults.Entry{slew(1000, -100, 200_000)}, []int{1000, 1400, 1900, 2400}},
		"a slew cut short":                       {[]faults.Entry{short}, []int{1000, 1550, 2050, 2550}},
		"a slew that does not say how fast":      {[]faults.Entry{slew(1000, 1, 0)}, []int{1000, 1500, 2000, 2500, 3001, 3501}},
		"a slew within a drift":                  {[]faults.Entry{drift(1000, 2500, 100_000), slew(1500, 50, 100_000)}, []int{1000, 1550, 2150, 2700, 3200}},
		"a slew waits while frozen":              {[]faults.Entry{slew(1000, 100, 100_000), freeze(1500, 2500)}, []int{1000, 1550, 1550, 1550, 2100, 2600}},
		"a slew that begins frozen":              {[]faults.Entry{freeze(1000, 2000), slew(1500, 50, 100_000)}, []int{1000, 1000, 1000, 1550, 2050}},
		"a slew waits for a drift that freezes":  {[]faults.Entry{drift(1000, 2000, -1_000_000), slew(1000, 50, 100_000)}, []int{1000, 1000, 1000, 1550, 2050}},
		"slews add up":                           {[]faults.Entry{slew(1000, 100, 100_000), slew(1500, 50, 100_000)}, []int{1000, 1550, 2150, 2650}},
		"slews against each other":               {[]faults.Entry{slew(1000, 100, 100_000), slew(1000, -50, 100_000)}, []int{1000, 1500, 2050, 2550}},
		"a slew takes nothing from clocks at 0":  {[]faults.Entry{drift(1000, 2000, -500_000), slew(1000, -250, 500_000)}, []int{1000, 1000, 1250, 1750}},
		"slews that come to less than nothing":   {[]faults.Entry{slew(1000, -250, 500_000), slew(1000, -250, 500_000), slew(1000, -250, 500_000)}, []int{1000, 1000, 1500}},
		"two drifts and a slew of the strongest": {[]faults.Entry{drift(1000, 2000, 100_000), drift(1000, 2000, -400_000), slew(1000, 100, 100_000)}, []int{1000, 1350, 1700, 2200}},
	} {
		club := newClub(2, sim.Config{})
		club.install(t, c.entries...)
		var got []int
		for i := range c.want {
			club.runTo(sim.Time(1000+500*i) * ms)
			got = append(got, int(club.elapsed(n(1)).Milliseconds()))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: n1's clock goes %v, want %v", name, got, c.want)
		}
	}
}

// Offsets add up, each ends by itself, and a step in between stays.
func TestOffsetsComposeAndSurviveCrashes(t *testing.T) {
	club := newClub(2, sim.Config{})
	on1, second := faults.On(n(1)), time.Second
	club.install(t,
		between(1000*ms, 4000*ms, faults.ClockOffset{Target: on1, By: 5 * second}),
		between(2000*ms, 3000*ms, faults.ClockOffset{Target: on1, By: -7 * second}),
		faults.Entry{Fault: faults.ClockStep{Target: on1, By: second}, At: 2400 * ms},
		between(2500*ms, 2600*ms, faults.Crash{Target: on1}),
	)
	for i, want := range []int{0, 5, -1, 6, 1} { // at 500 ms, 1.5 s, …
		at := sim.Time(500 + 1000*i)
		club.runTo(at * ms)
		if got := club.wall(n(1)) - time.Duration(at*ms); got != time.Duration(want)*second {
			t.Errorf("at %v n1's wall clock is %v ahead, want %ds", at*ms, got, want)
		}
		if got := club.elapsed(n(1)); got != time.Duration(at*ms) {
			t.Errorf("at %v n1's monotonic clock shows %v: an offset does not touch it", at*ms, got)
		}
	}
}

// A freeze is of the machine: its next incarnation is frozen too, and stays behind.
func TestAFreezeSurvivesACrash(t *testing.T) {
	club := newClub(2, sim.Config{})
	club.install(t, between(1000*ms, 2000*ms, faults.ClockFreeze{Target: faults.On(n(1))}),
		between(1200*ms, 1300*ms, faults.Crash{Target: faults.On(n(1))}))
	club.runTo(1950 * ms)
	if got := club.nodes[n(2)].heard[n(1)]; got >= 110 {
		t.Errorf("n2 heard hello %d from a machine whose timers stand", got)
	}
	club.runTo(2500 * ms)
	if got := club.elapsed(n(1)); got != 1500*time.Millisecond || !club.hears(n(2), n(1)) {
		t.Errorf("at 2.5s n1's clock shows %v, want 1.5s, and n2 hears it: %v", got, club.hears(n(2), n(1)))
	}
}

// A slew is over, and told to be, when the last of its machines has gained enough;
// what has not gained enough by its end is told then.
func TestASlewEndsByItself(t *testing.T) {
	club := newClub(3, sim.Config{Records: true})
	club.install(t,
		between(1000*ms, 9000*ms, faults.ClockSlew{Target: faults.On(n(1), n(2)), By: 100 * time.Millisecond, PPM: 100_000}),
		between(1200*ms, 1500*ms, faults.ClockFreeze{Target: faults.On(n(2))}),
		between(3000*ms, 3500*ms, faults.ClockSlew{Target: faults.On(n(3)), By: time.Second, PPM: 100_000}),
	)
	club.runTo(9500 * ms)
	var ends []sim.Time
	for _, r := range club.world.Trace().Records() {
		if r.Kind == sim.KindHeal {
			ends = append(ends, r.At)
		}
	}
	if want := []sim.Time{1500 * ms, 2300 * ms, 3500 * ms}; !slices.Equal(ends, want) {
		t.Errorf("faults ended at %v, want %v", ends, want)
	}
	for id, want := range map[sim.NodeID]time.Duration{n(1): 9600, n(2): 9300, n(3): 9550} {
		if got := club.elapsed(id); got != want*time.Millisecond {
			t.Errorf("%v's clock shows %v, want %vms", id, got, int64(want))
		}
	}
}
