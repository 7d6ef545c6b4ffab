package sim

import (
	"slices"
	"time"
)

// DiskConfig is the disk when no fault disturbs it.
type DiskConfig struct {
	Sync Dist // how long a sync takes; the disk does one at a time
}

// CrashModel says what a crash leaves of the writes and names that were not
// synced. They act on the one ordered list of un-synced data and metadata of the
// machine. What a failed or a phantom sync covered is never kept, except that it
// stays readable after keep-all.
type CrashModel uint8

const (
	LoseAll    CrashModel = iota // nothing: power loss with an unlucky cache
	KeepPrefix                   // a drawn prefix of the list: an ordered journal
	KeepAll                      // everything, un-synced as it was: the process was killed, the kernel lives
	TornTail                     // a drawn prefix, and drawn bytes of the write after it
	KeepSubset                   // each by a draw of its own: no order at all
)

var crashModels = [...]string{"lose-all", "keep-prefix", "keep-all", "torn-tail", "keep-subset"}

// String names the model as plans spell it.
func (m CrashModel) String() string { return crashModels[m] }

// ParseCrashModel reads what String prints.
func ParseCrashModel(s string) (CrashModel, bool) {
	i := slices.Index(crashModels[:], s)
	return CrashModel(max(i, 0)), i >= 0
}

// disk holds files under names. Reads see visible content; a crash goes back
// to durable content plus what the crash model keeps of the journal.
type disk struct {
	issued, done uint64 // syncs, numbered from 1; the disk is serial, so they finish in order

	names   map[string]*inode // as the process sees them
	durable map[string]*inode // as the platter has them
	journal []diskOp          // un-synced, in program order
	ops     uint64            // how many operations the journal has seen
	real    *pageCache        // what is visible without the journal's ghosts; nil: there are none

	freeAt Time // when the last issued sync is done
	syncs  []syncStream
	rules  diskRules
	strays []stray // landed and not told yet
}

type inode struct {
	visible, durable []byte
}

// diskOp is one un-synced change of a file's data or of a name.
type diskOp struct {
	kind   diskOpKind
	ghost  bool // of a step that is paused before it: see haunt
	file   *inode
	off    int    // writeOp; truncateOp: the new size
	data   []byte // writeOp
	name   string // linkOp, renameOp: the name that now means file; unlinkOp: the name that is gone; astray: the file's, to tell
	old    string // renameOp: the name that is gone
	sync   uint64 // the first sync that covers it, 0: none yet, neverDurable: none will
	astray int    // where it lands on the platter instead of off, plus one; 0: at off
	seq    uint64 // its place among all operations, from 1
}

// syncScope says what a sync covers: the data of one file, or all names.
type syncScope struct {
	names bool
	file  *inode
	until uint64 // the last operation before the sync
}

func (s *syncScope) covers(op *diskOp) bool {
	data := op.kind == writeOp || op.kind == truncateOp
	return op.seq <= s.until && data != s.names && (s.names || op.file == s.file)
}

type diskOpKind uint8

const (
	writeOp diskOpKind = iota + 1
	truncateOp
	linkOp
	renameOp // one operation: no crash separates the new name from the loss of the old
	unlinkOp
)

// syncStream counts the syncs of one file.
type syncStream struct {
	typ int32
	k   uint64
	key uint64
}

func (d *disk) init() {
	if d.names == nil {
		d.names, d.durable = map[string]*inode{}, map[string]*inode{}
	}
	d.real = nil
}

// log enters an operation into the journal.
func (d *disk) log(op diskOp) {
	d.ops++
	op.seq = d.ops
	d.journal = append(d.journal, op)
	if d.real != nil && !op.ghost {
		d.real.apply(&op)
	}
}

// apply makes the operation's effect on the durable state.
func (d *disk) apply(op *diskOp) {
	switch op.kind {
	case writeOp:
		if op.astray > 0 {
			d.goAstray(op)
			return
		}
		op.file.durable = writeAt(op.file.durable, op.off, op.data)
	case truncateOp:
		op.file.durable = resize(op.file.durable, op.off)
	case linkOp:
		d.durable[op.name] = op.file
	case renameOp:
		d.durable[op.name] = op.file
		delete(d.durable, op.old)
	case unlinkOp:
		delete(d.durable, op.name)
	}
}

