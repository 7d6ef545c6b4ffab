package sim

import "slices"

// machine is one computer: a process that may run, and the clocks, disk and
// counters that outlive it.
//
// What every step looks at comes first: with the allocator's own word before it,
// each paragraph down to op fills one cache line or less. In a world of thousands of
// machines every line is a miss.
type machine struct {
	id       NodeID
	inc      uint32
	up       bool
	waits    bool // paused or busy: what comes waits in the inbox
	paused   bool
	busy     bool    // with a step that takes time: see Slow
	booting  bool    // its boot is on its way
	halted   bool    // its process ended itself
	dying    bool    // the running step was struck: crash when it ends
	ending   bool    // the running step has a strike or a fatal end: see World.end
	syncing  bool    // a sync is under way: what is sent waits
	effect   uint16  // effects of the running step so far
	strikeAt uint16  // the effect that a strike waits for, 0: none
	envs     []*Env  // of the running incarnation, by part index; nil where unused
	strike   *strike // a fault that waits for an effect of the running step

	clock clock
	sent  streamTable

	draws []drawStream
	fires []fireCount
	op    uint64 // clients: number of the current operation

	index     int        // order of creation; the world's dense number for it
	held      []heldSend // sends waiting for a sync, oldest first
	fatal     string     // why the process ended itself in this step, "" if it did not
	disk      disk
	build     func() Node
	node      Node
	crashes   uint64
	links     linkTable
	calls     uint64      // calls made so far; numbers envelopes
	open      int         // clients: operations invoked and not ended
	gen       int         // clients: how many processes were retired
	answers   int         // clients: operations that ended with an answer
	postponed []postponed // the rest of a step that a pause struck, in program order
	pausedIn  uint64      // the record that began that step
	points    uint64      // in explore mode: instants at which it could have crashed so far
	inbox     []event     // what came while it waits, in order
	slow      []*slowness // in force
	busyUntil Time
	builds    []namedBuild
	runs      string // the name of build, "": the first

	view View // last view, for Changed
}

func newMachine(w *World, id NodeID, index int, build func() Node) *machine {
	assert(build != nil, "node %v has no build function", id)
	m := w.spareMachine()
	m.id, m.index, m.build, m.clock = id, index, build, newClock()
	m.disk.init()
	m.sent.init()
	return m
}

// boot starts the next incarnation.
func (w *World) boot(m *machine, cause uint64) {
	if m.up {
		return
	}
	w.cause = cause
	m.up, m.booting, m.halted = true, false, false
	if m.id.IsClient() {
		w.boots--
	}
	m.inc++
	m.node = m.build()
	assert(m.node != nil, "the build function of %v returned nil", m.id)
	m.envs = append(m.envs[:0:0], &Env{w: w, m: m, node: m.node})
	seq := w.seal(w.rec(KindBoot, m))
	w.step(m, m.envs[0], 0, Boot{}, seq)
}

// step lets a node handle one message. seq is the record that begins the step.
func (w *World) step(m *machine, e *Env, from NodeID, msg Message, seq uint64) {
	w.cause, w.cause2 = seq, 0
	if w.observed || w.watches.active {
		w.watchedStep(m, e, from, msg, seq)
		return
	}
	w.current, m.effect, m.strikeAt = m.id, 0, 0
	e.handler().Step(e, from, msg)
	if m.ending {
		w.end(m, 0) // nobody looks at views
		return
	}
	if len(w.cfg.Invariants) > 0 {
		w.inspect(m.id)
	}
	w.current = 0
}

// watchedStep is a step that somebody looks at closely, or may strike.
func (w *World) watchedStep(m *machine, e *Env, from NodeID, msg Message, seq uint64) {
	if len(m.slow) > 0 {
		w.occupy(m)
	}
	w.begin(m)
	m.struckStep(e, from, msg)
	w.end(m, seq)
}

// struckStep is a step that a crash may strike at an effect. What the code does
// after it never happened, a panic included.
func (m *machine) struckStep(e *Env, from NodeID, msg Message) {
	defer func() {
		if m.dying {
			recover()
		} else if m.fatal != "" {
			m.readFailed(recover())
		}
	}()
	e.handler().Step(e, from, msg)
}

// readFailed lets pass what unwinds a handler that could not read its disk.
func (m *machine) readFailed(r any) {
	if _, unwinds := r.(killed); r != nil && !unwinds {
		panic(r)
	}
}

func (w *World) begin(m *machine) {
	w.current = m.id
	m.effect, m.strikeAt, m.strike, m.ending = 0, 0, nil, false
	if w.explore != nil {
		w.offers(m)
	}
	if w.watches.active {
		w.watches.stepBegins(w, m)
	}
}

// end closes a step: the fault that struck it takes hold, the view is compared,
// the invariants look.
func (w *World) end(m *machine, seq uint64) {
	m.strikeAt, m.ending = 0, false
	if w.trace.keep || w.cfg.Fingerprint {
		w.see(m, seq)
	}
	switch {
	case m.dying:
		m.dying = false
		w.crash(m, m.strike.model, "")
	case m.fatal != "":
		w.halt(m)
	case w.explore != nil:
		w.stepIsOver(m)
	}
	if s := m.strike; s != nil {
		m.strike = nil
		s.then(w, s.struck)
	}
	if w.cfg.FreezeCheck {
		w.frozen.verifyStep(w)
	}
	w.inspect(m.id)
	w.current = 0
}

