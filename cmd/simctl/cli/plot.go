package cli

import (
	"math"
	"strconv"
	"strings"
	"time"

	"distsim/scenarios"
)

// plotWidth is how many columns the longest bar has.
const plotWidth = 60

// plot draws the first measure of an experiment as bars on one scale: p50 and p99, or a
// ratio's value. What never comes goes off the scale.
func (a *app) plot(r *scenarios.VaryReport) {
	s, ok := scaleOf(r)
	if !ok {
		a.out.printf("no plot: there is nothing to draw\n")
		return
	}
	wide := 0
	for _, row := range r.Rows {
		wide = max(wide, len(row.Value))
	}
	for _, row := range r.Rows {
		if row.Hunt.Ran == 0 {
			continue
		}
		name := row.Value
		for _, m := range marksOf(&row.Spread) {
			a.out.printf("%*s  %s%s\n", wide, name, m.label, s.draw(m))
			name = ""
		}
	}
	a.out.printf("%*s  %s%s\n", wide, "", s.margin, s.axis())
}

// mark is one line of a plot.
type mark struct {
	label string // what stands before it
	at    float64
	never bool
	text  string
}

func marksOf(m *scenarios.Spread) []mark {
	if t, ok := m.Ranks(); ok {
		return []mark{
			{"p50 ", float64(t.P50), t.P50 < 0, figure(m.Unit, t.P50)},
			{"p99 ", float64(t.P99), t.P99 < 0, figure(m.Unit, t.P99)},
		}
	}
	value, ok := m.Mean()
	return []mark{{"", value, !ok, meanText(m)}}
}

// scale is what bars are drawn on: spans of time by their logarithm, between two powers
// of ten nanoseconds, and other figures from nothing up.
type scale struct {
	log      bool
	from, to float64 // log₁₀, if log
	margin   string  // as wide as labels
}

// scaleOf holds every bar that is not never; false: there is none.
func scaleOf(r *scenarios.VaryReport) (s scale, ok bool) {
	s = scale{log: r.Rows[0].Unit == scenarios.OfTime, from: math.Inf(1), to: math.Inf(-1)}
	for _, row := range r.Rows {
		for _, m := range marksOf(&row.Spread) {
			s.margin = strings.Repeat(" ", len(m.label))
			if m.never {
				continue
			}
			ok = true
			if s.log {
				at := max(m.at, 1)
				s.from = min(s.from, math.Floor(math.Log10(at)))
				s.to = max(s.to, math.Ceil(math.Log10(at+1)))
			} else {
				s.from, s.to = 0, max(s.to, roundNumber(m.at))
			}
		}
	}
	return s, ok
}

// roundNumber is the least of 1, 2, 5, 10, 20, 50 … or 0.5, 0.2, 0.1 … that is not below
// x; for nothing it is 1.
func roundNumber(x float64) float64 {
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= x {
			return digit * power
		}
	}
	return 10 * power
}

func (s scale) draw(m mark) string {
	if m.never {
		return strings.Repeat("#", plotWidth) + "> never"
	}
	if !s.log {
		return strings.Repeat("#", int(m.at/s.to*plotWidth)) + " " + m.text
	}
	part := (math.Log10(max(m.at, 1)) - s.from) / (s.to - s.from)
	return strings.Repeat("#", max(1, int(part*plotWidth))) + " " + m.text
}

// axis is the line under the bars, with its two ends.
func (s scale) axis() string {
	from, to, kind := "0", strconv.FormatFloat(s.to, 'f', -1, 64), ""
	if s.log {
		from, to, kind = time.Duration(math.Pow(10, s.from)).String(), time.Duration(math.Pow(10, s.to)).String(), " (logarithmic)"
	}
	return from + strings.Repeat("-", max(1, plotWidth-len(from)-len(to))) + to + kind
}
