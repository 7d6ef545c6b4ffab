package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/scenarios"
)

// A row in which nothing ran fits under the heading of those before it.
func TestRowsOfAnInterruptedExperiment(t *testing.T) {
	ratio := scenarios.Spread{Name: "messages", Unit: scenarios.OfRatio, Runs: 5, Quotient: &scenarios.Quotient{Num: 9, Den: 4}}
	span := scenarios.Spread{Name: "latency", Unit: scenarios.OfTime, Runs: 5, Times: &scenarios.Times{P50: 1000, P99: 2000, Max: 3000}}
	nothing := scenarios.Spread{Name: "messages", Times: &scenarios.Times{P50: -1, P99: -1, Max: -1}}
	beside := scenarios.Values{{Name: "textbook", Text: "2k"}}
	r := &scenarios.VaryReport{Param: "k", Rows: []scenarios.VaryRow{
		{Value: "1", Spread: ratio, Others: []scenarios.Spread{span}, Beside: beside, Hunt: &scenarios.HuntReport{Ran: 5}},
		{Value: "2", Spread: nothing, Others: []scenarios.Spread{nothing}, Beside: beside, Hunt: &scenarios.HuntReport{Interrupted: true}},
	}}
	for got, want := range map[string]string{
		line(heading(r)):          "k|runs|never|messages|latency p50|textbook|as declared",
		line(cells(r.Rows[0], 1)): "1|5|0|2.25|1µs|2k|as declared",
		line(cells(r.Rows[1], 1)): "2|0|0|-|-|2k|interrupted",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func line(cells []any) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = fmt.Sprint(c)
	}
	return strings.Join(out, "|")
}

func TestScalesEndAtRoundNumbers(t *testing.T) {
	for x, want := range map[float64]float64{0: 1, 0.03: 0.05, 0.5: 0.5, 1: 1, 1.01: 2, 4.5: 5, 5.01: 10, 18: 20, 999: 1000, 1000: 1000} {
		if got := roundNumber(x); got != want {
			t.Errorf("%v: got %v, want %v", x, got, want)
		}
	}
}

// A bar is as long as its value is of the scale; a logarithmic one has a length at least.
func TestBars(t *testing.T) {
	linear := scale{to: 20}
	for at, want := range map[float64]int{0: 0, 5: 15, 20: 60} {
		if got := strings.Count(linear.draw(mark{at: at}), "#"); got != want {
			t.Errorf("%v of 20: %d columns, want %d", at, got, want)
		}
	}
	log := scale{log: true, from: 6, to: 9}
	for at, want := range map[time.Duration]int{0: 1, time.Millisecond: 1, 10 * time.Millisecond: 20, time.Second: 60} {
		if got := strings.Count(log.draw(mark{at: float64(at)}), "#"); got != want {
			t.Errorf("%v of 1ms to 1s: %d columns, want %d", at, got, want)
		}
	}
}

func TestSpansAreRounded(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1500: "2µs", 9_999_400: "9.999ms", 10_049_000: "10ms", 167_512_345: "167.5ms", 2_000_123_456: "2.0001s",
	} {
		if got := span(d); got != want {
			t.Errorf("%dns: got %s, want %s", d, got, want)
		}
	}
}
