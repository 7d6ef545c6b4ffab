package sim

import (
	"cmp"
	"fmt"
	"time"
)

// Env is a node's whole world: it sends, keeps timers, writes files, reads
// clocks and draws through it. An Env belongs to one incarnation of one
// machine, or of one Part of it; after the crash its effects do nothing.
type Env struct {
	w        *World
	m        *machine
	node     Node // who handles this part's messages; nil: the part around it
	timers   []timer
	part     uint16
	dead     bool
	gotReply bool // the message being handled answers the call
	replyTo  ReplyTo
	awaiting uint64    // number of the call a Proc waits for, 0 for none
	outer    *Env      // the part around this one; nil for the machine itself
	proc     *Proc     // when node is a Proc
	_        [2]uint64 // for a size class of whole cache lines
}

// ID is the machine's name.
func (e *Env) ID() NodeID { return e.m.id }

// Servers lists all servers of the world, this one included if it is one.
func (e *Env) Servers() []NodeID { return e.w.Servers() }

// Incarnation counts the boots of this machine, from 1.
func (e *Env) Incarnation() uint32 { return e.m.inc }

// PartName is the part's path, "" for the machine itself.
func (e *Env) PartName() string { return e.w.parts[e.part] }

// Now is the machine's wall clock: nanoseconds since 1970-01-01T00:00:00Z, as
// this machine believes. It may be off, drift and step.
func (e *Env) Now() int64 { return e.read() + e.m.clock.wall }

// Elapsed is the machine's monotonic clock: it drifts but never steps, and it
// goes on across restarts.
func (e *Env) Elapsed() time.Duration { return time.Duration(e.read()) }

// read is the monotonic clock. What a server reads there, no canonical state tells.
func (e *Env) read() int64 {
	if e.m.id.IsServer() {
		e.w.unforeseen++
	}
	return e.m.clock.local(e.w.now)
}

// Part is an Env of its own on the same machine: messages, timers, files,
// draws and the view's fields are named under it, while crash, clocks, disk and
// inbox are shared. Messages sent through it arrive in the part of the same
// name. Calling it again with one name gives the same Env.
func (e *Env) Part(name string) *Env {
	assert(name != "", "a part needs a name")
	path := name
	if e.part != 0 {
		path = e.w.parts[e.part] + "/" + name
	}
	index := e.w.partIndex(path)
	if e.dead { // the machine's envs are those of a later incarnation
		return &Env{w: e.w, m: e.m, node: e.node, outer: e, part: index, dead: true}
	}
	p := e.m.env(e.w, index)
	p.outer = e
	return p
}

// Attach makes n the handler of this part's messages and timers, and boots it
// at once. Without a handler the part around it gets them, with this Env.
func (e *Env) Attach(n Node) {
	if e.dead { // boots nothing
		return
	}
	assert(e.outer != nil, "Attach is for parts; a machine's node comes from its build function")
	assert(e.node == nil, "part %s already has a handler", e.PartName())
	e.node = n
	n.Step(e, 0, Boot{})
}

// handler is who steps for this Env's messages.
func (e *Env) handler() Node {
	for e.node == nil {
		e = e.outer
	}
	return e.node
}

// env is the Env of a part, made on first use.
func (m *machine) env(w *World, part uint16) *Env {
	for int(part) >= len(m.envs) {
		m.envs = append(m.envs, nil)
	}
	if m.envs[part] == nil {
		m.envs[part] = &Env{w: w, m: m, part: part}
	}
	return m.envs[part]
}

// arrivalEnv is where a message for a part goes. A part that nobody has opened
// on this machine is handled by the machine's own node.
func (m *machine) arrivalEnv(w *World, part uint16) *Env {
	e := m.env(w, part)
	if e.outer == nil && part != 0 {
		e.outer = m.envs[0]
	}
	return e
}

// effect numbers one effect of the running step and reports whether it may
// happen now. It may not when the incarnation is dead, or when the step is
// paused before this effect; see Env.postpones.
func (e *Env) effect() bool {
	return e.unhindered() || e.stillMay()
}

