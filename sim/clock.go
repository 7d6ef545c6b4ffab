package sim

import (
	"math/bits"
	"time"
)

// Time is true virtual time: nanoseconds since the run began. Only checkers,
// faults and traces see it; nodes read their machine's clocks.
type Time int64

// String prints the time as a duration since the start.
func (t Time) String() string { return time.Duration(t).String() }

// Never is later than every event.
const Never = Time(1<<63 - 1)

// WallEpoch is what an undisturbed wall clock reads when a run begins:
// 2024-01-01T00:00:00Z, in nanoseconds since 1970-01-01T00:00:00Z.
const WallEpoch int64 = 1704067200_000000000

// clock is a machine's crystal: local(t) = base + floor((t−t0)·rate), rebased
// at each change of rate so that earlier readings stand. The wall clock shows
// the same crystal plus an offset that steps. Clocks survive restarts.
type clock struct {
	t0   Time
	base int64 // local monotonic nanoseconds at t0
	rate int64 // parts per million of true time; 1,000,000 is exact, 0 frozen
	wall int64 // wall minus monotonic
}

func newClock() clock { return clock{rate: million, wall: WallEpoch} }

// local is the monotonic reading at true time t ≥ t0.
func (c *clock) local(t Time) int64 {
	if c.rate == million {
		return c.base + int64(t-c.t0)
	}
	hi, lo := bits.Mul64(uint64(t-c.t0), uint64(c.rate))
	q, _ := bits.Div64(hi, lo, million)
	return c.base + int64(q)
}

// due is the least true time t ≥ t0 with local(t) ≥ deadline, or Never when the
// clock is frozen short of it.
func (c *clock) due(deadline int64) Time {
	if deadline <= c.base {
		return c.t0
	}
	ahead := uint64(deadline - c.base)
	if c.rate == million {
		return addTime(c.t0, ahead)
	}
	if c.rate == 0 {
		return Never
	}
	// floor(x·rate/10⁶) ≥ ahead holds from x = ceil(ahead·10⁶/rate) on.
	hi, lo := bits.Mul64(ahead, million)
	lo, carry := bits.Add64(lo, uint64(c.rate)-1, 0)
	hi += carry
	if hi >= uint64(c.rate) {
		return Never
	}
	q, _ := bits.Div64(hi, lo, uint64(c.rate))
	return addTime(c.t0, q)
}

func addTime(t Time, d uint64) Time {
	if d > uint64(Never-t) {
		return Never
	}
	return t + Time(d)
}

// in is the instant d ≥ 0 from now, or Never when time cannot hold it.
func (w *World) in(d time.Duration) Time { return addTime(w.now, uint64(d)) }

// setRate changes the rate from t on.
func (c *clock) setRate(t Time, rate int64) {
	c.base, c.t0, c.rate = c.local(t), t, rate
}

// Wall is what a machine's wall clock reads now, for checkers and measurements: as
// Env.Now, and the machine does not notice.
func (w *World) Wall(id NodeID) int64 {
	c := &w.mustMachine(id).clock
	return c.local(w.now) + c.wall
}
