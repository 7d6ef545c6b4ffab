package faults

import (
	"math"
	"math/bits"
	"slices"

	"distsim/sim"
)

// clockwork is what the faults in force make of one machine's clocks. Their rate is
//
//	1 + the strongest drift + the sum of the slews, but not below 0
//	0 while they are frozen: by a freeze, or by a drift of −1,000,000 ppm
type clockwork struct {
	drifts  []*drift
	slews   []*slew
	freezes int
	ppm     int64    // in force: the rate less one
	frozen  bool     // in force
	since   sim.Time // when it was looked at last
	turn    int      // counts the looks
}

type drift struct{ ppm int64 }

// slew changes the rate until it has made the clocks gain or lose enough.
type slew struct {
	ppm  int64
	left sim.Time // of true time in which the clocks are not frozen
	done func()
}

// standstill is a rate of 0.
const standstill = -million

func (c *clockwork) rate() (ppm int64, frozen bool) {
	best := int64(0)
	for _, d := range c.drifts {
		if abs(d.ppm) > abs(best) {
			best = d.ppm
		}
	}
	if c.freezes > 0 || best == standstill {
		return standstill, true
	}
	for _, x := range c.slews {
		best += x.ppm
	}
	return max(best, standstill), false
}

// clockwork finds a machine's; it is made on first use.
func (s *Stage) clockwork(node sim.NodeID) *clockwork {
	if s.clocks == nil {
		s.clocks = map[sim.NodeID]*clockwork{}
	}
	if s.clocks[node] == nil {
		s.clocks[node] = &clockwork{}
	}
	return s.clocks[node]
}

// regulate changes what is in force on a machine's clocks, and their rate if that
// follows. Slews that have done their work until now end first.
func (s *Stage) regulate(node sim.NodeID, change func(c *clockwork)) {
	c, now := s.clockwork(node), s.World.Now()
	done := c.work(now)
	change(c)
	before := c.ppm
	if c.ppm, c.frozen = c.rate(); c.ppm != before {
		s.World.Drift(node, c.ppm)
	}
	s.attend(node, c)
	for _, x := range done {
		x.done()
	}
}

// work lets the slews work until now, takes out those that are through and returns
// them. While the clocks are frozen, slews wait.
func (c *clockwork) work(now sim.Time) (done []*slew) {
	if !c.frozen {
		for _, x := range c.slews {
			x.left -= min(x.left, now-c.since)
		}
	}
	c.since = now
	c.slews = slices.DeleteFunc(c.slews, func(x *slew) bool {
		if x.left == 0 {
			done = append(done, x)
		}
		return x.left == 0
	})
	return done
}

// attend comes back when the next slew is through, unless something changes before.
func (s *Stage) attend(node sim.NodeID, c *clockwork) {
	c.turn++
	if len(c.slews) == 0 || c.frozen {
		return
	}
	next, turn := c.slews[0].left, c.turn
	for _, x := range c.slews {
		next = min(next, x.left)
	}
	if next > sim.Never-s.World.Now() { // longer than time lasts
		return
	}
	s.World.After(next, func(*sim.World) {
		if c.turn == turn {
			s.regulate(node, func(*clockwork) {})
		}
	})
}

// drift adds a cause of drift to a machine. Of several the strongest is in
// force, so that overlapping drifts stay within the bound that each keeps.
func (s *Stage) drift(node sim.NodeID, ppm int64) (end func()) {
	d := &drift{ppm}
	s.regulate(node, func(c *clockwork) { c.drifts = append(c.drifts, d) })
	return func() {
		s.regulate(node, func(c *clockwork) {
			c.drifts = slices.DeleteFunc(c.drifts, func(x *drift) bool { return x == d })
		})
	}
}

// freeze stops a machine's clocks until the returned function lets go of them.
func (s *Stage) freeze(node sim.NodeID) (end func()) {
	s.regulate(node, func(c *clockwork) { c.freezes++ })
	return func() { s.regulate(node, func(c *clockwork) { c.freezes-- }) }
}

// slew makes a machine's clocks gain by, or lose it, at a rate; done is called when
// they have. Ending it before keeps what they have gained.
func (s *Stage) slew(node sim.NodeID, by, ppm int64, done func()) (end func()) {
	x := &slew{ppm, slewTime(by, ppm), done}
	if by < 0 {
		x.ppm = -ppm
	}
	s.regulate(node, func(c *clockwork) { c.slews = append(c.slews, x) })
	return func() {
		s.regulate(node, func(c *clockwork) {
			c.slews = slices.DeleteFunc(c.slews, func(y *slew) bool { return y == x })
		})
	}
}

// slewTime is how long it takes to gain or lose by at ppm parts per million, rounded
// up to a nanosecond.
func slewTime(by, ppm int64) sim.Time {
	hi, lo := bits.Mul64(uint64(abs(by)), million)
	lo, carry := bits.Add64(lo, uint64(ppm)-1, 0)
	hi += carry
	if hi >= uint64(ppm) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, uint64(ppm))
	return sim.Time(min(q, math.MaxInt64))
}
