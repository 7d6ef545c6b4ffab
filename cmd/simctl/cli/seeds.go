package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// seedRange is the value of --seeds: A-B, or N alone.
type seedRange struct {
	from, to uint64
	open     bool // nobody asked for an end: only --for ends it
}

// String prints the range as it is typed.
func (r *seedRange) String() string {
	switch {
	case r.open:
		return fmt.Sprintf("from %d on", r.from)
	case r.from == r.to:
		return strconv.FormatUint(r.from, 10)
	}
	return fmt.Sprintf("%d-%d", r.from, r.to)
}

// heading is the range in a sentence.
func (r *seedRange) heading() string {
	if r.from == r.to {
		return "seed " + r.String()
	}
	return "seeds " + r.String()
}

// Type names the value in help texts.
func (r *seedRange) Type() string { return "A-B" }

// Set reads what was typed.
func (r *seedRange) Set(text string) error {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := seed(first, "N or A-B, such as 57 or 1-2000")
	if err != nil {
		return err
	}
	to, err := seed(last, "N or A-B, such as 57 or 1-2000")
	if err != nil {
		return err
	}
	if from > to {
		return fmt.Errorf("the range is empty: %d comes after %d (want A-B with A up to B)", from, to)
	}
	*r = seedRange{from: from, to: to}
	return nil
}

// count is how many seeds there are; 0 if nobody can tell: the range has no end, or
// is the whole of uint64, which is one more than fits.
func (r *seedRange) count() uint64 {
	if r.open {
		return 0
	}
	return r.to - r.from + 1
}

// seedValue is the value of --seed.
type seedValue uint64

func (s *seedValue) String() string { return strconv.FormatUint(uint64(*s), 10) }
func (s *seedValue) Type() string   { return "N" }

func (s *seedValue) Set(text string) error {
	n, err := seed(text, "a whole number from 0, such as 57")
	*s = seedValue(n)
	return err
}

func seed(text, want string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("seed %s is too large (want 0 to %d)", text, uint64(math.MaxUint64))
	case text == "":
		return 0, fmt.Errorf("a seed is missing (want %s)", want)
	default:
		return 0, fmt.Errorf("%q is not a seed (want %s)", text, want)
	}
}
