package kv

import (
	"maps"
	"math/bits"
	"slices"

	"distsim/nodes/raft"
	"distsim/nodes/wal/record"
	"distsim/sim/history/ops"
)

// Store is the key-value state machine with its client sessions.
type Store struct {
	data     map[string]string
	sessions map[int]*session
	hash     uint64 // sum over keys and sessions; see Hash
}

// session is what the store knows about a client process: its latest operation.
// A client has one operation open at a time, so an older one is a late copy.
type session struct {
	n      int
	result ops.Result
	hash   uint64
}

// NewStore is an empty store.
func NewStore() *Store {
	return &Store{data: map[string]string{}, sessions: map[int]*session{}}
}

// Apply executes an encoded command, once per session and number. The result is
// an *ops.Result; it is nil for a late copy of an operation whose session has
// gone on.
func (s *Store) Apply(_ raft.Index, encoded []byte) any {
	c, err := decodeCommand(encoded)
	if err != nil {
		panic(err)
	}
	client := s.sessions[c.process]
	if client == nil {
		client = &session{}
		s.sessions[c.process] = client
	}
	switch {
	case c.n > client.n:
		s.remember(client, c.process, c.n, s.execute(&c))
	case c.n < client.n:
		return (*ops.Result)(nil)
	}
	return &client.result
}

// execute carries out one operation.
func (s *Store) execute(c *command) ops.Result {
	old, found := s.data[string(c.key)]
	switch c.kind {
	case ops.Get:
		return ops.Result{Value: old, Found: found}
	case ops.Put:
		s.set(c.key, old, found, string(c.value))
	case ops.Append:
		s.set(c.key, old, found, old+string(c.value))
	case ops.Delete:
		s.remove(c.key, old, found)
	case ops.CAS:
		if old != string(c.expect) {
			return ops.Result{Value: old, Found: found}
		}
		s.set(c.key, old, found, string(c.value))
	}
	return ops.Result{OK: true}
}

// set gives a key, which is old if it is there, another value.
func (s *Store) set(key []byte, old string, found bool, value string) {
	if found {
		s.hash -= hashPair(key, old)
	}
	s.hash += hashPair(key, value)
	s.data[string(key)] = value
}

func (s *Store) remove(key []byte, old string, found bool) {
	if found {
		s.hash -= hashPair(key, old)
		delete(s.data, string(key))
	}
}

func (s *Store) remember(c *session, process, n int, r ops.Result) {
	s.hash -= c.hash
	c.n, c.result = n, r
	c.hash = mix(mix(uint64(process), uint64(n)), hashResult(r))
	s.hash += c.hash
}

// Hash fingerprints keys, values and sessions. Each contributes a term to a
// sum, so a change costs the same however large the store is.
func (s *Store) Hash() uint64 { return s.hash }

// Get reads a key of the state as it is now.
func (s *Store) Get(key string) (value string, found bool) {
	value, found = s.data[key]
	return value, found
}

// Len is the number of keys.
func (s *Store) Len() int { return len(s.data) }

// Snapshot captures keys and sessions; encode gives them in sorted order.
func (s *Store) Snapshot() (encode func() []byte) {
	data, sessions := maps.Clone(s.data), make(map[int]session, len(s.sessions))
	for process, c := range s.sessions { //simlint:allow maprange copies into another map
		sessions[process] = *c
	}
	return func() []byte { return encodeSnapshot(data, sessions) }
}

func encodeSnapshot(data map[string]string, sessions map[int]session) []byte {
	b := record.AppendInt(nil, len(data))
	for _, key := range slices.Sorted(maps.Keys(data)) {
		b = record.AppendText(record.AppendText(b, key), data[key])
	}
	b = record.AppendInt(b, len(sessions))
	for _, process := range slices.Sorted(maps.Keys(sessions)) {
		c := sessions[process]
		b = record.AppendInt(record.AppendInt(b, process), c.n)
		b = record.AppendBool(record.AppendBool(record.AppendText(b, c.result.Value), c.result.Found), c.result.OK)
	}
	return b
}

// Restore replaces the state by a snapshot's.
func (s *Store) Restore(snapshot []byte) error {
	fresh, d := NewStore(), record.Decode(snapshot)
	for range d.Count() {
		key, value := d.Bytes(), d.Bytes()
		fresh.set(key, "", false, string(value))
	}
	for range d.Count() {
		process, n := d.Int(), d.Int()
		c := &session{}
		fresh.sessions[process] = c
		fresh.remember(c, process, n, ops.Result{Value: d.Text(), Found: d.Bool(), OK: d.Bool()})
	}
	if err := whole(&d); err != nil {
		return err
	}
	*s = *fresh
	return nil
}

func hashPair(key []byte, value string) uint64 { return mix(hashText(key), hashText(value)) }

func hashResult(r ops.Result) uint64 {
	h := hashText(r.Value)
	if r.Found {
		h += 1 << 62
	}
	if r.OK {
		h += 1 << 63
	}
	return h
}

// hashText is FNV-1a.
func hashText[T string | []byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix multiplies two words into 128 bits and xors the halves.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1342543de82ef95)
	return hi ^ lo
}
