package spec

import (
	"strings"

	"distsim/checker"
)

// A text that grew by appending tells which writes it is made of, if it can be
// spelt from the values of the writes in exactly one way. The rules in this file
// read it like a list.

// spelling is the text x saw, taken apart.
type spelling struct {
	tokens []string // what it is made of, in order; only with ways == 1
	ways   int      // in how many ways it can be spelt: 0, 1, or 2 for several
	lists  bool     // there is something to spell: a text, where texts are appended
}

// spell takes apart what x saw: one value that was set or appended, followed by
// values that were appended. Every operation counts, whatever became of it.
func (p *proof) spell() spelling {
	seen := text(p.x.sight.value)
	first, further := p.alphabet()
	if seen == "" || len(further) == 0 {
		return spelling{}
	}
	s := spelling{lists: true}
	ways, next := spellings(seen, further)
	head := ""
	for _, token := range first {
		if strings.HasPrefix(seen, token) && ways[len(token)] > 0 {
			s.ways = min(2, s.ways+ways[len(token)])
			head = token
		}
	}
	if s.ways != 1 {
		return s
	}
	s.tokens = append(s.tokens, head)
	for at := len(head); at < len(seen); at += len(next[at]) {
		s.tokens = append(s.tokens, next[at])
	}
	return s
}

// alphabet returns the distinct values that can come first, and those that can
// come later, in the order of invocation.
func (p *proof) alphabet() (first, further []string) {
	start, appended := map[string]bool{"": true}, map[string]bool{"": true}
	for i := range p.deeds {
		d := &p.deeds[i]
		v := text(d.value)
		if d.effect == none && !d.refused || d == p.x {
			continue
		}
		if d.effect == appends && !appended[v] {
			appended[v] = true
			further = append(further, v)
		}
		if d.effect != clears && !start[v] {
			start[v] = true
			first = append(first, v)
		}
	}
	return first, further
}

// spellings counts, for every suffix of the text, the ways to spell it with the
// tokens (at most 2), and gives the token a spelling begins with.
func spellings(text string, tokens []string) (ways []int, next []string) {
	ways, next = make([]int, len(text)+1), make([]string, len(text)+1)
	ways[len(text)] = 1
	for at := len(text) - 1; at >= 0; at-- {
		for _, token := range tokens {
			if strings.HasPrefix(text[at:], token) && ways[at+len(token)] > 0 {
				ways[at] = min(2, ways[at]+ways[at+len(token)])
				next[at] = token
			}
		}
	}
	return ways, next
}

// misspelt: no combination of the writes gives what x saw, or the only one that
// does needs a value that nobody can have written.
func (p *proof) misspelt() checker.Explanation {
	s := p.spelling
	if s.lists && s.ways == 0 {
		return p.because("phantom value", nil, "%s, which no combination of the writes gives", p.x.heard())
	}
	for _, token := range s.tokens {
		if len(p.writers(token)) == 0 {
			return p.because("phantom value", nil, "%s, which holds %q although no operation can have written that by then",
				p.x.heard(), token)
		}
	}
	return checker.Explanation{}
}

// appliedTwice: what x saw holds a value more often than operations wrote it.
func (p *proof) appliedTwice() checker.Explanation {
	s := p.spelling
	times := map[string]int{}
	for _, token := range s.tokens {
		times[token]++
		if w := p.writers(token); len(w) == 1 && times[token] == 2 {
			return p.because("applied twice", w, "%s, which holds %q twice although only %s can have written it",
				p.x.heard(), token, w[0].call())
		}
	}
	return checker.Explanation{}
}

// writers returns the deeds that can have written the value for x to see.
func (p *proof) writers(token string) []*deed {
	var list []*deed
	for i := range p.deeds {
		d := &p.deeds[i]
		if d != p.x && d.could() && d.effect != clears && p.timely(d) && text(d.value) == token {
			list = append(list, d)
		}
	}
	return list
}

// lostAppend: an append was acknowledged, nothing can have overwritten it, and
// what x saw lacks it.
func (p *proof) lostAppend() checker.Explanation {
	if p.x.sight.kind != present {
		return checker.Explanation{}
	}
	_, overwritten, _ := p.lastOverwrites()
	s := p.spelling
	for i := range p.deeds {
		a := &p.deeds[i]
		if a.effect == appends && a.done && a.before(p.x) && a.Invoked > overwritten && !p.holds(s, a) {
			return p.lost("lost append", a)
		}
	}
	return checker.Explanation{}
}

// lostBeginning: a value was written, nothing but appends can have changed it
// since, and what x saw does not begin with it.
func (p *proof) lostBeginning() checker.Explanation {
	u, _, earlier := p.lastOverwrites()
	if p.x.sight.kind != present || u == nil || u.effect != sets {
		return checker.Explanation{}
	}
	inPlace := u.done && u.Invoked > earlier && u.before(p.x)
	if !inPlace || strings.HasPrefix(text(p.x.sight.value), text(u.value)) {
		return checker.Explanation{}
	}
	return p.lost("lost write", u)
}

// lost words the loss of a write that only an overwrite could have removed. If
// somebody may have seen it, it was not lost: x is behind.
func (p *proof) lost(anomaly string, w *deed) checker.Explanation {
	if p.everSeen(w) {
		anomaly = "stale read"
	}
	return p.because(anomaly, []*deed{w}, "%s although %s was acknowledged before %v began and nothing overwrote it in between",
		p.x.heard(), w.call(), p.x.ID)
}

// lastOverwrites finds, among the deeds that replace the value and can have done
// so before x returned, the last to be over and when it was, and when the one
// before it was.
func (p *proof) lastOverwrites() (last *deed, over, earlier uint64) {
	for i := range p.deeds {
		d := &p.deeds[i]
		if d == p.x || !d.could() || d.effect == appends || !p.timely(d) {
			continue
		}
		if last == nil || end(d) > over {
			last, over, earlier = d, end(d), over
		} else {
			earlier = max(earlier, end(d))
		}
	}
	return last, over, earlier
}

// holds reports whether what x saw can hold the appended value. Contained as a
// text is not enough when the spelling is known: "ab" contains "b" even if
// written in one piece.
func (p *proof) holds(s spelling, a *deed) bool {
	if !s.lists || s.ways != 1 {
		return a.shows(p.x.sight)
	}
	for _, token := range s.tokens {
		if token == text(a.value) {
			return true
		}
	}
	return text(a.value) == ""
}

// reordered: of two values that x saw, the later one was acknowledged before the
// earlier one was written.
func (p *proof) reordered() checker.Explanation {
	s := p.spelling
	var newest *deed // of the writers so far, the last to begin
	for _, token := range s.tokens {
		all := p.writers(token)
		if len(all) != 1 {
			continue
		}
		w := all[0]
		if newest != nil && w.before(newest) {
			return p.because("reordered appends", []*deed{newest, w}, "%s although %s was acknowledged before %s began",
				p.x.heard(), w.call(), newest.call())
		}
		if newest == nil || w.Invoked > newest.Invoked {
			newest = w
		}
	}
	return checker.Explanation{}
}
