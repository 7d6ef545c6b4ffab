package lock

import (
	"errors"
	"maps"
	"math/bits"
	"slices"
	"time"

	"distsim/nodes/wal/record"
)

// Hash fingerprints the table. Each session and lock contributes a term to a sum, so
// a change costs the same however many there are.
func (t *Table) Hash() uint64 { return t.hash + t.token }

func (t *Table) sessionChanged(s *session) {
	if t.sessions[s.id] != s {
		return
	}
	t.scratch = appendSessionState(t.scratch[:0], s)
	t.hash -= s.hash
	s.hash = fingerprint(t.scratch)
	t.hash += s.hash
}

func (t *Table) lockChanged(l *lock) {
	t.scratch = appendLock(t.scratch[:0], l)
	t.hash -= l.hash
	l.hash = fingerprint(t.scratch)
	t.hash += l.hash
}

// setLatest notes a machine's latest session.
func (t *Table) setLatest(id SessionID) {
	if old := t.latest[id.Client]; old != 0 {
		t.hash -= mix(uint64(id.Client), old)
	}
	t.latest[id.Client] = id.Session
	t.hash += mix(uint64(id.Client), id.Session)
}

// fingerprint is FNV-1a, mixed: of plain ones a sum may stay the same when two of its terms
// change in the same place.
func fingerprint(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return mix(h, uint64(len(b)))
}

// mix multiplies two words into 128 bits and xors the halves.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1342543de82ef95)
	return hi ^ lo
}

// Snapshot captures the table, encoded at once: tables are small.
func (t *Table) Snapshot() (encode func() []byte) {
	b := record.AppendUint(nil, t.token)
	b = record.AppendInt(b, len(t.latest))
	for _, client := range slices.Sorted(maps.Keys(t.latest)) {
		b = appendSession(b, SessionID{Client: client, Session: t.latest[client]})
	}
	b = record.AppendInt(b, len(t.live))
	for _, s := range t.live {
		b = appendSessionState(b, s)
	}
	b = record.AppendInt(b, len(t.locks))
	for _, name := range slices.Sorted(maps.Keys(t.locks)) {
		b = appendLock(b, t.locks[name])
	}
	return func() []byte { return b }
}

// Restore replaces the table by a snapshot's.
func (t *Table) Restore(snapshot []byte) error {
	fresh, d := NewTable(), record.Decode(snapshot)
	fresh.token = d.Uint()
	for range d.Count() {
		fresh.setLatest(readSession(&d))
	}
	for range d.Count() {
		s := readSessionState(&d)
		fresh.live, fresh.sessions[s.id] = append(fresh.live, s), s
		fresh.sessionChanged(s)
	}
	for range d.Count() {
		l := readLock(&d)
		fresh.locks[l.name] = l
		fresh.lockChanged(l)
	}
	if !d.End() {
		return errors.New("lock: the bytes are no snapshot")
	}
	fresh.deeds, fresh.unseen = t.deeds, t.unseen
	*t = *fresh
	return nil
}

func appendSessionState(b []byte, s *session) []byte {
	b = appendSession(b, s.id)
	b = record.AppendUint(b, uint64(s.ttl))
	b = record.AppendUint(b, s.n)
	b = record.AppendInt(b, int(s.answer.status))
	b = record.AppendUint(b, s.answer.token)
	b = record.AppendText(b, s.answer.value)
	b = record.AppendInt(b, len(s.holds))
	for _, name := range s.holds {
		b = record.AppendText(b, name)
	}
	return b
}

func readSessionState(d *record.Decoder) *session {
	s := &session{id: readSession(d), ttl: time.Duration(d.Uint()), n: d.Uint()}
	s.answer = answer{status: Status(d.Int()), token: d.Uint(), value: d.Text()}
	for range d.Count() {
		s.holds = append(s.holds, d.Text())
	}
	return s
}

func appendLock(b []byte, l *lock) []byte {
	b = record.AppendText(b, l.name)
	b = appendSession(b, l.owner)
	b = record.AppendUint(b, l.token)
	b = record.AppendText(b, l.value)
	b = record.AppendInt(b, len(l.queue))
	for _, x := range l.queue {
		b = record.AppendUint(appendSession(b, x.session), x.n)
	}
	return b
}

func readLock(d *record.Decoder) *lock {
	l := &lock{name: d.Text(), owner: readSession(d), token: d.Uint(), value: d.Text()}
	for range d.Count() {
		l.queue = append(l.queue, waiter{readSession(d), d.Uint()})
	}
	return l
}
