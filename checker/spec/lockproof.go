package spec

import (
	"fmt"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// custody is the history of one lock as its answers pin it down: who certainly held it
// when. A hold begins while its grant is under way and lasts until its process has
// released it or it has lapsed.
type custody struct {
	deeds []lockDeed // by invocation
	x     *lockDeed  // whose answer is to be proved wrong; nil: none yet
}

// lockDeed is what is known of one operation.
type lockDeed struct {
	history.Op
	in  LockOp
	out ops.LockResult

	// Of a grant: its hold lasts until then at least, from when it was answered on; it is
	// over at that operation's answer at the latest.
	lasts uint64
	over  *lockDeed // nil: it may last for ever
}

func readLock(part []history.Op) *custody {
	c := &custody{deeds: make([]lockDeed, len(part))}
	for i, o := range part {
		d := &c.deeds[i]
		d.Op, d.in = o, o.Input.(LockOp)
		if o.Outcome == history.OK {
			d.out = o.Output.(ops.LockResult)
		}
	}
	for i := range c.deeds {
		if g := &c.deeds[i]; g.out.Answer == ops.Granted {
			c.bound(g)
		}
	}
	return c
}

// bound finds how long a grant's hold lasts at least, and at most.
func (c *custody) bound(g *lockDeed) {
	g.lasts = g.in.ends
	for i := range c.deeds {
		d := &c.deeds[i]
		if d.releases(g) {
			g.lasts = min(g.lasts, d.Invoked)
		}
		if d.ends(g) && (g.over == nil || d.Returned < g.over.Returned) {
			g.over = d
		}
	}
}

// releases reports whether d gave back what g was granted.
func (d *lockDeed) releases(g *lockDeed) bool {
	return d.out.Answer == ops.Released && d.Process == g.Process && d.in.Token == g.out.Token && d.Invoked >= g.Invoked
}

// ends reports whether d's answer shows that g's hold is over.
func (d *lockDeed) ends(g *lockDeed) bool {
	switch {
	case d.free():
		return g.before(d)
	case d.tells() && d != g:
		return d.out.Answer == ops.Granted && g.before(d) || g.out.Token != 0 && d.out.Token > g.out.Token
	default:
		return d.releases(g)
	}
}

// free: it saw that nobody holds the lock.
func (d *lockDeed) free() bool { return d.out.Answer == ops.Seen && d.out.Token == 0 }

// tells: its answer says that the lock was held, under its token if there are any.
func (d *lockDeed) tells() bool {
	return d.out.Answer == ops.Granted || d.out.Answer == ops.Seen && d.out.Token != 0
}

// holdsDuring: the lock is certainly held under g for as long as d is under way.
func (g *lockDeed) holdsDuring(d *lockDeed) bool {
	return g.out.Answer == ops.Granted && g.before(d) && d.Returned < g.lasts
}

// overBefore: g's hold is certainly over when d begins.
func (g *lockDeed) overBefore(d *lockDeed) bool { return g.over != nil && g.over.before(d) }

// before reports that d was over when e began.
func (d *lockDeed) before(e *lockDeed) bool {
	return d.Outcome != history.Unknown && d.Returned < e.Invoked
}

// timely reports that d can have taken effect before x returned.
func (c *custody) timely(d *lockDeed) bool { return d != c.x && d.Invoked <= c.x.Returned }

// find returns the last to be invoked of the others that satisfy the condition.
func (c *custody) find(holds func(*lockDeed) bool) *lockDeed {
	for i := len(c.deeds) - 1; i >= 0; i-- {
		if d := &c.deeds[i]; d != c.x && holds(d) {
			return d
		}
	}
	return nil
}

// untold reports that somebody who was never answered may have been granted the lock.
func (c *custody) untold() bool {
	return c.find(func(d *lockDeed) bool { return d.in.rank > 0 && c.timely(d) }) != nil
}

// own returns the last grant to x's process.
func (c *custody) own(token func(uint64) bool) *lockDeed {
	return c.find(func(g *lockDeed) bool {
		return g.out.Answer == ops.Granted && g.Process == c.x.Process && token(g.out.Token) && g.before(c.x)
	})
}

// call prints the operation as asked, heard as answered.
func (d *lockDeed) call() string { return fmt.Sprintf("%v %v", d.ID, d.in) }

func (d *lockDeed) heard() string {
	switch d.out.Answer {
	case ops.Granted:
		return d.call() + " was " + d.out.String()
	case ops.Seen:
		return d.call() + " saw it " + d.out.String()
	case ops.Released:
		return d.call() + " was accepted"
	case ops.NotOwner:
		return d.call() + " was refused"
	default:
		return d.call() + " was answered " + d.out.String()
	}
}
