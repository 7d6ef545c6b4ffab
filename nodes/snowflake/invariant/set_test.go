package invariant

import (
	"testing"

	"pgregory.net/rapid"
)

// The set agrees with one that has an entry for each id.
func TestSetAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s set
		known := map[id]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "runs") {
			first := id(rapid.Int64Range(-300, 300).Draw(t, "first") * rapid.SampledFrom([]int64{1, 1 << 12, 1 << 40}).Draw(t, "far"))
			for n := rapid.IntRange(1, 200).Draw(t, "n"); n > 0; {
				part, size := spanAt(first, n)
				twice := s.shared(part)
				for i := range size {
					x := first + id(i)
					if got := twice>>(uint64(x)&63)&1 == 1; got != known[x] {
						t.Fatalf("%d is in the set: %t, want %t", x, got, known[x])
					}
				}
				s.add(part)
				for i := range size {
					known[first+id(i)] = true
				}
				first, n = first+id(size), n-size
			}
		}
	})
}
