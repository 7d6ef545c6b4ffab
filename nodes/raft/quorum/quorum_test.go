package quorum

import (
	"slices"
	"testing"
)

func TestSize(t *testing.T) {
	for n, want := range []int{1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4} {
		if got := Size(n); n > 0 && got != want {
			t.Errorf("Size(%d) = %d, want %d", n, got, want)
		}
		if n > 0 && 2*Size(n) <= n {
			t.Errorf("two groups of Size(%d) need not meet", n)
		}
	}
}

func TestReached(t *testing.T) {
	for _, c := range []struct {
		positions []uint64
		want      uint64
	}{
		{nil, 0},
		{[]uint64{7}, 7},
		{[]uint64{7, 3}, 3},
		{[]uint64{7, 3, 5}, 5},
		{[]uint64{0, 0, 9}, 0},
		{[]uint64{1, 2, 3, 4}, 2},
		{[]uint64{5, 1, 4, 2, 3}, 3},
	} {
		if got := Reached(slices.Clone(c.positions)); got != c.want {
			t.Errorf("Reached(%v) = %d, want %d", c.positions, got, c.want)
		}
	}
}
