package invariant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// InDoubt watches how long participants are in doubt: from the yes until they know
// the decision, crashes in between included. It is for one world:
//
//	w.AddInvariant(d.Watch(), d.Within("in-doubt-bounded", 4*time.Second))
type InDoubt struct {
	// Ended, if set, is told of each spell that is over.
	Ended func(at sim.NodeID, tx bank.Tx, lasted time.Duration)

	// CrashStop is that machines crash for good: the dead are in doubt about nothing.
	CrashStop bool

	open    []Doubt // oldest first
	longest spell   // that is over
	members map[sim.NodeID]*progress
}

// Doubt is one participant in doubt about one transaction.
type Doubt struct {
	At    sim.NodeID
	Tx    bank.Tx
	Since sim.Time
}

// spell is a doubt that is over.
type spell struct {
	Doubt
	lasted time.Duration
}

// progress is how much has been seen of a machine.
type progress struct {
	incarnation uint32
	seen        int
}

// Watch is what takes note of every event; it comes before Within.
func (d *InDoubt) Watch() sim.Invariant {
	return sim.Observe(func(w *sim.World, id sim.NodeID) {
		if d.CrashStop {
			d.bury(func(x Doubt) bool { return !w.Up(x.At) })
		}
		if node, ok := w.Node(id).(Node); ok && id.IsServer() {
			d.follow(w, id, node)
		}
	})
}

// Within is the property that nobody is in doubt for longer than a bound.
func (d *InDoubt) Within(property string, bound time.Duration) sim.Invariant {
	return within{d, property, bound}
}

type within struct {
	*InDoubt
	property string
	bound    time.Duration
}

// Name is the property.
func (d within) Name() string { return d.property }

// Check looks at who has been in doubt for longest, and whether somebody was for too long
// who learns the decision in this very event, the first after the bound.
func (d within) Check(w *sim.World, _ sim.NodeID) *sim.Violation {
	if x := d.longest; x.lasted > d.bound {
		return violation([]sim.NodeID{x.At}, "%v was in doubt about %v for %v, more than %v", x.At, x.Tx, x.lasted, d.bound)
	}
	if len(d.open) == 0 || time.Duration(w.Now()-d.open[0].Since) <= d.bound {
		return nil
	}
	x := d.open[0]
	v := violation([]sim.NodeID{x.At}, "%v has been in doubt about %v for more than %v%s", x.At, x.Tx, d.bound, d.locked(w, x))
	for _, y := range d.open[1:] {
		if y.Tx == x.Tx {
			v.Detail += fmt.Sprintf("; and so is %v%s", y.At, d.locked(w, y))
		}
	}
	return v
}

func (d *InDoubt) follow(w *sim.World, id sim.NodeID, node Node) {
	if d.members == nil {
		d.members = map[sim.NodeID]*progress{}
	}
	p := d.members[id]
	if p == nil {
		p = &progress{}
		d.members[id] = p
	}
	if inc := w.Incarnation(id); inc != p.incarnation {
		*p = progress{incarnation: inc}
		if d.CrashStop {
			d.bury(func(x Doubt) bool { return x.At == id })
		}
	}
	all := node.Changes()
	for _, c := range all[p.seen:] {
		d.note(w, id, c)
	}
	p.seen = len(all)
}

// bury forgets the doubts of the dead.
func (d *InDoubt) bury(dead func(Doubt) bool) { d.open = slices.DeleteFunc(d.open, dead) }

func (d *InDoubt) note(w *sim.World, id sim.NodeID, c Change) {
	i := slices.IndexFunc(d.open, func(x Doubt) bool { return x.At == id && x.Tx == c.Tx })
	switch {
	case c.State == Prepared && i < 0:
		d.open = append(d.open, Doubt{id, c.Tx, w.Now()})
	case (c.State == Committed || c.State == Aborted) && i >= 0:
		over := spell{d.open[i], time.Duration(w.Now() - d.open[i].Since)}
		if over.lasted > d.longest.lasted {
			d.longest = over
		}
		if d.Ended != nil {
			d.Ended(id, c.Tx, over.lasted)
		}
		d.open = slices.Delete(d.open, i, i+1)
	}
}

// Open lists who is in doubt now, oldest first.
func (d *InDoubt) Open() []Doubt { return slices.Clone(d.open) }

// locked says what is locked meanwhile.
func (d *InDoubt) locked(w *sim.World, x Doubt) string {
	node, ok := w.Node(x.At).(Locker)
	if !ok {
		return ""
	}
	var names []string
	for _, lock := range node.Held() {
		if lock.Tx == x.Tx {
			names = append(names, lock.Account)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(", with %s locked", strings.Join(names, " and "))
}
