package raft

import (
	"slices"
	"testing"
)

// logOf makes a log of the given terms: logOf(1, 1, 3) has entries 1 … 3.
func logOf(terms ...Term) log {
	l := emptyLog()
	l.append(run(1, terms...)...)
	return l
}

// run is consecutive entries from an index on.
func run(from Index, terms ...Term) []Entry {
	var out []Entry
	for i, t := range terms {
		out = append(out, Entry{Index: from + Index(i), Term: t, Command: []byte{byte(t), byte(i)}})
	}
	return out
}

func (l *log) terms() (out []Term) {
	for _, e := range l.entries[1:] {
		out = append(out, e.Term)
	}
	return out
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		what    string
		log     []Term
		entries []Entry
		want    []Term
		cut     Index
	}{
		{"a heartbeat changes nothing", []Term{1, 1}, nil, []Term{1, 1}, 0},
		{"new entries are appended", []Term{1}, run(2, 2, 2), []Term{1, 2, 2}, 0},
		{"known entries stay, with those after them", []Term{1, 1, 1}, run(1, 1), []Term{1, 1, 1}, 0},
		{"an overlap adds what is new", []Term{1, 1}, run(2, 1, 2), []Term{1, 1, 2}, 0},
		{"a conflict goes, with all after it", []Term{1, 2, 2, 2}, run(2, 3), []Term{1, 3}, 2},
		{"entries before the conflict stay", []Term{1, 1, 2, 2}, run(2, 1, 3), []Term{1, 1, 3}, 3},
	} {
		l := logOf(c.log...)
		if cut := l.merge(c.entries); cut != c.cut || !slices.Equal(l.terms(), c.want) {
			t.Errorf("%s: got %v cut at %d, want %v cut at %d", c.what, l.terms(), cut, c.want, c.cut)
		}
	}
}

func TestSentEntriesNeverChange(t *testing.T) {
	l := logOf(1, 1, 1, 1)
	sent := l.from(2, 10)
	l.merge(run(3, 2, 2, 2))
	l.append(run(6, 2, 2)...)
	if sent[0].Term != 1 || sent[1].Term != 1 || sent[2].Term != 1 || len(sent) != 3 {
		t.Errorf("a conflict changed a message that was sent before it: %v", sent)
	}
	if got, want := l.terms(), []Term{1, 1, 2, 2, 2, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("log is %v, want %v", got, want)
	}
}

func TestNewerThan(t *testing.T) {
	l := logOf(1, 2, 2)
	for _, c := range []struct {
		term Term
		last Index
		want bool
	}{{2, 3, false}, {2, 4, false}, {2, 2, true}, {3, 1, false}, {1, 9, true}, {0, 0, true}} {
		if got := l.newerThan(c.term, c.last); got != c.want {
			t.Errorf("a log ending at 3 (term 2) newer than one ending at %d (term %d): %v, want %v", c.last, c.term, got, c.want)
		}
	}
}

// The logs of figure 7 and §5.3: one refusal skips a whole conflicting term.
func TestBackOff(t *testing.T) {
	leader := logOf(1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
	for _, c := range []struct {
		what     string
		follower []Term
		want     []Index // the positions tried, up to the one that fits
	}{
		{"short log", []Term{1, 1, 1, 4}, []Index{10, 4}},
		{"empty log", nil, []Index{10, 0}},
		{"a term the leader has", []Term{1, 1, 1, 4, 4, 4, 4, 4, 4, 4}, []Index{10, 5}},
		{"terms the leader lacks", []Term{1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}, []Index{10, 6, 3}},
	} {
		f, log := follower{next: leader.last() + 1}, logOf(c.follower...)
		n := Node{term: 6, log: log}
		var tried []Index
		for range 10 {
			prev := f.next - 1
			tried = append(tried, prev)
			reply := n.answer(&Append{Term: 6, PrevIndex: prev, PrevTerm: leader.term(prev)})
			if reply.Accepted {
				break
			}
			f.refused(reply.Refused, leader.backOff(reply))
		}
		if !slices.Equal(tried, c.want) {
			t.Errorf("%s: tried %v, want %v", c.what, tried, c.want)
		}
	}
}

func TestOldRefusalsSayNothing(t *testing.T) {
	f := follower{next: 8, match: 5}
	for _, prev := range []Index{3, 5, 6, 9} {
		if f.refused(prev, 1); f.next != 8 {
			t.Errorf("a refusal of %d moved next from 8 to %d", prev, f.next)
		}
	}
	if f.refused(7, 2); f.next != 6 {
		t.Errorf("a refusal of 7 moved next to %d, want match + 1 = 6", f.next)
	}
}
