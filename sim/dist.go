package sim

import (
	"fmt"
	"math/bits"
	"time"
)

// Dist is a distribution of durations, sampled with integers only.
// The zero Dist is always 0.
type Dist struct {
	shape      shape
	lo, hi     time.Duration // Uniform: both inclusive. Exponential: lo is the least value, hi the mean above it
	slowLo, to time.Duration // Bimodal: the slow mode, inclusive; Exponential: to is the cap
	slowPPM    uint32
}

type shape uint8

const (
	fixed shape = iota
	uniform
	exponential
	bimodal
)

// Fixed is always d.
func Fixed(d time.Duration) Dist { return Dist{lo: d, hi: d}.checked() }

// Uniform is every nanosecond of lo … hi (both inclusive) with equal chance.
func Uniform(lo, hi time.Duration) Dist {
	return Dist{shape: uniform, lo: lo, hi: hi}.checked()
}

// Exponential is least plus an exponential wait of the given mean, at most most.
func Exponential(least, mean, most time.Duration) Dist {
	return Dist{shape: exponential, lo: least, hi: mean, to: most}.checked()
}

// Bimodal is uniform in lo … hi, but for slowPPM in a million uniform in
// slowLo … slowHi: the long tail of a network with retransmissions.
func Bimodal(lo, hi, slowLo, slowHi time.Duration, slowPPM uint32) Dist {
	return Dist{shape: bimodal, lo: lo, hi: hi, slowLo: slowLo, to: slowHi, slowPPM: slowPPM}.checked()
}

// Max is the largest value the distribution can give.
func (d Dist) Max() time.Duration {
	switch d.shape {
	case exponential:
		return d.to
	case bimodal:
		return max(d.hi, d.to)
	default:
		return d.hi
	}
}

// Min is the smallest value the distribution can give.
func (d Dist) Min() time.Duration {
	if d.shape == bimodal {
		return min(d.lo, d.slowLo)
	}
	return d.lo
}

// Plus shifts the distribution by a constant.
func (d Dist) Plus(c time.Duration) Dist {
	d.lo += c
	d.slowLo += c
	d.to += c
	if d.shape != exponential {
		d.hi += c
	}
	return d.checked()
}

// checked panics when the bounds are swapped or lie in the past.
func (d Dist) checked() Dist {
	slow := d.shape == bimodal && d.slowLo > d.to
	capped := d.shape == exponential && (d.lo > d.to || d.hi < 0)
	swapped := d.shape != exponential && d.lo > d.hi
	if slow || capped || swapped {
		panic(fmt.Sprintf("sim: the bounds of the distribution %v are swapped", d))
	}
	if d.lo < 0 || d.shape == bimodal && d.slowLo < 0 {
		panic(fmt.Sprintf("sim: the distribution %v has negative durations", d))
	}
	return d
}

// String prints 5ms, 1ms..10ms, exp(1ms+5ms..1s) or 1ms..10ms|200ms..1s@1000ppm.
func (d Dist) String() string {
	switch d.shape {
	case uniform:
		return fmt.Sprintf("%v..%v", d.lo, d.hi)
	case exponential:
		return fmt.Sprintf("exp(%v+%v..%v)", d.lo, d.hi, d.to)
	case bimodal:
		return fmt.Sprintf("%v..%v|%v..%v@%dppm", d.lo, d.hi, d.slowLo, d.to, d.slowPPM)
	default:
		return d.lo.String()
	}
}

// Sample turns 64 random bits into a value of the distribution, for Choosers.
func (d Dist) Sample(draw uint64) time.Duration { return d.sample(draw) }

// sample turns a raw draw into a value.
func (d *Dist) sample(draw uint64) time.Duration {
	switch d.shape {
	case uniform:
		return between(draw, d.lo, d.hi)
	case exponential:
		return min(d.to, d.lo+scaleLn(draw, d.hi))
	case bimodal:
		// The chance takes the draw itself and the value a fold of it, so that
		// being slow says nothing about how slow.
		again := fold(draw, mixD)
		if chance(draw, d.slowPPM) {
			return between(again, d.slowLo, d.to)
		}
		return between(again, d.lo, d.hi)
	default:
		return d.lo
	}
}

func between(draw uint64, lo, hi time.Duration) time.Duration {
	return lo + time.Duration(below(draw, uint64(hi-lo)+1))
}

// scaleLn is mean·(−ln u) for u = (draw+1)/2⁶⁴, by inversion. The logarithm has
// 32 fractional bits, found one at a time by squaring: floating-point log
// differs between platforms, this does not.
func scaleLn(draw uint64, mean time.Duration) time.Duration {
	u := draw | 1
	zeros := bits.LeadingZeros64(u)
	x := u << zeros // 1 ≤ x/2⁶³ < 2
	var frac uint64
	for range 32 {
		frac <<= 1
		hi, lo := bits.Mul64(x, x)
		if hi>>63 == 1 {
			frac |= 1
			x = hi
		} else {
			x = hi<<1 | lo>>63
		}
	}
	log2 := uint64(zeros+1)<<32 - frac // −log2 u, 32 fractional bits
	const ln2 = 2977044472             // ln 2 · 2³², rounded
	hi, lo := bits.Mul64(log2, ln2)
	ln := hi<<32 | lo>>32
	hi, lo = bits.Mul64(ln, uint64(mean))
	return time.Duration(hi<<32 | lo>>32)
}
