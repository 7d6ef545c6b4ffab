package faults

import (
	"strconv"
	"time"

	"distsim/sim"
)

// ClockSlew runs both clocks of machines, wall and monotonic, PPM parts per million
// fast until they have gained By, or slow until they have lost it: what adjtime and
// a time server do instead of a step. Then it is over, by itself. Healing it before,
// by `for` or at the end of the chaos, sets the rate right; what the clocks have
// gained by then stays, as it does when the slew is over.
//
// It takes By·10⁶/PPM of true time, and waits while the clocks are frozen. Slews of
// one machine add up, and to the drift in force; where that comes to less than
// nothing the clocks stand, and what a slew would have taken from them then it does
// not take. Timers keep their local deadlines. Clocks survive crashes, so a slew
// does too; messages in flight do not notice.
type ClockSlew struct {
	Target Target
	By     time.Duration
	PPM    int64 // 0: SlewPPM
}

// SlewPPM is how fast a slew is that does not say: 500 ppm, as adjtime(3) and ntpd
// have it. At that rate a second takes 2000.
const SlewPPM = 500

// maxSlew lets a slew at most halve the rate: one by itself never stops a clock.
const maxSlew = million / 2

func (ClockSlew) Kind() Kind       { return "clock_slew" }
func (f ClockSlew) String() string { return spell(f) }

func (f ClockSlew) Fields(v Fields) Fault {
	v.Target(&f.Target)
	v.Duration("by", &f.By)
	v.Int("ppm", &f.PPM)
	return f
}

func (f ClockSlew) Check() error {
	if f.PPM < 0 || f.PPM > maxSlew {
		return outside("ppm", f.PPM, "1 … %d (how fast the clocks gain or lose; by says which)", maxSlew)
	}
	return firstError(checkShift(f.By, "how much the clocks gain or lose"), f.Target.required())
}

// otherwise is what ppm is where it is left out.
func (ClockSlew) otherwise(field string) string {
	return map[string]string{"ppm": strconv.Itoa(SlewPPM)}[field]
}

func (f ClockSlew) ppm() int64 {
	if f.PPM == 0 {
		return SlewPPM
	}
	return f.PPM
}

func (ClockSlew) Blocked(*Stage) error { return nil }

func (f ClockSlew) Apply(s *Stage) func() {
	over, working := s.over, len(f.Target.Known())
	done := func() {
		if working--; working == 0 {
			over()
		}
	}
	return onEach(f.Target.Known(), func(id sim.NodeID) func() {
		return s.slew(id, int64(f.By), f.ppm(), done)
	})
}

func (f ClockSlew) Within(m Model) error {
	return firstError(atMost("by", f.By, m.Step), atMost("ppm", f.ppm(), m.SlewPPM))
}

func (f ClockSlew) load() int64       { return f.ppm() }
func (ClockSlew) bound(m Model) int64 { return m.SlewPPM }

// Weaker proposes to gain less, at the same rate or at a lower one.
func (f ClockSlew) Weaker() []Fault {
	var out []Fault
	for _, by := range halves(f.By) {
		out = append(out, ClockSlew{f.Target, by, f.PPM})
	}
	for _, ppm := range halves(f.PPM) {
		out = append(out, ClockSlew{f.Target, f.By, ppm})
	}
	return out
}

// draw lets it gain at most what it can while the longest fault lasts: some are
// through before they heal, some are not.
func (ClockSlew) draw(d *dice) Fault {
	most := min(d.model.SlewPPM, maxSlew)
	ppm := most - d.countdown("ppm", (most+1)/2)
	_, longest := d.model.lengths()
	by := d.shift(min(d.model.Step, longest/million*time.Duration(ppm)))
	if by == 0 {
		return nil
	}
	return ClockSlew{d.aim(4, 0), by, ppm}
}
