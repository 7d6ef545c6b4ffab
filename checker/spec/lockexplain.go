package spec

import (
	"fmt"

	"distsim/checker"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// explainLock applies the rules to the culprit and, as it may only have brought to light
// what was wrong before, to the answers before it. As elsewhere, a rule must never speak
// up on a history that has a legal order.
func explainLock(culprit history.Op, part []history.Op) checker.Explanation {
	c := readLock(part)
	if e := c.explain(c.find(func(d *lockDeed) bool { return d.ID == culprit.ID })); e.Sentence != "" {
		return e
	}
	for i := len(c.deeds) - 1; i >= 0; i-- {
		if d := &c.deeds[i]; d.Outcome == history.OK && d.Returned < culprit.Returned {
			if e := c.explain(d); e.Sentence != "" {
				return e
			}
		}
	}
	return checker.Explanation{}
}

func (c *custody) explain(x *lockDeed) checker.Explanation {
	c.x = x
	for _, rule := range []func(*custody) checker.Explanation{
		(*custody).impossibleAnswer,
		(*custody).notIncreasing,
		(*custody).twoHolders,
		(*custody).releasedByAnother,
		(*custody).releasedAgain,
		(*custody).deniedItsHold,
		(*custody).notHeldByCaller,
		(*custody).wrongHolder,
		(*custody).staleInspect,
		(*custody).phantomToken,
		(*custody).busyAlthoughFree,
	} {
		if e := rule(c); e.Sentence != "" {
			return e
		}
	}
	return checker.Explanation{}
}

// impossibleAnswer: some answers are wrong whatever came before.
func (c *custody) impossibleAnswer() checker.Explanation {
	if fits(c.x.in.Kind, c.x.out.Answer) {
		return checker.Explanation{}
	}
	return c.because("impossible answer", nil, "%s was answered %v, which it cannot be in any state", c.x.call(), c.x.out)
}

// notIncreasing: of what was granted or seen before x began, or granted at any time,
// something has x's token or a greater one.
func (c *custody) notIncreasing() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Granted {
		return checker.Explanation{}
	}
	if d := c.find(func(d *lockDeed) bool {
		return d.tells() && d.out.Token != 0 && d.out.Token >= x.out.Token && d.before(x)
	}); d != nil {
		return c.because("token not increasing", []*lockDeed{d}, "%s although %s before %v began", x.heard(), d.heard(), x.ID)
	}
	if g := c.find(func(d *lockDeed) bool {
		return d.out == x.out && x.out.Token != 0 && c.timely(d)
	}); g != nil {
		return c.because("token not increasing", []*lockDeed{g}, "%s, and so was %s", x.heard(), g.call())
	}
	return checker.Explanation{}
}

// twoHolders: x was granted the lock while another certainly held it, or went on to
// hold it when another did.
func (c *custody) twoHolders() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Granted {
		return checker.Explanation{}
	}
	if g := c.find(func(g *lockDeed) bool { return g.holdsDuring(x) }); g != nil {
		anomaly := "two holders"
		if g.Process == x.Process {
			anomaly = "granted to its holder"
		}
		return c.because(anomaly, []*lockDeed{g}, "%s while %s", x.heard(), g.holds())
	}
	if g := c.find(func(g *lockDeed) bool {
		return g.out.Answer == ops.Granted && max(g.Returned, x.Returned) < min(g.lasts, x.lasts)
	}); g != nil {
		return c.because("two holders", []*lockDeed{g}, "%s and %s, and for a while neither had released or lapsed",
			x.heard(), g.heard())
	}
	return checker.Explanation{}
}

// holds says that a hold has not ended.
func (d *lockDeed) holds() string {
	return fmt.Sprintf("%s, %v, had neither released nor lapsed", d.call(), d.out)
}

// releasedByAnother: x's process was never granted what it released.
func (c *custody) releasedByAnother() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Released || c.own(x.names) != nil {
		return checker.Explanation{}
	}
	if g := c.find(func(g *lockDeed) bool {
		return g.out.Answer == ops.Granted && x.names(g.out.Token) && c.timely(g)
	}); g != nil {
		return c.because("released by another", []*lockDeed{g}, "%s although %s", x.heard(), g.heard())
	}
	return c.because("released without a grant", nil, "%s although its process had never been granted it", x.heard())
}

// names reports whether a release is of a token.
func (d *lockDeed) names(token uint64) bool { return d.in.Token == token }

// releasedAgain: x released what was over already.
func (c *custody) releasedAgain() checker.Explanation {
	x := c.x
	g := c.own(x.names)
	if x.out.Answer != ops.Released || g == nil || !g.overBefore(x) {
		return checker.Explanation{}
	}
	anomaly := "stale release"
	if g.over.releases(g) {
		anomaly = "released twice"
	}
	return c.because(anomaly, []*lockDeed{g.over}, "%s although %s before %v began", x.heard(), g.over.heard(), x.ID)
}