// goAstray makes a write land elsewhere in its file, which is as long as it should
// be.
func (d *disk) goAstray(op *diskOp) {
	size := max(len(op.file.durable), op.off+len(op.data))
	op.file.durable = resize(op.file.durable, size)
	at := min(op.astray-1, size)
	arrived := copy(op.file.durable[at:], op.data)
	d.strays = append(d.strays, stray{op.name, len(op.data), op.off, at, arrived})
}

// writeAt writes data at off, zero-filling any gap.
func writeAt(b []byte, off int, data []byte) []byte {
	b = resize(b, max(len(b), off+len(data)))
	copy(b[off:], data)
	return b
}

func resize(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	old := len(b)
	b = slices.Grow(b, n-old)[:n]
	clear(b[old:])
	return b
}

// finish makes durable what sync number s covers.
func (d *disk) finish(s uint64) {
	d.done = s
	kept := d.journal[:0]
	for i := range d.journal {
		op := &d.journal[i]
		if op.sync != 0 && op.sync <= s {
			d.apply(op)
		} else {
			kept = append(kept, *op)
		}
	}
	clear(d.journal[len(kept):])
	d.journal = kept
}

// crash leaves on the disk what is durable and what the model keeps, and
// forgets syncs under way.
func (d *disk) crash(w *World, m *machine, model CrashModel) {
	d.exorcise()
	journal := d.journal
	done := d.done
	d.done, d.freeAt, d.rules.stalled = d.issued, w.now, nil
	m.syncing = false
	if model == KeepAll {
		d.killed(done)
		return
	}
	w.survive(m, model, journal)
	clear(d.journal)
	d.journal = d.journal[:0]
	d.names = map[string]*inode{}
	for _, name := range sortedNames(d.durable) {
		f := d.durable[name]
		d.names[name] = f
		f.visible = slices.Clone(f.durable)
	}
}

// survive makes durable what the model keeps of the journal.
func (w *World) survive(m *machine, model CrashModel, journal []diskOp) {
	if model == KeepSubset {
		w.subset(m, journal)
		return
	}
	kept, torn := w.survivors(m, model, len(journal))
	for i := range journal[:kept] {
		if journal[i].sync != neverDurable {
			m.disk.apply(&journal[i])
		}
	}
	if torn && kept < len(journal) && journal[kept].sync != neverDurable {
		w.tear(m, &m.disk, &journal[kept])
	}
}

// survivors decides how many operations of the journal a crash keeps.
func (w *World) survivors(m *machine, model CrashModel, n int) (kept int, torn bool) {
	switch model {
	case LoseAll:
		return 0, false
	case KeepAll:
		return n, false
	}
	kept = int(w.crashDraw(m, ForKept, int64(n)+1))
	w.trace.mix(uint64(kept))
	return kept, model == TornTail
}

// tear applies the first bytes of a write and leaves the rest of the file as
// the last sync left it: old bytes stay, new space reads as zero or is missing.
func (w *World) tear(m *machine, d *disk, op *diskOp) {
	if op.kind != writeOp || len(op.data) < 2 {
		return
	}
	cut := 1 + int(w.crashDraw(m, ForTorn, 2*int64(len(op.data)-1)))
	extend := cut >= len(op.data) // the size reached the disk, the bytes did not
	cut = 1 + (cut-1)%(len(op.data)-1)
	op.file.durable = writeAt(op.file.durable, op.off, op.data[:cut])
	if extend {
		op.file.durable = resize(op.file.durable, max(len(op.file.durable), op.off+len(op.data)))
	}
	w.trace.mix(uint64(cut))
}

// crashDraw picks one of n as part of the machine's latest crash.
func (w *World) crashDraw(m *machine, p Purpose, n int64) int64 {
	id := Identity{Subject: OfCrash, Node: m.id, K: m.crashes, Purpose: p}
	v := int64(below(Draw(w.seed, id), uint64(n)))
	if w.chooser != nil {
		v = w.choose(id, Outcomes{Kind: Pick, N: n}, v)
	}
	return v
}

