package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Canonical is a node, or a message between nodes, that can say all that its
// future depends on: everything that it keeps between steps, in an order of its
// own. Numbers that grow for ever are shown as Epoch, PastEpoch or Offset. A node
// that shows too little lets FindLasso prove what is not so.
//
// A node shows its parts too, with CanonicalPart. A message without this method is
// compared by its whole content, so that growing numbers in it hide every lasso.
type Canonical interface{ Canonical(v *View) }

// CanonicalPart shows all of a component under its part's name.
func (v *View) CanonicalPart(name string, n Canonical) {
	outer := v.prefix
	v.prefix = outer + name + "."
	n.Canonical(v)
	v.prefix = outer
}

// canon writes down what the future of the servers depends on, as tokens whose
// numbers are normalised when all of them are known.
type canon struct {
	w       *World
	tokens  []token
	refused string // why the state cannot be told; "": it can
	chance  string // why what is under way may fare one way or another; "": it may not
	moving  bool   // something is under way between servers, or a timer of theirs is armed
}

// token is a word, or a number with the scope in which it is normalised.
type token struct {
	text    string
	kind    fieldKind
	value   int64
	machine NodeID // of an offset
}

// canonical is the state of the servers, and of what is on its way between them,
// after an event. Clients are left out: what they hold lies on a stack.
func (w *World) canonical() *canon {
	c := &canon{w: w}
	c.conditions()
	for _, m := range w.servers {
		c.machine(m)
	}
	c.pending()
	if c.moving {
		c.refuse(c.chance)
	}
	return c
}

func (c *canon) refuse(why string) { c.refused = cmp.Or(c.refused, why) }

func (c *canon) say(words ...string) {
	for _, s := range words {
		c.tokens = append(c.tokens, token{text: s, kind: textOnly})
	}
}

func (c *canon) at(t Time) { c.tokens = append(c.tokens, token{kind: instant, value: int64(t)}) }

// conditions refuses worlds in which what happens next is a matter of somebody outside,
// or of a disk whose errors are drawn and whose room is not told, and notes where it is
// one of chance if anything is under way, or servers say something.
func (c *canon) conditions() {
	w := c.w
	cfg := &w.cfg
	switch {
	case w.chooser != nil:
		c.refuse("decisions are overridden")
	case len(w.lurkers) > 0 || len(w.watches.by) > 0 || len(w.watches.records) > 0:
		c.refuse("a fault waits for its moment")
	case w.diskRules > 0:
		c.refuse("disks are disturbed")
	case unsure(cfg.Net.Loss) || unsure(cfg.Net.Duplicate) || cfg.Net.Latency.varies():
		c.chance = "the network draws latency, loss or duplication"
	case cfg.Disk.Sync.varies():
		c.chance = "disks draw their latency"
	case w.slowRules > 0:
		c.chance = "machines are slow"
	}
	for _, r := range w.net.rules {
		if len(r.waiting) > 0 {
			c.refuse("links hold messages")
		}
		if r.Altered > 0 { // what a client says again may arrive as something else
			c.refuse("links alter messages")
		}
		if r.draws() {
			c.chance = cmp.Or(c.chance, "links are disturbed by chance")
		}
	}
}

// draws reports whether the fate of a message is drawn, or depends on those before it.
func (r *LinkRule) draws() bool {
	return unsure(r.Loss) || unsure(r.Duplicate) || r.Delay.varies() || r.Reorder > 0 || r.Corrupt > 0 || r.Rate > 0
}

// unsure reports whether a chance can go both ways.
func unsure(ppm uint32) bool { return ppm > 0 && ppm < million }

// varies reports whether the distribution has more than one outcome.
func (d *Dist) varies() bool { return d.shape != fixed && (d.shape != uniform || d.lo != d.hi) }

