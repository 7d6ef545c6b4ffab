package spec

import (
	"fmt"

	"distsim/checker"
	"distsim/sim/history"
)

// proof is the attempt to show from the history alone that the culprit x cannot
// have heard what it heard.
type proof struct {
	x     *deed
	deeds []deed // the whole partition, by invocation
	start *deed  // the state before everything, as a write before everything

	// sources are the deeds that can have made what x saw: all that may have
	// taken effect before x returned, and the start. Another deed cannot have,
	// so once all sources are over and the state differs, x cannot see it again.
	sources []*deed
	settled uint64 // all sources had taken effect by this sequence number
	reader  *deed  // if settled only because this deed saw what x saw: that deed

	spelling spelling // what x saw, taken apart
}

// rule tries to prove the culprit wrong in one particular way. It returns a
// zero Explanation when the proof fails, and must never return another for a
// history that has a legal order.
type rule func(*proof) checker.Explanation

// explain applies the rules, those that speak of the fewest operations first.
func explain(culprit history.Op, part []history.Op, start deed, read func(history.Op) deed) checker.Explanation {
	p := newProof(culprit, part, start, read)
	for _, r := range []rule{
		(*proof).impossibleAnswer,
		(*proof).unwritten,
		(*proof).misspelt,
		(*proof).appliedTwice,
		(*proof).doubleSwap,
		(*proof).lostAppend,
		(*proof).reordered,
		(*proof).stale,
		(*proof).lostBeginning,
		(*proof).backInTime,
	} {
		if e := r(p); e.Sentence != "" {
			return e
		}
	}
	return checker.Explanation{}
}

func newProof(culprit history.Op, part []history.Op, start deed, read func(history.Op) deed) *proof {
	p := &proof{start: &start, deeds: make([]deed, len(part))}
	for i := range part {
		p.deeds[i] = read(part[i])
		if part[i].ID == culprit.ID {
			p.x = &p.deeds[i]
		}
	}
	p.findSources()
	p.spelling = p.spell()
	return p
}

// findSources collects the sources and the moment by which they are settled:
// when the last was answered or, for a lone source, seen.
func (p *proof) findSources() {
	if p.start.makes(p.x.sight) {
		p.sources = append(p.sources, p.start)
	}
	for i := range p.deeds {
		if d := &p.deeds[i]; d != p.x && p.timely(d) && d.could() && d.makes(p.x.sight) {
			p.sources = append(p.sources, d)
			p.settled = max(p.settled, end(d))
		}
	}
	if len(p.sources) != 1 || p.sources[0] == p.start {
		return
	}
	for i := range p.deeds {
		d := &p.deeds[i]
		saw := d.done && d != p.sources[0] && d.sight == p.x.sight
		if saw && d.Returned < p.settled {
			p.settled, p.reader = d.Returned, d
		}
	}
}

// timely reports that d can have taken effect before x returned.
func (p *proof) timely(d *deed) bool { return d.Invoked <= p.x.Returned }

// end is when an operation was over: never, if its outcome is unknown.
func end(d *deed) uint64 {
	if d.Outcome == history.Unknown {
		return ^uint64(0)
	}
	return d.Returned
}

// impossibleAnswer: some answers are wrong whatever came before.
func (p *proof) impossibleAnswer() checker.Explanation {
	if !p.x.absurd {
		return checker.Explanation{}
	}
	return p.because("impossible answer", nil, "%s answered %v, which it cannot in any state", p.x.call(), p.x.Output)
}

// unwritten: what x saw has no source.
func (p *proof) unwritten() checker.Explanation {
	if p.x.sight.kind == nothing || len(p.sources) > 0 {
		return checker.Explanation{}
	}
	var future *deed
	for i := range p.deeds {
		d := &p.deeds[i]
		switch {
		case d == p.x || !d.tried(p.x.sight):
		case p.timely(d):
			return p.aborted(d)
		case future == nil && d.could():
			future = d
		}
	}
	if future != nil {
		return p.because("read from the future", []*deed{future}, "%s before %s, the first to write it, began",
			p.x.heard(), future.call())
	}
	return p.because("phantom value", nil, "%s, which no other operation had tried to write by then", p.x.heard())
}

