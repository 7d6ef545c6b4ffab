package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// endless is the last seed of a hunt that only its --for ends.
const endless = 1_000_000_000

// seedRange is the value of --seeds: A-B, or N alone.
type seedRange struct{ from, to uint64 }

// String prints the range as it is typed.
func (r *seedRange) String() string {
	if r.from == r.to {
		return strconv.FormatUint(r.from, 10)
	}
	return fmt.Sprintf("%d-%d", r.from, r.to)
}

// Type names the value in help texts.
func (r *seedRange) Type() string { return "A-B" }

// Set reads what was typed.
func (r *seedRange) Set(text string) error {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := seed(first)
	if err != nil {
		return err
	}
	to, err := seed(last)
	if err != nil {
		return err
	}
	if from > to {
		return fmt.Errorf("the range is empty: %d comes after %d (want A-B with A up to B)", from, to)
	}
	r.from, r.to = from, to
	return nil
}

// count is how many seeds there are; the whole of uint64 is one short.
func (r *seedRange) count() uint64 {
	if n := r.to - r.from; n < math.MaxUint64 {
		return n + 1
	}
	return math.MaxUint64
}

// seedValue is the value of --seed.
type seedValue uint64

func (s *seedValue) String() string { return strconv.FormatUint(uint64(*s), 10) }
func (s *seedValue) Type() string   { return "N" }

func (s *seedValue) Set(text string) error {
	n, err := seed(text)
	*s = seedValue(n)
	return err
}

func seed(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("seed %s is too large (want 0 to %d)", text, uint64(math.MaxUint64))
	case text == "":
		return 0, errors.New("a seed is missing (want N or A-B, such as 57 or 1-2000)")
	default:
		return 0, fmt.Errorf("%q is not a seed (want a whole number from 0, such as 57)", text)
	}
}