// machine writes down one server.
func (c *canon) machine(m *machine) {
	c.say("\n", m.id.String())
	if !m.up {
		c.say(" down")
		return
	}
	if m.paused { // for ever, unless somebody acts from outside: what waits there waits
		c.say(" paused")
		return
	}
	if m.clock.rate != million || m.postponed != nil || m.strike != nil || m.busy {
		c.refuse(m.id.String() + " has a wrong clock, or is in the middle of a step")
	}
	n, ok := m.node.(Canonical)
	if !ok {
		c.refuse(m.id.String() + "'s node does not say all that its future depends on (sim.Canonical)")
		return
	}
	c.parts(m)
	c.fields(m.id, n)
	c.forever(m)
	for i := range m.held {
		h := &m.held[i]
		if h.to.IsServer() {
			c.moving = true
			c.say("\n  held for sync ", strconv.FormatUint(h.need-m.disk.done, 10), ": ")
			c.message(m.id, &event{to: h.to, part: h.part, msg: h.msg, call: h.call, reply: h.reply})
		}
	}
	for i := range m.inbox {
		c.moving = true
		c.say("\n  inbox: ")
		c.event(&m.inbox[i])
	}
	c.streams(m)
}

// streams writes down until when the links of a FIFO network are taken.
func (c *canon) streams(m *machine) {
	if !c.w.net.cfg.FIFO {
		return
	}
	for _, peer := range c.w.servers {
		if l := m.links.get(peer.index); l.lastDue > c.w.now {
			c.say("\n  link to ", peer.id.String(), " taken for ")
			c.at(l.lastDue)
		}
	}
}

// parts refuses machines of which a part cannot say all, such as one that is a Proc:
// what that holds lies on a stack. What can, the node around it shows.
func (c *canon) parts(m *machine) {
	for _, e := range m.envs {
		if e == nil || e.node == nil {
			continue
		}
		if _, ok := e.node.(Canonical); !ok {
			c.refuse(m.id.String() + "'s part " + e.PartName() + " does not say all that its future depends on (sim.Canonical)")
		}
	}
}

// forever writes down the timers that are armed and not queued: time ends before they
// are due, but their node can see that they are armed.
func (c *canon) forever(m *machine) {
	for _, e := range m.envs {
		if e == nil {
			continue
		}
		for i := range e.timers {
			if t := &e.timers[i]; t.armed && t.live.at == Never {
				c.say("\n  never: ", c.timerName(t))
			}
		}
	}
}

func (c *canon) timerName(t *timer) string {
	return c.w.trace.Names[t.typ].Name + "#" + c.content(t.key)
}

// fields writes down what a node or message shows of itself.
func (c *canon) fields(of NodeID, n Canonical) {
	var v View
	n.Canonical(&v)
	for _, f := range v.Fields {
		c.say(" ", f.Name, "=")
		switch f.kind {
		case epochField, pastField, offsetField:
			c.tokens = append(c.tokens, token{kind: f.kind, value: f.Int, machine: of})
		case textField:
			c.say(word(f.Text))
		default:
			c.say(f.Value())
		}
	}
}

// word is a text that cannot be taken for something else.
func word(s string) string {
	if strings.ContainsAny(s, " =\"\n") {
		return strconv.Quote(s)
	}
	return s
}

// pending writes down what is in the queue, in the order in which it will happen.
func (c *canon) pending() {
	type entry struct {
		at Time
		ev *event
	}
	var all []entry
	c.w.queue.each(func(at Time, ev *event) { all = append(all, entry{at, ev}) })
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	for _, e := range all {
		if c.matters(e.ev) {
			c.moving = true
			c.say("\nin ")
			c.at(e.at)
			c.say(" ")
			c.event(e.ev)
		}
	}
}

// matters reports whether an event has to do with servers at all.
func (c *canon) matters(ev *event) bool {
	switch ev.kind {
	case evControl:
		c.refuse("somebody will act from outside")
		return false
	case evNothing:
		return false
	case evResume:
		c.refuse("a process is about to go on")
		return false
	}
	if to := c.w.machine(ev.to); to.paused {
		return false
	}
	switch ev.kind {
	case evDeliver:
		return ev.from.IsServer() && ev.to.IsServer()
	case evTimer:
		m := c.w.machine(ev.to)
		return ev.to.IsServer() && m.up && ev.inc == m.inc && m.envs[ev.part].timers[ev.typ].gen == ev.k
	default: // what an earlier incarnation has left does nothing
		m := c.w.machine(ev.to)
		return ev.to.IsServer() && (ev.kind == evBoot && !m.up || m.up && ev.inc == m.inc)
	}
}

