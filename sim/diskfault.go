package sim

import (
	"errors"
	"math"
	"slices"
	"strconv"
)

// DiskRule disturbs a machine's disk while it is in force. Rules combine: chances
// add up, and what any of them forbids is forbidden.
type DiskRule struct {
	File string // only this file (see World.Means), or "directory" for the names; "": all

	// SyncFail is the chance, in parts per million, that a Sync or SyncDir returns
	// an error. What it covered stays readable, and no later sync makes it durable:
	// the kernel has marked the pages clean (the PostgreSQL fsync surprise of 2018).
	SyncFail uint32

	// Phantom is the chance that a sync takes its time, says it is done, and what it
	// covered never reaches the platter. A crash shows it.
	Phantom uint32

	// Misdirect is the chance that of the writes that a sync covers one lands
	// elsewhere in its file. Reads come from memory until a crash.
	Misdirect uint32

	ReadError bool // reads fail
	Full      bool // what needs space fails: to create or extend a file
	Stall     bool // no sync finishes until the rule ends, nor does any behind one that does not

	Met *bool // if not nil, becomes true once the rule has had a say: a sync, a read, a change or a stall

	world *World
}

// The errors of a disk.
var (
	ErrIO      = errors.New("input/output error")
	ErrNoSpace = errors.New("no space left on device")
)

// neverDurable stands for the sync that covers what no sync ever will.
const neverDurable = math.MaxUint64

// covers reports whether the rule is about a file.
func (r *DiskRule) covers(file string) bool { return r.File == "" || r.world.Means(r.File, file) }

// diskRules are the rules in force on one disk, and what waits for their end.
type diskRules struct {
	list    []*DiskRule
	stalled []event
}

// DisturbDisk puts a rule in force and returns the function that ends it. Rules
// outlive crashes.
func (w *World) DisturbDisk(id NodeID, r DiskRule) (end func()) {
	m, rule := w.mustMachine(id), &r
	rule.world = w
	m.disk.rules.list = append(m.disk.rules.list, rule)
	w.diskRules++
	w.watches.active = true // steps that a read error ends need the careful way
	return func() {
		rules := &m.disk.rules
		if !slices.Contains(rules.list, rule) {
			return
		}
		rules.list = slices.DeleteFunc(rules.list, func(x *DiskRule) bool { return x == rule })
		w.diskRules--
		stalled := rules.stalled
		rules.stalled = nil
		for i := range stalled { // those that another rule stalls come back
			*w.queue.push(w.now) = stalled[i]
		}
	}
}

// any reports whether a rule in force says so about a file.
func (d *disk) any(file string, says func(*DiskRule) bool) bool {
	for _, r := range d.rules.list {
		if r.covers(file) && says(r) {
			notice(r.Met)
			return true
		}
	}
	return false
}

// sum adds up a chance about a file.
func (d *disk) sum(file string, chance func(*DiskRule) uint32) uint32 {
	var sum uint32
	for _, r := range d.rules.list {
		if ppm := chance(r); ppm > 0 && r.covers(file) {
			sum = min(million, sum+ppm)
			notice(r.Met)
		}
	}
	return sum
}

// syncFails decides at the call whether a sync fails, and makes it so.
func (w *World) syncFails(e *Env, typ int32, scope syncScope) bool {
	m := e.m
	if len(m.disk.rules.list) == 0 && w.chooser == nil {
		return false
	}
	ppm := m.disk.sum(w.trace.Names[typ].Name, func(r *DiskRule) uint32 { return r.SyncFail })
	s := m.disk.syncStream(w, m, typ)
	s.k++
	fails := w.syncDecision(m, s, ForFailure, ppm)
	s.k--
	if !fails {
		return false
	}
	s.k++
	m.disk.lose(&scope)
	c := w.rec(KindSync, m)
	c.Type, c.K, c.Effect, c.Fate = typ, s.k, m.effect, Lost
	w.seal(c)
	return true
}

// syncDecision is one yes-or-no decision about the sync that s counts.
func (w *World) syncDecision(m *machine, s *syncStream, p Purpose, ppm uint32) bool {
	yes := ppm > 0 && chance(drawKeyed(s.key, s.k, 0, p), ppm)
	if w.chooser == nil {
		return yes
	}
	id := Identity{Subject: OfSync, Node: m.id, Name: w.trace.Names[s.typ].Name, K: s.k, Purpose: p}
	return w.choose(id, Outcomes{Kind: Chance, PPM: ppm}, outcome(yes)) == 1
}

// lose keeps what a scope covers from ever becoming durable.
func (d *disk) lose(scope *syncScope) {
	for i := range d.journal {
		if op := &d.journal[i]; op.sync == 0 && scope.covers(op) {
			op.sync = neverDurable
		}
	}
}