// deniedItsHold: x's process certainly held the lock, and was told that it did not, or
// that another did.
func (c *custody) deniedItsHold() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Busy && x.out.Answer != ops.NotOwner {
		return checker.Explanation{}
	}
	g := c.own(func(token uint64) bool { return x.out.Answer == ops.Busy || x.names(token) })
	if g == nil || !g.holdsDuring(x) {
		return checker.Explanation{}
	}
	return c.because("holder refused", []*lockDeed{g}, "%s although %s", x.heard(), g.holds())
}

// notHeldByCaller: x was told that it holds the lock, which was over, or never was.
func (c *custody) notHeldByCaller() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.AlreadyHeld {
		return checker.Explanation{}
	}
	g := c.own(func(uint64) bool { return true })
	switch {
	case g == nil:
		return c.because("not the holder", nil, "%s although its process had never been granted the lock", x.heard())
	case g.overBefore(x):
		return c.because("not the holder", []*lockDeed{g.over}, "%s although %s before %v began", x.heard(), g.over.heard(), x.ID)
	}
	return checker.Explanation{}
}

// wrongHolder: x saw the lock free or held under another token than it certainly was.
func (c *custody) wrongHolder() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Seen {
		return checker.Explanation{}
	}
	g := c.find(func(g *lockDeed) bool { return g.holdsDuring(x) && g.out.Token != x.out.Token })
	if g == nil {
		return checker.Explanation{}
	}
	anomaly := "free although held"
	if !x.free() {
		anomaly = "wrong holder"
	}
	return c.because(anomaly, []*lockDeed{g}, "%s although %s", x.heard(), g.holds())
}

// staleInspect: x saw a hold that was over when it began.
func (c *custody) staleInspect() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Seen || x.free() {
		return checker.Explanation{}
	}
	over := c.find(func(d *lockDeed) bool { return d.tells() && d.out.Token > x.out.Token && d.before(x) })
	g := c.find(func(g *lockDeed) bool { return g.out == grantOf(x.out.Token) && g.overBefore(x) })
	if g != nil {
		over = g.over
	}
	if over == nil {
		return checker.Explanation{}
	}
	return c.because("stale inspect", []*lockDeed{over}, "%s although %s before %v began", x.heard(), over.heard(), x.ID)
}

// phantomToken: nobody can have been granted what x saw.
func (c *custody) phantomToken() checker.Explanation {
	x := c.x
	if x.out.Answer != ops.Seen || x.free() || c.untold() {
		return checker.Explanation{}
	}
	g := c.find(func(g *lockDeed) bool { return g.out == grantOf(x.out.Token) })
	switch {
	case g == nil:
		return c.because("phantom token", nil, "%s, which nobody can have been granted", x.heard())
	case !c.timely(g):
		return c.because("read from the future", []*lockDeed{g}, "%s before %s, which was granted it, began", x.heard(), g.call())
	}
	return checker.Explanation{}
}

// grantOf is the answer that grants under a token.
func grantOf(token uint64) ops.LockResult {
	return ops.LockResult{Answer: ops.Granted, Token: token}
}

// busyAlthoughFree: every hold that can have begun before x returned was over when x
// began.
func (c *custody) busyAlthoughFree() checker.Explanation {
	x := c.x
	standing := c.find(func(g *lockDeed) bool {
		return g.out.Answer == ops.Granted && c.timely(g) && !g.overBefore(x)
	})
	if x.out.Answer != ops.Busy || standing != nil || c.untold() {
		return checker.Explanation{}
	}
	var last *lockDeed // that ended a hold
	for i := range c.deeds {
		if g := &c.deeds[i]; c.timely(g) && g.over != nil && (last == nil || g.over.Returned > last.Returned) {
			last = g.over
		}
	}
	if last == nil {
		return c.because("busy although free", nil, "%s although nobody can have been granted the lock by then", x.heard())
	}
	return c.because("busy although free", []*lockDeed{last}, "%s although %s before %v began and nobody can have been granted the lock since",
		x.heard(), last.heard(), x.ID)
}

// because words an explanation; the culprit comes first in the evidence.
func (c *custody) because(anomaly string, named []*lockDeed, format string, args ...any) checker.Explanation {
	e := checker.Explanation{Anomaly: anomaly, Sentence: fmt.Sprintf(format, args...), Ops: []history.Op{c.x.Op}}
	for _, d := range named {
		e.Ops = append(e.Ops, d.Op)
	}
	return e
}
