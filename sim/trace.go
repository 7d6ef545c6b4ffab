package sim

import "time"

// Kind says what a trace record records.
type Kind uint8

const (
	KindBoot     Kind = iota + 1 // an incarnation begins
	KindTimer                    // a timer fires
	KindDeliver                  // a message arrives and its step begins
	KindSend                     // a message leaves (held sends: when they leave); Fate says what was decided
	KindMiss                     // a message in flight does not arrive: cut, down, broken or late
	KindUnsent                   // a held send is dropped by a crash
	KindWrite                    // a file changes (data in the hash)
	KindSync                     // a sync is issued
	KindSynced                   // a sync is durable
	KindDraw                     // a node or client draws
	KindCrash                    // a machine stops; its un-synced writes are judged
	KindRestart                  // a machine is asked to start again
	KindPause                    // a process stops, its disk goes on
	KindResume                   // a paused process goes on
	KindHalt                     // a process ends itself, saying why
	KindFault                    // a fault begins (a full-width line of a transcript)
	KindHeal                     // a fault ends
	KindSkip                     // a fault found no target
	KindInvoke                   // a client begins an operation
	KindReturn                   // a client ends an operation
	KindLog                      // env.Logf
	KindReached                  // env.Reached
	KindClock                    // a clock's rate changes or its wall clock steps
	KindPhase                    // the run enters a phase: chaos, quiet, check
	KindViolated                 // a property is found violated
	KindUpgrade                  // a machine's later incarnations run another build
	KindWipe                     // a machine's disk is emptied
)

var kindNames = [...]string{"none", "boot", "timer", "deliver", "send", "miss", "unsent", "write", "sync", "synced",
	"draw", "crash", "restart", "pause", "resume", "halt", "fault", "heal", "skip", "invoke", "return", "log",
	"reached", "clock", "phase", "violated", "upgrade", "wipe"}

// String names the kind in lower case.
func (k Kind) String() string { return kindNames[k] }

// Fate is what becomes of a message.
type Fate uint8

const (
	Delivered  Fate = iota // or on its way
	Lost                   // by the network's own chance
	Cut                    // by a partition, at send or at delivery
	Down                   // the receiver was down
	Late                   // a reply to a call that has given up
	Broken                 // a FIFO link broke while it was in flight
	Duplicated             // this is the copy of a message sent once
	Corrupted              // damaged on its way, and its receiver noticed
	Overflow               // too many waited for the link already
)

var fateNames = [...]string{"delivered", "lost", "cut", "down", "late", "broken", "duplicated", "corrupted", "overflow"}

// String names the fate in lower case.
func (f Fate) String() string { return fateNames[f] }

// Gone reports whether a message with this fate never set out.
func (f Fate) Gone() bool { return f == Lost || f == Cut || f == Overflow }

// Core is the part of a record that is always kept: fixed scalars, 64 bytes.
// A record's number Seq counts from 1 and is its place in the trace.
type Core struct {
	At     Time   // true virtual time
	Cause  uint64 // the record that triggered this one; 0: the outside
	Cause2 uint64 // the sync or resume that let a held send go, or 0
	Due    Time   // sends: when it will be delivered; unsent: when its step would have been over, if that is why; timers: local deadline; faults: 0
	Node   NodeID // the machine it happened on (a send's sender, a delivery's receiver)
	Peer   NodeID // the other end of a message
	Type   int32  // message type, timer key, file or draw kind: index into Trace.Names; 0 none
	Inc    uint32 // incarnation of Node, from 1
	K      uint64 // the identity's counter; operations: their number
	Effect uint16 // number of this effect within its step, from 1; 0: no effect
	Kind   Kind
	Fate   Fate
	Copy   uint8
}

// Record is one line of a trace, with what is kept on demand.
type Record struct {
	Seq uint64
	Core
	Local   time.Duration // the node's monotonic clock
	Changed uint64        // bit i: view field i changed in this step (bit 63: field 63 or later)
	Fields  []Field       // the fields that changed, with their new values
	Text    string        // summary of the message, text of a log line or a fault; how a machine stopped, if not by a crash; what became of a sync
}

