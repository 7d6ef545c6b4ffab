package sim

// kept is a whole trace in little memory: records as differences from what a
// reader can guess, some seven bytes each, and beside them the texts, messages
// and views that only some records have.
//
// What repeats (kind, nodes, type, fate, effect, incarnation) is a form,
// described once and then named by number. What counts on (the k of an identity,
// a clock's offset) is guessed from the latest record of that form. The rest is
// a difference from the record before, or from the record's own time or number.
type kept struct {
	pages [][]byte
	forms formTable
	at    Time  // of the latest record
	flags *byte // of the latest record

	// Messages are summarised when somebody wants to read the trace: they are frozen
	// once sent. The records that have one say so, in order.
	messages [][]Message
	texts    []keptText
	changes  []keptChange

	reader keptReader
}

type keptText struct {
	seq  uint64
	text string
}

type keptChange struct {
	seq    uint64
	mask   uint64
	fields []Field
}

// form is what a record has in common with many, in three words that are quick to
// compare.
type form struct {
	ends uint64 // node, peer
	what uint64 // type, incarnation
	how  uint64 // effect, kind, fate, copy
}

func formOf(c *Core) form {
	return form{uint64(c.Node)<<32 | uint64(c.Peer), uint64(uint32(c.Type))<<32 | uint64(c.Inc),
		uint64(c.Effect)<<32 | uint64(c.Kind)<<16 | uint64(c.Fate)<<8 | uint64(c.Copy)}
}

// core is a record of this form.
func (s *form) core() Core {
	return Core{Node: NodeID(s.ends >> 32), Peer: NodeID(s.ends), Type: int32(s.what >> 32), Inc: uint32(s.what),
		Effect: uint16(s.how >> 32), Kind: Kind(s.how >> 16), Fate: Fate(s.how >> 8), Copy: uint8(s.how)}
}

func (s *form) hash() uint32 {
	return uint32((s.ends*mixA ^ s.what*mixB ^ s.how*mixD) * mixC >> 32)
}

// guess is the latest that a form has seen.
type guess struct {
	form
	k      uint64
	offset int64 // local clock minus true time
}

// formTable numbers forms in the order in which they come up.
type formTable struct {
	list   []guess
	places []uint32 // hash table of numbers in list, from 1; at most half full
	shift  uint8    // 32 − log₂ len(places)
}

const firstForms = 7 // log₂

// number is the number of a form, from 0, and whether it is new.
func (t *formTable) number(s form) (n int, isNew bool) {
	if 2*len(t.list) >= len(t.places) {
		t.grow()
	}
	p := t.find(&s)
	if *p != 0 {
		return int(*p - 1), false
	}
	t.list = append(t.list, guess{form: s})
	*p = uint32(len(t.list))
	return len(t.list) - 1, true
}

func (t *formTable) find(s *form) *uint32 {
	mask := uint32(len(t.places) - 1)
	for i := s.hash() >> (t.shift & 31); ; i++ {
		if p := &t.places[i&mask]; *p == 0 || t.list[*p-1].form == *s {
			return p
		}
	}
}

func (t *formTable) grow() {
	if t.shift--; len(t.places) == 0 {
		t.shift = 32 - firstForms
	}
	t.places = make([]uint32, 1<<(32-t.shift))
	for i := range t.list {
		*t.find(&t.list[i].form) = uint32(i + 1)
	}
}

// What a record's first byte says beside: which guesses were wrong, and which
// fields are there at all.
const (
	newForm = 1 << iota
	timeWent
	otherK
	hasCause
	hasCause2
	hasDue
	clockOff
	hasMessage
)

const (
	keptPage = 1 << 16
	keptMost = 128 // no record takes more bytes
	msgsPage = 1 << 10
)

// add keeps record number seq, whose node's clock shows local.
func (k *kept) add(seq uint64, c *Core, local int64) {
	if n := len(k.pages); n == 0 || cap(k.pages[n-1])-len(k.pages[n-1]) < keptMost {
		k.pages = append(k.pages, make([]byte, 0, keptPage))
	}
	page := &k.pages[len(k.pages)-1] // has room: nothing below moves it
	number, isNew := k.forms.number(formOf(c))
	g := &k.forms.list[number]
	n := len(*page)
	b := (*page)[n : n+keptMost]
	k.flags = &b[0]
	flags, at := byte(0), 1
	if isNew {
		flags |= newForm
		at = putUvarint(b, putUvarint(b, putUvarint(b, at, g.ends), g.what), g.how)
	} else {
		at = putUvarint(b, at, uint64(number))
	}
	if c.At != k.at {
		flags |= timeWent
		at = putUvarint(b, at, uint64(c.At-k.at))
		k.at = c.At
	}
	if g.k++; c.K != g.k {
		flags |= otherK
		at = putVarint(b, at, int64(c.K-g.k))
		g.k = c.K
	}
	if c.Cause != 0 {
		flags |= hasCause
		at = putUvarint(b, at, seq-c.Cause)
	}
	if c.Cause2 != 0 {
		flags |= hasCause2
		at = putUvarint(b, at, seq-c.Cause2)
	}
	if c.Due != 0 {
		flags |= hasDue
		at = putVarint(b, at, int64(c.Due-c.dueBase()))
	}
	if off := local - int64(c.At); off != g.offset {
		flags |= clockOff
		at = putVarint(b, at, off-g.offset)
		g.offset = off
	}
	b[0] = flags
	*page = (*page)[:n+at]
}

// putUvarint writes a number at b[at:], as encoding/binary does, and returns where
// the next one goes. There is room for a whole record.
func putUvarint(b []byte, at int, x uint64) int {
	for ; x >= 0x80; x >>= 7 {
		b[at] = byte(x) | 0x80
		at++
	}
	b[at] = byte(x)
	return at + 1
}

func putVarint(b []byte, at int, x int64) int {
	return putUvarint(b, at, uint64(x)<<1^uint64(x>>63))
}

// dueBase is what Due is near to: the present, where it is an instant.
func (c *Core) dueBase() Time {
	switch c.Kind {
	case KindSend, KindSync, KindTimer:
		return c.At
	default:
		return 0
	}
}

// change notes which fields of its node's view the step of record seq changed.
func (k *kept) change(seq, mask uint64, fields []Field) {
	if mask != 0 {
		k.changes = append(k.changes, keptChange{seq, mask, fields})
	}
}

func (k *kept) text(seq uint64, text string) {
	k.texts = append(k.texts, keptText{seq, text})
}

// remark adds words to a text.
func (k *kept) remark(seq uint64, words string) {
	for i := len(k.texts) - 1; i >= 0; i-- {
		if k.texts[i].seq == seq {
			words = k.texts[i].text + ": " + words
			break
		}
	}
	k.text(seq, words)
}

// message notes what the latest record's message is.
func (k *kept) message(m Message) {
	*k.flags |= hasMessage
	last := len(k.messages) - 1
	if last < 0 || len(k.messages[last]) == msgsPage {
		k.messages = append(k.messages, make([]Message, 0, msgsPage))
		last++
	}
	k.messages[last] = append(k.messages[last], m)
}

// bytes is how much memory the records take, and their messages beside them.
func (k *kept) bytes() (records, messages int) {
	for _, p := range k.pages {
		records += len(p)
	}
	for _, p := range k.messages {
		messages += len(p) * 16
	}
	return records, messages
}
