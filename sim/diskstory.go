package sim

import (
	"fmt"
	"strings"
)

// What the faults of a disk do is told where it happens, as texts of records that are
// there anyway: no hash knows them.

// stray is a write that has landed where it should not.
type stray struct {
	file        string
	size, off   int // of the write
	at, arrived int // where it went, and how many of its bytes found room
}

func (s stray) String() string {
	text := fmt.Sprintf("a write of %s at %d of %s landed at %d", bytesText(s.size), s.off, s.file, s.at)
	if s.arrived < s.size {
		text += fmt.Sprintf(", %d of them within the file", s.arrived)
	}
	return text
}

// tellStrays says with a record which writes have landed elsewhere, behind other
// words if there are any.
func (w *World) tellStrays(seq uint64, m *machine, words string) {
	for _, s := range m.disk.strays {
		if words != "" {
			words += ", and "
		}
		words += s.String()
	}
	m.disk.strays = m.disk.strays[:0]
	if w.trace.keep && words != "" {
		w.trace.kept.text(seq, words)
	}
}

// mostTold is how many things one text lists.
const mostTold = 4

// tellPhantom says what a sync that lies covers, when records are kept.
func (w *World) tellPhantom(d *disk, scope *syncScope) string {
	if !w.trace.keep {
		return ""
	}
	var words []string
	more := 0
	for i := range d.journal {
		switch op := &d.journal[i]; {
		case op.sync != 0 || !scope.covers(op):
		case len(words) < mostTold:
			words = append(words, op.String())
		default:
			more++
		}
	}
	if more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	if words == nil {
		return "lies, and covers nothing"
	}
	return "lies, and loses " + strings.Join(words, ", ")
}

// String is an operation in words.
func (op *diskOp) String() string {
	switch op.kind {
	case writeOp:
		return fmt.Sprintf("%s at %d", bytesText(len(op.data)), op.off)
	case truncateOp:
		return fmt.Sprintf("the size %d", op.off)
	case linkOp:
		return "the name " + op.name
	case renameOp:
		return "the name " + op.name + " instead of " + op.old
	default:
		return "the end of the name " + op.name
	}
}

func bytesText(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
