package sim

import "strconv"

// Viewer is a node that shows itself. Fields come in a fixed order and leave
// out timers and counters: a view is what a person, a fingerprint or a
// why-slice compares.
type Viewer interface{ View(v *View) }

// Field is one named value of a view.
type Field struct {
	Name string
	Text string // set for text values
	Int  int64  // set for numbers, nodes and booleans
	kind fieldKind
}

type fieldKind uint8

const (
	textField fieldKind = iota
	intField
	boolField
	nodeField
	epochField
	pastField
	offsetField
	textOnly // in a canonical state: no field, but words
	instant  // in a canonical state: a true time
)

// Value prints the field's value.
func (f Field) Value() string {
	switch f.kind {
	case intField, epochField, pastField, offsetField:
		return strconv.FormatInt(f.Int, 10)
	case boolField:
		return strconv.FormatBool(f.Int == 1)
	case nodeField:
		return NodeID(f.Int).String()
	default:
		return f.Text
	}
}

// View collects the fields of one node.
type View struct {
	Fields []Field
	prefix string
}

// Int shows a number.
func (v *View) Int(name string, x int64) { v.add(Field{Name: name, Int: x, kind: intField}) }

// Text shows a word, such as a role.
func (v *View) Text(name, s string) { v.add(Field{Name: name, Text: s, kind: textField}) }

// Bool shows a condition.
func (v *View) Bool(name string, b bool) { v.add(Field{Name: name, Int: outcome(b), kind: boolField}) }

// Node shows another node's name; 0 shows as -.
func (v *View) Node(name string, id NodeID) {
	v.add(Field{Name: name, Int: int64(id), kind: nodeField})
}

// Epoch shows a number that grows for ever and whose like are only compared and
// counted up, such as a term. A canonical state keeps how far the epochs of the
// world lie apart.
func (v *View) Epoch(name string, x uint64) {
	v.add(Field{Name: name, Int: int64(x), kind: epochField})
}

// PastEpoch shows the epoch in which something lasting was made, such as the term
// of a log entry: it is compared with epochs, but never counted up.
func (v *View) PastEpoch(name string, x uint64) {
	v.add(Field{Name: name, Int: int64(x), kind: pastField})
}

// Offset shows a place in something of this machine that grows for ever, such as a
// file. A canonical state keeps how far the offsets of one machine lie apart.
func (v *View) Offset(name string, x int64) {
	v.add(Field{Name: name, Int: x, kind: offsetField})
}

// Part shows a component under its part's name: raft.term.
func (v *View) Part(name string, n Viewer) {
	outer := v.prefix
	v.prefix = outer + name + "."
	n.View(v)
	v.prefix = outer
}

func (v *View) add(f Field) {
	if v.prefix != "" {
		f.Name = v.prefix + f.Name
	}
	v.Fields = append(v.Fields, f)
}

// Get finds a field by its full name, or by its last element when a part shows
// it (term finds raft.term).
func (v *View) Get(name string) (Field, bool) {
	for _, f := range v.Fields {
		if f.Name == name || len(f.Name) > len(name) && f.Name[len(f.Name)-len(name)-1:] == "."+name {
			return f, true
		}
	}
	return Field{}, false
}

// hash folds the view's values, for fingerprints.
func (v *View) hash() uint64 {
	h := uint64(len(v.Fields))
	for _, f := range v.Fields {
		h = fold(fold(h^hashName(f.Name), hashName(f.Text)), uint64(f.Int))
	}
	return h
}

// changes compares two views of one node field by field.
func (v *View) changes(old *View) (mask uint64, changed []Field) {
	for i, f := range v.Fields {
		if i < len(old.Fields) && old.Fields[i] == f {
			continue
		}
		mask |= 1 << min(i, 63)
		changed = append(changed, f)
	}
	return mask, changed
}
