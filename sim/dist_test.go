package sim

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const samples = 1_000_000

// each calls f with a million samples of d.
func each(d Dist, f func(x time.Duration)) {
	for k := range uint64(samples) {
		f(d.Sample(drawKeyed(12345, k, 0, ForValue)))
	}
}

func mean(d Dist) time.Duration {
	var sum time.Duration
	each(d, func(x time.Duration) { sum += x })
	return sum / samples
}

func within(t *testing.T, what string, got, want time.Duration, permille int64) {
	t.Helper()
	if diff := got - want; diff > want*time.Duration(permille)/1000 || -diff > want*time.Duration(permille)/1000 {
		t.Errorf("%s: got %v, want %v ± %d ‰", what, got, want, permille)
	}
}

func TestExponential(t *testing.T) {
	within(t, "mean", mean(Exponential(0, millis(10), time.Hour)), millis(10), 10)
	within(t, "mean above the least", mean(Exponential(millis(50), millis(10), time.Hour)), millis(60), 10)
	over := 0
	capped := Exponential(millis(1), millis(10), millis(21)) // 20 ms above the least is two means
	each(capped, func(x time.Duration) {
		if x > capped.Max() || x < millis(1) {
			t.Fatalf("sample %v of %v, want it within", x, capped)
		}
		if x == capped.Max() {
			over++
		}
	})
	within(t, "samples at the cap", time.Duration(over), time.Duration(samples*math.Exp(-2)), 20)
	// The distribution itself: what lies above k means is e^-k of all.
	var above [6]int
	each(Exponential(0, millis(10), time.Hour), func(x time.Duration) {
		for k := range above {
			if x > millis(10*k) {
				above[k]++
			}
		}
	})
	for k := 1; k < len(above); k++ {
		within(t, "share above k means", time.Duration(above[k]), time.Duration(samples*math.Exp(-float64(k))), 50)
	}
}

// The integer logarithm is right to a part in a million, wherever it is tried.
func TestScaleLn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Uint64().Draw(t, "draw") >> rapid.IntRange(0, 63).Draw(t, "shift")
		want := -math.Log(float64(draw|1)/(1<<64)) * float64(time.Hour)
		if got := float64(scaleLn(draw, time.Hour)); math.Abs(got-want) > 2+float64(time.Hour)*1e-8 {
			t.Fatalf("-ln(%#x/2⁶⁴) hours: got %v, want %v", draw, got, want)
		}
	})
}

func TestUniform(t *testing.T) {
	d := Uniform(3, 7)
	var seen [10]int
	each(d, func(x time.Duration) { seen[x]++ })
	for x, n := range seen {
		if want := samples / 5; x >= 3 && x <= 7 {
			within(t, "share", time.Duration(n), time.Duration(want), 10)
		} else {
			equal(t, "samples outside the bounds", n, 0)
		}
	}
	equal(t, "the whole range", Uniform(0, 1<<63-1).Sample(^uint64(0)), 1<<63-1)
	equal(t, "the whole range", Uniform(0, 1<<63-1).Sample(0), 0)
}

func TestBimodal(t *testing.T) {
	d := Bimodal(millis(1), millis(10), millis(200), millis(1000), 20_000)
	slow, early := 0, 0
	each(d, func(x time.Duration) {
		switch {
		case x >= millis(200) && x <= millis(1000):
			slow++
			if x < millis(600) {
				early++
			}
		case x < millis(1) || x > millis(10):
			t.Fatalf("sample %v of %v, want it in a mode", x, d)
		}
	})
	within(t, "share of the slow mode", time.Duration(slow), samples/50, 30)
	within(t, "first half of the slow mode", time.Duration(early), time.Duration(slow/2), 50)
	equal(t, "max", d.Max(), millis(1000))
}

func TestDistProperties(t *testing.T) {
	for s, d := range map[string]Dist{
		"0s": {}, "5ms": Fixed(millis(5)), "1ms..10ms": Uniform(millis(1), millis(10)), "exp(1ms+5ms..1s)": Exponential(millis(1), millis(5), time.Second),
		"1ms..10ms|200ms..1s@1000ppm": Bimodal(millis(1), millis(10), millis(200), time.Second, 1000),
	} {
		equal(t, "String", d.String(), s)
		later := d.Plus(millis(3))
		for k := range uint64(1000) {
			draw := drawKeyed(99, k, 0, 0)
			x := d.Sample(draw)
			if x < d.Min() || x > d.Max() {
				t.Errorf("%v: sample %v outside of Min %v to Max %v", d, x, d.Min(), d.Max())
			}
			equal(t, "Plus shifts", later.Sample(draw), x+millis(3))
		}
		equal(t, "Min of Plus", later.Min(), d.Min()+millis(3))
		equal(t, "Max of Plus", later.Max(), d.Max()+millis(3))
	}
}

func TestChance(t *testing.T) {
	for _, ppm := range []uint32{0, 1_000, 250_000, 999_000, million, 2 * million} {
		n := 0
		for k := range uint64(samples) {
			if chance(drawKeyed(7, k, 0, 0), ppm) {
				n++
			}
		}
		want := min(int(ppm), million)
		if d := n - want; d > 1500 || -d > 1500 || ppm == 0 && n > 0 || ppm >= million && n < samples {
			t.Errorf("chance of %d ppm: yes %d times in a million", ppm, n)
		}
	}
}
