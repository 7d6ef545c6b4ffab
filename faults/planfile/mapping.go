package planfile

import (
	"fmt"
	"slices"
)

// decoder collects what is wrong while it reads.
type decoder struct {
	file string
	errs Errors
}

func (d *decoder) fail(at *node, format string, args ...any) {
	d.errs = append(d.errs, &Error{d.file, at.line, at.col, fmt.Sprintf(format, args...)})
}

// fields is a mapping being read: each key is taken once, and what is left over
// at the end is unknown.
type fields struct {
	d     *decoder
	at    *node
	what  string // is described, for messages
	taken []string
	asked []string // every key that would have been understood
	none  bool     // it is no mapping, which has been said
}

// mapping begins to read n, which must be a mapping.
func (d *decoder) mapping(n *node, what string) *fields {
	if n.shape != mapping {
		d.fail(n, "%s is %v; want a mapping such as {key: value}", what, n.shape)
		n = &node{line: n.line, col: n.col, shape: mapping}
		return &fields{d: d, at: n, what: what, none: true}
	}
	return &fields{d: d, at: n, what: what}
}

// take is the value of a key, or nil.
func (f *fields) take(key string) *node {
	f.asked = append(f.asked, key)
	n := f.at.value(key)
	if n == nil {
		return nil
	}
	f.taken = append(f.taken, key)
	if n.shape == nothing {
		f.d.fail(n, "%s has no value; write one or leave the line out", key)
		return nil
	}
	return n
}

// need is take for a key that must be there.
func (f *fields) need(key, example string) *node {
	n := f.take(key)
	if n == nil && !f.none && !slices.Contains(f.taken, key) {
		f.d.fail(f.at, "%s lacks %s; write %s: %s", f.what, key, key, example)
	}
	return n
}

// done reports the keys that nobody took.
func (f *fields) done() {
	for _, p := range f.at.pairs {
		if !slices.Contains(f.taken, p.key.text) {
			f.d.fail(p.key, "%s has nothing called %s; %s", f.what, show(p.key.text), suggestion(p.key.text, f.asked))
		}
	}
}

// items is the value of a list.
func (d *decoder) items(n *node, what string) []*node {
	if n.shape != list {
		d.fail(n, "%s is %v; want a list", what, n.shape)
	}
	return n.items
}

// show prints a piece of the input in a message, short and without control
// characters.
func show(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
