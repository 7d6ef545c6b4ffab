package faults

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"distsim/sim"
)

// nodesText prints one node alone and several as [n1, n2].
func nodesText(ids []sim.NodeID) string {
	if len(ids) == 1 {
		return ids[0].String()
	}
	return listText(ids)
}

func listText(ids []sim.NodeID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func groupsText(groups [][]sim.NodeID) string {
	texts := make([]string, len(groups))
	for i, g := range groups {
		texts[i] = listText(g)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// Two shapes of what sim.Dist prints; the others need no pattern.
var (
	exponentialText = regexp.MustCompile(`^exp\((.+?)\+(.+?)\.\.(.+)\)$`)
	bimodalText     = regexp.MustCompile(`^(.+)\|(.+)@(\d+)ppm$`)
)

// ParseDist reads what sim.Dist prints: 5ms, 1ms..10ms, exp(1ms+5ms..1s) or
// 1ms..10ms|200ms..1s@1000ppm. A delay cannot be negative.
func ParseDist(s string) (sim.Dist, error) {
	if m := exponentialText.FindStringSubmatch(s); m != nil {
		least, mean, most, err := three(m[1], m[2], m[3])
		if err != nil || least > most {
			return sim.Dist{}, badDist(s, err, "the cap is below the least value")
		}
		return sim.Exponential(least, mean, most), nil
	}
	if m := bimodalText.FindStringSubmatch(s); m != nil {
		return parseBimodal(s, m)
	}
	if strings.Contains(s, "..") {
		lo, hi, err := parseRange(s)
		if err != nil || lo > hi {
			return sim.Dist{}, badDist(s, err, "the bounds are swapped")
		}
		return sim.Uniform(lo, hi), nil
	}
	d, err := parseLatency(s)
	if err != nil {
		return sim.Dist{}, badDist(s, err, "")
	}
	return sim.Fixed(d), nil
}

func parseBimodal(s string, m []string) (sim.Dist, error) {
	lo, hi, err1 := parseRange(m[1])
	slowLo, slowHi, err2 := parseRange(m[2])
	ppm, err3 := strconv.ParseUint(m[3], 10, 32)
	if err := firstError(err1, err2, err3); err != nil || lo > hi || slowLo > slowHi || ppm > million {
		return sim.Dist{}, badDist(s, err, "bounds are swapped, or the chance is above 1000000ppm")
	}
	return sim.Bimodal(lo, hi, slowLo, slowHi, uint32(ppm)), nil
}

func parseRange(s string) (lo, hi time.Duration, err error) {
	a, b, ok := strings.Cut(s, "..")
	if !ok {
		return 0, 0, fmt.Errorf("%q is not a range such as 1ms..10ms", s)
	}
	lo, err1 := parseLatency(a)
	hi, err2 := parseLatency(b)
	return lo, hi, firstError(err1, err2)
}

func three(a, b, c string) (x, y, z time.Duration, err error) {
	x, err1 := parseLatency(a)
	y, err2 := parseLatency(b)
	z, err3 := parseLatency(c)
	return x, y, z, firstError(err1, err2, err3)
}

func parseLatency(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration such as 5ms", s)
	case d < 0 || d > MaxDuration:
		return 0, fmt.Errorf("%v is not within 0s … %v", d, MaxDuration)
	}
	return d, nil
}

func badDist(s string, err error, why string) error {
	if err != nil {
		why = err.Error()
	}
	return fmt.Errorf("%q is not a distribution (want 5ms, 1ms..10ms, exp(1ms+5ms..1s) or 1ms..10ms|200ms..1s@1000ppm): %s", s, why)
}

// MaxDuration bounds every duration and instant of a plan: sums of a few stay
// far from overflow.
const MaxDuration = 1000 * 24 * time.Hour
