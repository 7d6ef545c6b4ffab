package faults

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"distsim/sim"
)

// Draw is a swarm planner: it draws faults for the first chaos nanoseconds of a
// run from the world's seed, inside the model. Each kind is off with
// probability one half, so that runs differ in what they mix (Groce et al.,
// Swarm Testing, ISSTA 2012). On even chances a nemesis adds faults that aim at
// roles and moments. Draws are named by fault kind and number: another
// count of one kind moves no other. Faults that would exceed what the model
// allows at once are left out.
func Draw(m Model, w *sim.World, chaos time.Duration) []Entry {
	m.Servers, m.Clients = len(w.Servers()), len(w.Clients())
	plan := []Entry{} // none, not nil, when nothing is drawn
	for _, f := range All() {
		d := &dice{seed: w.Seed(), kind: f.Kind(), model: m, servers: w.Servers(), chaos: chaos}
		if !m.Allows(f.Kind()) || d.below("on", 2) == 0 {
			continue
		}
		n := 1 + d.below("count", int64(m.each()))
		for d.k = 1; d.k <= uint64(n); d.k++ {
			plan = m.add(plan, d.entry(f))
		}
	}
	for _, e := range aimed(m, w, chaos) {
		plan = m.add(plan, e)
	}
	slices.SortStableFunc(plan, func(a, b Entry) int { return cmp.Compare(a.At, b.At) })
	return plan
}

// add appends a fault, unless it is none or would exceed what the model allows at
// once.
func (m Model) add(plan []Entry, e Entry) []Entry {
	if e.Fault == nil || m.within(append(plan, e), e) != nil {
		return plan
	}
	return append(plan, e)
}

// grain is what drawn instants and durations are rounded to, for the eye.
const grain = 100 * time.Microsecond

// timed is a fault with an idea of its own about when and how long.
type timed interface{ timing(d *dice, e *Entry) }

// dice draws for the k-th fault of a kind.
type dice struct {
	answer  Answers // nil: the seed answers
	seed    uint64
	kind    Kind
	k       uint64
	model   Model
	servers []sim.NodeID
	chaos   time.Duration
}

// below draws one of 0 … n−1, of which 0 is the mildest, shortest, earliest or
// plainest; what names the question.
func (d *dice) below(what string, n int64) int64 {
	if d.answer != nil {
		return d.answer(what, max(n, 1))
	}
	id := sim.Identity{Subject: sim.OfPlanner, Name: string(d.kind) + " " + what, K: d.k}
	hi, _ := bits.Mul64(sim.Draw(d.seed, id), uint64(max(n, 1)))
	return int64(hi)
}

// countdown draws one of 0 … n−1 as below does, but n−1 is the mildest.
func (d *dice) countdown(what string, n int64) int64 {
	if d.answer != nil {
		return max(n, 1) - 1 - d.below(what, n)
	}
	return d.below(what, n)
}

// span draws a length of time below n, to be rounded. Whoever answers instead of
// the seed is asked for no more than shows.
func (d *dice) span(what string, n time.Duration) time.Duration {
	if d.answer != nil {
		return grain * time.Duration(d.below(what, int64((n+grain-1)/grain)))
	}
	return time.Duration(d.below(what, int64(n)))
}

// entry draws one fault, its instant and its length.
func (d *dice) entry(f Fault) Entry {
	least, most := d.model.lengths()
	e := Entry{
		Fault: f.draw(d),
		At:    sim.Time(d.round(d.span("at", d.chaos*9/10))),
		For:   max(grain, d.round(least+d.span("for", most-least+1))),
	}
	if t, ok := f.(timed); ok {
		t.timing(d, &e)
	}
	if _, stays := f.(staying); stays {
		e.For = 0
	}
	return d.towardsClients(e)
}

// wholeRun lets a drawn fault last from the start to the end of chaos. At the start
// nobody has a role yet.
func (e *Entry) wholeRun() {
	e.At, e.For = 0, 0
	if e.Fault == nil {
		return
	}
	if t, ok := onlyTarget(e.Fault); ok && t.Who != 0 {
		e.Fault = aimingAt(e.Fault, Aim(Any))
	}
}

// lengths are how long drawn faults last.
func (m Model) lengths() (least, most time.Duration) {
	if m.Least == 0 && m.Most == 0 {
		return 300 * time.Millisecond, 3 * time.Second
	}
	return m.Least, max(m.Least, m.Most)
}

func (d *dice) round(t time.Duration) time.Duration { return t.Truncate(grain) }

// aim draws a target: of ten chances, some for the leader, some for a dirty
// server, and the rest evenly for any server and for one by name.
func (d *dice) aim(leader, dirty int64) Target {
	// asked for whether needed or not: answers for a role are not fewer than for a name
	node := d.below("node", int64(len(d.servers)))
	switch x := d.countdown("target", 10); {
	case x < leader:
		return Aim(Leader)
	case x < leader+dirty:
		return Aim(Dirty)
	case x%2 == 0 || len(d.servers) == 0:
		return Aim(Any)
	default:
		return On(d.servers[node])
	}
}

// shift draws how far a clock is moved, forward or back: a millisecond or more, 0 if
// the most there may be is less.
func (d *dice) shift(most time.Duration) time.Duration {
	if most < time.Millisecond {
		return 0
	}
	by := min(most, d.round(time.Millisecond+d.span("by", most)))
	if d.countdown("back", 2) == 0 {
		return -by
	}
	return by
}

// scope draws the links that a network fault disturbs: all of them, or those
// around one server.
func (d *dice) scope() Scope {
	if d.below("scope", 2) == 0 {
		return Scope{}
	}
	return Scope{Target: d.aim(4, 0), Way: []string{"", Out, In}[d.below("way", 3)]}
}

// shuffled is the nodes in drawn order.
func (d *dice) shuffled(what string, ids []sim.NodeID) []sim.NodeID {
	ids = slices.Clone(ids)
	for i := len(ids) - 1; i > 0; i-- {
		j := d.countdown(what+string(rune('0'+i)), int64(i+1))
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids
}

func sorted(ids []sim.NodeID) []sim.NodeID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}
