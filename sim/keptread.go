package sim

import "encoding/binary"

// keptReader has written out a part of what is kept.
type keptReader struct {
	records                  []Record
	page, offset             int
	guesses                  []guess
	at                       Time
	messages, texts, changes int // how many of them are in the records
}

// all writes out what has been kept since the last time.
func (k *kept) all() []Record {
	r := &k.reader
	from := len(r.records)
	for ; r.page < len(k.pages); r.page++ {
		page := k.pages[r.page]
		for r.offset < len(page) {
			r.record(k, page)
		}
		if r.page == len(k.pages)-1 {
			break
		}
		r.offset = 0
	}
	for _, t := range k.texts[r.texts:] {
		r.records[t.seq-1].Text = t.text
	}
	for i := range r.records[from:] { // a message reads the same wherever it turns up
		if x := &r.records[from+i]; (x.Kind == KindDeliver || x.Kind == KindMiss) && x.Cause != 0 && x.Text == "" {
			x.Text = r.records[x.Cause-1].Text
		}
	}
	for _, c := range k.changes[r.changes:] {
		x := &r.records[c.seq-1]
		x.Changed |= c.mask
		x.Fields = append(x.Fields, c.fields...)
	}
	r.texts, r.changes = len(k.texts), len(k.changes)
	return r.records
}

// record reads the next record of a page.
func (r *keptReader) record(k *kept, page []byte) {
	flags := page[r.offset]
	r.offset++
	g := r.form(page, flags)
	seq := uint64(len(r.records)) + 1
	if flags&timeWent != 0 {
		r.at += Time(r.uvarint(page))
	}
	g.k++
	if flags&otherK != 0 {
		g.k += uint64(r.varint(page))
	}
	c := g.core()
	c.At, c.K = r.at, g.k
	if flags&hasCause != 0 {
		c.Cause = seq - r.uvarint(page)
	}
	if flags&hasCause2 != 0 {
		c.Cause2 = seq - r.uvarint(page)
	}
	if flags&hasDue != 0 {
		c.Due = c.dueBase() + Time(r.varint(page))
	}
	if flags&clockOff != 0 {
		g.offset += r.varint(page)
	}
	rec := Record{Seq: seq, Core: c}
	if c.Node != 0 {
		rec.Local = timeDuration(int64(r.at) + g.offset)
	}
	if flags&hasMessage != 0 {
		rec.Text = Summary(k.messages[r.messages/msgsPage][r.messages%msgsPage])
		r.messages++
	}
	r.records = append(r.records, rec)
}

// form reads which form a record has.
func (r *keptReader) form(page []byte, flags byte) *guess {
	if flags&newForm == 0 {
		return &r.guesses[r.uvarint(page)]
	}
	r.guesses = append(r.guesses, guess{form: form{ends: r.uvarint(page), what: r.uvarint(page), how: r.uvarint(page)}})
	return &r.guesses[len(r.guesses)-1]
}

func (r *keptReader) uvarint(page []byte) uint64 {
	x, n := binary.Uvarint(page[r.offset:])
	r.offset += n
	return x
}

func (r *keptReader) varint(page []byte) int64 {
	x, n := binary.Varint(page[r.offset:])
	r.offset += n
	return x
}
