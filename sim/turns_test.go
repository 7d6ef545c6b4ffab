package sim

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lane is one of the loops that a benchmark compares. turn does the i-th piece of
// work, from 0, and says how many events it handled.
type lane struct {
	name string
	turn func(i int) (events int)
}

// inTurns lets lanes take turns in one process, so that whatever the machine is
// doing beside hits them alike, and reports the median ns/event of each and its
// ratio to the last lane, the reference. Time is what the process computed, the
// collector included: others on the machine slow a lane down, but their turns on
// the processor are not counted.
func inTurns(b *testing.B, lanes ...lane) {
	b.Helper()
	inTurnsBy(b, cpuTime, lanes...)
}

// inTurnsBy is inTurns by another clock.
func inTurnsBy(b *testing.B, clock func() int64, lanes ...lane) {
	b.Helper()
	per := make([][]float64, len(lanes))
	for _, l := range lanes { // steady state first
		l.turn(0)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 1; b.Loop(); i++ {
		for j, l := range lanes {
			start := clock()
			events := l.turn(i)
			per[j] = append(per[j], float64(clock()-start)/float64(events))
		}
	}
	reference := median(per[len(lanes)-1])
	for j, l := range lanes {
		m := median(per[j])
		b.ReportMetric(m, "ns/event:"+l.name)
		if j < len(lanes)-1 {
			b.ReportMetric(m/reference, "ratio:"+l.name)
		}
	}
}

// cpuTime is how many nanoseconds the process has computed.
func cpuTime() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return t.Nano()
}

// wallTime is what a clock on the wall shows.
func wallTime() int64 { return time.Now().UnixNano() }

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

const turnLength = Time(100 * time.Millisecond) // short: noise hits all lanes alike

// worldLane runs a world of echoes a turn further.
func worldLane(name string, w *World, tally *w1) lane {
	return lane{name, func(i int) int {
		before := tally.events()
		w.RunUntil(Time(i+1) * turnLength)
		return tally.events() - before
	}}
}

// bareLane is W1's limit: see bareW1.
func bareLane() lane {
	w := newBareW1(1)
	return lane{"bare", func(i int) int {
		before := w.w1.events()
		w.run(Time(i+1) * turnLength)
		return w.w1.events() - before
	}}
}