// From is the sender of a message record.
func (r *Record) From() NodeID {
	if r.Kind == KindSend || r.Kind == KindUnsent {
		return r.Node
	}
	return r.Peer
}

// To is the receiver of a message record.
func (r *Record) To() NodeID {
	if r.Kind == KindSend || r.Kind == KindUnsent {
		return r.Peer
	}
	return r.Node
}

// Message is the number of the send record of the message that a record is
// about: itself for a send, its cause for a delivery or a miss, else 0.
func (r *Record) Message() uint64 {
	switch r.Kind {
	case KindSend:
		return r.Seq
	case KindDeliver, KindMiss:
		return r.Cause
	default:
		return 0
	}
}

const (
	ringSize        = 1 << 14
	pageSize        = 1 << 7 // the ring comes page by page: short runs need little of it
	checkpointEvery = 1 << 10
)

// Trace is what a run leaves behind: always its hash, a running hash every
// 1,024 records and the last 16,384 records; all records when asked for.
type Trace struct {
	Hash        uint64   // over every record so far
	Len         uint64   // number of records so far
	Checkpoints []uint64 // Hash after record 1024, 2048, …
	Fingerprint uint64   // over payloads and views, when the configuration asks for it
	Names       []Name   // what Core.Type indexes
	hashes      []uint64 // of Names
	ring        [ringSize / pageSize]*page
	page        *page // the one being written
	keep        bool
	between     uint64 // mask: records with none of these bits in their number are for sealed, too
	kept        kept   // every record, when the configuration asks for it
}

// Name is a message type, a timer key, a file or a kind of draw, with its Part.
type Name struct {
	Name     string   // part-prefixed: g1/raft.Append
	PushedBy []string // timers: names of the message types that push it back
}

func (t *Trace) init(keep bool) {
	t.keep, t.between = keep, checkpointEvery-1
	if keep {
		t.between = 0
	}
	t.Names, t.hashes = append(t.Names, Name{}), append(t.hashes, 0)
}

// next returns the place of the next record, zeroed. Fill it in, then call seal.
func (t *Trace) next() *Core {
	i := t.Len % pageSize
	if i == 0 {
		t.turn()
	}
	c := &t.page[i]
	*c = Core{}
	t.Len++
	return c
}

// page is a piece of the flight ring.
type page [pageSize]Core

// turn goes to the next page of the ring.
func (t *Trace) turn() {
	p := &t.ring[t.Len/pageSize%uint64(len(t.ring))]
	if *p == nil {
		*p = new(page)
	}
	t.page = *p
}

// slot is the place in the ring of the record after the first n.
func (t *Trace) slot(n uint64) *Core {
	return &t.ring[n/pageSize%uint64(len(t.ring))][n%pageSize]
}

// seal finishes a filled-in record: it goes into the hash and, if asked for, to the
// kept records. Every field is a fixed scalar; texts and views never enter. It
// returns the record's number.
func (w *World) seal(c *Core) uint64 {
	t := &w.trace
	h := fold(t.Hash^uint64(c.At), uint64(c.Node)<<32|uint64(c.Peer))
	h = fold(h^(t.hashes[c.Type]+c.K*mixC),
		uint64(c.Inc)<<32|uint64(c.Effect)<<16|uint64(c.Kind)<<8|uint64(c.Fate)<<4|uint64(c.Copy))
	t.Hash = h
	if t.Len&t.between == 0 {
		w.sealed(c)
	}
	return t.Len
}

// act is the effect, kind, fate and copy of a record in one word, as the hash has it.
type act uint32

func actOf(kind Kind, fate Fate, copy uint8, effect uint16) act {
	return act(effect)<<16 | act(kind)<<8 | act(fate)<<4 | act(copy)
}

