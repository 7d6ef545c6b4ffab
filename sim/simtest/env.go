package simtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// order is what one Run is to try: the environment, over what Config says.
type order struct {
	plan     string        // SIM_PLAN: replay this file and nothing else
	from, to uint64        // the seeds, both inclusive
	chosen   bool          // SIM_SEED or SIM_SEEDS: those seeds and nothing else
	keepOn   time.Duration // SIM_TIME: how long to try seeds; 0: until all are tried
}

// fromEnvironment reads SIM_PLAN, SIM_SEED, SIM_SEEDS and SIM_TIME. An empty
// variable counts as unset; a bad one is an error that says what would be good.
func fromEnvironment(getenv func(string) string, seeds int) (order, error) {
	o := order{plan: getenv("SIM_PLAN"), from: 1, to: uint64(max(seeds, 1))}
	seed, span, keepOn := getenv("SIM_SEED"), getenv("SIM_SEEDS"), getenv("SIM_TIME")
	if err := atMostOne("SIM_PLAN", o.plan, "SIM_SEED", seed, "SIM_SEEDS", span); err != nil {
		return o, err
	}
	if err := atMostOne("SIM_PLAN", o.plan, "SIM_SEED", seed, "SIM_TIME", keepOn); err != nil {
		return o, err
	}
	var err error
	o.chosen = seed != "" || span != ""
	switch {
	case seed != "":
		o.from, err = number(seed)
		o.to = o.from
		err = named("SIM_SEED", seed, "a number such as 7", err)
	case span != "":
		o.from, o.to, err = parseSeeds(span)
		err = named("SIM_SEEDS", span, "a range such as 1-500, or how many, such as 500", err)
	}
	if err == nil && keepOn != "" {
		o.keepOn, err = parseTime(keepOn)
		err = named("SIM_TIME", keepOn, "a duration such as 30s or 10m", err)
		if span == "" {
			o.to = 1<<64 - 1 // new seeds for as long as there is time
		}
	}
	return o, err
}

// atMostOne refuses two variables that ask for different things.
func atMostOne(pairs ...string) error {
	first := ""
	for i := 0; i < len(pairs); i += 2 {
		switch name, value := pairs[i], pairs[i+1]; {
		case value == "":
		case first != "":
			return fmt.Errorf("%s and %s are both set, but they ask for different runs: unset one", first, name)
		default:
			first = name
		}
	}
	return nil
}

func named(variable, value, want string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s=%s: want %s: %w", variable, value, want, err)
}

// parseSeeds reads A-B, or a count N that means 1-N.
func parseSeeds(s string) (from, to uint64, err error) {
	a, b, isRange := strings.Cut(s, "-")
	if !isRange {
		a, b = "1", s
	}
	if from, err = number(a); err != nil {
		return 0, 0, err
	}
	if to, err = number(b); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange && from > to:
		return 0, 0, fmt.Errorf("the range ends before it begins")
	case !isRange && to == 0:
		return 0, 0, fmt.Errorf("no seeds would prove nothing")
	}
	return from, to, nil
}

// number reads a seed.
func number(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number from 0 to 18446744073709551615", s)
	}
	return n, nil
}

func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	if d <= 0 {
		return 0, fmt.Errorf("no time would prove nothing")
	}
	return d, nil
}

// environment reads through os.Getenv, so that go test caches a pass only for
// the same variables.
func environment(seeds int) (order, error) { return fromEnvironment(os.Getenv, seeds) }
