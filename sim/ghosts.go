package sim

import (
	"maps"
	"slices"
)

// A handler that a pause strikes runs to its end, and its effects from there on are
// postponed. What it writes it must be able to read, so its writes go into the journal
// at once, as ghosts: they are visible to the step alone, and become real one by one
// when their turn comes after the resume. Should the process end before, they never
// were.

// pageCache is what the processes of a machine see without the ghosts.
type pageCache struct {
	names   map[string]*inode
	visible map[*inode][]byte
}

// haunt begins the ghosts of a step.
func (d *disk) haunt() {
	if d.real != nil {
		return
	}
	d.real = &pageCache{maps.Clone(d.names), map[*inode][]byte{}}
	for _, f := range d.names { //simlint:allow maprange each file is copied by itself
		d.real.visible[f] = slices.Clone(f.visible)
	}
}

// haunts postpones that the operations from number first on become real: what the
// running effect has just entered into the journal.
func (e *Env) haunts(first uint64) {
	last := e.m.disk.ops
	e.postpones(func() { e.embody(first, last) })
}

// embody makes the operations of one effect real.
func (e *Env) embody(first, last uint64) {
	if !e.effect() {
		e.postpones(func() { e.embody(first, last) })
		return
	}
	d := &e.m.disk
	for i := range d.journal {
		if op := &d.journal[i]; op.ghost && first <= op.seq && op.seq <= last {
			op.ghost = false
			d.real.apply(op)
		}
	}
	if !slices.ContainsFunc(d.journal, func(op diskOp) bool { return op.ghost }) {
		d.real = nil
	}
}

// apply makes an operation's effect on what processes see.
func (c *pageCache) apply(op *diskOp) {
	switch op.kind {
	case writeOp:
		c.visible[op.file] = writeAt(c.visible[op.file], op.off, op.data)
	case truncateOp:
		c.visible[op.file] = resize(c.visible[op.file], op.off)
	case linkOp:
		c.names[op.name], c.visible[op.file] = op.file, nil
	case renameOp:
		c.names[op.name] = op.file
		delete(c.names, op.old)
	case unlinkOp:
		delete(c.names, op.name)
	}
}

// exorcise undoes the ghosts that are left.
func (d *disk) exorcise() {
	if d.real == nil {
		return
	}
	d.names = d.real.names
	for f, visible := range d.real.visible { //simlint:allow maprange each file is set by itself
		f.visible = visible
	}
	d.journal = slices.DeleteFunc(d.journal, func(op diskOp) bool { return op.ghost })
	d.real = nil
}
