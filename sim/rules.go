package sim

import "slices"

// LinkRule disturbs the links from some machines to others while it is in
// force. Rules combine: a link is cut when any rule cuts it, chances add up,
// delays too.
type LinkRule struct {
	From, To  []NodeID   // nil: all machines
	Groups    [][]NodeID // instead of From and To: links between different groups; machines in no group are not touched
	Cut       bool
	Loss      uint32 // parts per million, added
	Duplicate uint32 // parts per million, added
	Delay     Dist   // drawn for each message, added

	// Name keys the draws of Delay, so that removing one of two rules changes
	// nothing about the other. Rules without one are told apart by number.
	Name string

	id    int
	key   uint64
	from  []bool // by machine index; nil: all
	to    []bool
	group []int // by machine index, 0: in no group
	next  *LinkRule
}

// linkEffect is what the rules in force make of one link.
type linkEffect struct {
	cut             bool
	loss, duplicate uint32
	delays          *LinkRule // those with a delay, linked by next
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
	w.net.plain = false
	return func() {
		w.net.rules = slices.DeleteFunc(w.net.rules, func(x *LinkRule) bool { return x == rule })
		w.net.plain = w.net.isPlain(w.chooser)
	}
}

func (n *network) isPlain(c Chooser) bool {
	return c == nil && len(n.rules) == 0 && !n.cfg.FIFO && n.cfg.Duplicate == 0
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

// between combines the rules in force on the link from a to b.
func (n *network) between(a, b *machine) linkEffect {
	e := linkEffect{loss: n.cfg.Loss, duplicate: n.cfg.Duplicate}
	for _, r := range n.rules {
		if !r.covers(a.index, b.index) {
			continue
		}
		e.cut = e.cut || r.Cut
		e.loss = min(million, e.loss+r.Loss)
		e.duplicate = min(million, e.duplicate+r.Duplicate)
		if r.Delay != (Dist{}) {
			r.next, e.delays = e.delays, r
		}
	}
	return e
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
	return a == b || !w.net.between(w.mustMachine(a), w.mustMachine(b)).cut
}