func sortedNames(m map[string]*inode) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Durable is what a file of the machine (part-prefixed name) would hold after
// a crash now that keeps nothing un-synced; nil if the name is not durable.
// For invariants; the bytes are not the caller's.
func (w *World) Durable(id NodeID, file string) []byte {
	if f := w.mustMachine(id).disk.durable[file]; f != nil {
		return f.durable
	}
	return nil
}

// Syncs counts the syncs of files and of the directory that a machine has issued, in
// all its incarnations: what its promises cost. Those that a crash has cut off, or that
// a phantom made a lie of, were issued too; one that failed at its call was not.
func (w *World) Syncs(id NodeID) uint64 { return w.mustMachine(id).disk.issued }

// syncNears tells the watches which sync is about to be issued, and reports
// whether it still is: a strike may hit before this very effect.
func (w *World) syncNears(e *Env, typ int32) bool {
	if !w.watches.active {
		return true
	}
	m := e.m
	k := m.disk.syncStream(w, m, typ).k + 1
	w.watches.sees(m, Identity{Subject: OfSync, Node: m.id, Name: w.trace.Names[typ].Name, K: k}, m.effect)
	return m.strikeAt != m.effect || e.hit()
}

// issueSync starts the sync of the operations in scope.
func (w *World) issueSync(e *Env, typ int32, scope syncScope) {
	m, d := e.m, &e.m.disk
	d.issued++
	m.syncing = true
	s := d.syncStream(w, m, typ)
	s.k++
	tale := w.distort(m, s, &scope)
	for i := range d.journal {
		if op := &d.journal[i]; op.sync == 0 && scope.covers(op) {
			op.sync = d.issued
		}
	}
	id := Identity{Subject: OfSync, Node: m.id, Name: w.trace.Names[typ].Name, K: s.k, Purpose: ForLatency}
	took := w.syncLatency(s, id)
	d.freeAt = addTime(max(d.freeAt, w.now), uint64(took))
	c := w.rec(KindSync, m)
	c.Type, c.K, c.Effect, c.Due = typ, s.k, m.effect, d.freeAt
	seq := w.seal(c)
	if tale != "" {
		w.trace.kept.text(seq, tale)
	}
	ev := w.queue.push(d.freeAt)
	if len(w.lurkers) > 0 {
		w.syncers = append(w.syncers, m)
	}
	*ev = event{kind: evSynced, to: m.id, inc: m.inc, k: d.issued, typ: typ, call: s.k, cause: seq}
}

func (w *World) syncLatency(s *syncStream, id Identity) time.Duration {
	d := w.cfg.Disk.Sync.sample(drawKeyed(s.key, s.k, 0, ForLatency))
	if w.chooser == nil {
		return d
	}
	return time.Duration(w.choose(id, Outcomes{Kind: Value, Dist: w.cfg.Disk.Sync}, int64(d)))
}

func (d *disk) syncStream(w *World, m *machine, typ int32) *syncStream {
	for i := range d.syncs {
		if d.syncs[i].typ == typ {
			return &d.syncs[i]
		}
	}
	d.syncs = append(d.syncs, syncStream{typ: typ, key: streamKey(w.seed, OfSync, m.id, 0, w.trace.hashes[typ])})
	return &d.syncs[len(d.syncs)-1]
}

// synced ends a sync: its writes are durable and the sends that waited leave.
func (w *World) synced(ev *event) {
	m := w.machine(ev.to)
	if !m.up || ev.inc != m.inc || w.stalls(m, ev) {
		return
	}
	m.disk.finish(ev.k)
	m.syncing = m.disk.done != m.disk.issued
	c := w.rec(KindSynced, m)
	c.Cause, c.Type, c.K = ev.cause, ev.typ, ev.call
	seq := w.seal(c)
	w.tellStrays(seq, m, "")
	if len(w.lurkers) > 0 {
		w.comesToSynced(m)
	}
	switch {
	case !m.up || m.paused:
	case w.explore != nil || w.watches.waitFor(seq):
		w.releaseStruck(m, seq)
	default:
		w.release(m, seq)
	}
	w.inspect(m.id)
}