// see compares the node's view with the one after its previous step.
func (w *World) see(m *machine, seq uint64) {
	v, ok := m.node.(Viewer)
	if !ok || !m.up || m.dying {
		return
	}
	w.scratch.Fields = w.scratch.Fields[:0]
	v.View(&w.scratch)
	if w.cfg.Fingerprint {
		w.trace.Fingerprint = fold(w.trace.Fingerprint^uint64(m.id), w.scratch.hash())
	}
	if w.trace.keep {
		mask, changed := w.scratch.changes(&m.view)
		w.trace.kept.change(seq, mask, changed)
	}
	m.view.Fields, w.scratch.Fields = w.scratch.Fields, m.view.Fields
}

// Up reports whether the machine's process runs (it may be paused).
func (w *World) Up(id NodeID) bool { return w.mustMachine(id).up }

// Paused reports whether the process is paused.
func (w *World) Paused(id NodeID) bool { return w.mustMachine(id).paused }

// Incarnation counts the boots of a machine.
func (w *World) Incarnation(id NodeID) uint32 { return w.mustMachine(id).inc }

// Dirty reports whether the machine has written what is not yet durable.
func (w *World) Dirty(id NodeID) bool {
	journal := w.mustMachine(id).disk.journal
	return slices.ContainsFunc(journal, func(op diskOp) bool { return op.sync != neverDurable })
}

// Halted reports whether the machine is down because its process ended itself.
func (w *World) Halted(id NodeID) bool {
	m := w.mustMachine(id)
	return !m.up && m.halted && !m.booting
}

// Node is the running incarnation's node, or nil when the machine is down:
// what invariants assert to their protocol's read-only interface.
func (w *World) Node(id NodeID) Node {
	if m := w.mustMachine(id); m.up {
		return m.node
	}
	return nil
}

// ViewOf is what the node shows of itself now; empty when it is down or shows
// nothing.
func (w *World) ViewOf(id NodeID) *View {
	var v View
	if n, ok := w.Node(id).(Viewer); ok {
		n.View(&v)
	}
	return &v
}

// Crash stops a machine at once: volatile state, held sends and, by the crash
// model, un-synced writes are gone. Messages already on their way still
// travel. It does nothing to a machine that is down.
func (w *World) Crash(id NodeID, model CrashModel) {
	m := w.mustMachine(id)
	if !m.up {
		return
	}
	w.crashBetween(m, model, "")
}

// Terminate ends a process as a signal does, and keeps everything written: a crash with
// KeepAll, but told as what it is.
func (w *World) Terminate(id NodeID) {
	if m := w.mustMachine(id); m.up {
		w.crashBetween(m, KeepAll, "is stopped, as by a signal, and keeps what it has written")
	}
}

// crashBetween crashes a machine that is not in the middle of a step.
func (w *World) crashBetween(m *machine, model CrashModel, told string) {
	cause := w.cause // a nemesis may do this in the middle of its own step
	w.crash(m, model, told)
	w.inspect(m.id)
	w.cause = cause
}

// crash stops a machine; told is how a transcript says so, if it has to.
func (w *World) crash(m *machine, model CrashModel, told string) {
	m.crashes++
	c := w.rec(KindCrash, m)
	c.K = m.crashes
	seq := w.seal(c)
	w.cause = seq
	w.drop(m)
	m.disk.crash(w, m, model)
	if told == "" && len(m.disk.strays) > 0 {
		told = "crashes"
	}
	w.tellStrays(seq, m, told)
}

// halt ends a process that called Env.Fatal. Its machine keeps its page cache:
// nothing written is lost.
func (w *World) halt(m *machine) {
	w.hurry(m)
	reason := m.fatal
	m.fatal, m.halted = "", true
	seq := w.seal(w.rec(KindHalt, m))
	w.drop(m)
	m.disk.crash(w, m, KeepAll)
	w.tellStrays(seq, m, reason)
}

// drop ends an incarnation: its envs die, its timers are forgotten, held sends
// and the inbox are lost.
func (w *World) drop(m *machine) {
	m.up, m.waits, m.paused, m.busy = false, false, false, false
	m.killEnvs()
	for i := range m.held {
		w.unsent(m, &m.held[i])
	}
	clear(m.held)
	m.held = m.held[:0]
	m.postponed = nil
	w.forgetTimers(m)
	inbox := m.inbox
	m.inbox = nil
	for i := range inbox {
		w.missInbox(m, &inbox[i])
	}
	m.links.breakStreams(w, m)
	m.view.Fields = m.view.Fields[:0]
	m.node = nil
	if m.open > 0 { // nobody will end them: the client goes on as someone else
		m.open = 0
		m.gen++
	}
}

// killEnvs makes every Env of the incarnation do nothing and ends its Procs.
func (m *machine) killEnvs() {
	for _, e := range m.envs {
		if e != nil {
			e.dead = true
		}
	}
	for _, e := range m.envs {
		if e != nil && e.proc != nil {
			e.proc.kill()
		}
	}
}

// fail ends the process at the end of its running step.
func (m *machine) fail(why string) {
	m.fatal, m.ending = why, true
	m.die()
}

// die ends the incarnation from within its own running step: whatever the code
// still does has no effect, and a Proc unwinds at once.
func (m *machine) die() {
	m.killEnvs()
	if m.running() != nil {
		panic(killed{})
	}
}

// Restart boots a machine that is down; it does nothing to one that is up or
// about to be.
func (w *World) Restart(id NodeID) {
	if m := w.mustMachine(id); !m.up && !m.booting {
		w.bootSoon(m, w.seal(w.rec(KindRestart, m)))
	}
}

// bootSoon boots a machine in an event of its own.
func (w *World) bootSoon(m *machine, cause uint64) {
	m.booting = true
	if m.id.IsClient() {
		w.boots++
	}
	ev := w.queue.push(w.now)
	*ev = event{kind: evBoot, to: m.id, cause: cause}
}