// unhindered is effect where nothing stands in the way; else stillMay decides. It is
// by itself so that the most frequent effects can have it inlined.
func (e *Env) unhindered() bool {
	m := e.m
	m.effect++
	return !e.dead && !m.paused && m.effect != m.strikeAt
}

func (e *Env) stillMay() bool {
	m := e.m
	if e.dead { // was no effect: the counter may be that of the next incarnation
		m.effect--
		return false
	}
	if m.effect == m.strikeAt {
		return e.hit()
	}
	return !m.paused || e.stops()
}

// hit lets the strike take hold before the current effect, and reports whether
// the effect may happen all the same: a paused Proc has been resumed by then.
func (e *Env) hit() bool {
	e.w.strikes(e.m)
	return !e.dead && (!e.m.paused || e.stops())
}

// stops suspends a Proc that its machine's pause found in mid-step, and
// reports whether it goes on. A handler cannot be stopped: it runs to its end
// and its effects are postponed.
func (e *Env) stops() bool {
	p := e.m.running()
	if p == nil {
		return false
	}
	e.m.postpone(e.m.effect, p.proceed)
	p.suspend()
	return !e.dead
}

// postpones keeps an effect that may not happen now for the resume, if there
// can be one.
func (e *Env) postpones(effect func()) {
	if !e.dead && e.m.paused {
		e.m.postpone(e.m.effect-1, effect)
	}
}

// Send gives a message to the network. It leaves once every Sync that this
// machine issued before is durable, and no later one; latency and partitions
// count from then. A message to oneself takes no time and is never lost, so
// after a Sync it is the notice that the sync is done.
func (e *Env) Send(to NodeID, m Message) {
	if !e.unhindered() && !e.stillMay() {
		e.postpones(func() { e.Send(to, m) })
		return
	}
	e.w.send(&outgoing{env: e, to: to, part: e.part, msg: m, cause: e.w.cause, cause2: e.w.cause2})
}

// ReplyTo is where the answer to a message goes. It can be stored and used in
// a later step. The zero ReplyTo is nobody: answers to it vanish.
type ReplyTo struct {
	node NodeID
	part uint16
	call uint64
}

// Node is who asked.
func (r ReplyTo) Node() NodeID { return r.node }

// ReplyTo is where to answer the message being handled.
func (e *Env) ReplyTo() ReplyTo { return e.replyTo }

// Reply answers a message, in the part that sent it. When it was sent by Call,
// the answer goes to that call alone; otherwise it is a plain message.
func (e *Env) Reply(r ReplyTo, m Message) {
	if r.node == 0 {
		return
	}
	if !e.unhindered() && !e.stillMay() {
		e.postpones(func() { e.Reply(r, m) })
		return
	}
	e.w.send(&outgoing{env: e, to: r.node, part: r.part, msg: m, cause: e.w.cause, cause2: e.w.cause2, call: r.call, reply: r.call != 0})
}

// Fatal ends the process at the end of this step, saying why: a node that finds
// its disk corrupt refuses to start. What it wrote stays in the page cache.
func (e *Env) Fatal(format string, args ...any) {
	if !e.effect() {
		e.postpones(func() { e.Fatal(format, args...) })
		return
	}
	e.m.fail(cmp.Or(fmt.Sprintf(format, args...), "no reason given"))
}

// Logf adds a line to the trace. It is formatted only when records are kept.
func (e *Env) Logf(format string, args ...any) {
	if e.dead {
		return
	}
	e.w.note(KindLog, e.m, func() string { return fmt.Sprintf(format, args...) })
}

// Reached counts that the run has visited a situation worth visiting.
func (e *Env) Reached(name string) {
	if e.dead {
		return
	}
	name = e.w.inPart(e.part, name)
	e.w.reached[name]++
	c := e.w.rec(KindReached, e.m)
	c.Type, c.K = e.w.types.name(name), uint64(e.w.reached[name])
	e.w.seal(c)
}