func (c *canon) event(ev *event) {
	switch ev.kind {
	case evDeliver:
		c.message(ev.from, ev)
		if ev.harm == damaged {
			c.say(" (damaged)")
		}
		if ev.from == ev.to && ev.inc != c.w.machine(ev.to).inc {
			c.say(" (of an earlier incarnation)")
		}
		if c.w.net.cfg.FIFO && ev.from != ev.to {
			l := c.w.machine(ev.from).links.get(c.w.machine(ev.to).index)
			c.say(" stream+", strconv.FormatUint(uint64(l.epoch-ev.inc), 10))
		}
	case evTimer:
		m := c.w.machine(ev.to)
		t := &m.envs[ev.part].timers[ev.typ]
		c.say(ev.to.String(), " timer ", c.timerName(t))
		if !t.armed {
			c.say(" disarmed")
			return
		}
		c.say(" due in ")
		c.at(m.clock.due(t.deadline))
	case evSynced:
		c.say(ev.to.String(), " sync is done")
	default:
		c.say(ev.to.String(), " boots or resumes")
	}
}

// message writes down a message on its way from a server.
func (c *canon) message(from NodeID, ev *event) {
	c.say(from.String(), " to ", ev.to.String(), " ", c.w.inPart(ev.part, typeName(ev.msg)))
	switch {
	case ev.reply:
		c.say(" answer to call ", strconv.FormatUint(ev.call, 10))
	case ev.call != 0:
		c.say(" call ", strconv.FormatUint(ev.call, 10))
	}
	if n, ok := ev.msg.(Canonical); ok {
		c.fields(ev.to, n)
		return
	}
	c.say(" #", c.content(ev.msg))
}

// content is a hash of all that a message or a timer key holds.
func (c *canon) content(m Message) string {
	h := hasher{exact: true}
	sum := h.whole(m)
	if h.opaque {
		c.refuse("a " + typeName(m) + " holds what has no content to compare, such as a function")
	}
	return strconv.FormatUint(sum, 16)
}

// raw is the state as it is, instants absolute: equal before and after an event
// that changed nothing.
func (c *canon) raw() string {
	return c.render(func(t *token) string { return strconv.FormatInt(t.value, 10) })
}

// normal is the state as only the future sees it: instants from now, epochs from
// the least that is in use, past epochs by rank below that, offsets from the
// largest of their machine. Zero means nothing, and stays what it is: epochs are told
// as they are while one is zero, and so are offsets while all of a machine are.
//
// Epochs in use only grow, so a past epoch below all of them will always compare
// with them as it does now, and of those below only the order matters.
func (c *canon) normal() string {
	least := int64(1<<63 - 1)
	var past []int64
	most := map[NodeID]int64{}
	for i := range c.tokens {
		switch t := &c.tokens[i]; t.kind {
		case epochField:
			least = min(least, t.value)
		case pastField:
			if t.value != 0 {
				past = append(past, t.value)
			}
		case offsetField:
			most[t.machine] = max(most[t.machine], t.value)
		}
	}
	slices.Sort(past)
	past = slices.Compact(past)
	return c.render(func(t *token) string {
		switch t.kind {
		case instant:
			return Time(t.value - int64(c.w.now)).String()
		case offsetField:
			if most[t.machine] == 0 {
				return strconv.FormatInt(t.value, 10)
			}
			return "end-" + strconv.FormatInt(most[t.machine]-t.value, 10)
		case pastField:
			if t.value == 0 {
				return "0"
			}
			if t.value < least {
				rank, _ := slices.BinarySearch(past, t.value)
				return "past" + strconv.Itoa(rank)
			}
		}
		if least == 0 {
			return strconv.FormatInt(t.value, 10)
		}
		return "E+" + strconv.FormatInt(t.value-least, 10)
	})
}

func (c *canon) render(number func(*token) string) string {
	var b strings.Builder
	for i := range c.tokens {
		if t := &c.tokens[i]; t.kind == textOnly {
			b.WriteString(t.text)
		} else {
			b.WriteString(number(t))
		}
	}
	return b.String()
}
