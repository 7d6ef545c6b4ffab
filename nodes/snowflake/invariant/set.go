package invariant

import "math/bits"

// set is a set of ids, in blocks of 64 that follow each other: a generator under load
// fills them, so that an id costs little more than a bit. Blocks are found by open
// addressing, and never removed.
type set struct {
	blocks []block // a power of two, at most half of them in use
	used   int
}

// block is 64 ids: those of key−1, which is the id without its last six bits.
type block struct {
	key  uint64 // 0: not in use
	bits uint64
}

// smallest is how many blocks a set begins with.
const smallest = 64

// span is the part of a run of ids that lies in one block.
type span struct {
	key  uint64
	mask uint64
}

// spanAt is the part of n ids from the first on that lies in the first's block, and how
// many they are.
func spanAt(first id, n int) (s span, size int) {
	at := int(uint64(first) & 63)
	size = min(n, 64-at)
	return span{uint64(first)>>6 + 1, ^uint64(0) >> (64 - size) << at}, size
}

// shared is which ids of a span are in the set.
func (s *set) shared(x span) uint64 {
	if len(s.blocks) == 0 {
		return 0
	}
	return s.blocks[s.place(x.key)].bits & x.mask
}

// add puts a span into the set.
func (s *set) add(x span) {
	if 2*s.used >= len(s.blocks) {
		s.grow()
	}
	b := &s.blocks[s.place(x.key)]
	if b.key == 0 {
		b.key = x.key
		s.used++
	}
	b.bits |= x.mask
}

// place is where a block is, or would be.
func (s *set) place(key uint64) int {
	mask := len(s.blocks) - 1
	hi, lo := bits.Mul64(key, 0x9e3779b97f4a7c15) // 2⁶⁴ over the golden ratio: neighbours come far apart
	for i := int((hi ^ lo>>32) & uint64(mask)); ; i = (i + 1) & mask {
		if k := s.blocks[i].key; k == key || k == 0 {
			return i
		}
	}
}

func (s *set) grow() {
	old := s.blocks
	s.blocks = make([]block, max(smallest, 2*len(old)))
	for _, b := range old {
		if b.key != 0 {
			s.blocks[s.place(b.key)] = b
		}
	}
}