// distort decides about a sync that is being issued whether it lies, and whether a
// write goes astray. It returns what there is to tell about the sync.
func (w *World) distort(m *machine, s *syncStream, scope *syncScope) (tale string) {
	d := &m.disk
	if len(d.rules.list) == 0 && w.chooser == nil {
		return ""
	}
	file := w.trace.Names[s.typ].Name
	if w.syncDecision(m, s, ForPhantom, d.sum(file, func(r *DiskRule) uint32 { return r.Phantom })) {
		tale = w.tellPhantom(d, scope)
		d.lose(scope)
		return tale
	}
	ppm := d.sum(file, func(r *DiskRule) uint32 { return r.Misdirect })
	if scope.names || !w.syncDecision(m, s, ForMisdirect, ppm) {
		return ""
	}
	w.misdirect(d, s, scope, file)
	return ""
}

// misdirect sends one of the writes that a sync covers astray. It is told when it
// lands.
func (w *World) misdirect(d *disk, s *syncStream, scope *syncScope, file string) {
	var writes []*diskOp
	for i := range d.journal {
		if op := &d.journal[i]; op.kind == writeOp && op.sync == 0 && scope.covers(op) && len(op.file.visible) > 1 {
			writes = append(writes, op)
		}
	}
	if len(writes) > 0 {
		raw := drawKeyed(s.key, s.k, 1, ForMisdirect)
		op := writes[below(raw, uint64(len(writes)))]
		away := 1 + int(below(fold(raw, 1), uint64(len(op.file.visible)-1)))
		op.astray, op.name = 1+(op.off+away)%len(op.file.visible), file
	}
}

// refuses is the error of a change that needs space when there is none.
func (d *disk) refuses(path string, op *diskOp) error {
	if len(d.rules.list) == 0 || !d.any(path, func(r *DiskRule) bool { return r.Full }) {
		return nil
	}
	end := op.off + len(op.data)
	if n := d.names[path]; n != nil && end <= len(n.visible) {
		return nil
	}
	return ErrNoSpace
}

// FlipBit flips one bit of a file's durable content, and of what the process reads
// from now on. It does nothing to a file that is not durable or not as long.
func (w *World) FlipBit(id NodeID, file string, bit int) {
	d := &w.mustMachine(id).disk
	flip := func(b []byte) {
		if at := bit / 8; at < len(b) {
			b[at] ^= 1 << (bit % 8)
		}
	}
	if n := d.durable[file]; n != nil {
		flip(n.durable)
	}
	if n := d.names[file]; n != nil && n == d.durable[file] {
		flip(n.visible)
	}
	w.trace.mix(uint64(bit))
}

// DurableFiles lists the names that the machine's disk would have after a crash now
// that keeps nothing un-synced, sorted.
func (w *World) DurableFiles(id NodeID) []string {
	return sortedNames(w.mustMachine(id).disk.durable)
}

// stalls parks the end of a sync while a rule stalls it, or one that was issued
// before it: the disk is serial.
func (w *World) stalls(m *machine, ev *event) bool {
	d := &m.disk
	switch {
	case len(d.rules.stalled) > 0 || len(d.rules.list) > 0 && d.any(w.trace.Names[ev.typ].Name, func(r *DiskRule) bool { return r.Stall }):
		d.rules.stalled = append(d.rules.stalled, *ev)
		return true
	case ev.k != d.done+1: // those before it have just been let go, and are due at this instant too
		*w.queue.push(w.now) = *ev
		return true
	default:
		return false
	}
}

// killed leaves the disk as the end of a process does whose machine runs on: all that
// it wrote is in the page cache, where the next process finds it, and waits as before
// for a sync, or for the end of the machine. Syncs under way, behind number done, are
// forgotten: who needs them issues them anew.
func (d *disk) killed(done uint64) {
	for i := range d.journal {
		if op := &d.journal[i]; op.sync > done && op.sync != neverDurable {
			op.sync = 0
		}
	}
}

// subset applies each operation of the journal, or not, by a draw of its own: a
// disk without order. What is kept of a file whose name is not is out of reach.
func (w *World) subset(m *machine, journal []diskOp) {
	for i := range journal {
		if journal[i].sync == neverDurable {
			continue
		}
		id := Identity{Subject: OfCrash, Node: m.id, Name: strconv.Itoa(i + 1), K: m.crashes, Purpose: ForKept}
		keeps := chance(Draw(w.seed, id), million/2)
		if w.chooser != nil {
			keeps = w.choose(id, Outcomes{Kind: Chance, PPM: million / 2}, outcome(keeps)) == 1
		}
		if keeps {
			m.disk.apply(&journal[i])
		}
		w.trace.mix(uint64(outcome(keeps)))
	}
}

// Read is the content as the process sees it, or an error while reads fail. The
// slice is the disk's: read it, clone it to keep it.
func (f File) Read() ([]byte, error) {
	f.env.w.unforeseen++
	d := &f.env.m.disk
	if len(d.rules.list) > 0 && d.any(f.path, func(r *DiskRule) bool { return r.ReadError }) {
		return nil, ErrIO
	}
	if n := d.names[f.path]; n != nil {
		return n.visible, nil
	}
	return nil, nil
}
