package sim

// messageStream is one message's place among those of its type from one machine to
// another: the k of its identity, and the key of its draws.
type messageStream struct {
	typ int32
	k   uint64
	key uint64
}

// streamTable counts a machine's messages by receiver and type: an open-addressed
// hash table with linear probing. It costs what a machine's conversations cost,
// however many machines there are, and mostly finds a stream at the first look:
// Fibonacci hashing spreads consecutive numbers evenly (Knuth, The Art of Computer
// Programming 3, 6.4), and multiplying instead of shifting the hash fits a table of
// any size. Keys are not kept: two multiplications are cheaper than the cache
// misses of a larger table.
type streamTable struct {
	places []streamCount
	used   int
}

type streamCount struct {
	to  NodeID // 0: a free place
	typ int32
	k   uint64
}

const firstPlaces = 16

// init makes room for a first stream, so that find always has a place to look at.
func (t *streamTable) init() {
	if len(t.places) == 0 {
		t.places = make([]streamCount, firstPlaces)
	}
}

// find is the place of a stream, or the free one where it belongs.
func (t *streamTable) find(to NodeID, typ int32) *streamCount {
	n := uint(len(t.places))
	i := uint(uint64(uint32(to)*0x9e3779b1+uint32(typ)*0xc2b2ae3d) * uint64(n) >> 32)
	for {
		if i >= n {
			i = 0
		}
		s := &t.places[i]
		if s.to == to && s.typ == typ || s.to == 0 {
			return s
		}
		i++
	}
}

// full reports whether another stream would make looking slow: half of a small
// table, three quarters of a large one, where memory counts.
func (t *streamTable) full() bool {
	if len(t.places) < 64 {
		return 2*t.used >= len(t.places)
	}
	return 4*t.used >= 3*len(t.places)
}

func (t *streamTable) add(to NodeID, typ int32) *streamCount {
	if t.full() {
		t.grow()
	}
	t.used++
	s := t.find(to, typ)
	s.to, s.typ = to, typ
	return s
}

func (t *streamTable) grow() {
	old := t.places
	t.places = make([]streamCount, len(old)*3/2)
	for i := range old {
		if old[i].to != 0 {
			*t.find(old[i].to, old[i].typ) = old[i]
		}
	}
}

// rekey computes the keys that are kept anew after the seed has changed.
func (m *machine) rekey(w *World) {
	name := func(typ int32) uint64 { return w.trace.hashes[typ] }
	for i := range m.draws {
		m.draws[i].key = streamKey(w.seed, OfNode, m.id, 0, name(m.draws[i].typ))
	}
	for i := range m.disk.syncs {
		m.disk.syncs[i].key = streamKey(w.seed, OfSync, m.id, 0, name(m.disk.syncs[i].typ))
	}
}
