package sim

import "encoding/binary"

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
	at    Time // of the latest record

	messages []keptMessage
	texts    []keptText
	changes  []keptChange

	reader keptReader
}

// keptMessage is summarised when somebody wants to read the trace: a message is
// frozen once sent.
type keptMessage struct {
	seq uint64
	msg Message
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

// form is what a record has in common with many.
type form struct {
	node, peer NodeID
	typ        int32
	inc        uint32
	effect     uint16
	kind       Kind
	fate       Fate
	copy       uint8
}

func formOf(c *Core) form {
	return form{c.Node, c.Peer, c.Type, c.Inc, c.Effect, c.Kind, c.Fate, c.Copy}
}

func (s *form) hash() uint32 {
	h := uint64(s.node)<<32 ^ uint64(s.peer)<<16 ^ uint64(uint32(s.typ))<<3 ^
		uint64(s.kind)<<58 ^ uint64(s.fate)<<52 ^ uint64(s.copy)<<48 ^ uint64(s.inc)<<24 ^ uint64(s.effect)<<40
	return uint32(h * mixC >> 32)
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
)

const (
	keptPage = 1 << 16
	keptMost = 128 // no record takes more bytes
	formSize = 7   // varints that describe a new form
)

// add keeps record number seq, whose node's clock shows local.
func (k *kept) add(seq uint64, c *Core, local int64) {
	if n := len(k.pages); n == 0 || cap(k.pages[n-1])-len(k.pages[n-1]) < keptMost {
		k.pages = append(k.pages, make([]byte, 0, keptPage))
	}
	page := &k.pages[len(k.pages)-1]
	number, isNew := k.forms.number(formOf(c))
	g := &k.forms.list[number]
	b := append(*page, 0)
	flags := &b[len(b)-1]
	if isNew {
		*flags |= newForm
		b = appendForm(b, &g.form)
	} else {
		b = binary.AppendUvarint(b, uint64(number))
	}
	if c.At != k.at {
		*flags |= timeWent
		b = binary.AppendUvarint(b, uint64(c.At-k.at))
		k.at = c.At
	}
	if g.k++; c.K != g.k {
		*flags |= otherK
		b = binary.AppendVarint(b, int64(c.K-g.k))
		g.k = c.K
	}
	if c.Cause != 0 {
		*flags |= hasCause
		b = binary.AppendUvarint(b, seq-c.Cause)
	}
	if c.Cause2 != 0 {
		*flags |= hasCause2
		b = binary.AppendUvarint(b, seq-c.Cause2)
	}
	if c.Due != 0 {
		*flags |= hasDue
		b = binary.AppendVarint(b, int64(c.Due-c.dueBase()))
	}
	if off := local - int64(c.At); off != g.offset {
		*flags |= clockOff
		b = binary.AppendVarint(b, off-g.offset)
		g.offset = off
	}
	*page = b
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

func appendForm(b []byte, s *form) []byte {
	for _, x := range [formSize]uint64{uint64(s.node), uint64(s.peer), uint64(s.typ), uint64(s.inc), uint64(s.effect),
		uint64(s.kind), uint64(s.fate)<<8 | uint64(s.copy)} {
		b = binary.AppendUvarint(b, x)
	}
	return b
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

func (k *kept) message(seq uint64, m Message) {
	k.messages = append(k.messages, keptMessage{seq, m})
}

// bytes is how much memory the records take, and their messages beside them.
func (k *kept) bytes() (records, messages int) {
	for _, p := range k.pages {
		records += len(p)
	}
	return records, len(k.messages) * 24
}
