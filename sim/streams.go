package sim

// messageStream counts the messages of one type from one machine to another: the
// k of their identities.
type messageStream struct {
	to  uint32 // the receiver's dense number + 1; 0: a free place
	typ int32
	k   uint64
	key uint64
}

// streamTable is a machine's streams: an open-addressed hash table with linear
// probing. It costs what a machine's conversations cost, however many machines
// there are, and mostly finds a stream at the first look: Fibonacci hashing
// spreads consecutive numbers evenly (Knuth, The Art of Computer Programming 3,
// 6.4), and multiplying instead of shifting the hash fits a table of any size.
type streamTable struct {
	places []messageStream
	used   int
}

const firstPlaces = 16

// find is the place of a stream, or the free one where it belongs.
func (t *streamTable) find(to uint32, typ int32) *messageStream {
	n := uint(len(t.places))
	i := uint(uint64(to*0x9e3779b1+uint32(typ)*0xc2b2ae3d) * uint64(n) >> 32)
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

// opened is the stream of messages of a type from m to dst, which has none yet.
func (w *World) opened(m, dst *machine, typ int32) *messageStream {
	s := m.sent.add(uint32(dst.index)+1, typ)
	s.key = streamKey(w.seed, OfMessage, m.id, dst.id, w.trace.hashes[typ])
	return s
}

func (t *streamTable) add(to uint32, typ int32) *messageStream {
	if t.full() {
		t.grow()
	}
	t.used++
	s := t.find(to, typ)
	s.to, s.typ = to, typ
	return s
}

// init makes room for a first stream, so that find always has a place to look at.
func (t *streamTable) init() {
	if len(t.places) == 0 {
		t.places = make([]messageStream, firstPlaces)
	}
}

func (t *streamTable) grow() {
	old := t.places
	t.places = make([]messageStream, len(old)*3/2)
	for i := range old {
		if old[i].to != 0 {
			*t.find(old[i].to, old[i].typ) = old[i]
		}
	}
}

// rekey computes all keys anew after the seed has changed.
func (t *streamTable) rekey(w *World, m *machine) {
	for i := range t.places {
		if s := &t.places[i]; s.to != 0 {
			s.key = streamKey(w.seed, OfMessage, m.id, w.all[s.to-1].id, w.trace.hashes[s.typ])
		}
	}
}
