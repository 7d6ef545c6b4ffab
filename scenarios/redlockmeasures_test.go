package scenarios

import (
	"slices"
	"testing"
	"time"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// chronicle is a history made up, of which each record is a millisecond after the one
// before.
type chronicle struct {
	ops []history.Op
	seq uint64
}

func (c *chronicle) now() time.Duration { return time.Duration(c.seq) * time.Millisecond }

func (c *chronicle) begins(kind ops.LockKind, lock string) (op int) {
	c.seq++
	c.ops = append(c.ops, history.Op{Input: ops.Lock{Kind: kind, Name: lock}, Invoked: c.seq, InvokedAt: c.now()})
	return len(c.ops) - 1
}

func (c *chronicle) ends(op int, answer ops.LockAnswer) {
	c.seq++
	x := &c.ops[op]
	x.Outcome, x.Output, x.Returned, x.ReturnedAt = history.OK, ops.LockResult{Answer: answer}, c.seq, c.now()
}

func (c *chronicle) turnsTaken() (all []time.Duration) {
	turnsTaken(c.ops, func(d time.Duration) { all = append(all, d) })
	return all
}

func TestTurnsTaken(t *testing.T) {
	const ms = time.Millisecond
	for name, x := range map[string]struct {
		story func(c *chronicle)
		want  []time.Duration
	}{
		"from one to the next": {func(c *chronicle) {
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
			next := c.begins(ops.Acquire, "l1")
			release := c.begins(ops.Release, "l1")
			c.ends(release, ops.Released)
			c.ends(next, ops.Granted)
		}, []time.Duration{2 * ms}},
		"nobody waited": {func(c *chronicle) {
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
			c.ends(c.begins(ops.Release, "l1"), ops.Released)
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
		}, nil},
		"who waited for another lock": {func(c *chronicle) {
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
			next := c.begins(ops.Acquire, "l2")
			c.ends(c.begins(ops.Release, "l1"), ops.Released)
			c.ends(next, ops.Granted)
		}, nil},
		"who gave up is passed over": {func(c *chronicle) {
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
			weary, next := c.begins(ops.Acquire, "l1"), c.begins(ops.Acquire, "l1")
			c.begins(ops.Release, "l1") // and is never answered
			c.ends(weary, ops.TimedOut)
			c.ends(next, ops.Granted)
		}, []time.Duration{2 * ms}},
		"a release counts once": {func(c *chronicle) {
			c.ends(c.begins(ops.Acquire, "l1"), ops.Granted)
			a, b := c.begins(ops.Acquire, "l1"), c.begins(ops.Acquire, "l1")
			c.begins(ops.Release, "l1")
			c.ends(a, ops.Granted)
			c.ends(b, ops.Granted)
		}, []time.Duration{ms}},
	} {
		c := &chronicle{}
		x.story(c)
		if got := c.turnsTaken(); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}
