package cli

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"distsim/scenarios"
)

// measuredText is a figure of one run.
func measuredText(m scenarios.Measured) string {
	switch {
	case m.Quotient != nil:
		if value, ok := m.Quotient.Float(); ok {
			return fmt.Sprintf("%s (%d/%d)", decimals(value), m.Num, m.Den)
		}
	case m.Sampled != nil:
		if m.Samples > 0 {
			return fmt.Sprintf("p50 %s, p99 %s, max %s of %s", figure(m.Unit, m.P50), figure(m.Unit, m.P99), figure(m.Unit, m.Max),
				scenarios.Plural(uint64(m.Samples), "sample"))
		}
	case m.Counted != nil:
		if v := m.Counted.Value; v != nil {
			return strconv.FormatInt(*v, 10)
		}
	case m.Took.Value != nil:
		return time.Duration(*m.Took.Value).String()
	}
	return never
}

// never is a measure that it did not come to.
const never = "never"

// figure is a value of a measure in its unit; below zero: never.
func figure(unit scenarios.Unit, v int64) string {
	switch {
	case v < 0:
		return never
	case unit == scenarios.OfCount:
		return strconv.FormatInt(v, 10)
	default:
		return span(time.Duration(v))
	}
}

// span is a span of time to a tenth of a millisecond, and below ten milliseconds to a
// microsecond.
func span(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(time.Microsecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}

func decimals(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }

// meanText is the mean of a measure, or what a ratio is.
func meanText(m *scenarios.Spread) string {
	switch x, ok := m.Mean(); {
	case !ok:
		return never
	case m.Unit == scenarios.OfTime:
		return span(time.Duration(x))
	default:
		return decimals(x)
	}
}

// columnsOf are the figures of a measure over many runs: its ranks, or what a ratio is.
func columnsOf(m *scenarios.Spread) []string {
	t, ranked := m.Ranks()
	switch {
	case m.Runs == 0:
		return []string{"-", "-", "-"}
	case ranked:
		return []string{figure(m.Unit, t.P50), figure(m.Unit, t.P99), figure(m.Unit, t.Max)}
	default:
		return []string{meanText(m)}
	}
}

// showMeasures prints how measures are spread over the runs. Where there are others
// than one span of time a run, it shows means and how many samples there are, too.
func (a *app) showMeasures(rep *scenarios.HuntReport) {
	head := []any{"measure", "runs", "never", "p50", "p99", "max"}
	more := slices.ContainsFunc(rep.Measures, func(m scenarios.Spread) bool {
		return m.Unit != scenarios.OfTime || m.Samples != nil
	})
	if more {
		head = append(head, "mean", "samples")
	}
	t := a.sheet(head...)
	for i := range rep.Measures {
		m := &rep.Measures[i]
		row := []any{m.Name, m.Runs, m.Never, "-", "-", "-"}
		if _, ranked := m.Ranks(); ranked {
			for j, text := range columnsOf(m) {
				row[3+j] = text
			}
		}
		if more {
			row = append(row, meanText(m), samplesText(m))
		}
		t.row(row...)
	}
	a.out.printf("%s\n", t)
}

func samplesText(m *scenarios.Spread) string {
	if m.Samples == nil {
		return "-"
	}
	return strconv.FormatInt(*m.Samples, 10)
}