// record makes and finishes a record about m in one go: rec, filling in and seal for
// the four kinds that nearly all records are of. What it says passes through
// registers, once into the ring and once into the hash.
func (w *World) record(m *machine, a act, peer NodeID, typ int32, k uint64, due Time, cause, cause2 uint64) uint64 {
	t := &w.trace
	i := t.Len % pageSize
	if i == 0 {
		t.turn()
	}
	c := &t.page[i]
	c.Cause, c.Cause2, c.Due = cause, cause2, due
	c.Effect, c.Kind, c.Fate, c.Copy = uint16(a>>16), Kind(a>>8), Fate(a>>4&15), uint8(a&15)
	now, node, inc := w.now, m.id, m.inc
	c.At, c.Node, c.Peer, c.Type, c.Inc, c.K = now, node, peer, typ, inc, k
	h := fold(t.Hash^uint64(now), uint64(node)<<32|uint64(peer))
	t.Hash = fold(h^(t.hashes[typ]+k*mixC), uint64(inc)<<32|uint64(a))
	t.Len++
	if t.Len&t.between == 0 {
		w.sealed(c)
	}
	return t.Len
}

// sealed is what few records need, or all when they are kept.
func (w *World) sealed(c *Core) {
	t := &w.trace
	if t.Len%checkpointEvery == 0 {
		t.Checkpoints = append(t.Checkpoints, t.Hash)
	}
	if t.keep {
		w.keep(c)
	}
}

// mix folds extra words (disk bytes, client operations, outcomes) into the hash.
func (t *Trace) mix(x uint64) { t.Hash = fold(t.Hash, x) }

// Records is every record so far, in order, when the configuration asked for
// them; Seq 1 is the first. They are kept in few bytes each and written out for
// whoever asks: ask once. The slice is the trace's.
func (t *Trace) Records() []Record { return t.kept.all() }

// Add appends a record to a trace made by hand, and numbers it. Its hash is not
// that of a run.
func (t *Trace) Add(r Record) {
	t.keep = true
	t.Len++
	t.kept.add(t.Len, &r.Core, int64(r.Local))
	if r.Text != "" {
		t.kept.text(t.Len, r.Text)
	}
	if r.Fields != nil {
		t.kept.changes = append(t.kept.changes, keptChange{t.Len, r.Changed, r.Fields})
	}
}

// Last returns up to n of the latest records, oldest first: the flight ring.
func (t *Trace) Last(n int) []Record {
	if t.keep {
		all := t.Records()
		return all[max(0, len(all)-n):]
	}
	n = min(n, int(min(t.Len, ringSize)))
	out := make([]Record, n)
	for i := range out {
		seq := t.Len - uint64(n-1-i)
		out[i] = Record{Seq: seq, Core: *t.slot(seq - 1)}
	}
	return out
}

// At returns record seq of a trace that kept its records, or nil.
func (t *Trace) At(seq uint64) *Record {
	all := t.Records()
	if seq == 0 || seq > uint64(len(all)) {
		return nil
	}
	return &all[seq-1]
}

// NameOf is the name a record's Type stands for.
func (t *Trace) NameOf(r *Core) string { return t.Names[r.Type].Name }

// Identity rebuilds the identity of the decision, or of the event, that a
// record is about.
func (t *Trace) Identity(r *Record) Identity {
	id := Identity{Node: r.Node, Name: t.NameOf(&r.Core), K: r.K, Copy: r.Copy}
	switch r.Kind {
	case KindSend, KindDeliver, KindMiss:
		id.Subject, id.Node, id.Peer = OfMessage, r.From(), r.To()
	case KindSync, KindSynced:
		id.Subject = OfSync
	case KindTimer:
		id.Subject = OfTimer
	case KindDraw:
		id.Subject = OfNode
	case KindCrash:
		id.Subject = OfCrash
	default:
		return Identity{Subject: OfRecord, K: r.Seq}
	}
	return id
}
