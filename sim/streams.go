package sim

// messageStream counts the messages of one type from one machine to another: the
// k of their identities.
type messageStream struct {
	to  uint32 // the receiver's dense number + 1; 0: a free place
	typ int32
	k   uint64
	key uint64
}

// streamTable is a machine's streams: an open-addressed hash table, at most half
// full. It costs what a machine's conversations cost, however many machines there
// are, and mostly finds a stream at the first look: Fibonacci hashing spreads
// consecutive numbers evenly (Knuth, The Art of Computer Programming 3, 6.4).
type streamTable struct {
	places []messageStream // a power of two of them
	shift  uint8           // 32 − log₂ len(places)
	used   int
}

const firstPlaces = 4 // log₂

// find is the place of a stream, or the free one where it belongs.
func (t *streamTable) find(to uint32, typ int32) *messageStream {
	mask := uint(len(t.places) - 1)
	for i := uint((to*0x9e3779b1 + uint32(typ)*0xc2b2ae3d) >> (t.shift & 31)); ; i++ {
		s := &t.places[i&mask]
		if s.to == to && s.typ == typ || s.to == 0 {
			return s
		}
	}
}

// stream is the stream of messages of a type from m to dst.
func (w *World) stream(m, dst *machine, typ int32) *messageStream {
	to := uint32(dst.index) + 1
	if t := &m.sent; len(t.places) > 0 {
		if s := t.find(to, typ); s.to != 0 {
			return s
		}
	}
	s := m.sent.add(to, typ)
	s.key = streamKey(w.seed, OfMessage, m.id, dst.id, w.trace.hashes[typ])
	return s
}

func (t *streamTable) add(to uint32, typ int32) *messageStream {
	t.used++
	if t.used*2 > len(t.places) {
		t.grow()
	}
	s := t.find(to, typ)
	s.to, s.typ = to, typ
	return s
}

func (t *streamTable) grow() {
	old := t.places
	if t.shift--; len(old) == 0 {
		t.shift = 32 - firstPlaces
	}
	t.places = make([]messageStream, 1<<(32-t.shift))
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