// aborted: the only deeds that can have made what x saw did not take effect.
func (p *proof) aborted(d *deed) checker.Explanation {
	what := "which"
	if d.effect == appends {
		what = "whose end"
	}
	return p.because("aborted read", []*deed{d}, "%s, %s by then only failed or refused operations had tried to write: %s",
		p.x.heard(), what, d.call())
}

// doubleSwap: two swaps succeeded on a state that was there only once, and
// neither brings it back.
func (p *proof) doubleSwap() checker.Explanation {
	if !p.x.swap || len(p.sources) != 1 || p.x.makes(p.x.sight) {
		return checker.Explanation{}
	}
	for i := range p.deeds {
		y := &p.deeds[i]
		if y != p.x && y.swap && y.done && y.Returned <= p.x.Returned && y.sight == p.x.sight && y != p.sources[0] {
			return p.because("double compare-and-swap", []*deed{y, p.sources[0]},
				"%s and %s both succeeded although %v was there only once", p.x.call(), y.call(), p.x.sight)
		}
	}
	return checker.Explanation{}
}

// stale: after all sources, and before x began, another write was acknowledged.
func (p *proof) stale() checker.Explanation {
	u := p.latest(func(d *deed) bool { return d.did() && !d.makes(p.x.sight) })
	if u == nil {
		return checker.Explanation{}
	}
	anomaly := "stale read"
	switch {
	case p.x.swap:
		anomaly = "stale compare-and-swap"
	case p.start.makes(p.x.sight) && !p.everSeen(u):
		anomaly = "lost write"
	}
	return p.because(anomaly, append([]*deed{u}, p.witnesses()...),
		"%s although %s was acknowledged before %v began and %s", p.x.heard(), u.call(), p.x.ID, p.nothingBetween())
}

// backInTime: after all sources, and before x began, another answer showed a
// different state.
func (p *proof) backInTime() checker.Explanation {
	r := p.latest(func(d *deed) bool { return d.done && d.sight.excludes(p.x.sight) })
	if r == nil {
		return checker.Explanation{}
	}
	return p.because("non-monotonic read", append([]*deed{r}, p.witnesses()...),
		"%s although %s before %v began and %s", p.x.heard(), r.heard(), p.x.ID, p.nothingBetween())
}

// latest returns the last to return of the deeds that lie between the settling
// of the sources and x, and satisfy the condition.
func (p *proof) latest(holds func(*deed) bool) *deed {
	var found *deed
	if len(p.sources) == 0 {
		return nil
	}
	for i := range p.deeds {
		d := &p.deeds[i]
		between := d.Invoked > p.settled && d.before(p.x)
		if between && holds(d) && (found == nil || d.Returned > found.Returned) {
			found = d
		}
	}
	return found
}

// everSeen reports whether any answer but x's may show the effect of u.
func (p *proof) everSeen(u *deed) bool {
	for i := range p.deeds {
		if d := &p.deeds[i]; d != p.x && d.done && u.shows(d.sight) {
			return true
		}
	}
	return false
}

// witnesses are the operations that the settling of the sources rests on, if
// they are few enough to name.
func (p *proof) witnesses() []*deed {
	if len(p.sources) != 1 || p.sources[0] == p.start {
		return nil
	}
	if p.reader != nil {
		return []*deed{p.sources[0], p.reader}
	}
	return p.sources
}

// nothingBetween says that no source lies between the two operations just named.
func (p *proof) nothingBetween() string {
	switch {
	case p.x.sight.kind == missing:
		return "nothing deleted it in between"
	case p.x.sight.kind == blank:
		return "nothing deleted or emptied it in between"
	case p.reader != nil:
		return fmt.Sprintf("nothing wrote %v in between (%v had seen it already)", p.x.sight, p.reader.ID)
	default:
		return fmt.Sprintf("nothing wrote %v in between", p.x.sight)
	}
}

// because words an explanation; the culprit comes first in the evidence.
func (p *proof) because(anomaly string, named []*deed, format string, args ...any) checker.Explanation {
	e := checker.Explanation{
		Anomaly:  anomaly,
		Sentence: fmt.Sprintf(format, args...),
		Ops:      []history.Op{p.x.Op},
	}
	for _, d := range named {
		if d != p.start {
			e.Ops = append(e.Ops, d.Op)
		}
	}
	return e
}
