package sim

import (
	"fmt"
	"runtime/debug" //simlint:allow os only captures a panicking handler's stack
	"slices"
	"strings"
	"time"

	"distsim/sim/history"
)

// Config is what a world is made from, beside its nodes. The zero Config is a
// perfect network (no latency, no loss), a disk that syncs in no time and
// exact clocks.
type Config struct {
	Seed       uint64
	Net        NetConfig
	Disk       DiskConfig
	Invariants []Invariant
	Chooser    Chooser  // nil: every decision is what the seed draws
	Explore    *Explore // with a Chooser: it decides about crashes, too

	// Sometimes is the chance, in parts per million, that env.Sometimes says
	// yes while the run is in its chaos phase.
	Sometimes uint32

	Records     bool // keep every record, with views and texts, not only the hash
	Fingerprint bool // also hash payloads and views into Trace.Fingerprint
	FreezeCheck bool // report messages that were changed after they were sent
}

// World is one simulated run: machines, network, clocks and disks under one
// single-threaded scheduler. It is not safe for concurrent use; two worlds
// share nothing.
type World struct {
	cfg     Config
	chooser Chooser
	seed    uint64
	now     Time
	events  uint64
	queue   queue
	trace   Trace
	net     network

	servers []*machine
	clients []*machine
	all     []*machine // in the order they were added
	retired []*machine // of the run before the last Reset, for reuse

	types      typeTable
	parts      []string // part names by index; 0 is the root ""
	current    NodeID   // whose step is running, 0: nobody's
	cause      uint64   // record that triggered what happens now
	cause2     uint64
	watches    watches
	lurkers    []*lurker
	diskRules  int        // in force, on all machines
	slowRules  int        // likewise
	unforeseen uint64     // draws that could have come out otherwise, and what was read off disks and servers' clocks
	syncers    []*machine // that have issued a sync in the current event, when somebody lurks
	witnesses  []Witness  // those of cfg.Invariants
	observed   bool       // steps are looked at closely: records, fingerprints, payload checks
	chaos      bool
	stopped    bool
	inRun      bool
	closed     bool
	ops        []history.Op
	open       int // client procs still running
	boots      int // clients about to boot
	reached    map[string]int
	violated   []Violation
	failed     map[string]bool
	explore    *Explore // nil: not in explore mode
	stepSeq    uint64   // in explore mode: the record that began the latest step
	frozen     freezer
	scratch    View
}

// New makes a world with no machines.
func New(cfg Config) *World {
	w := &World{}
	w.init(cfg)
	return w
}

// init makes an empty world ready to run; slices and maps may bring memory along.
func (w *World) init(cfg Config) {
	w.cfg, w.chooser, w.seed = cfg, cfg.Chooser, cfg.Seed
	w.parts = append(w.parts, "")
	w.reached, w.failed = map[string]int{}, map[string]bool{}
	w.chaos = true
	w.trace.init(cfg.Records)
	w.types.init(w)
	w.net.cfg = cfg.Net
	w.net.rulesChanged(w.chooser)
	w.witnesses = witnessesAmong(cfg.Invariants)
	if cfg.Explore != nil && cfg.Chooser != nil {
		cfg.Explore.check()
		w.explore = cfg.Explore
	}
	w.observed = cfg.Records || cfg.Fingerprint || cfg.FreezeCheck || w.explore != nil
}

// AddServer adds a machine that runs what build makes, anew for every
// incarnation, and boots it now. Everything a node keeps outside its disk is
// lost in a crash because build starts from nothing.
func (w *World) AddServer(build func() Node) NodeID {
	id := Server(len(w.servers) + 1)
	w.servers = append(w.servers, w.add(id, build))
	return id
}

// AddClient adds a client machine; its node is usually a Proc made by Go.
func (w *World) AddClient(build func() Node) NodeID {
	id := Client(len(w.clients) + 1)
	w.clients = append(w.clients, w.add(id, build))
	return id
}

func (w *World) add(id NodeID, build func() Node) *machine {
	m := newMachine(w, id, len(w.all), build)
	w.all = append(w.all, m)
	w.bootSoon(m, 0)
	return m
}

