package sim

import (
	"slices"
	"time"
)

// LinkRule disturbs the links from some machines to others while it is in
// force. Rules combine: a link is cut when any rule cuts it, chances, delays and
// windows add up, a message waits for every hold and clog on its way and passes
// every line of limited bandwidth.
type LinkRule struct {
	From, To  []NodeID   // nil: all machines
	Groups    [][]NodeID // instead of From and To: links between different groups; machines in no group are not touched
	Type      string     // only messages of the type with this name (see Means); "": all
	Cut       bool
	Loss      uint32 // parts per million, added
	Duplicate uint32 // parts per million, added
	Delay     Dist   // drawn for each message, added

	Reorder uint32        // parts per million of the messages take up to Window longer
	Window  time.Duration // more than 0 where Reorder is

	Corrupt uint32 // parts per million, added: damaged, which the receiver notices and drops
	Altered uint32 // parts per million, added: damaged unnoticed, if the message is Corruptible
	Hold    bool   // what would arrive waits until the rule ends, and then arrives at once
	Clog    bool   // what is sent waits until the rule ends, and then sets out
	Rate    int64  // bytes per second of each direction of each link; 0: no limit
	Queue   int    // how many messages may wait for a line of limited Rate

	// Met, if not nil, becomes true once the rule has covered a message: as it left, or
	// as it would have arrived.
	Met *bool

	// Name keys the draws of Delay and Reorder, so that removing one of two rules
	// changes nothing about the other. Rules without one are told apart by number.
	Name string

	id          int
	key         uint64
	from        []bool // by machine index; nil: all
	to          []bool
	group       []int // by machine index, 0: in no group
	next        *LinkRule
	nextReorder *LinkRule
	waiting     []parked // by Hold or Clog
	lines       []line   // by Rate
}

// linkEffect is what the rules in force make of one link, for one message.
type linkEffect struct {
	cut              bool
	loss, duplicate  uint32
	damaged, altered uint32
	delays           *LinkRule // those with a delay, linked by next
	reorders         *LinkRule // those with a window, linked by nextReorder
	hold, clog       *LinkRule // the first of each
	narrow           []*LinkRule
}

// Disturb puts a rule in force and returns the function that ends it.
func (w *World) Disturb(r LinkRule) (end func()) {
	n := len(w.all)
	r.id = w.net.nextID()
	r.key = uint64(r.id)
	if r.Name != "" {
		r.key = hashName(r.Name)
	}
	r.from, r.to = w.members(r.From, n), w.members(r.To, n)
	if r.Groups != nil {
		r.group = make([]int, n)
		for g, members := range r.Groups {
			for _, id := range members {
				r.group[w.mustMachine(id).index] = g + 1
			}
		}
	}
	rule := &r
	w.net.rules = append(w.net.rules, rule)
	w.net.rulesChanged(w.chooser)
	return func() {
		if !slices.Contains(w.net.rules, rule) {
			return
		}
		w.net.rules = slices.DeleteFunc(w.net.rules, func(x *LinkRule) bool { return x == rule })
		w.net.rulesChanged(w.chooser)
		w.letGo(rule)
	}
}

// rulesChanged notes what the rules now in force can do.
func (n *network) rulesChanged(c Chooser) {
	n.plain = c == nil && len(n.rules) == 0 && !n.cfg.FIFO && n.cfg.Duplicate == 0
	n.cuts, n.holds, n.tampers = false, false, false
	for _, r := range n.rules {
		n.cuts = n.cuts || r.Cut
		n.holds = n.holds || r.Hold
		n.tampers = n.tampers || r.Clog || r.Corrupt > 0 || r.Altered > 0
	}
}

// nextID is the least number no rule in force has: it keys the rule's extra
// delays, so it must not depend on rules long gone.
func (n *network) nextID() int {
	id := 1
	for slices.ContainsFunc(n.rules, func(r *LinkRule) bool { return r.id == id }) {
		id++
	}
	return id
}

func (w *World) members(ids []NodeID, n int) []bool {
	if ids == nil {
		return nil
	}
	in := make([]bool, n)
	for _, id := range ids {
		in[w.mustMachine(id).index] = true
	}
	return in
}

// between combines the rules in force on the link from a to b for messages of a
// type; 0 is a message of no particular type.
func (w *World) between(a, b *machine, typ int32) linkEffect {
	n := &w.net
	e := linkEffect{loss: n.cfg.Loss, duplicate: n.cfg.Duplicate}
	for _, r := range n.rules {
		if r.covers(a.index, b.index) && (r.Type == "" || w.Means(r.Type, w.trace.Names[typ].Name)) {
			e.add(r)
			notice(r.Met)
		}
	}
	return e
}

// notice remembers, for whoever wants to know, that a rule has met something.
func notice(met *bool) {
	if met != nil {
		*met = true
	}
}

func (e *linkEffect) add(r *LinkRule) {
	e.cut = e.cut || r.Cut
	e.loss = min(million, e.loss+r.Loss)
	e.duplicate = min(million, e.duplicate+r.Duplicate)
	e.damaged = min(million, e.damaged+r.Corrupt)
	e.altered = min(million, e.altered+r.Altered)
	if r.Delay != (Dist{}) {
		r.next, e.delays = e.delays, r
	}
	if r.Reorder > 0 && r.Window > 0 {
		r.nextReorder, e.reorders = e.reorders, r
	}
	if r.Hold && e.hold == nil {
		e.hold = r
	}
	if r.Clog && e.clog == nil {
		e.clog = r
	}
	if r.Rate > 0 {
		e.narrow = append(e.narrow, r)
	}
}

// queue is how long a message waits for and takes on lines of limited bandwidth,
// and whether it found room.
func (e *linkEffect) queue(w *World, from, to *machine, m Message) (wait uint64, fits bool) {
	if len(e.narrow) == 0 || e.cut {
		return 0, true
	}
	bytes := DefaultSize
	if s, ok := m.(Sized); ok {
		bytes = max(0, s.Size())
	}
	for _, r := range e.narrow {
		took, fits := r.transmission(w.now, from.index, to.index, bytes)
		if !fits {
			return 0, false
		}
		wait += took
	}
	return wait, true
}

func (r *LinkRule) covers(a, b int) bool {
	if r.group != nil {
		return a < len(r.group) && b < len(r.group) &&
			r.group[a] != 0 && r.group[b] != 0 && r.group[a] != r.group[b]
	}
	return in(r.from, a) && in(r.to, b)
}

func in(set []bool, i int) bool { return set == nil || i < len(set) && set[i] }

// Reachable reports whether a message from a to b would now pass every rule.
func (w *World) Reachable(a, b NodeID) bool {
	return a == b || !w.between(w.mustMachine(a), w.mustMachine(b), 0).cut
}
