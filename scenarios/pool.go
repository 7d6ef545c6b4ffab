package scenarios

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
)

// pool is any number of values in bounded memory. It is exact while there are at most
// poolExact different ones. With more, all of them are rounded up to their eleven
// leading bits: a rank is then up to 1/1,024 more than it was, and sum and greatest stay
// exact. What it says does not depend on the order in which values came.
type pool struct {
	count   map[int64]int64 // of each value
	sum     int64
	most    int64
	rounded bool
}

// poolExact is how many different values a pool tells apart: some 10 MB of them.
const poolExact = 1 << 18

func (p *pool) add(v int64) {
	if v < 0 {
		panic(fmt.Sprintf("scenarios: a measure is %d, and measures are not negative", v))
	}
	if p.count == nil {
		p.count = map[int64]int64{}
	}
	p.sum += v
	p.most = max(p.most, v)
	if p.rounded {
		v = roundUp(v)
	}
	p.count[v]++
	if !p.rounded && len(p.count) > poolExact {
		p.round()
	}
}

func (p *pool) addAll(values []int64) {
	for _, v := range values {
		p.add(v)
	}
}

// round rounds what is there, and from now on what comes.
func (p *pool) round() {
	exact := p.count
	p.count, p.rounded = map[int64]int64{}, true
	for v, n := range exact {
		p.count[roundUp(v)] += n
	}
}

// roundUp keeps the eleven leading bits of a value.
func roundUp(v int64) int64 {
	low := uint64(1)<<max(bits.Len64(uint64(v))-11, 0) - 1
	return int64(min((uint64(v)+low)&^low, math.MaxInt64))
}

// times are the ranks of so many values of which those that are not in the pool are
// longer than all.
func (p *pool) times(of int64) Times {
	values := slices.Sorted(maps.Keys(p.count))
	rank := func(percent int64) int64 {
		left := max((of*percent+99)/100, 1) // the rank-th value, from 1
		for _, v := range values {
			if left -= p.count[v]; left <= 0 {
				return min(v, p.most)
			}
		}
		return -1
	}
	return Times{P50: rank(50), P99: rank(99), Max: rank(100), Sum: p.sum}
}