// AddInvariant adds a property to check after every event.
func (w *World) AddInvariant(inv ...Invariant) {
	w.cfg.Invariants = append(w.cfg.Invariants[:len(w.cfg.Invariants):len(w.cfg.Invariants)], inv...)
	w.witnesses = witnessesAmong(w.cfg.Invariants)
}

// Invariants lists the names of the properties that are checked.
func (w *World) Invariants() []string {
	names := []string{}
	for _, inv := range w.cfg.Invariants {
		if name := inv.Name(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Events counts the events handled so far.
func (w *World) Events() uint64 { return w.events }

// Servers lists the servers n1, n2, … ; the slice is the caller's.
func (w *World) Servers() []NodeID { return ids(w.servers) }

// ServerCount is how many servers there are: n1 … n(ServerCount).
func (w *World) ServerCount() int { return len(w.servers) }

// Clients lists the clients c1, c2, … ; the slice is the caller's.
func (w *World) Clients() []NodeID { return ids(w.clients) }

func ids(ms []*machine) []NodeID {
	out := make([]NodeID, len(ms))
	for i, m := range ms {
		out[i] = m.id
	}
	return out
}

// machine finds a machine by name, or nil.
func (w *World) machine(id NodeID) *machine {
	i := int(id&ordinalMask) - 1
	ms := w.servers
	if id&clientBit != 0 {
		ms = w.clients
	}
	if uint(i) >= uint(len(ms)) {
		return nil
	}
	return ms[i]
}

func (w *World) mustMachine(id NodeID) *machine {
	m := w.machine(id)
	if m == nil {
		panic(fmt.Sprintf("sim: there is no node %v; this world has %s", id, w.population()))
	}
	return m
}

// population says which nodes there are: n1 … n5, c1.
func (w *World) population() string {
	var all []string
	for _, ms := range [][]*machine{w.servers, w.clients} {
		switch len(ms) {
		case 0:
		case 1:
			all = append(all, ms[0].id.String())
		default:
			all = append(all, fmt.Sprintf("%v … %v", ms[0].id, ms[len(ms)-1].id))
		}
	}
	if len(all) == 0 {
		return "no nodes"
	}
	return strings.Join(all, ", ")
}

// Now is the true virtual time: nanoseconds since the run began.
func (w *World) Now() Time { return w.now }

// Seed is the seed the world was made with.
func (w *World) Seed() uint64 { return w.cfg.Seed }

// Chooser is who decides beside the seed, or nil.
func (w *World) Chooser() Chooser { return w.chooser }

// Trace is the run's trace so far; it grows with the run.
func (w *World) Trace() *Trace { return &w.trace }

// Hash is the trace hash so far: equal hashes mean equal runs.
func (w *World) Hash() uint64 { return w.trace.Hash }

// History is every client operation so far, ordered by invocation. Operations
// not answered yet are Unknown.
func (w *World) History() []history.Op { return slices.Clone(w.ops) }

// Reached counts, by name, how often env.Reached was called.
func (w *World) Reached() map[string]int { return w.reached }

// ClientsDone reports whether every Proc on a client machine has ended, by itself or in a
// crash, and no client is about to boot.
func (w *World) ClientsDone() bool { return w.open == 0 && w.boots == 0 }

// Answers counts the operations of a client that ended with an answer.
func (w *World) Answers(client NodeID) int { return w.mustMachine(client).answers }

// Stop ends the run after the current event.
func (w *World) Stop() { w.stopped = true }

// Close ends every Proc that still runs. A closed world can be read, not run.
func (w *World) Close() {
	assert(!w.inRun, "World.Close called from inside a step")
	w.closed = true
	for _, m := range w.all {
		m.killEnvs()
	}
	w.frozen.verifyAll(w)
}

// RunUntil handles every event due at or before t, then sets the clock to t. It
// returns earlier when Stop was called or a handler panicked, and reports
// whether it reached t.
func (w *World) RunUntil(t Time) bool {
	if !w.run(t, nil) {
		return false
	}
	w.now = max(w.now, t)
	return true
}

// RunWhile is RunUntil that also returns, with true, as soon as goOn, asked before
// every event, says no. The clock then stays where it is.
func (w *World) RunWhile(t Time, goOn func() bool) bool {
	if !w.run(t, goOn) {
		return false
	}
	if goOn() {
		w.now = max(w.now, t)
	}
	return true
}

// RunClients is RunUntil that also returns, with true, at the moment when the
// last client Proc ends. It does not wait for a client that is down, but for one that
// is about to start again.
func (w *World) RunClients(t Time) bool {
	return w.RunWhile(t, func() bool { return len(w.clients) == 0 || !w.ClientsDone() })
}

// run is the scheduler: one event at a time, in order. A nil goOn goes on.
func (w *World) run(until Time, goOn func() bool) (reached bool) {
	assert(!w.inRun, "World.Run called from inside a step")
	assert(!w.closed, "the world is closed")
	w.inRun = true
	defer func() { w.inRun, w.current, w.cause, w.cause2 = false, 0, 0, 0 }()
	defer w.catch(&reached)
	for !w.stopped && (goOn == nil || goOn()) {
		next, due := w.queue.pop(until)
		if !due {
			break
		}
		ev := w.queue.event(next.slot)
		w.now = next.at
		w.events++
		w.cause, w.cause2 = 0, 0
		switch ev.kind { // what decides returns before the step begins: see Proc.Step
		case evDeliver:
			if m := w.machine(ev.to); w.simplyArrives(m, ev) || w.getsThrough(m, ev) {
				w.receive(m, ev)
			}
		case evTimer:
			if e, t := w.timerDue(ev, false); t != nil {
				w.fire(e, t)
			}
		default:
			w.dispatch(ev)
		}
		w.queue.done(ev, next.slot)
		if w.watches.active {
			w.watches.afterEvent(w)
		}
	}
	return !w.stopped
}

// catch turns a panic of a handler into the violated property "panic". A
// Goexit (t.FailNow inside a handler) passes through.
func (w *World) catch(reached *bool) {
	r := recover()
	if r == nil {
		return
	}
	*reached = false
	w.stopped = true
	v := Violation{Property: "panic", Detail: fmt.Sprint(r), Stack: string(debug.Stack())}
	if p, ok := r.(*ProcPanic); ok {
		v.Detail, v.Stack = fmt.Sprint(p.Value), string(p.Stack)
	}
	if w.current != 0 {
		v.Nodes = []NodeID{w.current}
	}
	w.violate(v)
}

// dispatch handles the less frequent events.
func (w *World) dispatch(ev *event) {
	switch ev.kind {
	case evSynced:
		w.synced(ev)
	case evBoot:
		w.boot(w.machine(ev.to), ev.cause)
	case evResume:
		w.resume(w.machine(ev.to), ev.inc)
	case evReady:
		w.ready(w.machine(ev.to), ev.inc)
	case evControl:
		ev.msg.(func(*World))(w)
	}
}

// At runs fn at time t, as an event of its own: how faults and tests act on a
// running world.
func (w *World) At(t Time, fn func(w *World)) {
	ev := w.queue.push(max(t, w.now))
	*ev = event{kind: evControl, msg: fn}
}

// After runs fn d from now; see At.
func (w *World) After(d Time, fn func(w *World)) { w.At(w.in(time.Duration(max(d, 0))), fn) }

// rec starts a record about machine m; finish it with seal.
func (w *World) rec(kind Kind, m *machine) *Core {
	c := w.trace.next()
	c.At, c.Kind, c.Cause, c.Cause2 = w.now, kind, w.cause, w.cause2
	if m != nil {
		c.Node, c.Inc = m.id, m.inc
	}
	return c
}

func (w *World) keep(c *Core) {
	local := int64(c.At)
	if m := w.machine(c.Node); m != nil && c.Node != 0 {
		local = m.clock.local(w.now)
	}
	w.trace.kept.add(w.trace.Len, c, local)
}

// note is a record with a text, kept only when records are.
func (w *World) note(kind Kind, m *machine, text func() string) uint64 {
	seq := w.seal(w.rec(kind, m))
	if w.trace.keep {
		w.trace.kept.text(seq, text())
	}
	return seq
}

// Reseed re-randomises every decision from now on: the same prefix, another
// future. Overrides and counters stay.
func (w *World) Reseed(salt uint64) {
	w.seed = fold(w.seed, salt)
	for _, m := range w.all {
		m.rekey(w)
	}
}
