package raft

import (
	"slices"
	"sort"
)

// log is the sequence of entries in memory. Indexes are consecutive and terms
// never decrease.
type log struct {
	entries []Entry // entries[0] stands for everything before the first: index 0, term 0
	unsaved Index   // the first entry not written to the file
	cuts    uint64  // how often a conflicting suffix was removed
	cutAt   Index   // the first entry that was removed last
}

func emptyLog() log { return log{entries: make([]Entry, 1, 64), unsaved: 1} }

func (l *log) last() Index { return Index(len(l.entries) - 1) }

func (l *log) lastTerm() Term { return l.entries[len(l.entries)-1].Term }

func (l *log) at(i Index) *Entry { return &l.entries[i] }

// term is the term of the entry at i ≤ last.
func (l *log) term(i Index) Term { return l.entries[i].Term }

// has reports whether the log holds this entry. By the Log Matching Property it
// then holds the same entries before it.
func (l *log) has(i Index, term Term) bool { return i <= l.last() && l.term(i) == term }

// newerThan compares by the last entries: the later term wins, then the longer
// log (§5.4.1).
func (l *log) newerThan(lastTerm Term, last Index) bool {
	if l.lastTerm() != lastTerm {
		return l.lastTerm() > lastTerm
	}
	return l.last() > last
}

// from is up to n entries, beginning with i. They are shared, not copied: no
// place of the log is ever written twice.
func (l *log) from(i Index, n int) []Entry {
	if i > l.last() {
		return nil
	}
	end := min(len(l.entries), int(i)+n)
	return l.entries[i:end:end]
}

func (l *log) append(e ...Entry) {
	if need := len(l.entries) + len(e); need > cap(l.entries) {
		l.entries = slices.Grow(l.entries, need) // to twice the size, copying half as often as append
	}
	l.entries = append(l.entries, e...)
}

// merge takes over entries that follow one this log has. Entries it holds
// already stay, with all that comes after them: an old or doubled message must
// not shorten the log. A conflicting entry goes, with all that comes after it;
// cut is its index, 0 when there is none (§5.3).
func (l *log) merge(entries []Entry) (cut Index) {
	for k := range entries {
		e := &entries[k]
		if l.has(e.Index, e.Term) {
			continue
		}
		if e.Index <= l.last() {
			cut = e.Index
			l.cut(cut)
		}
		l.append(entries[k:]...)
		break
	}
	return cut
}

// cut removes the entries from i on. Messages may still share them, so what
// follows goes to fresh memory.
func (l *log) cut(i Index) {
	l.entries = slices.Clip(l.entries[:i])
	l.unsaved = min(l.unsaved, i)
	l.cuts++
	l.cutAt = i
}

// startOf is the first index of the first term not less than the given one.
func (l *log) startOf(term Term) Index {
	return Index(sort.Search(len(l.entries), func(i int) bool { return l.entries[i].Term >= term }))
}

// backOff is where a leader tries next with a follower that refused: after its
// own entries of the conflicting term if it has that term, else before the
// follower's (§5.3).
func (l *log) backOff(m *AppendReply) Index {
	if end := l.startOf(m.ConflictTerm + 1); m.ConflictTerm != 0 && l.term(end-1) == m.ConflictTerm {
		return end
	}
	return m.Conflict
}
